"""Chips that say which colour and shape mean what; a click on one picks its points."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QFrame,
    QLayout,
    QLayoutItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from workbench.gui.points.raster import Shape
from workbench.gui.widgets.text import plain_tip

Ids = npt.NDArray[np.int64]

_MOST_LINES = 3
_NONE = np.zeros(0, np.int64)


class Members:
    """The ids of a group: counted at once, and looked for when somebody wants them.

    Parameters
    ----------
    ids : ndarray of int, shape (n,)
    groups : ndarray of uint8, shape (n,)
        The group of each.
    number : int
        Of the group.
    count : int
        How many there are.
    """

    def __init__(self, ids: Ids, groups: npt.NDArray[np.uint8], number: int, count: int) -> None:
        self._ids, self._groups, self._number, self._count = ids, groups, number, count

    def __len__(self) -> int:
        return self._count

    def found(self) -> Ids:
        """Return the ids, in their order."""
        found: Ids = self._ids[self._groups == self._number]
        return found


def by_group(ids: Ids, groups: npt.NDArray[np.uint8], count: int) -> list[Members]:
    """Return the members of each of so many groups."""
    sizes = np.bincount(groups, minlength=count).tolist()
    return [Members(ids, groups, number, size) for number, size in enumerate(sizes)]


@dataclass(frozen=True)
class LegendEntry:
    """A chip: its words, its mark, and its points."""

    label: str
    colour: str
    shape: Shape = "disc"
    members: Members = field(default_factory=lambda: Members(_NONE, _NONE.astype(np.uint8), 0, 0))


class Legend(QScrollArea):
    """Rows of chips; of more than three, the rest is scrolled to, for the points need the place.

    Signals
    -------
    picked (ids, modifiers)
    """

    picked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips = QWidget()
        self._chips.setObjectName("legend-chips")
        self._flow = FlowLayout(self._chips, spacing=2)
        self._entries: list[LegendEntry] = []
        self.setWidget(self._chips)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("QScrollArea, #legend-chips { background: transparent; border: none; }")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_entries(self, entries: list[LegendEntry]) -> None:
        """Replace all chips."""
        self._entries = entries
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for entry in entries:
            chip = _Chip(entry, self._chips)
            chip.chosen.connect(self.picked)
            self._flow.addWidget(chip)
            chip.show()
        self.setVisible(bool(entries))
        self._chips.updateGeometry()
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        return min(self._flow.heightForWidth(width), self._three_lines())

    def sizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 160)))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 0)

    def _three_lines(self) -> int:
        first = self._flow.itemAt(0)
        line = first.sizeHint().height() if first is not None else 0
        return _MOST_LINES * line + (_MOST_LINES - 1) * self._flow.gap

    def entries(self) -> list[LegendEntry]:
        """Return what the chips say, in order."""
        return list(self._entries)


class _Chip(QPushButton):
    chosen = Signal(object, object)

    def __init__(self, entry: LegendEntry, parent: QWidget) -> None:
        label = entry.label if len(entry.label) <= 28 else entry.label[:27] + "…"
        super().__init__(label.replace("&", "&&"), parent)
        self.setObjectName(f"legend-{entry.label}")
        self.setProperty("kind", "quiet")
        self.setStyleSheet("padding: 1px 7px 1px 4px; min-height: 16px; font-size: 12px;")
        self.setIcon(shape_icon(entry.shape, entry.colour))
        self.setIconSize(QSize(12, 12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(
            plain_tip(
                f"{entry.label}: {len(entry.members):,} items. Click selects them; "
                "with Shift they are added, with Alt removed."
            )
        )
        self._members = entry.members
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self.clicked.connect(lambda: self.chosen.emit(self._members.found(), self._modifiers))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._modifiers = event.modifiers()
        super().mouseReleaseEvent(event)
        self._modifiers = Qt.KeyboardModifier.NoModifier


def shape_icon(shape: Shape, colour: str, size: int = 12) -> QIcon:
    """Draw the mark of a point as an icon."""
    icon = QIcon()
    for ratio in (1, 2):
        picture = QPixmap(size * ratio, size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        draw_shape(painter, shape, size / 2, size * 0.38)
        painter.end()
        icon.addPixmap(picture)
    return icon


def draw_shape(painter: QPainter, shape: Shape, middle: float, radius: float) -> None:
    """Draw the mark of a point around (middle, middle), with the pen and brush that are set."""
    corners = {
        "square": [(-0.886, -0.886), (0.886, -0.886), (0.886, 0.886), (-0.886, 0.886)],
        "diamond": [(0, -1.253), (1.253, 0), (0, 1.253), (-1.253, 0)],
        "triangle": [(0, -1.4), (1.3, 0.85), (-1.3, 0.85)],
    }.get(shape)
    if corners is None:
        painter.drawEllipse(QPointF(middle, middle), radius, radius)
    else:
        painter.drawPolygon(
            QPolygonF([QPointF(middle + x * radius, middle + y * radius) for x, y in corners])
        )


class FlowLayout(QLayout):
    """Widgets from left to right, and on to the next line where the width ends."""

    def __init__(self, parent: QWidget, spacing: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.gap = spacing
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if move:  # what is wider than a line gives way
                size.setWidth(min(size.width(), max(rect.width(), 1)))
            if x + size.width() > rect.right() + 1 and line:
                x, y, line = rect.x(), y + line + self.gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.gap
            line = max(line, size.height())
        return y + line - rect.y()
