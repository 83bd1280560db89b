"""The short tour: the window dims but for one place, and a card beside it says what it is."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from workbench.gui.guide.steps import STEPS, Step, remember_seen
from workbench.gui.look import theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.text import label

_WIDE, _BESIDE, _AROUND, _EDGE = 372, 14, 5, 12
_MILLISECONDS_BEHIND = 80


class Places(Protocol):
    """Who has the pages and the rail."""

    def page(self, name: str) -> QWidget:
        """Return a page."""

    def go_to(self, name: str) -> None:
        """Show a page."""

    def current_page(self) -> str:
        """Return the name of the page that is shown."""

    def rail_button(self, name: str) -> QWidget:
        """Return the button of a page in the rail."""


class Guide(QWidget):
    """Lies over a window and leads through its places.

    Enter or → goes on, ← back, Esc leaves; so do the buttons.

    Parameters
    ----------
    window : QMainWindow
    places : Places
    open_sample : callable
        What the last step offers.

    Signals
    -------
    left
        It is over.
    """

    left = Signal()

    def __init__(
        self, window: QMainWindow, places: Places, open_sample: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self.setObjectName("guide")
        self.setAccessibleName("Short tour")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._window, self._places, self._open_sample = window, places, open_sample
        self._number = 0
        self._began_at = places.current_page()
        self._hole = QRect()
        self.card = Card("tour")
        self.card.setParent(self)
        self.card.setFixedWidth(_WIDE)
        self.words = label("", wrap=True, name="guide-words")
        self.count = label("", "caption")
        self.skip = Button("Skip", "", "quiet", self.leave, name="guide-skip")
        self.back = Button("Back", "", "", self.go_back, name="guide-back")
        self.next = Button("Next", "", "primary", self.go_on, name="guide-next")
        self.sample = Button("Try the sample", "", "", self._try_sample, name="guide-sample")
        self.card.body.addWidget(self.words)
        self.card.body.addLayout(
            row(self.count, None, self.skip, self.sample, self.back, self.next)
        )
        self._following = QTimer(self, interval=_MILLISECONDS_BEHIND)
        self._following.timeout.connect(self._follow)
        remember_seen()

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return STEPS[self._number]

    def begin(self) -> None:
        """Show the first step."""
        self._number = 0
        self._show_step()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self._following.start()

    def go_on(self) -> None:
        """Show the next step; after the last it is over."""
        if self._number == len(STEPS) - 1:
            self.leave()
        else:
            self._number += 1
            self._show_step()

    def go_back(self) -> None:
        """Show the step before."""
        if self._number:
            self._number -= 1
            self._show_step()

    def leave(self) -> None:
        """End it, on the page where it began."""
        self._following.stop()
        self.hide()
        self._places.go_to(self._began_at)
        self.left.emit()
        self.deleteLater()

    def _try_sample(self) -> None:
        self.leave()
        self._open_sample()

    def _show_step(self) -> None:
        step, last = self.step, self._number == len(STEPS) - 1
        self._places.go_to(step.page)
        self.card.title.setText(step.title)
        self.words.setText(step.words)
        self.count.setText(f"{self._number + 1} of {len(STEPS)}")
        self.setAccessibleDescription(f"{step.title}. {step.words}")
        self.back.setVisible(self._number > 0)
        self.skip.setVisible(not last)
        self.sample.setVisible(last)
        self.next.setText("Done" if last else "Next")
        self._place()

    def target(self) -> QWidget:
        """Return what is pointed at."""
        step = self.step
        found = self._places.page(step.page).findChild(QWidget, step.place) if step.place else None
        if isinstance(found, QWidget) and found.isVisible():
            return found
        return self._places.rail_button(step.page)

    def _hole_now(self) -> QRect:
        target = self.target()
        corner = target.mapTo(self._window, QPoint(0, 0))
        return QRect(corner, target.size()).adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)

    def _follow(self) -> None:
        """Stay with the place: pages are laid out after they are shown, and windows resized."""
        if self.size() != self._window.size() or self._hole != self._hole_now():
            self._place()

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        self._hole = self._hole_now()
        layout = self.card.layout()
        high = layout.totalHeightForWidth(_WIDE) if layout is not None else 0
        self.card.resize(_WIDE, max(high, self.card.sizeHint().height()))
        self.card.move(card_place(self._hole, self.card.size(), self.rect()))
        self.update()

    # ---------------------------------------------------------------- look and keys

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QPainterPath()
        veil.addRect(QRectF(self.rect()))
        hole = QPainterPath()
        hole.addRoundedRect(QRectF(self._hole), 9, 9)
        dark = QColor(0, 0, 0, 112 if now.name == "light" else 150)
        painter.fillPath(veil.subtracted(hole), dark)
        painter.setPen(QPen(QColor(now.accent), 2))
        painter.drawPath(hole)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.go_on()
        elif key == Qt.Key.Key_Left:
            self.go_back()
        else:
            super().keyPressEvent(event)


def card_place(hole: QRect, card: QSize, window: QRect) -> QPoint:
    """Return where a card lies beside a place, within the window and not over it.

    Parameters
    ----------
    hole : QRect
        The place.
    card : QSize
    window : QRect
    """
    right = QPoint(hole.right() + _BESIDE, hole.top())
    below = QPoint(hole.left(), hole.bottom() + _BESIDE)
    above = QPoint(hole.left(), hole.top() - _BESIDE - card.height())
    inside = window.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
    for corner in (right, below, above):
        # along the place it may be moved, but not towards it
        x = min(max(corner.x(), inside.left()), inside.right() - card.width())
        y = min(max(corner.y(), inside.top()), inside.bottom() - card.height())
        if not QRect(QPoint(x, y), card).intersects(hole):
            return QPoint(x, y)
    return QPoint(inside.right() - card.width(), inside.bottom() - card.height())
