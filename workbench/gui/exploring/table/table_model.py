"""Items as rows of a table: Qt asks for the visible ones, and no other is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap

from workbench.bounded_store import BoundedStore
from workbench.gui import words
from workbench.gui.items.previews import Missing, Previews
from workbench.gui.look import theme
from workbench.gui.widgets.table import Index
from workbench.gui.widgets.text import plain_tip, term_tip

if TYPE_CHECKING:
    from workbench.project import Item
    from workbench.stations import ItemColumns

Ids = npt.NDArray[np.int64]

THUMBNAIL = 24
_SHARPEST = 3  # pixels of a screen for each of a thumbnail
_BUDGET = 8 * 2**20  # bytes of thumbnails: 400 of the sharpest, more than a table shows rows
_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Head:
    """A column of the table.

    Attributes
    ----------
    name : str
        One of `workbench.stations.COLUMNS`.
    title, tip : str
    width : int
        Pixels.
    words : callable
        What it shows of a row of the columns.
    numeric : bool
        Whether it stands at the right.
    """

    name: Any
    title: str
    tip: str
    width: int
    words: "Callable[[ItemColumns, int], str]"
    numeric: bool = False


def _coded(name: str) -> "Callable[[ItemColumns, int], str]":
    def say(columns: "ItemColumns", row: int) -> str:
        column = getattr(columns, name)
        code = -1 if column is None else int(column.codes[row])
        return column.names[code] if code >= 0 else ""

    return say


def _modality(columns: "ItemColumns", row: int) -> str:
    return words.SINGULAR[columns.items[row].modality]


def _distortion(columns: "ItemColumns", row: int) -> str:
    value = np.nan if columns.distortion is None else columns.distortion[row]
    return "" if np.isnan(value) else f"{value:.3g}"


def _rank(columns: "ItemColumns", row: int) -> str:
    rank = 0 if columns.rank is None else columns.rank[row]
    return f"{rank:,}" if rank > 0 else ""


HEADS: tuple[Head, ...] = (
    Head("name", "Item", "A text by its words, a file by its name", 178,
         lambda columns, row: columns.name(row)),
    Head("modality", "Modality", "", 90, _modality),
    Head("label", "Label", "", 100, _coded("label")),
    Head("language", "Language", "", 90, _coded("language")),
    Head("split", "Used for", "What the run used it for", 80, _coded("split")),
    Head("paired", "Paired", "Whether it is in a pair", 74,
         _coded("paired")),
    Head("distortion", "Distortion",
         "How much the run distorted its neighbourhood; 0 is unchanged", 96,
         _distortion, numeric=True),
    Head("rank", "Rank", "Rank of the correct partner among all items of its modality", 64,
         _rank, numeric=True),
    Head("path", "Path", "", 260, lambda columns, row: columns.items[row].path),
)  # fmt: skip
PLACES = {head.name: place for place, head in enumerate(HEADS)}


class TableModel(QAbstractTableModel):
    """Rows of `ItemColumns`, in any order.

    Signals
    -------
    sort_asked
        By a click on a heading: see `by` and `descending`; what is shown has not changed yet.

    Attributes
    ----------
    columns : ItemColumns or None
    rows : ndarray of int
        Which rows of the columns are shown, in order.
    by : str or None
        Name of the column that was asked for.
    descending : bool

    Parameters
    ----------
    previews : Previews
        Shows small pictures, and knows which files are gone.
    """

    sort_asked = Signal()

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self._previews = previews
        self.columns: ItemColumns | None = None
        self.rows: Ids = _NOTHING
        self.by: str | None = None
        self.descending = False
        self._selected = np.zeros(0, dtype=bool)  # by row of the columns
        self._pictures: BoundedStore[int, QIcon] = BoundedStore(_BUDGET, _bytes_of)
        self._icons: dict[tuple[str, str], QIcon] = {}

    # ---------------------------------------------------------------- what is shown

    def show(self, columns: "ItemColumns | None", rows: Ids, selection: Ids) -> None:
        """Replace everything; selection are the ids of the selected items."""
        self.beginResetModel()
        if columns is not self.columns:
            self._pictures.clear()
        self.columns = columns
        self.rows = rows if columns is not None else _NOTHING
        self.set_selection(selection)
        self.endResetModel()

    def set_selection(self, ids: Ids) -> None:
        """Say which items are selected; the view must be drawn anew."""
        columns = self.columns
        self._selected = np.zeros(0 if columns is None else len(columns), dtype=bool)
        if columns is not None:
            self._selected[columns.rows_of(ids)] = True

    def is_selected(self, place: int) -> bool:
        """Whether the item shown at a place is selected."""
        return bool(self._selected[self.rows[place]])

    def selected_places(self) -> Ids:
        """Return the places at which selected items are shown, ascending."""
        return np.flatnonzero(self._selected[self.rows])

    def ids(self, first: int = 0, last: int | None = None) -> Ids:
        """Return the ids shown from one place to another, both included; all by default."""
        if self.columns is None:
            return _NOTHING
        end = None if last is None else last + 1
        found: Ids = self.columns.ids[self.rows[first:end]]
        return found

    def item(self, place: int) -> "Item | None":
        """Return the item shown at a place."""
        if self.columns is None or not 0 <= place < len(self.rows):
            return None
        return self.columns.items[int(self.rows[place])]

    def place_of(self, item: int) -> int:
        """Return where an item is shown, or -1."""
        if self.columns is None:
            return -1
        row = self.columns.rows_of(np.array([item], np.int64))
        found = np.flatnonzero(self.rows == row[0]) if len(row) else _NOTHING
        return int(found[0]) if len(found) else -1

    # ---------------------------------------------------------------- what Qt asks for

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        by = HEADS[column].name if 0 <= column < len(HEADS) else None
        descending = order == Qt.SortOrder.DescendingOrder
        if (by, descending) != (self.by, self.descending):  # Qt asks twice
            self.by, self.descending = by, descending
            self.sort_asked.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        head = HEADS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return head.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return head.tip or term_tip(head.title) or None
        return _alignment(head) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        columns = self.columns
        if not index.isValid() or columns is None:
            return None
        row, head = int(self.rows[index.row()]), HEADS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            gone = head.name == "path" and self._missing(columns.items[row])
            return f"{gone}: {head.words(columns, row)}" if gone else head.words(columns, row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(head)
        if role == Qt.ItemDataRole.DecorationRole and head.name == "name":
            return self._picture(columns.items[row])
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._tone(columns.items[row], head)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(columns.items[row])
        return None

    def _missing(self, item: "Item") -> str:
        """Return why an item cannot be shown, once that is known."""
        content = self._previews.of(item)
        return content if isinstance(content, Missing) else ""

    def _picture(self, item: "Item") -> QIcon:
        content = self._previews.of(item)
        if not isinstance(content, QImage) or content.isNull():
            now = theme.current()
            key = (now.name, item.modality)
            if key not in self._icons:
                self._icons[key] = now.icon(words.ICONS[item.modality], now.modality[item.modality])
            return self._icons[key]
        icon = self._pictures.get(item.id)
        if icon is None:
            icon = _thumbnail(content)
            self._pictures.put(item.id, icon)
        return icon

    def _tone(self, item: "Item", head: Head) -> QColor | None:
        if head.name in ("name", "distortion", "rank"):
            return None
        tone = "warning" if head.name == "path" and self._missing(item) else "muted"
        return QColor(getattr(theme.current(), tone))

    def _tip(self, item: "Item") -> str:
        says = [item.text[:600] if item.text else item.key, item.label, item.path]
        return plain_tip("\n".join(each for each in (*says, self._missing(item)) if each))


def _thumbnail(content: QImage) -> QIcon:
    side = _SHARPEST * THUMBNAIL
    if max(content.width(), content.height()) > side:
        content = content.scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )  # fmt: skip
    icon, picture = QIcon(), QPixmap.fromImage(content)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # which would be tinted
        icon.addPixmap(picture, mode)
    return icon


def _bytes_of(icon: QIcon) -> int:
    return sum(4 * size.width() * size.height() for size in icon.availableSizes())


def _alignment(head: Head) -> int:
    side = Qt.AlignmentFlag.AlignRight if head.numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
