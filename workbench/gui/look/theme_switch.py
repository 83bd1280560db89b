"""Which theme the window wears: the user's choice, or what the system shows."""

from typing import Literal

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from workbench.gui.look import theme
from workbench.gui.look.fonts import text_font
from workbench.gui.look.stylesheet import stylesheet

Choice = Literal["system", "light", "dark"]
CHOICES: tuple[Choice, ...] = ("system", "light", "dark")


class ThemeSwitch(QObject):
    """Has a window wear a theme, and follows the system while that is chosen.

    Parameters
    ----------
    application : QApplication
        Wears the palette, the font and the style.
    window : QWidget
        Wears the stylesheet, and with it all that belongs to the window, dialogs and menus too. An
        application's stylesheet would be worn by widgets in the making as well: with each layout
        that takes them they would be polished again, which made pages take four times as long.
    """

    changed = Signal()

    def __init__(self, application: QApplication, window: QWidget) -> None:
        super().__init__(window)
        self._application, self._window = application, window
        saved = str(QSettings().value("theme", "system"))
        self._choice: Choice = next((each for each in CHOICES if each == saved), "system")
        application.setStyle("Fusion")
        application.setFont(text_font())
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._tell_system()
        self._apply()

    @property
    def choice(self) -> Choice:
        """What the user chose: ``system``, ``light`` or ``dark``."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Change the theme now, and remember it."""
        self._choice = choice
        QSettings().setValue("theme", choice)
        self._tell_system()
        self._follow()

    def _tell_system(self) -> None:
        # Title bars and native dialogs are drawn by the system, which must know the choice too.
        hints = self._application.styleHints()
        if self._choice == "system":
            hints.unsetColorScheme()
        else:
            dark = self._choice == "dark"
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)

    def _wanted(self) -> theme.Theme:
        if self._choice == "system":
            dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            dark = self._choice == "dark"
        return theme.DARK if dark else theme.LIGHT

    def _follow(self) -> None:
        if self._wanted() is not theme.current():
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        theme.show(self._wanted())
        self._application.setPalette(palette(theme.current()))
        # Qt exchanges one stylesheet for another by polishing each widget as often as it is deep in
        # its window; taken off and put on, each is polished once. Nothing is painted in between.
        self._window.setStyleSheet("")
        self._window.setStyleSheet(stylesheet(theme.current()))


def palette(worn: theme.Theme) -> QPalette:
    """Return the colours of a theme as Fusion wants them."""
    role = QPalette.ColorRole
    colours = {
        role.Window: worn.background,
        role.WindowText: worn.text,
        role.Base: worn.surface,
        role.AlternateBase: worn.background,
        role.Text: worn.text,
        role.PlaceholderText: worn.blend(worn.muted, 0.8),
        role.Button: worn.surface,
        role.ButtonText: worn.text,
        role.BrightText: worn.bad,
        role.ToolTipBase: worn.raised,
        role.ToolTipText: worn.text,
        role.Highlight: worn.accent,
        role.HighlightedText: worn.accent_text,
        role.Accent: worn.accent,
        role.Link: worn.accent,
        role.LinkVisited: worn.accent,
        role.Light: worn.raised,
        role.Midlight: worn.raised,
        role.Mid: worn.border,
        role.Dark: worn.border,
        role.Shadow: worn.background,
    }
    made = QPalette()
    for name, colour in colours.items():
        made.setColor(name, QColor(colour))
    faint = QColor(worn.blend(worn.muted, 0.65))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, faint)
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(worn.border))
    return made
