"""Embeddings that people have already: rows of a file, found by id or by order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard
from workbench.encoders.embedding_files import (
    ID_NAMES,
    EmbeddingFile,
    is_called_as_names,
    open_embeddings,
)
from workbench.encoders.revision import weights_revision
from workbench.errors import WorkbenchError
from workbench.media import Modality, plain_path, stem_of

PREFIX = "precomputed/"
ORDERS = ("words", "numbers")
"""How files may be sorted that a file of vectors does not name: 1, 10, 2 or 1, 2, 10."""

_ORDER = "@order="
_ROW_NUMBERS = ("id", "index", "__index_level_0__", "Unnamed: 0")  # as pandas writes them
_MOST_PARTS = 4  # of a path, that may name a file where the whole path does not


class Precomputed:
    """Looks vectors up in a file instead of computing them.

    Such an encoder reads no media: `takes` says what `encode` gets instead.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors; ``@order=words`` or ``@order=numbers``
        may stand at its end.
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
        number of its row.
    rows : int
        How many vectors the file has.
    order : {"", "words", "numbers"}
        In which files without ids are said to lie.

    Raises
    ------
    WorkbenchError
        The file cannot be read, is not what it should be, or an id stands in it twice.
    """

    takes: Literal["names", "rows"]

    def __init__(self, name: str, model: str, modality: Modality, device: str = "cpu") -> None:
        self.order = split_order(name)[1]
        if self.order not in ("", *ORDERS):
            raise WorkbenchError(f"The order of {name} must be one of {', '.join(ORDERS)}.")
        path = Path(model)
        self._path, self._file = path, open_embeddings(path)
        self.rows = self._file.rows
        self._columns = _usable(path, self._file)
        self.takes = "names" if self._columns else "rows"
        self._row_of = next(iter(self._columns.values()), {})
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

    def match(self, every: Sequence[Sequence[str]], numbered: bool) -> str:
        """Find vectors from now on by the column whose names most items have; say which.

        Parameters
        ----------
        every : sequence of sequence of str
            The names that each item may have, see `item_names`.
        numbered : bool
            Whether items are rows of a table without ids: a column that numbers rows, as pandas
            writes it, names none of them then.

        Returns
        -------
        str
            Half a sentence; empty where rows have no names after all, so that `takes` is ``rows``.

        Raises
        ------
        WorkbenchError
            There are names, and fewer than half of the items and of the rows are found by them, or
            two columns give an item different vectors; or there are only numbers, which may be
            those of other items.
        """
        passed = [c for c, row_of in self._columns.items() if numbered and _numbers_rows(c, row_of)]
        columns = {c: row_of for c, row_of in self._columns.items() if c not in passed}
        odd = [column for column in passed if not _only_counts(self._columns[column])]
        found = {
            column: sum(_row_of(row_of, names) is not None for names in every)
            for column, row_of in columns.items()
        }
        # of several the first, words before numbers
        best = max(found, key=lambda c: (found[c], not _are_numbers(columns[c])), default="")
        named = [c for c in columns if is_called_as_names(c) or self._file.ids_file]
        if not best or (not named and not found[best]):
            if odd:
                raise WorkbenchError(self._in_another_order(odd[0]))
            self.takes, self._row_of = "rows", {}
            return ""
        too_few = 2 * found[best] < min(len(every), self.rows)
        # numbers that count files from elsewhere than the files do name each one's neighbour
        elsewhere = _only_counts(columns[best]) and found[best] < min(len(every), self.rows)
        if too_few or elsewhere:
            shown = best if found[best] else (named or [best])[0]
            raise WorkbenchError(self._unmatched(shown, found[best], every))
        self._row_of = columns[best]
        self._check_agreement(best, {c: columns[c] for c in found if 2 * found[c] >= len(every)},
                              every)  # fmt: skip
        return (
            f"vectors are found by “{best}”: {found[best]:,} of {len(every):,} "
            f"{self.card.modality} items have one"
        )

    def _check_agreement(
        self, best: str, others: Mapping[str, Mapping[str, int]], every: Sequence[Sequence[str]]
    ) -> None:
        """Refuse another column that names most items too, and gives some of them other rows."""
        for column, row_of in others.items():
            if column == best or _only_counts(row_of):
                continue
            rows = ((self.row_of(names), _row_of(row_of, names)) for names in every)
            if any(None not in both and both[0] != both[1] for both in rows):
                raise WorkbenchError(
                    f"“{best}” and “{column}” of {self._path} both name {self.card.modality} "
                    "items, and give them different vectors: leave only the column that is meant."
                )

    def _in_another_order(self, column: str) -> str:
        return (
            f"“{column}” of {self._path} numbers rows in another order, or with gaps, and the "
            f"{self.card.modality} items are rows without ids: give their table an id column."
        )

    def _unmatched(self, column: str, count: int, every: Sequence[Sequence[str]]) -> str:
        theirs = ", ".join(f"“{name}”" for name in list(self._columns[column])[:2])
        ours = ", ".join(f"“{names[min(1, len(names) - 1)]}”" for names in every[:2] if names)
        return (
            f"“{column}” of {self._path} names {count or 'none'} of {len(every):,} "
            f"{self.card.modality} items, so nobody can tell which vector belongs to which. Its "
            f"ids are like {theirs}, the items like {ours}: write the items’ paths below their "
            "folder, their file names or ids."
        )

    def row_of(self, names: Sequence[str]) -> int | None:
        """Return the row of the first of an item's names that is an id, None where none is."""
        return _row_of(self._row_of, names)

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


def split_order(name: str) -> tuple[str, str]:
    """Return a name without its order, and the order as written; empty without one."""
    file, sign, order = name.rpartition(_ORDER)
    return (file, order) if sign and "/" not in order else (name, "")


def item_names(items: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, ...]]:
    """Return the names that each item may have in a file of embeddings, the surest first.

    Parameters
    ----------
    items : iterable of (path, folder, key, text)
        The absolute path of an item, the folder that it was found below, and its key: for an item
        of a table the table's id, else empty, which stands for the file name without its suffix;
        and of a text its words.

    Returns
    -------
    list of tuple of str
        The path; the path below the folder (with ``/``); the last folders and the file name; the
        file name; the key; the words. What several items share is left out, since it could mean any
        of them. All are spelt as `plain_path` does.
    """
    every: list[list[str]] = []
    for path, folder, key, text in items:
        place = PurePath(path)
        below = place.relative_to(folder).as_posix() if place.is_relative_to(folder) else ""
        ends = ["/".join(place.parts[-count:]) for count in range(_MOST_PARTS, 1, -1)]
        names = [path, below, *ends, place.name, key or place.stem, text]
        every.append([plain_path(name).strip() for name in names])
    times = [Counter(names[rank] for names in every) for rank in range(len(_SHARED))]
    return [
        tuple(
            dict.fromkeys(
                name
                for rank, name in enumerate(names)
                if name and (not _SHARED[rank] or times[rank][name] == 1)
            )
        )
        for names in every
    ]


# whether several items may have a name of `item_names` in common
_SHARED = (False, True, True, True, True, True, True, True)


def _usable(path: Path, file: EmbeddingFile) -> dict[str, dict[str, int]]:
    """Return the row of each name, by column; of columns that name every row otherwise.

    Raises
    ------
    WorkbenchError
        The only column that is called as ids are has more or fewer than rows, or one twice.
    """
    found, wrong = {}, []
    for column, ids in file.ids.items():
        try:
            found[column] = _rows_by_id(path, ids, file.rows)
        except WorkbenchError as error:
            mostly = 2 * len(set(ids)) > len(ids)  # else it is of something that rows share
            if column in ID_NAMES or file.ids_file or (mostly and is_called_as_names(column)):
                wrong.append(error)
    if wrong and not found:
        raise wrong[0]
    return found


def _row_of(row_of: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((row_of[name] for name in names if name in row_of), None)


def _numbers_rows(column: str, row_of: Mapping[str, int]) -> bool:
    """Whether a column numbers rows: in their order, or, where it is called so, in any."""
    return _only_counts(row_of) or (column in _ROW_NUMBERS and _are_numbers(row_of))


def _are_numbers(row_of: Mapping[str, int]) -> bool:
    return all(name.isdecimal() for name in row_of)


def _only_counts(row_of: Mapping[str, int]) -> bool:
    """Whether names are the numbers of the rows, in order."""
    if not _are_numbers(row_of):
        return False
    return len({int(name) - row for name, row in row_of.items()}) == 1


def _rows_by_id(path: Path, ids: list[str], rows: int) -> dict[str, int]:
    """Return the row of each id, spelt as `plain_path` does.

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
    spelt = [plain_path(name).strip() for name in ids]
    row_of = {name: row for row, name in enumerate(spelt)}
    if len(row_of) < rows:
        twice = next(name for row, name in enumerate(spelt) if row_of[name] != row)
        raise WorkbenchError(
            f"The id “{twice}” occurs more than once in {path} (rows {spelt.index(twice) + 1:,} "
            f"and {row_of[twice] + 1:,}), so it is ambiguous: give every row its own "
            "id, such as the path below the folder where file names repeat."
        )
    return row_of | {end: row for end, row in _ends(spelt).items() if end not in row_of}


def _ends(ids: Sequence[str]) -> dict[str, int]:
    """Return rows by the last parts of ids that are paths, perhaps of another machine.

    A file's name without its ending is one of them: it is what texts about the file are keyed by.
    """
    found: dict[str, int] = {}
    times: Counter[str] = Counter()
    for row, name in enumerate(ids):
        parts = name.split("/")
        ends = {"/".join(parts[-count:]) for count in range(1, min(len(parts), _MOST_PARTS + 1))}
        for end in ends | {stem_of(name)}:
            found[end] = row
            times[end] += 1
    return {end: row for end, row in found.items() if times[end] == 1}
