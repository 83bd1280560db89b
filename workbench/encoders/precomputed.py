"""Embeddings that people have already: rows of a file, found by id or by order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard
from workbench.encoders.embedding_files import open_embeddings
from workbench.encoders.revision import weights_revision
from workbench.errors import WorkbenchError
from workbench.media import Modality

PREFIX = "precomputed/"


class Precomputed:
    """Looks vectors up in a file instead of computing them.

    Such an encoder reads no media: `takes` says what `encode` gets instead.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors.
    model : str
        A file: ``.npy``, ``.npz``, ``.h5``, ``.hdf5`` or ``.parquet``; see `open_embeddings` for
        what must be in it.
    modality : {"image", "text", "speech"}
        What the vectors stand for.
    device : str
        Makes no difference: nothing is computed.

    Attributes
    ----------
    card : EncoderCard
    takes : {"names", "rows"}
        With ids in the file, `encode` gets for each item the names it may have there; without, the
        number of its row, so the file must have a row for each item, in the order of the catalogue.
    rows : int
        How many vectors the file has.

    Raises
    ------
    WorkbenchError
        The file cannot be read, is not what it should be, or an id stands in it twice.
    """

    takes: Literal["names", "rows"]

    def __init__(self, name: str, model: str, modality: Modality, device: str = "cpu") -> None:
        path = Path(model)
        self._file = open_embeddings(path)
        self.rows = self._file.rows
        ids = self._file.ids
        self.takes = "rows" if ids is None else "names"
        self._row_of = {} if ids is None else _rows_by_id(path, ids, self.rows)
        beside = self._file.ids_file
        self.card = EncoderCard(
            name=name,
            modality=modality,
            width=self._file.width,
            library=self._file.library,
            source=f"file {path}",
            revision="+".join(weights_revision(file) for file in (path, beside) if file),
            preprocessing="computed elsewhere",
            dtype=self._file.dtype,
        )

    def row_of(self, names: Sequence[str]) -> int | None:
        """Return the row of the first of an item's names that is an id, None where none is."""
        return next((self._row_of[name] for name in names if name in self._row_of), None)

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector an item.

        Parameters
        ----------
        batch : sequence of tuple of str, or of int
            According to `takes`: the names that `item_names` gives an item, or its row.

        Returns
        -------
        ndarray, shape (len(batch), width), float32
            NaN for an item that no id matches; whatever the file holds otherwise.

        Raises
        ------
        WorkbenchError
            A row number lies outside the file, or the file has become unreadable.
        """
        vectors = np.full((len(batch), self.card.width), np.nan, dtype=np.float32)
        if self.takes == "names":
            found = [self.row_of(names) for names in batch]
        else:
            found = [self._checked(int(row)) for row in batch]
        places = [place for place, row in enumerate(found) if row is not None]
        if places:
            rows = np.array([found[place] for place in places], dtype=np.int64)
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
                vectors[places] = self._file.read(rows)
        return vectors

    def _checked(self, row: int) -> int:
        if 0 <= row < self.rows:
            return row
        raise WorkbenchError(
            f"The file of {self.card.name} has {self.rows:,} rows and no ids, so there is no "
            f"vector for item {row + 1:,}: give the file ids, or a row for each item."
        )


def item_names(items: Iterable[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    """Return the names that each item may have in a file of embeddings, the surest first.

    Parameters
    ----------
    items : iterable of (path, folder, key)
        The absolute path of an item, the folder that it was found below, and its key: for an item
        of a table the table's id, else empty, which stands for the file name without its suffix.

    Returns
    -------
    list of tuple of str
        The path; the path below the folder (with ``/``); the file name; the key. What several items
        share is left out, since it could mean any of them.
    """
    every: list[list[str]] = []
    for path, folder, key in items:
        place = PurePath(path)
        below = place.relative_to(folder).as_posix() if place.is_relative_to(folder) else ""
        every.append([path, below, place.name, key or place.stem])
    used = [Counter(names[kind] for names in every) for kind in range(4)]
    return [
        tuple(
            dict.fromkeys(
                name
                for kind, name in enumerate(names)
                if name and (kind == 0 or used[kind][name] == 1)
            )
        )
        for names in every
    ]


def _rows_by_id(path: Path, ids: list[str], rows: int) -> dict[str, int]:
    """Return the row of each id.

    Raises
    ------
    WorkbenchError
        There are more or fewer ids than rows, or one stands twice.
    """
    if len(ids) != rows:
        raise WorkbenchError(
            f"The file {path} has {rows:,} rows, but {len(ids):,} ids: they must be as many, in "
            "the same order."
        )
    row_of = {name: row for row, name in enumerate(ids)}
    if len(row_of) < rows:
        twice = next(name for row, name in enumerate(ids) if row_of[name] != row)
        raise WorkbenchError(
            f"The id “{twice}” occurs more than once in {path} (rows {ids.index(twice) + 1:,} and "
            f"{row_of[twice] + 1:,}), so it is ambiguous: give every row its own id, such as the "
            "path below the folder where file names repeat."
        )
    return row_of
