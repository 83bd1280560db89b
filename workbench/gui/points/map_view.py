"""A map: canvas, tools and legend."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.points.canvas import Canvas, Tool, mode_of
from workbench.gui.points.legend import Legend, LegendEntry

Ids = npt.NDArray[np.int64]

_TOOLS: tuple[tuple[Tool, str, str], ...] = (
    ("pan", "cursor-move", "Move (drag; the wheel zooms). A click selects one item."),
    ("lasso", "lasso", "Select by drawing around items. Shift adds, Alt removes, both intersect."),
    ("rectangle", "select", "Select by a rectangle. Shift adds, Alt removes, both intersect."),
)


class MapView(QWidget):
    """Points to look at and pick from.

    Signals
    -------
    picked (ids, mode)
        Mode is ``new``, ``add``, ``remove`` or ``intersect``.
    hovered (id or None)
    """

    picked = Signal(object, str)
    hovered = Signal(object)

    def __init__(self, name: str = "map", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.canvas = Canvas()
        self.canvas.setObjectName(f"{name}-canvas")
        self.canvas.picked.connect(self.picked)
        self.canvas.hovered.connect(self.hovered)
        self.canvas.viewport().installEventFilter(self)
        self.legend = Legend()
        self.legend.setObjectName(f"{name}-legend")
        self.legend.picked.connect(lambda ids, keys: self.picked.emit(ids, mode_of(keys)))
        self.legend.hide()
        self._tools = _Toolbar(name, self)
        self._tools.tool_chosen.connect(self.canvas.set_tool)
        self._tools.fit_asked.connect(self.canvas.fit)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.legend)
        self.apply_theme()

    # ---------------------------------------------------------------- content

    def set_points(
        self,
        positions: npt.NDArray[np.floating],
        ids: Ids | None = None,
        shapes: npt.NDArray[np.integer] | None = None,
    ) -> None:
        """Show points, all of them in view. See `PointsItem.set_points`."""
        self.canvas.points.set_points(positions, ids, shapes)
        self.canvas.fit()

    def set_colours(self, rgba: npt.NDArray[np.uint8]) -> None:
        """Colour the points, shape (n, 4)."""
        self.canvas.points.set_colours(rgba)

    def set_selection(self, ids: Ids) -> None:
        """Show the points of ids as selected; ids that are not on this map are left out."""
        points = self.canvas.points
        mask = np.zeros(len(points.ids), dtype=bool)
        mask[points.rows_of(ids)] = True
        points.set_selected(mask)

    def set_highlights(self, ids: Sequence[int] | Ids) -> None:
        """Put numbered rings around points."""
        self.canvas.points.set_highlights(ids)

    def set_markers(self, positions: npt.NDArray[np.floating]) -> None:
        """Put stars at places of the plane, shape (k, 2), where a question lies."""
        self.canvas.points.set_markers(positions)

    def set_pairs(self, pairs: npt.NDArray[np.integer]) -> None:
        """Draw lines between pairs of ids, shape (p, 2)."""
        self.canvas.points.set_pairs(pairs)

    def set_legend(self, entries: list[LegendEntry]) -> None:
        """Say what colours and shapes mean."""
        self.legend.set_entries(entries)

    def place_of(self, found: int) -> QPoint | None:
        """Return where an item is now, in this widget's pixels."""
        place = self.canvas.points.place_of(found)
        if place is None:
            return None
        return QPoint(self.canvas.mapTo(self, QPointF(place).toPoint()))

    # ---------------------------------------------------------------- look

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        now = theme.current()
        self.canvas.setBackground(now.surface)
        self.canvas.set_accent(now.accent)
        self.canvas.points.set_ink(now.muted, now.text, now.surface, now.accent)
        self._tools.apply_theme()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._tools.place_in(self.canvas)
        return super().eventFilter(watched, event)


class _Toolbar(QFrame):
    """The tools, floating over the upper right corner of the canvas."""

    tool_chosen = Signal(str)
    fit_asked = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._buttons: list[tuple[QToolButton, str]] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(1)
        group = QButtonGroup(self)
        for tool, icon, tip in _TOOLS:
            button = self._button(f"{name}-{tool}", icon, tip)
            button.setCheckable(True)
            button.setChecked(tool == "pan")
            button.clicked.connect(lambda _=False, tool=tool: self.tool_chosen.emit(tool))
            group.addButton(button)
            layout.addWidget(button)
        fit = self._button(f"{name}-fit", "fit-to-screen-outline", "Show all items (Home)")
        fit.clicked.connect(self.fit_asked)
        layout.addWidget(fit)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.adjustSize()

    def _button(self, name: str, icon: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(".")[0])
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons.append((button, icon))
        return button

    def place_in(self, canvas: QWidget) -> None:
        """Move to the corner."""
        self.adjustSize()
        corner = canvas.geometry().topRight()
        self.move(corner.x() - self.width() - 8, corner.y() + 8)
        self.raise_()

    def apply_theme(self) -> None:
        """Draw the icons anew."""
        now = theme.current()
        self.setStyleSheet(
            f"_Toolbar {{ background: {now.surface}; border: 1px solid {now.border};"
            " border-radius: 8px; }"
        )
        for button, icon in self._buttons:
            button.setIcon(_drawn(now.icon(icon, now.muted), button.iconSize()))


def _drawn(icon: QIcon, size: QSize) -> QIcon:
    """Return an icon of pictures: glyphs would be drawn anew at each frame of the map below."""
    pictures = QIcon()
    for ratio in (1.0, 2.0):
        pictures.addPixmap(icon.pixmap(size, ratio))
    return pictures
