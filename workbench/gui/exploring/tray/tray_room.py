"""How the height of the page is shared between the maps and what lies below them."""

from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtWidgets import QSplitter, QWidget

_KEY = "explore/shelf-share"
_ANY_HEIGHT = 16_777_215  # what Qt takes for no limit
_LOWEST = 230  # of a grid or a table with its heading


class TrayRoom(QSplitter):
    """Maps above, shelves below: as low as one row of cards, or as high as the user drags them.

    Parameters
    ----------
    maps, shelves : QWidget
    """

    def __init__(self, maps: QWidget, shelves: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setObjectName("shelf-room")
        self.setChildrenCollapsible(False)
        self.addWidget(maps)
        self.addWidget(shelves)
        self._shelves = shelves
        self._share = _remembered()
        self._tall = False
        self.splitterMoved.connect(self._remember)
        self.set_tall(False)

    def set_tall(self, tall: bool) -> None:
        """Give the shelves the height that they last had, or that of one row."""
        self._tall = tall
        self._limit()
        self.handle(1).setEnabled(tall)
        self.handle(1).setCursor(
            Qt.CursorShape.SplitVCursor if tall else Qt.CursorShape.ArrowCursor
        )
        share = self._share if tall else 0.0
        high = max(self.height(), 1000)
        self.setSizes([round(high * (1 - share)), round(high * share)])

    def event(self, event: QEvent) -> bool:
        """Follow the height of a row, which styles and fonts decide on."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._limit()
        return super().event(event)

    def _limit(self) -> None:
        row = self._shelves.sizeHint().height()
        self._shelves.setMinimumHeight(_LOWEST if self._tall else row)
        self._shelves.setMaximumHeight(_ANY_HEIGHT if self._tall else row)

    def _remember(self) -> None:
        above, below = self.sizes()
        if self._tall and above + below:
            self._share = below / (above + below)
            QSettings().setValue(_KEY, self._share)


def _remembered() -> float:
    try:
        return min(max(float(str(QSettings().value(_KEY, 0.5))), 0.1), 0.9)
    except ValueError:
        return 0.5
