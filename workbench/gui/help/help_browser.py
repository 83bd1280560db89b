"""One page of help: its text, its pictures, and where its links lead."""

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QImage,
    QPixmap,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit

from workbench.gui.help.rendering import html, known_page, style
from workbench.gui.look import theme
from workbench.help import Page, page

_WIDEST, _SIDES = 780, 28  # pixels of a line, and beside it
_SMOOTH = Qt.TransformationMode.SmoothTransformation


class HelpBrowser(QTextBrowser):
    """Shows a page of help.

    Signals
    -------
    page_asked (page, heading)
        By a link.
    """

    page_asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("help-page")
        self.setAccessibleName("Page of help")
        self.setProperty("role", "plain")
        self.setOpenLinks(False)
        # always there: pictures are drawn for the width beside it
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.anchorClicked.connect(self._follow)
        self._page: Page | None = None
        self._found: list[str] = []
        self._wide = 0
        self._anchor, self._anchored = "", -1  # a heading, and how far one must scroll for it
        self._again = QTimer(self, interval=120, singleShot=True)  # while the window is dragged
        self._again.timeout.connect(self._resized)

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self._page

    def show_page(self, name: str, anchor: str = "", words: str = "") -> None:
        """Show a page from a heading on, and mark words in it."""
        self._page, self._found, self._anchor = page(name), words.split(), anchor
        self._render()
        self._scroll_to(0.0)
        self._go_to_anchor()

    def _go_to_anchor(self) -> None:
        if self._anchor:
            self.scrollToAnchor(self._anchor)
        self._anchored = self.verticalScrollBar().value()

    def draw_anew(self) -> None:
        """Show the page in the colours of the theme, where it stands."""
        place = self._share()
        self._render()
        self._scroll_to(place)

    def _render(self) -> None:
        if self._page is None:
            return
        self._wide = self._line()
        document = self.document()
        document.setDefaultStyleSheet(style(theme.current()))
        document.setDocumentMargin(0)
        self.setHtml(f"<body>{html(self._page.text)}</body>")
        self._set_sides()
        self._mark()

    # ---------------------------------------------------------------- width

    def _line(self) -> int:
        return max(min(_WIDEST, self.viewport().width() - 2 * _SIDES), 200)

    def _set_sides(self) -> None:
        """Keep lines short enough to be read, in the middle of the window."""
        frame = self.document().rootFrame().frameFormat()
        beside = max((self.viewport().width() - self._line()) / 2, _SIDES)
        frame.setLeftMargin(beside)
        frame.setRightMargin(beside)
        frame.setTopMargin(22)
        frame.setBottomMargin(40)
        self.document().rootFrame().setFrameFormat(frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._again.start()

    def _resized(self) -> None:
        place, unmoved = self._share(), self.verticalScrollBar().value() == self._anchored
        if self._line() != self._wide:
            self._render()  # pictures too
        else:
            self._set_sides()
        if unmoved:
            self._go_to_anchor()
        else:
            self._scroll_to(place)

    def _share(self) -> float:
        bar = self.verticalScrollBar()
        return bar.value() / bar.maximum() if bar.maximum() else 0.0

    def _scroll_to(self, share: float) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(round(share * bar.maximum()))

    # ---------------------------------------------------------------- pictures, links, marks

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return a picture of the page, as wide as the page at most and drawn smoothly."""
        if kind != QTextDocument.ResourceType.ImageResource.value or self._page is None:
            return None
        picture = QImage(str(self._page.path.parent / QUrl(name).toString()))
        ratio = self.devicePixelRatioF()
        wide = round(min(self._line(), picture.width()) * ratio)
        if picture.width() > wide:
            picture = picture.scaledToWidth(wide, _SMOOTH)
        made = QPixmap.fromImage(picture)
        made.setDevicePixelRatio(ratio if picture.width() == wide else 1.0)
        return made

    def _follow(self, url: QUrl) -> None:
        target = url.toString()
        if target.startswith("#") and self._page is not None:
            target = self._page.name + target
        known = known_page(target)
        if known is not None:
            self.page_asked.emit(*known)
        elif url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)

    def _mark(self) -> None:
        marks = []
        look = QTextCharFormat()
        now = theme.current()
        look.setBackground(QColor(now.blend(now.warning, 0.32)))
        for word in self._found:
            cursor = QTextCursor(self.document())
            while not (cursor := self.document().find(word, cursor)).isNull():
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = cursor, look  # type: ignore[attr-defined]
                marks.append(mark)
        self.setExtraSelections(marks)
