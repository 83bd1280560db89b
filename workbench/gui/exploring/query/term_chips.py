"""The chips of a question: what is added and what is taken away."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from workbench.gui.exploring.state.query import Term
from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.look import theme
from workbench.gui.points.legend import FlowLayout
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label, plain_tip
from workbench.gui.words import ICONS

_LONGEST = 32


class TermChips(QWidget):
    """A row of chips, wrapped where it is too long, and hidden while there are none.

    Parameters
    ----------
    query : QueryState
    """

    def __init__(self, query: QueryState) -> None:
        super().__init__()
        self.setObjectName("query-terms")
        self._query = query
        self._flow = FlowLayout(self, spacing=6)
        self._shown: tuple[Term, ...] = ()
        query.draft_changed.connect(self._show_terms)
        self.draw_anew()

    def _show_terms(self) -> None:
        if self._query.draft.terms != self._shown:  # words in the line change with every key
            self.draw_anew()

    def draw_anew(self) -> None:
        """Make all chips anew, as when the theme has changed."""
        self._shown = self._query.draft.terms
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, term in enumerate(self._shown):
            chip = _Chip(term, number)
            chip.setParent(self)
            chip.turned.connect(self._turn)
            chip.removed.connect(self._remove)
            self._flow.addWidget(chip)
            chip.show()
        self.setVisible(bool(self._shown))
        self.updateGeometry()

    def _turn(self, number: int) -> None:
        terms = [each.turned() if place == number else each
                 for place, each in enumerate(self._shown)]  # fmt: skip
        self._query.set_terms(terms)
        self._query.ask()

    def _remove(self, number: int) -> None:
        self._query.set_terms([*self._shown[:number], *self._shown[number + 1 :]])
        self._query.ask()


class _Chip(QFrame):
    turned = Signal(int)
    removed = Signal(int)

    def __init__(self, term: Term, number: int) -> None:
        super().__init__()
        self.setObjectName(f"term-{number}")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        now = theme.current()
        tone = now.bad if term.minus else now.accent
        self.setStyleSheet(
            f"_Chip {{ background: {now.blend(tone, 0.12)};"
            f" border: 1px solid {now.blend(tone, 0.45)}; border-radius: 9px; }}"
        )
        sign = QPushButton("−" if term.minus else "+")
        sign.setObjectName(f"term-{number}-sign")
        sign.setProperty("kind", "quiet")
        sign.setFixedSize(QSize(22, 20))
        sign.setStyleSheet(f"color: {tone}; font-weight: 600; padding: 0; min-height: 0;")
        does = "subtracted; click to add it" if term.minus else "added; click to subtract it"
        sign.setToolTip(plain_tip(f"“{term.name}” is {does}."))
        sign.setAccessibleName(f"{term.name} is {does}")
        sign.clicked.connect(lambda: self.turned.emit(number))
        words = " ".join(term.name[:200].split())
        name = label(words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…")
        name.setToolTip(plain_tip(words))
        close = IconButton("close", f"Leave out “{words}”", lambda: self.removed.emit(number),
                           name=f"term-{number}-remove")  # fmt: skip
        close.setIconSize(QSize(12, 12))
        close.setStyleSheet("padding: 1px;")
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 1, 3, 1)
        row.setSpacing(3)
        row.addWidget(sign)
        row.addWidget(Icon(ICONS[term.modality], 14))
        row.addWidget(name)
        row.addWidget(close)
