"""Everything that can be done, found by a few letters."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.actions.ranking import Offer, offers
from workbench.gui.look import theme
from workbench.gui.state.action import Found
from workbench.gui.widgets.text import label

Index = QModelIndex | QPersistentModelIndex

_WIDE, _ROW, _ROWS = 620, 32, 11
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class Palette(QFrame):
    """A line to type in over the window, and below it what may be meant.

    Enter does it; what cannot be done now says why. It goes when something else is clicked.

    Parameters
    ----------
    window : QWidget
        It lies over its upper middle.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("palette")
        self.setProperty("role", "card")
        self.setAccessibleName("Do anything")
        self._all: list[Found] = []
        self._before: QWidget | None = None
        self.line = QLineEdit()
        self.line.setObjectName("palette-line")
        self.line.setAccessibleName("What to do")
        self.line.setPlaceholderText("Type what to do: a page, a run, an action")
        self.line.textChanged.connect(lambda _: self._search())
        self._model = _OfferModel(self)
        self.list = QListView()
        self.list.setObjectName("palette-list")
        self.list.setAccessibleName("What may be meant")
        self.list.setModel(self._model)
        self.list.setItemDelegate(_OfferDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setProperty("role", "plain")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the line has it, and moves the list
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(lambda _: self._do())
        self._words = label("", "caption", name="palette-words")
        self._words.setContentsMargins(12, 0, 12, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 9, 9, 8)
        column.setSpacing(7)
        column.addWidget(self.line)
        column.addWidget(self.list)
        column.addWidget(self._words)
        self.hide()

    def offer(self, actions: Sequence[Found]) -> None:
        """Come up with these actions; where it is up already, leave."""
        if self.isVisible():
            self.leave()
            return
        self._all = [each for each in actions if each.action.name != "palette"]
        self._before = QApplication.focusWidget()
        self.line.clear()
        self._search()
        self._place()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def offered(self) -> list[Offer]:
        """Return what is offered now."""
        return self._model.offers

    def leave(self) -> None:
        """Go, and give the focus back to who had it."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None

    def _search(self) -> None:
        self._model.show_offers(offers(self.line.text(), self._all))
        self.list.setCurrentIndex(self._model.index(0))
        self._tell("" if self._model.offers else "Nothing that can be done is called so.")
        self._place()

    def _tell(self, words: str) -> None:
        self._words.setText(words or "↑ ↓ choose   ·   Enter does it   ·   Esc leaves")

    def _do(self) -> None:
        row = self.list.currentIndex().row()
        if not 0 <= row < len(self._model.offers):
            return
        found = self._model.offers[row].found
        if found.why_not:
            self._tell(f"{found.action.title()} cannot be done now. {found.why_not}")
            return
        self.leave()
        found.action.does()

    def _place(self) -> None:
        wide = min(_WIDE, self._window.width() - 40)
        rows = min(max(len(self._model.offers), 1), _ROWS)
        self.list.setFixedHeight(rows * _ROW + 2)
        self.setFixedWidth(wide)
        self.adjustSize()
        self.move((self._window.width() - wide) // 2, 56)

    # ---------------------------------------------------------------- keys and mouse

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)  # clicks elsewhere, and only while it is up

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            if watched is not self and not self.isAncestorOf(watched):
                self.hide()  # whoever was clicked has the focus now
        elif watched is self._window and isinstance(event, QResizeEvent):
            self._place()
        if watched is not self.line:
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(event) or super().eventFilter(watched, event)
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do()
        elif key in _MOVES:
            QApplication.sendEvent(self.list, event)
        elif key not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):  # there is nowhere else to go
            return False
        return True


class _OfferModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.offers: list[Offer] = []

    def show_offers(self, offered: list[Offer]) -> None:
        self.beginResetModel()
        self.offers = offered
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else len(self.offers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        found = self.offers[index.row()].found
        if role == Qt.ItemDataRole.DisplayRole:
            return found.action.title()
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return found.why_not or " › ".join(found.path)
        if role == Qt.ItemDataRole.UserRole:
            return self.offers[index.row()]
        return None


class _OfferDelegate(QStyledItemDelegate):
    """Its title with the typed letters, where it stands, and its keys or why it cannot be done."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer: Offer = index.data(Qt.ItemDataRole.UserRole)
        now, found = theme.current(), offer.found
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)  # type: ignore[attr-defined]
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.blend(now.accent, 0.16)))
            painter.drawRoundedRect(area, 6, 6)
        line = area.adjusted(11, 0, -11, 0)
        tone = now.blend(now.muted, 0.75) if found.why_not else now.text
        right = self._paint_right(painter, line, found)
        line.setRight(right - 14)
        left = self._paint_title(painter, line, offer, QColor(tone))
        line.setLeft(left + 12)
        painter.setFont(_font(12))
        painter.setPen(QColor(now.blend(now.muted, 0.8)))
        where = QFontMetricsF(painter.font()).elidedText(
            " › ".join(found.path), Qt.TextElideMode.ElideRight, max(line.width(), 0)
        )
        painter.drawText(line, _MIDDLE | Qt.AlignmentFlag.AlignLeft, where)
        painter.restore()

    def _paint_right(self, painter: QPainter, line: QRectF, found: Found) -> float:
        """Write the keys, or why not, at the right; return where they begin."""
        now, words = theme.current(), found.why_not or found.action.shown_keys()
        painter.setFont(_font(12))
        painter.setPen(QColor(now.warning if found.why_not else now.muted))
        measure = QFontMetricsF(painter.font())
        words = measure.elidedText(words, Qt.TextElideMode.ElideRight, line.width() * 0.55)
        painter.drawText(line, _MIDDLE | Qt.AlignmentFlag.AlignRight, words)
        return line.right() - measure.horizontalAdvance(words)

    def _paint_title(self, painter: QPainter, line: QRectF, offer: Offer, tone: QColor) -> float:
        """Write the title, the typed letters heavier; return where it ends."""
        at, letters = line.left(), set(offer.letters)
        for heavy, words in _stretches(offer.found.action.title(), letters):
            font = _font(13)
            if heavy:
                font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(QColor(theme.current().accent) if heavy else tone)
            measure = QFontMetricsF(font)
            words = measure.elidedText(words, Qt.TextElideMode.ElideRight, line.right() - at)
            wide = measure.horizontalAdvance(words)
            painter.drawText(QRectF(at, line.top(), wide + 2, line.height()), _MIDDLE, words)
            at += wide
        return at


def _stretches(words: str, letters: set[int]) -> list[tuple[bool, str]]:
    """Divide words into stretches of typed and of other letters."""
    found: list[tuple[bool, str]] = []
    for place, letter in enumerate(words):
        typed = place in letters
        if found and found[-1][0] == typed:
            found[-1] = typed, found[-1][1] + letter
        else:
            found.append((typed, letter))
    return found


def _font(pixels: int) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(pixels)
    return font
