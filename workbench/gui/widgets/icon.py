"""An icon that follows the theme."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel

from workbench.gui.look import theme


class Icon(QLabel):
    """A Material Design icon as a label.

    Parameters
    ----------
    name : str
        Such as ``image-outline``.
    size : int
        Pixels of a side.
    tone : str
        A colour field of the theme (``muted``, ``accent``, ``good``…) or a modality.
    """

    def __init__(self, name: str, size: int = 18, tone: str = "muted") -> None:
        super().__init__()
        self._name, self._size, self._tone = name, size, tone
        self._painted: tuple[str, str, float] | None = None
        self.setFixedSize(size, size)
        self._recolour()

    def show_icon(self, name: str, tone: str) -> None:
        """Show another icon."""
        self._name, self._tone = name, tone
        self._recolour()

    def _recolour(self) -> None:
        colours = theme.current()
        colour = colours.modality.get(self._tone) or getattr(colours, self._tone)
        wanted = (self._name, colour, self.devicePixelRatioF())
        if wanted == self._painted:  # Qt tells of a change of style several times for each widget
            return
        self._painted = wanted
        pixels = colours.icon(self._name, colour).pixmap(self.size(), self.devicePixelRatioF())
        self.setPixmap(pixels)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.DevicePixelRatioChange):
            self._recolour()
