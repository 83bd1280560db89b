"""The project's items as arrays, for maps and strips."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.gui.exploring.palettes import rgba_of
from workbench.gui.points.legend import LegendEntry
from workbench.gui.points.raster import SHAPES, Shape
from workbench.gui.theme import Theme

if TYPE_CHECKING:
    from workbench.project import Item, Project

Ids = npt.NDArray[np.int64]

# The order of the catalogue; a mark for each, so that colour is free to say something else.
MARKS: dict[str, Shape] = {"image": "disc", "text": "square", "speech": "triangle"}
NONE = {"label": "no label", "language": "no language"}
OTHERS = {"label": "other labels", "language": "other languages"}
NO_LABEL, OTHER = NONE["label"], OTHERS["label"]


def name_of(item: "Item | None") -> str:
    """Return what an item is called, also one that is gone."""
    return "No longer in the project" if item is None else item.name


class ItemTable:
    """All items and pairs of a project, read once.

    Parameters
    ----------
    items : list of Item
    pairs : ndarray of int, shape (p, 2)
        Ids.
    """

    def __init__(self, items: "list[Item]", pairs: Ids) -> None:
        self._items = {item.id: item for item in items}
        self.pairs = pairs.reshape(-1, 2)
        self.ids = np.array(sorted(self._items), dtype=np.int64)
        ordered = [self._items[int(each)] for each in self.ids]
        self._modalities = list(MARKS)
        self._modality = np.array(
            [self._modalities.index(item.modality) for item in ordered], dtype=np.int16
        )
        self._columns = {
            "label": _coded([item.label for item in ordered]),
            "language": _coded([item.language for item in ordered]),
            "pairing": self._pairing(),
        }

    @classmethod
    def read(cls, project: "Project") -> "ItemTable":
        """Read a project's catalogue."""
        pairs = list(project.catalogue.pairs().values())
        return cls(
            project.catalogue.items(),
            np.concatenate(pairs) if pairs else np.zeros((0, 2), np.int64),
        )

    def item(self, found: int) -> "Item | None":
        """Return an item by id; None when it has vanished."""
        return self._items.get(found)

    def has_labels(self) -> bool:
        """Whether any item has a label."""
        return any(self._columns["label"].names)

    def has_languages(self) -> bool:
        """Whether items are of more than one language."""
        return len(self._columns["language"].names) > 1

    def _pairing(self) -> "_Coded":
        paired = np.isin(self.ids, self.pairs)
        return _Coded(["paired", "unpaired"], np.where(paired, 0, 1).astype(np.int32))

    def count(self, ids: Ids) -> dict[str, int]:
        """Return how many of the ids are of each modality."""
        rows, known = self._rows(ids)
        codes, counts = np.unique(self._modality[rows[known]], return_counts=True)
        return {
            self._modalities[code]: int(count) for code, count in zip(codes, counts, strict=True)
        }

    def pairs_of(self, ids: Ids, most: int = 3000) -> Ids:
        """Return pairs with at least one end among ids, at most so many."""
        touched = np.isin(self.pairs[:, 0], ids) | np.isin(self.pairs[:, 1], ids)
        return self.pairs[np.flatnonzero(touched)[:most]]

    def _rows(self, ids: Ids) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        if not len(self.ids):
            return np.zeros(len(ids), np.intp), np.zeros(len(ids), bool)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return rows, self.ids[rows] == ids

    def marks(self, ids: Ids) -> npt.NDArray[np.uint8]:
        """Return the shape of each id, an index into `raster.SHAPES`."""
        rows, known = self._rows(ids)
        codes = np.array([SHAPES.index(mark) for mark in MARKS.values()], np.uint8)
        shapes = np.zeros(len(ids), np.uint8)
        shapes[known] = codes[self._modality[rows[known]]]
        return shapes

    def colours(
        self, ids: Ids, by: str, theme: Theme
    ) -> tuple[npt.NDArray[np.uint8], list[LegendEntry]]:
        """Colour ids by ``modality``, ``label``, ``language`` or ``pairing``.

        Returns
        -------
        ndarray of uint8, shape (n, 4)
        list of LegendEntry
        """
        if not len(self.ids):
            return np.full((len(ids), 4), rgba_of(theme.muted), np.uint8), []
        rows, known = self._rows(ids)
        legend = self._modality_chips(ids, rows, known, theme, coloured=by == "modality")
        if by == "modality":
            rgba = np.full((len(ids), 4), rgba_of(theme.muted), np.uint8)
            palette = np.array([rgba_of(theme.modality[m]) for m in self._modalities], np.uint8)
            rgba[known] = palette[self._modality[rows[known]]]
            return rgba, legend
        legend = legend if len(legend) > 1 else []
        column = self._columns[by]
        codes = np.where(known, column.codes[rows], -1)
        chips, group_of = _grouped(column, codes, by, theme)
        groups = group_of[codes]  # that of the code -1 stands last
        rgba = np.array([rgba_of(colour) for _, colour in chips], np.uint8)[groups]
        for number, (name, colour) in enumerate(chips):
            mine = groups == number
            if name and mine.any():
                legend.append(LegendEntry(name, colour, "disc", ids[mine]))
        return rgba, legend

    def modality_chips(self, ids: Ids, theme: Theme) -> list[LegendEntry]:
        """Return a grey chip for each modality among ids, where there are several."""
        rows, known = self._rows(ids)
        if not len(self.ids):
            return []
        chips = self._modality_chips(ids, rows, known, theme, coloured=False)
        return chips if len(chips) > 1 else []

    def _modality_chips(
        self,
        ids: Ids,
        rows: npt.NDArray[np.intp],
        known: npt.NDArray[np.bool_],
        theme: Theme,
        *,
        coloured: bool,
    ) -> list[LegendEntry]:
        chips = []
        for code, modality in enumerate(self._modalities):
            mine = known & (self._modality[rows] == code)
            if mine.any():
                colour = theme.modality[modality] if coloured else theme.muted
                chips.append(LegendEntry(modality, colour, MARKS[modality], ids[mine]))
        return chips


@dataclass(frozen=True, eq=False)
class _Coded:
    """A column: its values, the most frequent first, and the number of each item's."""

    names: list[str]
    codes: npt.NDArray[np.int32]


def _coded(values: list[str]) -> _Coded:
    names = [name for name, _ in Counter(values).most_common()]
    place = {name: number for number, name in enumerate(names)}
    return _Coded(names, np.array([place[value] for value in values], dtype=np.int32))


def _grouped(
    column: _Coded, codes: npt.NDArray[np.int32], by: str, theme: Theme
) -> tuple[list[tuple[str, str]], npt.NDArray[np.uint8]]:
    """Divide the values of a column into the few that have a colour of their own, and the rest.

    Returns
    -------
    list of (str, str)
        Of each group what its chip says, and its colour; the last, of unknown ids, says nothing.
    ndarray of uint8, shape (values + 1,)
        The group of each value, so that a million values take one look and not one each.
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(column.names))
    order = np.argsort(-counts, kind="stable") if by != "pairing" else np.arange(len(counts))
    order = order[counts[order] > 0]
    none = column.names.index("") if "" in column.names else -1
    coloured = order[order != none][: len(theme.categories)]
    alone = order[np.isin(order, [*coloured, none])].tolist()
    shades = iter(theme.categories)
    chips = [
        (column.names[code], next(shades)) if code != none else (NONE[by], theme.muted)
        for code in alone
    ]
    chips += [(OTHERS.get(by, ""), theme.muted), ("", theme.muted)]
    group_of = np.full(len(column.names) + 1, len(alone), np.uint8)
    group_of[alone] = np.arange(len(alone))
    group_of[-1] = len(alone) + 1
    return chips, group_of
