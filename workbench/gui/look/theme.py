"""Colours and icons of the window, light and dark.

Widgets ask `current` for the theme when they paint or when `Session.theme_changed` is emitted; they
never keep a colour of their own. Most of the look comes from one palette and one stylesheet (see
`workbench.gui.look.stylesheet` for the roles and kinds a widget can ask for).
"""

from dataclasses import dataclass, field

from PySide6.QtGui import QColor, QIcon

from workbench.charts.palette import (
    ACCENT,
    CATEGORIES,
    GOOD,
    INK,
    MODALITIES,
    MUTED,
    WARNING,
)
from workbench.gui.look.fonts import mono_family


@dataclass(frozen=True)
class Theme:
    """What the window looks like. Colours are ``#rrggbb``.

    Attributes
    ----------
    background, surface, raised : str
        The window, a card on it, and a field or hovered row on a card.
    border, text, muted : str
        Hairlines, words, and words that matter less.
    accent, accent_text : str
        What is active or primary, and words on it.
    good, warning, bad : str
        States; each is readable as text on `surface`.
    modality : dict of str to str
        A colour for each of image, text and speech, distinct for the colour-blind.
    categories : tuple of str
        Colours for labels, in order of use.
    mono_font : str
        Family for code and paths.
    """

    name: str
    background: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    accent_text: str
    good: str
    warning: str
    bad: str
    modality: dict[str, str] = field(hash=False)
    categories: tuple[str, ...]

    @property
    def mono_font(self) -> str:
        """Family for code and paths: the first that this computer has."""
        return mono_family()

    def icon(self, name: str, colour: str | None = None) -> QIcon:
        """Return a Material Design icon, such as ``image-outline``, in this theme's colours."""
        import qtawesome

        full_name = name if "." in name else f"mdi6.{name}"
        icon: QIcon = qtawesome.icon(
            full_name, color=colour or self.text, color_disabled=self.blend(self.muted, 0.55)
        )
        return icon

    def blend(self, colour: str, share: float, over: str | None = None) -> str:
        """Mix a colour into another (`surface` by default); `share` 1 is the colour itself."""
        front, back = QColor(colour), QColor(over or self.surface)
        mixed = (
            round(part(front) * share + part(back) * (1 - share))
            for part in (QColor.red, QColor.green, QColor.blue)
        )
        return "#{:02x}{:02x}{:02x}".format(*mixed)


LIGHT = Theme(
    name="light",
    background="#f5f6f8",
    surface="#ffffff",
    raised="#eef0f4",
    border="#dde1e8",
    text=INK,
    muted=MUTED,
    accent=ACCENT,
    accent_text="#ffffff",
    good=GOOD,
    warning=WARNING,
    bad="#c2334d",
    modality=MODALITIES,
    categories=CATEGORIES,
)

DARK = Theme(
    name="dark",
    background="#15171c",
    surface="#1d2027",
    raised="#282c35",
    border="#343944",
    text="#e8eaef",
    muted="#9aa3b4",
    accent="#8593ff",
    accent_text="#10131f",
    good="#4fc78f",
    warning="#e3b04f",
    bad="#ff7d8b",
    modality={"image": "#56b4e9", "text": "#f2984a", "speech": "#3fc79a"},
    categories=(
        "#6ea8e0", "#ff8a94", "#5cc46a", "#e6cf5a", "#7fdcf5", "#d978b5", "#f5a066",
        "#b39ae8", "#5cd0c0", "#c3c361", "#c9648f", "#a6b3c2", "#cf9160", "#8fa3f0",
    ),
)  # fmt: skip

_current: Theme = LIGHT


def current() -> Theme:
    """Return the theme the window shows now."""
    return _current


def show(theme: Theme) -> None:
    """Make a theme the current one; `workbench.gui.look.theme_switch` has the window wear it."""
    global _current
    _current = theme
