"""Buttons whose icons follow the theme."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from workbench.gui.look import theme
from workbench.gui.widgets.text import plain_tip


class Button(QPushButton):
    """A push button.

    Parameters
    ----------
    text : str
    icon : str
        A Material Design icon, or nothing.
    kind : str
        ``primary``, ``quiet``, ``danger``, ``segment``, ``link`` or nothing.
    pressed : callable, optional
        Called without arguments on a click.
    name : str
        Object name.
    tip : str
        Tool tip.
    """

    def __init__(
        self,
        text: str,
        icon: str = "",
        kind: str = "",
        pressed: Callable[[], object] | None = None,
        *,
        name: str = "",
        tip: str = "",
    ) -> None:
        super().__init__(text)
        self._icon_name = icon
        self._painted: tuple[str, str, str] | None = None
        self.setObjectName(name)
        self.setToolTip(tip)
        if kind:
            self.setProperty("kind", kind)
        self.setIconSize(QSize(17, 17))
        if pressed is not None:
            self.clicked.connect(lambda: pressed())
        self._recolour()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon_name = icon
        self._recolour()

    def set_kind(self, kind: str) -> None:
        """Change how much it stands out."""
        if (self.property("kind") or "") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)
            self._recolour()

    def _recolour(self) -> None:
        if self._icon_name:
            colours, kind = theme.current(), self.property("kind")
            special = {
                "primary": colours.accent_text,
                "danger": colours.bad,
                "link": colours.accent,
            }
            colour = special.get(kind, colours.text)
            wanted = (self._icon_name, colour, colours.name)
            if wanted != self._painted:  # Qt tells of a change of style several times
                self._painted = wanted
                self.setIcon(colours.icon(self._icon_name, colour))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._recolour()


class IconButton(QToolButton):
    """A small button that is only an icon; its tool tip is also its accessible name.

    Parameters
    ----------
    icon : str
    tip : str
    pressed : callable, optional
    name : str
        Object name.
    """

    def __init__(
        self,
        icon: str,
        tip: str,
        pressed: Callable[[], object] | None = None,
        *,
        name: str = "",
    ) -> None:
        super().__init__()
        self._icon_name = icon
        self._painted: tuple[str, str, str] | None = None
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(17, 17))
        self.set_tip(tip)
        if pressed is not None:
            self.clicked.connect(lambda: pressed())
        self._recolour()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon_name:
            self._icon_name = icon
            self._recolour()

    def set_tip(self, tip: str) -> None:
        """Change what it says it does."""
        self.setToolTip(plain_tip(tip))
        self.setAccessibleName(tip)

    def _recolour(self) -> None:
        colours = theme.current()
        wanted = (self._icon_name, colours.muted, colours.name)
        if wanted != self._painted:
            self._painted = wanted
            self.setIcon(colours.icon(self._icon_name, colours.muted))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._recolour()
