"""Fonts of the window."""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from workbench.assets import resource

_TEXT_FONTS = [
    "Inter",
    "Inter Variable",
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    ".AppleSystemUIFont",
    "Cantarell",
    "Noto Sans",
    "DejaVu Sans",
]
_MONO_FONTS = ["JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "DejaVu Sans Mono"]


def text_font() -> QFont:
    """Return the font of the window: Inter, which the program brings along, or a likeness of it."""
    _load_fonts()
    font = QFont()
    font.setFamilies([each for each in _TEXT_FONTS if each in _families()] or ["sans-serif"])
    font.setPixelSize(13)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def mono_family() -> str:
    """Return the family for code and paths: the first that this computer has."""
    return next((each for each in _MONO_FONTS if each in _families()), "monospace")


@cache
def _load_fonts() -> None:
    for path in sorted(resource("fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))


@cache
def _families() -> frozenset[str]:
    return frozenset(QFontDatabase.families())
