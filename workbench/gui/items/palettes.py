"""Colour scales for values, made so that colour-blind eyes can read them too."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QColor

from workbench.charts.palette import LESS, MORE
from workbench.gui.look.theme import Theme

Shades = npt.NDArray[np.uint8]
Scale = Callable[[npt.NDArray[np.floating]], Shades]

_STEPS = 256
_LESS, _MORE = {"light": LESS, "dark": "#6cb6f0"}, {"light": MORE, "dark": "#ff9d57"}


def rgba_of(colour: str) -> tuple[int, int, int, int]:
    """Return an opaque colour in four bytes."""
    made = QColor(colour)
    return made.red(), made.green(), made.blue(), 255


def value_scale(theme: Theme) -> Scale:
    """Return a scale for points, from little to much: viridis, less what the background swallows.

    Viridis grows evenly in lightness for all kinds of colour vision.
    """
    light = theme.name == "light"
    low, high = (0.0, 0.86) if light else (0.25, 1.0)
    table = pg.colormap.get("viridis").mapToByte(np.linspace(low, high, _STEPS))
    # light on dark and dark on light stand for much alike: it is what one looks for
    return _from(table[::-1] if light else table)


def change_scale(theme: Theme) -> Scale:
    """Return a scale for points from less over no change, which is grey, to more.

    Blue and orange are told apart by all common kinds of colour vision.
    """
    middle = theme.blend(theme.muted, 0.6)
    return _between([_LESS[theme.name], middle, _MORE[theme.name]])


def heat_map(theme: Theme) -> Scale:
    """Return a scale for areas, from nothing, which is the surface itself, to much."""
    return _between([theme.surface, theme.blend(theme.accent, 0.7), theme.text])


def difference_map(theme: Theme) -> Scale:
    """Return a scale for areas, with nothing in the middle."""
    return _between([_LESS[theme.name], theme.surface, _MORE[theme.name]])


def category(theme: Theme, number: int) -> str:
    """Return the colour of a group by its number, from 0.

    Where there are more groups than colours, they come again nearer to the text, and then nearer to
    the surface.
    """
    colour = theme.categories[number % len(theme.categories)]
    turn = number // len(theme.categories) % 3
    return (colour, theme.blend(colour, 0.62, theme.text), theme.blend(colour, 0.5))[turn]


def _between(colours: Sequence[str]) -> Scale:
    stops = [QColor(each).getRgb() for each in colours]
    places = np.linspace(0, 1, len(stops))
    table = pg.ColorMap(places, np.array(stops, np.uint8)).mapToByte(np.linspace(0, 1, _STEPS))
    return _from(table)


def _from(table: Shades) -> Scale:
    """Return a scale that looks shares from 0 to 1 up in a table, shape (256, 4)."""

    def scale(shares: npt.NDArray[np.floating]) -> Shades:
        known = np.nan_to_num(np.asarray(shares, np.float64))
        found: Shades = table[np.clip(known * _STEPS, 0, _STEPS - 1).astype(np.intp)]
        return found

    return scale
