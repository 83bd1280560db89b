"""An exported folder, read again: what it says is checked before anything is done with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace, load_space
from workbench.cache import card_difference
from workbench.encoders import Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.export import vectors
from workbench.export.bundle import (
    CONFIG_FILE,
    HEADS_DIGEST,
    HEADS_FILE,
    SCHEMA_VERSION,
    digest,
)
from workbench.media import MODALITIES, Modality
from workbench.received.small import MissingFileError, check_regular, read_json
from workbench.search import NearestRows

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_CONFIGURATION = "The configuration"
_LARGEST = 64 << 20  # bytes of a configuration
_LONGEST_ROW = 1.001  # a unit row, as rounded


@dataclass(frozen=True)
class FoundItem:
    """An item of a bundle that is near to a question; `rank` from 1, `score` is the cosine."""

    rank: int
    score: float
    id: int
    modality: str
    path: str
    text: str
    label: str


@dataclass(frozen=True, eq=False)
class BundleItems:
    """The vectors of a bundle.

    Attributes
    ----------
    ids : ndarray, shape (n,)
    vectors : ndarray, shape (n, w)
        Unit rows of the joint space, read from the disk when they are used.
    table : pyarrow.Table
        The columns of `workbench.export.vectors` but for the vectors, one row an item.
    """

    ids: Ids
    vectors: Floats
    table: Any

    @cached_property
    def modality(self) -> npt.NDArray[np.object_]:
        """Of each item, shape (n,)."""
        found: npt.NDArray[np.object_] = self.table["modality"].to_numpy(zero_copy_only=False)
        return found


class Bundle:
    """An exported run.

    Parameters
    ----------
    folder : Path
    configuration : dict
        What ``config.json`` says; empty where there is none.
    space : AlignedSpace

    See Also
    --------
    load
    """

    def __init__(self, folder: Path, configuration: dict[str, Any], space: AlignedSpace) -> None:
        self.folder, self.configuration, self.space = folder, configuration, space
        self._encoders: dict[tuple[str, bool], Encoder] = {}

    @property
    def name(self) -> str:
        """Of the run that was exported; of older bundles, that of the folder."""
        return str(self.configuration.get("run") or self.folder.name)

    @property
    def views(self) -> tuple[str, ...]:
        """The views that have a head."""
        return self.space.views

    def card(self, view: str) -> dict[str, Any]:
        """Return the card of the encoder that a view's head is for; empty if nobody knows."""
        cards = self.configuration.get("encoders")
        card = cards.get(view) if isinstance(cards, dict) else None
        return dict(card) if isinstance(card, dict) else {}

    def has(self, part: str) -> bool:
        """Whether a part was exported."""
        parts = self.configuration.get("parts")
        return isinstance(parts, dict) and isinstance(parts.get(part), dict)

    def embed(self, view: str, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, w); see `AlignedSpace`."""
        return self.space.embed(view, rows)

    def encoder(self, view: str, *, trust_code: bool = False) -> Encoder:
        """Load the encoder that a view's head is for.

        Parameters
        ----------
        view : str
        trust_code : bool
            Let a model run program code of its own.

        Raises
        ------
        WorkbenchError
            The bundle does not name it, it cannot be loaded, or it is another one here.
        """
        known = self._encoders.get((view, trust_code))
        if known is not None:
            return known
        modality, card = next((each for each in MODALITIES if each == view), None), self.card(view)
        if view not in self.views or modality is None or not isinstance(card.get("name"), str):
            raise WorkbenchError(f"The bundle {self.folder} names no encoder for “{view}”.")
        encoder = load_encoder(card["name"], modality, trust_code=trust_code, fetch=False)
        if hasattr(encoder, "takes"):
            raise WorkbenchError(
                f"The {view} embeddings of the bundle {self.folder} were computed elsewhere "
                f"({card['name']}), so no new {view} can be encoded."
            )
        self.check_card(view, encoder.card.model_dump(mode="json"))
        self._encoders[view, trust_code] = encoder
        return encoder

    def check_card(self, view: str, card: dict[str, Any]) -> None:
        """Refuse embeddings of an encoder that the heads are not for.

        Raises
        ------
        WorkbenchError
        """
        difference = card_difference(self.card(view), card)
        if difference:
            raise WorkbenchError(
                f"The {view} encoder is not the one that the heads of the bundle {self.folder} are "
                f"for ({difference}). Use that one."
            )

    def encode(self, view: str, media: Sequence[Any], *, trust_code: bool = False) -> Floats:
        """Return unit rows of the joint space, shape (n, w), of media as the encoder takes them.

        Parameters
        ----------
        view : str
        media : sequence
            RGB pictures of Pillow, texts, or samples at 16 kHz.
        trust_code : bool
            See `encoder`.

        Raises
        ------
        WorkbenchError
            See `encoder`.
        """
        return self.embed(view, self.encoder(view, trust_code=trust_code).encode(media))

    @cached_property
    def items(self) -> BundleItems:
        """The items of the run, with their vectors.

        Raises
        ------
        WorkbenchError
            They were not exported, or are not what was exported.
        """
        if not self.has("vectors"):
            raise WorkbenchError(
                f"The bundle {self.folder} has no vectors. Export the run again with the part "
                "“vectors”."
            )
        table = self.checked_file("vectors", vectors.TABLE_FILE)
        rows = self.checked_file("vectors", vectors.ROWS_FILE)
        ids = self.checked_file("vectors", vectors.IDS_FILE)
        try:
            return _items_of(table, rows, ids, self.space.joint_width)
        except Exception as error:  # numpy, tokenize and pyarrow have errors of their own
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
            raise WorkbenchError(
                f"The vectors of the bundle {self.folder} cannot be read: {reason}. Export again."
            ) from error

    def row_of(self, item: int) -> Floats:
        """Return the row of an item in the joint space, shape (1, w), by its id.

        Raises
        ------
        WorkbenchError
            There is no such item.
        """
        place = np.flatnonzero(self.items.ids == item)
        if not len(place):
            raise WorkbenchError(f"The bundle {self.folder} has no item {item}.")
        return np.array(self.items.vectors[place[:1]])

    def nearest(
        self,
        row: Floats,
        to: Modality | None = None,
        top: int = 10,
        without: Collection[int] = (),
    ) -> list[FoundItem]:
        """Return the items nearest to a unit row of the joint space, shape (w,), best first.

        Parameters
        ----------
        row : ndarray
        to : {"image", "text", "speech"}, optional
            Only items of this modality.
        top : int
        without : collection of int
            Ids of items that are no answers.

        Raises
        ------
        WorkbenchError
            There are no vectors, or none of the modality.
        """
        items = self.items
        of_view = np.full(len(items.ids), True) if to is None else items.modality == to
        chosen = np.flatnonzero(of_view & ~np.isin(items.ids, list(without)))
        if not of_view.any():
            raise WorkbenchError(
                f"The bundle {self.folder} has no {to} items. It has: "
                f"{', '.join(sorted(set(items.modality)))}."
            )
        rows = NearestRows(items.vectors[chosen], items.ids[chosen])
        scores, places = rows.search(np.asarray(row, dtype=np.float32).reshape(1, -1), top)
        words = items.table.take(chosen[places[0]]).to_pylist()
        return [
            FoundItem(
                rank, float(score), word["id"], word["modality"], word["path"] or "",
                word["text"] or "", word["label"] or "",
            )
            for rank, (score, word) in enumerate(zip(scores[0], words, strict=True), 1)
        ]  # fmt: skip

    def checked_file(self, part: str, name: str) -> Path:
        """Return the path of a file of a part, which is as it was written.

        Raises
        ------
        WorkbenchError
            It is missing, a link, or has other content.
        """
        path = self.folder / part / name
        try:
            told = self.configuration["parts"][part]["files"][name]["sha256"]
        except (LookupError, TypeError):
            raise WorkbenchError(f"{self.folder / CONFIG_FILE} does not tell of {path}.") from None
        if path.is_symlink() or path.parent.is_symlink():
            raise WorkbenchError(f"{path} is a link to another place. Export again.")
        check_regular(path, "The file")
        if digest(path) != told:
            raise WorkbenchError(
                f"{path} is not as it was exported: it was cut off or changed. Export again."
            )
        return path


def load(folder: Path | str) -> Bundle:
    """Read an exported folder; no code of it is run.

    Raises
    ------
    WorkbenchError
        There is no bundle in the folder, it is damaged, or of a later version.
    """
    folder = Path(folder)
    heads = folder / HEADS_FILE
    try:
        check_regular(heads, "The file of heads")
    except MissingFileError:
        raise WorkbenchError(
            f"{folder} is no exported folder: it has no {HEADS_FILE}. Look at its name."
        ) from None
    try:
        told = read_json(folder / CONFIG_FILE, _CONFIGURATION, _LARGEST)
    except MissingFileError:  # the heads alone were passed on
        told = {}
    if not isinstance(told, dict):
        raise WorkbenchError(f"{folder / CONFIG_FILE} is not of an exported folder.")
    version = told.get("schema_version", 1)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise WorkbenchError(
            f"The bundle {folder} was written by a later version of the workbench (schema "
            f"{version}; this one reads up to {SCHEMA_VERSION}). Update the workbench."
        )
    space = load_space(heads)
    if told.get(HEADS_DIGEST) not in (None, digest(heads)):
        raise WorkbenchError(
            f"{folder} has a {CONFIG_FILE} of other heads: an export was cut off. Export again."
        )
    return Bundle(folder, told, space)


def _items_of(table: Path, rows: Path, ids: Path, width: int) -> BundleItems:
    """Read the files of vectors; whoever sent them may have written anything into them.

    Raises
    ------
    ValueError
        They do not belong together.
    Exception
        Whatever the libraries raise of damaged files.
    """
    # no archive, no pickle, and never more than the file holds
    numbers = np.lib.format.open_memmap(ids, mode="r")
    plain = np.lib.format.open_memmap(rows, mode="r")
    count = len(numbers) if numbers.ndim else 0
    if numbers.dtype != np.int64 or numbers.shape != (count,):
        raise ValueError(f"{ids.name} has the shape {numbers.shape} of {numbers.dtype}")
    if plain.dtype != np.float32 or plain.shape != (count, width):
        raise ValueError(f"{rows.name} has the shape {plain.shape} of {plain.dtype}")
    if not (plain.max(initial=0) <= _LONGEST_ROW and plain.min(initial=0) >= -_LONGEST_ROW):
        raise ValueError(f"{rows.name} has rows that are not of unit length")
    words = _words_of(table, count)
    if not np.array_equal(words["id"].to_numpy(), numbers):
        raise ValueError(f"{table.name} has other ids than {ids.name}")
    return BundleItems(np.array(numbers), plain, words)


def _words_of(table: Path, count: int) -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(table) as file:
        if file.metadata.num_rows != count:
            raise ValueError(f"{table.name} has {file.metadata.num_rows:,} rows, not {count:,}")
        schema = vectors.words_schema()
        words = file.read(columns=schema.names)
    if not words.schema.equals(schema):
        raise ValueError(f"{table.name} has other columns than an export has")
    words.validate(full=True)
    if words["id"].null_count or not set(words["modality"].unique().to_pylist()) <= {*MODALITIES}:
        raise ValueError(f"{table.name} has items without an id or of no modality")
    return words
