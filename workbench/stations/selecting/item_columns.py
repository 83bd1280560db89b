"""Items as columns: what is known of all of them, to sort and to filter without touching each.

A million items are arrays of a few bytes an item. Their words become arrays of UTF-8 when they are
first sorted or searched by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from workbench.item_ids import Places
from workbench.media import MODALITIES
from workbench.project import Item, Project
from workbench.stations.evaluating.item_figures import ItemFigures
from workbench.stations.runs.split_roles import ROLES

Ids = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

ColumnName = Literal[
    "name", "modality", "label", "language", "split", "paired", "distortion", "rank", "path"
]
COLUMNS: tuple[ColumnName, ...] = get_args(ColumnName)

_AT_ONCE = 10_000  # items whose words are turned into UTF-8 while other threads wait


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of a few names.

    Attributes
    ----------
    names : tuple of str
        In the order they are sorted by.
    codes : ndarray of int, shape (n,)
        Number of each item's name; -1 of those without.
    """

    names: tuple[str, ...]
    codes: Codes

    def holding(self, name: str) -> Mask:
        """Return which items have a name; “” asks for those without any."""
        if not name:
            return self.codes < 0
        if name not in self.names:
            return np.zeros(len(self.codes), dtype=bool)
        found: Mask = self.codes == self.names.index(name)
        return found


@dataclass(frozen=True, eq=False)
class ItemColumns:
    """All items of a project, a row an item, ascending by id.

    Attributes
    ----------
    items : sequence of Item
    ids : ndarray, shape (n,)
    pairs : ndarray of int, shape (p, 2)
        Ids of what belongs together.
    modality, label, language, paired : Coded
        An item without a label has that of its partners, where these agree: a picture that of its
        caption.
    borrows : ndarray of bool, shape (n,)
        Which items have the label of their partners.
    words : ItemWords
    split : Coded or None
        For what a run used each item, by the names of `ROLES`; None where nobody knows.
    distortion : ndarray, shape (n,), or None
        See `ItemFigures.distortion_of`; None until it is measured.
    rank : ndarray of int, shape (n,), or None
        Of the best partner of any modality, 0 without; None until it is measured.
    """

    items: Sequence[Item]
    ids: Ids
    pairs: Ids
    modality: Coded
    label: Coded
    borrows: Mask
    language: Coded
    paired: Coded
    words: "ItemWords"
    split: Coded | None = None
    distortion: npt.NDArray[np.float32] | None = None
    rank: Ids | None = None

    @classmethod
    def of(cls, items: Sequence[Item], pairs: Ids) -> "ItemColumns":
        """Make columns of items and pairs.

        Parameters
        ----------
        items : sequence of Item
        pairs : ndarray of int, shape (p, 2)
            Ids.
        """
        items = sorted(items, key=lambda item: item.id)
        ids = np.fromiter((item.id for item in items), np.int64, len(items))
        pairs = pairs.reshape(-1, 2)
        alone = ~np.isin(ids, pairs)
        own = _coded([item.label for item in items])
        codes = _with_those_of_partners(own.codes, ids, pairs)
        return cls(
            items,
            ids,
            pairs,
            modality=_coded([item.modality for item in items], MODALITIES),
            label=Coded(own.names, codes),
            borrows=(own.codes < 0) & (codes >= 0),
            language=_coded([item.language for item in items]),
            paired=Coded(("paired", "unpaired"), alone.astype(np.int32)),
            words=ItemWords(items),
        )

    @classmethod
    def read(cls, project: Project) -> "ItemColumns":
        """Read the items that are present."""
        pairs = list(project.catalogue.pairs().values())
        none = np.zeros((0, 2), dtype=np.int64)
        return cls.of(project.catalogue.items(), np.concatenate(pairs) if pairs else none)

    def with_run(
        self,
        role_of: Callable[[Ids], npt.NDArray[np.integer]] | None,
        figures: ItemFigures | None,
    ) -> "ItemColumns":
        """Return these columns with what a run says of the items.

        Parameters
        ----------
        role_of : callable, optional
            Returns the place in `ROLES` of each id, shape (n,); -1 of those that have none.
        figures : ItemFigures, optional
        """
        return replace(
            self,
            split=None if role_of is None else Coded(ROLES, role_of(self.ids).astype(np.int32)),
            # a measurement may have been of one of the two alone
            distortion=figures.distortion_of(self.ids) if figures and figures.distortion else None,
            rank=figures.partner_rank_of(self.ids) if figures and figures.partner_rank else None,
        )

    def __len__(self) -> int:
        return len(self.ids)

    def name(self, row: int) -> str:
        """Return what an item is called."""
        return self.items[row].name

    def item(self, found: int) -> Item | None:
        """Return an item by id; None when it is not there any more."""
        row = int(self.ids.searchsorted(found))
        return self.items[row] if row < len(self.ids) and self.ids[row] == found else None

    def places_of(self, ids: Ids) -> tuple[Ids, Mask]:
        """Return the row of each item by id, and which of them are there, shapes (len(ids),)."""
        rows = self._places.of(ids)
        known: Mask = rows >= 0
        return np.where(known, rows, 0), known

    @cached_property
    def _places(self) -> Places:
        return Places(self.ids)

    def rows_of(self, ids: Ids) -> Ids:
        """Return the rows of items by id; those that are not there are left out."""
        rows, known = self.places_of(ids)
        return rows[known]

    def count(self, ids: Ids) -> dict[str, int]:
        """Return how many of the items are of each modality."""
        counts = np.bincount(self.modality.codes[self.rows_of(ids)])
        names = self.modality.names
        return {names[code]: int(counts[code]) for code in np.flatnonzero(counts)}

    def pairs_of(self, ids: Ids, most: int = 3000) -> Ids:
        """Return pairs with at least one end among items, at most so many, shape (q, 2)."""
        touched = np.isin(self.pairs[:, 0], ids) | np.isin(self.pairs[:, 1], ids)
        return self.pairs[np.flatnonzero(touched)[:most]]

    def has_labels(self) -> bool:
        """Whether any item has a label."""
        return len(self.label.names) > 0

    def has_languages(self) -> bool:
        """Whether items are of more than one language, or some of one and some of none."""
        known = len(self.language.names)
        return known > 1 or (known == 1 and bool((self.language.codes < 0).any()))

    def order(self, by: ColumnName, *, descending: bool = False) -> Ids:
        """Return all rows in the order of a column, shape (n,).

        Items of which the column says nothing come last either way; equal ones stay by id.
        """
        keys, unknown = self._keys(by)
        if keys is None:
            return np.arange(len(self))
        order = np.argsort(-keys if descending else keys, kind="stable")
        if unknown is None or not unknown.any():
            return order
        last = unknown[order]
        return np.concatenate([order[~last], order[last]])

    def _keys(self, by: ColumnName) -> tuple[npt.NDArray[Any] | None, Mask | None]:
        """Return what to sort by, and which items it says nothing of."""
        if by in ("name", "path"):
            return self.words.places(by), None
        values = getattr(self, by)
        if isinstance(values, Coded):
            # NumPy sorts 16 bits by their digits, in no time
            few = len(values.names) < 2**15
            keys = values.codes.astype(np.int16) if few else values.codes
            return keys, keys < 0
        if by == "distortion" and self.distortion is not None:
            return self.distortion, np.isnan(self.distortion)
        if by == "rank" and self.rank is not None:
            return self.rank, self.rank <= 0
        return None, None


class ItemWords:
    """Names, texts and paths of items, capitals or not, as UTF-8 once they were asked for.

    NumPy sorts and searches it while other threads go on.

    Parameters
    ----------
    items : sequence of Item
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._places: dict[str, Ids] = {}
        self._searched: npt.NDArray[Any] | None = None

    def places(self, by: Literal["name", "path"]) -> Ids:
        """Return the place of each item in alphabetical order, shape (n,)."""
        if by not in self._places:
            says = attrgetter("name" if by == "name" else "path")
            order = np.argsort(self._folded(says), kind="stable")
            places = np.empty(len(order), dtype=np.int64)
            places[order] = np.arange(len(order))
            self._places[by] = places
        return self._places[by]

    def containing(self, wanted: str) -> Mask:
        """Return which items have something in their text or their path, shape (n,)."""
        if self._searched is None:
            # no words go across a line
            self._searched = self._folded(lambda item: f"{item.text}\n{item.path}")
        found: Mask = np.strings.find(self._searched, wanted.casefold()) >= 0
        return found

    def _folded(self, says: Callable[[Item], str]) -> npt.NDArray[Any]:
        words: npt.NDArray[Any] = np.empty(len(self._items), dtype=np.dtypes.StringDType())
        for start in range(0, len(self._items), _AT_ONCE):
            some = self._items[start : start + _AT_ONCE]
            words[start : start + len(some)] = [says(item).casefold() for item in some]
        return words


def _with_those_of_partners(codes: Codes, ids: Ids, pairs: Ids) -> Codes:
    """Return codes in which items without one have that of their partners, if these agree."""
    pairs = pairs[np.isin(pairs, ids).all(axis=1)]
    ends = np.searchsorted(ids, np.concatenate([pairs, pairs[:, ::-1]]))
    lacking, theirs = ends[:, 0], codes[ends[:, 1]]
    useful = (codes[lacking] < 0) & (theirs >= 0)
    lacking, theirs = lacking[useful], theirs[useful]
    least = np.full(len(codes), len(ids), dtype=codes.dtype)
    most = np.full(len(codes), -1, dtype=codes.dtype)
    np.minimum.at(least, lacking, theirs)
    np.maximum.at(most, lacking, theirs)
    return np.where(least == most, most, codes)


def _coded(values: Sequence[str], names: Sequence[str] | None = None) -> Coded:
    if names is None:
        names = sorted(set(values) - {""}, key=lambda name: (name.casefold(), name))
    code_of = {"": -1} | {name: code for code, name in enumerate(names)}
    return Coded(tuple(names), np.fromiter(map(code_of.__getitem__, values), np.int32, len(values)))
