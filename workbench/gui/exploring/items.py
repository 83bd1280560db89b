"""The project's items as arrays, for maps and strips."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from workbench.gui.points.legend import LegendEntry
from workbench.gui.points.raster import SHAPES, Shape
from workbench.gui.theme import Theme

if TYPE_CHECKING:
    from workbench.project import Item, Project

Ids = npt.NDArray[np.int64]

# The order of the catalogue; a mark for each, so that colour is free to say something else.
MARKS: dict[str, Shape] = {"image": "disc", "text": "square", "speech": "triangle"}
NO_LABEL, OTHER = "no label", "other labels"


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
        counts = Counter(item.label for item in ordered)
        self._labels = [label for label, _ in counts.most_common()]
        place = {label: number for number, label in enumerate(self._labels)}
        self._label = np.array([place[item.label] for item in ordered], dtype=np.int32)

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
        return any(self._labels)

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
        """Colour ids by ``modality`` or ``label``.

        Returns
        -------
        ndarray of uint8, shape (n, 4)
        list of LegendEntry
        """
        rgba = np.full((len(ids), 4), _rgba(theme.muted), np.uint8)
        if not len(self.ids):
            return rgba, []
        rows, known = self._rows(ids)
        legend = self._modality_chips(ids, rows, known, theme, coloured=by == "modality")
        if by == "modality":
            palette = np.array([_rgba(theme.modality[m]) for m in self._modalities], np.uint8)
            rgba[known] = palette[self._modality[rows[known]]]
            return rgba, legend
        legend = legend if len(legend) > 1 else []
        codes = np.where(known, self._label[rows], -1)
        counts = np.bincount(codes[codes >= 0], minlength=len(self._labels))
        rest = np.zeros(len(ids), dtype=bool)
        number = 0
        for code in np.argsort(-counts, kind="stable"):
            if not counts[code]:
                break
            mine = codes == code
            name = self._labels[code]
            if not name:
                legend.append(LegendEntry(NO_LABEL, theme.muted, "disc", ids[mine]))
            elif number < len(theme.categories):
                colour = theme.categories[number]
                number += 1
                rgba[mine] = _rgba(colour)
                legend.append(LegendEntry(name, colour, "disc", ids[mine]))
            else:
                rest |= mine
        if rest.any():
            legend.append(LegendEntry(OTHER, theme.muted, "disc", ids[rest]))
        return rgba, legend

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


def _rgba(colour: str) -> tuple[int, int, int, int]:
    made = QColor(colour)
    return made.red(), made.green(), made.blue(), 255
