"""The window of help: its pages at the left, what is read at the right, a search over all."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.help.help_browser import HelpBrowser
from workbench.gui.help.hit_delegate import QUOTE, HitDelegate
from workbench.gui.help.trail import Stop, Trail
from workbench.gui.look import theme
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.text import label
from workbench.help import Hit, pages, search

_LEFT = 300
_PLACE = Qt.ItemDataRole.UserRole


class HelpWindow(QWidget):
    """Help, beside the window that it is about.

    Parameters
    ----------
    window : QWidget
        Whose colours it wears, and with which it goes.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setObjectName("help")
        self.setWindowTitle("Help – GeRA Workbench")
        self.setAutoFillBackground(True)
        self.resize(1020, 720)
        self._trail = Trail()
        self.browser = HelpBrowser()
        self.browser.page_asked.connect(self.show_page)
        self.line = QLineEdit()
        self.line.setObjectName("help-search")
        self.line.setAccessibleName("Search in help")
        self.line.setPlaceholderText("Search in all pages")
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._search)
        self.line.returnPressed.connect(self._open_first)
        self.back = IconButton("arrow-left", "Back", self._go_back, name="help-back")
        self.forward = IconButton("arrow-right", "Forward", self._go_forward, name="help-forward")
        self.contents = _plain_list("help-contents", "Pages of help")
        self.hits = _plain_list("help-hits", "What was found")
        self.hits.setItemDelegate(HitDelegate(self.hits))
        for listed in (self.contents, self.hits):
            listed.itemClicked.connect(self._open)
            listed.itemActivated.connect(self._open)
        self._found = label("", "caption", name="help-found")
        self._list_pages()
        self._lay_out()
        for keys, does in (
            ("Alt+Left", self._go_back), ("Alt+Right", self._go_forward), ("Esc", self.close),
            (QKeySequence.StandardKey.Find, self.line.setFocus),
            (QKeySequence.StandardKey.Close, self.close),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self).activated.connect(does)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.back)
        head.addWidget(self.forward)
        head.addWidget(self.line, 1)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.contents)
        self._lists.addWidget(self.hits)
        left = QWidget()
        left.setFixedWidth(_LEFT)
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 12, 6, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._found)
        column.addWidget(self._lists, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(self.browser, 1)
        self._found.hide()

    def _list_pages(self) -> None:
        group = ""
        for each in pages():
            if each.group != group:
                group = each.group
                heading = QListWidgetItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                font = heading.font()
                font.setPixelSize(12)
                heading.setFont(font)
                self.contents.addItem(heading)
            item = QListWidgetItem(each.title.partition(":")[0])
            item.setToolTip(each.answers)
            item.setData(_PLACE, (each.name, "", ""))
            self.contents.addItem(item)

    # ---------------------------------------------------------------- pages

    def show_place(self, place: str) -> None:
        """Show a page by its name, or from a heading on, such as ``exploring#questions``."""
        name, _, anchor = place.partition("#")
        self.show_page(name, anchor)

    def show_page(self, name: str, anchor: str = "", words: str = "") -> None:
        """Show a page from a heading on, with words marked in it; one can go back from it."""
        self._trail.go(Stop(name, anchor, words))
        self._show()

    def _show(self) -> None:
        stop = self._trail.now
        if stop is None:
            return
        self.browser.show_page(stop.page, stop.anchor, stop.words)
        self.back.setEnabled(self._trail.can_go_back)
        self.forward.setEnabled(self._trail.can_go_forward)
        for row in range(self.contents.count()):
            place = self.contents.item(row).data(_PLACE)
            if place is not None and place[0] == stop.page:
                self.contents.setCurrentRow(row)

    def _go_back(self) -> None:
        self._trail.back()
        self._show()

    def _go_forward(self) -> None:
        self._trail.forward()
        self._show()

    def _open(self, item: QListWidgetItem) -> None:
        place = item.data(_PLACE)
        if place is not None:
            self.show_page(*place)

    # ---------------------------------------------------------------- search

    def _search(self, words: str) -> None:
        found = search(words)
        self.hits.clear()
        for hit in found:
            item = QListWidgetItem(_in_words(hit))
            item.setData(QUOTE, hit.quote)
            item.setData(_PLACE, (hit.page.name, hit.section.anchor, words))
            self.hits.addItem(item)
        searched = bool(words.strip())
        self._lists.setCurrentWidget(self.hits if searched else self.contents)
        self._found.setVisible(searched)
        many = "One place" if len(found) == 1 else f"{len(found)} places"
        self._found.setText(many if found else "No page has all of these words.")

    def _open_first(self) -> None:
        if self.hits.count():
            row = max(self.hits.currentRow(), 0)
            self.hits.setCurrentRow(row)
            self._open(self.hits.item(row))

    def apply_theme(self) -> None:
        """Draw the page in the colours of the current theme."""
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.current().background)
        self.setPalette(palette)
        self.browser.draw_anew()


def _in_words(hit: Hit) -> str:
    page, _, _ = hit.page.title.partition(":")
    return page if not hit.section.anchor else f"{page} › {hit.section.title}"


def _plain_list(name: str, words: str) -> QListWidget:
    made = QListWidget()
    made.setObjectName(name)
    made.setAccessibleName(words)
    made.setProperty("role", "plain")
    made.setWordWrap(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made
