"""Two large numbers, what heads find and what they keep, each with ghosts to compare it with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.widgets.text import ElidedLabel, label, set_role

if TYPE_CHECKING:
    from workbench.stations import FindsAndKeeps

_NONE = "–"
_WIDE = 208  # of one number
Ghost = tuple[str, float]  # what it is of, and its share
_FINDS = (
    "Finds: of the {pairs} pairs, the share whose partner is among the first ten (R@10), mean of "
    "all directions. A frozen space finds what guessing does."
)
_KEEPS = (
    "Keeps: of the ten nearest neighbours that an item has by its frozen embedding, the share that "
    "are still its neighbours, mean of the views. A frozen space keeps all."
)
_NO_ZERO = "What α = 0 gives is not known here: a sweep tells, or a training at α = 0."


class TwoNumbers(QWidget):
    """“finds” and “keeps”, of the training that runs or of the run that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("two-numbers")
        self.finds, self.keeps = _Number("finds"), _Number("keeps")
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.finds, 1)
        self._box.addWidget(self.keeps, 1)
        self.arrange(stacked=False)
        self.show_nothing("")

    def arrange(self, *, stacked: bool) -> None:
        """Put one number below the other, or beside it."""
        way = QBoxLayout.Direction
        self._box.setDirection(way.TopToBottom if stacked else way.LeftToRight)
        self._box.setSpacing(2 if stacked else 18)
        self.setFixedWidth(_WIDE if stacked else 2 * _WIDE)
        for number in (self.finds, self.keeps):
            number.set_roomy(stacked)

    def show_nothing(self, why: str) -> None:
        """Show no numbers, and why there are none."""
        self.finds.show_value(None, [], why, _FINDS.format(pairs="validation"))
        self.keeps.show_value(None, [], "", _KEEPS)

    def show_figures(
        self,
        now: "FindsAndKeeps",
        start: "FindsAndKeeps | None",
        zero: "FindsAndKeeps | None",
        *,
        hint: bool = True,
    ) -> None:
        """Show figures, and those to compare them with as far as they are known.

        Parameters
        ----------
        now, start, zero : FindsAndKeeps
            Of the heads at hand, of those at the start, and of those trained at α = 0.
        hint : bool
            Whether to say, where α = 0 is not known, how it can be.
        """
        finds: list[Ghost] = []
        keeps: list[Ghost] = []
        for name, ghost in (("α = 0", zero), ("start", start)):
            if ghost is not None and ghost.tested == now.tested:
                finds += [(name, ghost.finds)] if ghost.finds is not None else []
                keeps += [(name, ghost.keeps)] if ghost.keeps is not None else []
        if now.chance is not None:
            finds.append(("frozen", now.chance))
        keeps += [("frozen", 1.0)] if now.keeps is not None else []
        missing = f"\n{_NO_ZERO}" if zero is None and hint else ""
        words = "α = 0: sweep" if missing else ""
        pairs = "test" if now.tested else "validation"
        self.finds.show_value(
            now.finds, finds, "no validation pairs" if now.finds is None else words,
            _FINDS.format(pairs=pairs) + missing,
        )  # fmt: skip
        self.finds.name.setText("finds, test pairs" if now.tested and now.finds else "finds")
        self.keeps.show_value(now.keeps, keeps, "", _KEEPS + missing)


class _Number(QWidget):
    """A share: its name, the number, a bar with ghosts, and what these are."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = label(name, "muted")
        self.number = label(_NONE, "display", name=f"{name}-number")
        self._roomy = True
        self.bar = _Bar()
        self.words = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self.words.setObjectName(f"{name}-ghosts")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.name, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.number, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_roomy(self, roomy: bool) -> None:
        """Say ghosts in words too, and write large; else the bar and the tool tip have them."""
        self._roomy = roomy
        set_role(self.number, "display" if roomy else "title")
        self._show_words()

    def _show_words(self) -> None:
        self.words.setVisible(self._roomy or self.number.text() == _NONE)

    def show_value(
        self, value: float | None, ghosts: Sequence[Ghost], words: str, tip: str
    ) -> None:
        """Show a share, or none; `words` stand before those of the ghosts."""
        self.number.setText(_NONE if value is None else f"{value:.1%}".replace("%", " %"))
        self.bar.show_shares(value, ghosts)
        told = [f"{name}: {100 * share:.0f}" for name, share in ghosts]
        self.words.setText(" · ".join([words, *told] if words else told))
        self._show_words()
        lines = [f"{name}: {share:.1%}" for name, share in ghosts]
        self.setToolTip("\n".join([tip, *lines]))
        self.setAccessibleName(self.name.text())
        self.setAccessibleDescription(" ".join([self.number.text(), self.words.text()]))


class _Bar(QWidget):
    """A bar from 0 to 100 %, with a mark at each ghost."""

    def __init__(self) -> None:
        super().__init__()
        self._value: float | None = None
        self._ghosts: list[Ghost] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, 11)

    def show_shares(self, value: float | None, ghosts: Sequence[Ghost]) -> None:
        """Show a share and ghosts of it."""
        self._value, self._ghosts = value, list(ghosts)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now, middle, wide = theme.current(), self.height() / 2, self.width() - 2.0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.border))
        painter.drawRoundedRect(QRectF(1, middle - 2, wide, 4), 2, 2)
        if self._value is not None:
            painter.setBrush(QColor(now.accent))
            painter.drawRoundedRect(QRectF(1, middle - 2, wide * self._value, 4), 2, 2)
        for name, share in self._ghosts:
            of_zero = name.startswith("α")
            pen = QPen(QColor(now.warning if of_zero else now.muted), 2.0 if of_zero else 1.4)
            painter.setPen(pen)
            x = 1 + min(max(wide * share, 1.0), wide - 1.0)
            painter.drawLine(QPointF(x, middle - 5), QPointF(x, middle + 5))
        painter.end()
