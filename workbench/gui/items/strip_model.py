"""Item ids in order, as a view of cards asks for them."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractListModel, Qt

from workbench.gui.widgets.table import Index
from workbench.gui.widgets.text import plain_tip

if TYPE_CHECKING:
    from workbench.stations import ItemColumns

Ids = npt.NDArray[np.int64]

ItemRole = Qt.ItemDataRole.UserRole
RankRole = Qt.ItemDataRole.UserRole + 1
ScoreRole = Qt.ItemDataRole.UserRole + 2


class StripModel(QAbstractListModel):
    """Item ids in order, with a score each where they are answers."""

    def __init__(self) -> None:
        super().__init__()
        self._table: ItemColumns | None = None
        self.ids: Ids = np.zeros(0, np.int64)
        self._scores: list[float] | None = None

    def show(
        self, table: "ItemColumns | None", ids: Ids, scores: list[float] | None = None
    ) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._table, self.ids, self._scores = table, ids, scores
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not index.isValid() or self._table is None or row >= len(self.ids):
            return None
        item = self._table.item(int(self.ids[row]))
        if role == ItemRole:
            return item
        if role == RankRole:
            return row + 1 if self._scores is not None else None
        if role == ScoreRole:
            return self._scores[row] if self._scores is not None else None
        if item is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.text or item.key
        if role == Qt.ItemDataRole.ToolTipRole:
            words = [item.text[:600] if item.text else item.key, item.label, item.path]
            return plain_tip("\n".join(word for word in words if word))
        return None

    def row_of(self, item: int) -> int:
        """Return where an id stands, or -1."""
        places = np.flatnonzero(self.ids == item)
        return int(places[0]) if len(places) else -1
