"""Charts, as what they show: data, titles and scales, drawn nowhere yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from workbench.charts.colours import Groups, Values

Floats = npt.NDArray[np.float64]
Row = Sequence[object]


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    title : str
    scale : {"linear", "log", "share"}
        Shares are from 0 to 1, and written in per cent.
    low, high : float or None
        Its ends; by what is drawn where not given.
    ticks : tuple of (float, str)
        Where something stands, and what; numbers where not given.
    """

    title: str
    scale: str = "linear"
    low: float | None = None
    high: float | None = None
    ticks: tuple[tuple[float, str], ...] = ()


class Chart(Protocol):
    """What can be drawn, and written as a table.

    One that is none of the classes here has a method ``drawing(width, height)``, in inches,
    that returns a matplotlib figure.
    """

    @property
    def title(self) -> str:
        """What stands above it."""

    def rows(self) -> list[Row]:
        """Return the numbers behind it; the first row says what they are."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through points.

    Attributes
    ----------
    name : str
    x, y : ndarray, shape (n,)
    colour : str
        Empty for the next one of the palette.
    dash : {"-", "--", ":"}
    dots : bool
        Whether its points are marked.
    width : float
        In points.
    """

    name: str
    x: Floats
    y: Floats
    colour: str = ""
    dash: str = "-"
    dots: bool = False
    width: float = 1.5


@dataclass(frozen=True, eq=False)
class Lines:
    """Curves over one axis.

    Attributes
    ----------
    title : str
    across, up : Axis
    curves : tuple of Curve
    marks : tuple of (float, str)
        Places on the horizontal axis, and what happened there.
    levels : tuple of (float, str)
        Heights, such as what chance reaches.
    caption : str
        What must be known to read it.
    """

    title: str
    across: Axis
    up: Axis
    curves: tuple[Curve, ...]
    marks: tuple[tuple[float, str], ...] = ()
    levels: tuple[tuple[float, str], ...] = ()
    caption: str = ""

    def rows(self) -> list[Row]:
        """Return a row a point of a curve."""
        found: list[Row] = [("curve", self.across.title, self.up.title)]
        said = dict(self.across.ticks)  # where places are only places, what stands there
        for curve in self.curves:
            points = zip(curve.x.tolist(), curve.y.tolist(), strict=True)
            found += [(curve.name, said.get(x, f"{x:.6g}"), f"{y:.6g}") for x, y in points]
        return found


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points of items: a map, or their values on two scales.

    Attributes
    ----------
    title : str
    across, up : Axis
    positions : ndarray, shape (n, 2)
    ids : ndarray of int, shape (n,)
    names : tuple of str
        Of the items.
    modalities : tuple of str
        Of the items: each has a mark of its own.
    colours : Groups or Values
    exact : ndarray, shape (n, 2), or None
        What the table says, where points are moved aside to be seen.
    rings : dict of int to str
        Rows that are ringed, such as answers, with what stands beside.
    stars : ndarray, shape (q, 2)
        Where questions lie.
    links : ndarray of int, shape (l, 2)
        Rows between which a line is drawn, such as of pairs.
    as_map : bool
        Whether only distances mean something: both axes have one scale, and no numbers.
    diagonal : bool
    caption : str
    """

    title: str
    across: Axis
    up: Axis
    positions: Floats
    ids: npt.NDArray[np.int64]
    names: tuple[str, ...]
    modalities: tuple[str, ...]
    colours: Groups | Values
    exact: Floats | None = None
    rings: dict[int, str] = field(default_factory=dict)
    stars: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    links: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    as_map: bool = True
    diagonal: bool = False
    caption: str = ""

    def rows(self) -> list[Row]:
        """Return a row an item."""
        head = ("id", "item", "modality", self.across.title, self.up.title, self.colours.title)
        told = self.positions if self.exact is None else self.exact
        places = [(f"{x:.6g}", f"{y:.6g}") for x, y in told.tolist()]
        columns = zip(
            self.ids.tolist(), self.names, self.modalities, places, self.colours.words(),
            strict=True,
        )  # fmt: skip
        return [head, *((id_, name, kind, *at, by) for id_, name, kind, at, by in columns)]


@dataclass(frozen=True, eq=False)
class Bars:
    """How often values fall between each two edges.

    Attributes
    ----------
    title : str
    across, up : Axis
    edges : ndarray, shape (b + 1,)
    counts : ndarray of int, shape (b,)
    marks : tuple of (float, str)
        Values that are marked, such as their median.
    colour : str
    """

    title: str
    across: Axis
    up: Axis
    edges: Floats
    counts: npt.NDArray[np.integer]
    marks: tuple[tuple[float, str], ...] = ()
    colour: str = ""

    def rows(self) -> list[Row]:
        """Return a row a bar."""
        found: list[Row] = [(f"{self.across.title}, from", "to", self.up.title)]
        edges = [f"{each:.6g}" for each in self.edges.tolist()]
        found += list(zip(edges[:-1], edges[1:], self.counts.tolist(), strict=True))
        return found


@dataclass(frozen=True, eq=False)
class Panel:
    """One table of numbers as colours.

    Attributes
    ----------
    title : str
    values : ndarray, shape (r, c)
    top : float
        The value that has the strongest colour.
    signed : bool
        Whether its scale is from -top over 0 to top, and not from 0.
    """

    title: str
    values: npt.NDArray[np.floating]
    top: float
    signed: bool = False


@dataclass(frozen=True, eq=False)
class Panels:
    """Square tables of the same items, side by side, with numbers as colours.

    Attributes
    ----------
    title : str
    panels : tuple of Panel
    names : tuple of str
        Of rows and columns.
    caption : str
    """

    title: str
    panels: tuple[Panel, ...]
    names: tuple[str, ...]
    caption: str = ""

    def rows(self) -> list[Row]:
        """Return a row an entry, with its value in each table."""
        found: list[Row] = [("row", "column", *(panel.title for panel in self.panels))]
        for row, first in enumerate(self.names):
            for column, second in enumerate(self.names):
                values = [f"{panel.values[row, column]:.6g}" for panel in self.panels]
                found.append((first, second, *values))
        return found
