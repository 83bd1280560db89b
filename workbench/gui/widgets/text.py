"""Labels, words of the user's as Qt shows them, and what a word of the glossary means."""

from PySide6 import QtGui
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from workbench.help import meaning

_OWN_PLACE = ("display", "title", "mono")  # roles of what is no label of something else


def label(text: str = "", role: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    """Return a label with a role of the stylesheet; one that is a word of the glossary explains it.

    Parameters
    ----------
    text : str
        Plain text; nothing in it is read as markup.
    role : str
        See `workbench.gui.look.stylesheet`.
    wrap : bool
        Whether lines break at the label's width.
    name : str
        Object name.
    """
    explained = meaning(text) if text and not wrap and role not in _OWN_PLACE else ""
    made = TermLabel(text, explained) if explained else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setObjectName(name)
    if role:
        made.setProperty("role", role)
    if wrap:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return made


class TermLabel(QLabel):
    """A word of the glossary: a dotted line below it, and what it means as its tool tip.

    Parameters
    ----------
    word : str
    explained : str
    """

    def __init__(self, word: str, explained: str) -> None:
        super().__init__(word)
        self._word = word
        self.setToolTip(broken_tip(explained))
        self.setAccessibleDescription(explained)
        self.setCursor(Qt.CursorShape.WhatsThisCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.text() != self._word:
            return
        area, measure = self.contentsRect(), self.fontMetrics()
        flags = self.alignment() | Qt.TextFlag.TextSingleLine
        words = measure.boundingRect(area, flags.value, self.text())
        painter = QPainter(self)
        colour = self.palette().color(self.foregroundRole())
        colour.setAlphaF(0.6)
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
        below = min(words.bottom(), self.height() - 1)
        painter.drawLine(words.left(), below, words.right(), below)
        painter.end()


def broken_tip(words: str) -> str:
    """Return a tool tip that is broken into lines, and shows words as they are."""
    return QtGui.Qt.convertFromPlainText(words, Qt.WhiteSpaceMode.WhiteSpaceNormal)


def term_tip(words: str) -> str:
    """Return what a word of the glossary means, as a tool tip; nothing for other words."""
    explained = meaning(words)
    return broken_tip(explained) if explained else ""


def plain_tip(words: str) -> str:
    """Return words so that a tool tip shows them as they are.

    Qt takes a caption with markup in it for markup, and nobody can tell a tool tip that it is none.
    """
    return broken_tip(words) if QtGui.Qt.mightBeRichText(words) else words


def set_role(widget: QWidget, role: str) -> None:
    """Change a widget's role after it has been shown."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def line() -> QFrame:
    """Return a horizontal hairline."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


class ElidedLabel(QLabel):
    """One line that gives way: it is shortened in the middle, and the tool tip has all of it.

    Parameters
    ----------
    text, role : str
    mode : Qt.TextElideMode
    narrowest : int
        Pixels that it keeps, where its words are that long.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
        narrowest: int = 40,
    ) -> None:
        super().__init__(text)
        self._narrowest = narrowest
        self.mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        whole = super().minimumSizeHint()
        return QSize(min(self._narrowest, whole.width()), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        text, area = self.text(), self.contentsRect()
        shown = self.fontMetrics().elidedText(text, self.mode, area.width())
        self.setToolTip("" if shown == text else plain_tip(text))
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            area,
            self.alignment().value | Qt.TextFlag.TextSingleLine.value,
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )
        painter.end()
