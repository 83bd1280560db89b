"""What points are coloured by: groups that have a chip each, or values on a scale."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from workbench.charts import colours as charts
from workbench.gui.items.item_looks import colours_of, modality_chips, shaded
from workbench.gui.items.palettes import Scale, category, change_scale, rgba_of, value_scale
from workbench.gui.look.theme import LIGHT, Theme
from workbench.gui.points.legend import LegendEntry, by_group

if TYPE_CHECKING:
    from workbench.stations import ItemColumns

Ids = npt.NDArray[np.int64]
Shades = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]


class Colouring(Protocol):
    """Colours points, and says what the colours mean.

    Two of the same table that look the same things up are equal: nothing need be drawn anew.
    """

    def for_chart(self, ids: Ids) -> charts.Groups | charts.Values:
        """Return the same for a chart that is printed."""
        ...

    def colours(self, ids: Ids, theme: Theme) -> tuple[Shades, list[LegendEntry]]:
        """Return a colour for each id, shape (n, 4), and chips that pick some of them."""
        ...


@dataclass(frozen=True)
class ByColumn:
    """By what the catalogue says.

    Attributes
    ----------
    table : ItemColumns
    column : str
        ``modality``, ``label``, ``language``, or ``pairing``.
    """

    table: "ItemColumns"
    column: str

    def colours(self, ids: Ids, theme: Theme) -> tuple[Shades, list[LegendEntry]]:
        """See `Colouring`."""
        return colours_of(self.table, ids, self.column, theme)

    def for_chart(self, ids: Ids) -> charts.Groups:
        """See `Colouring`."""
        from workbench.stations import column_groups

        column = "paired" if self.column == "pairing" else self.column
        return column_groups(self.table, ids, column)


@dataclass(frozen=True)
class ByGroup:
    """By a few groups of a fixed order, which keep their colours whatever is shown.

    Attributes
    ----------
    table : ItemColumns
    names : sequence of str
    group_of : callable
        Returns the number of the group of each id, shape (n,); -1 for none.
    none : str
        What is said of those.
    """

    table: "ItemColumns"
    names: Sequence[str]
    group_of: Callable[[Ids], Ids]
    none: str

    def colours(self, ids: Ids, theme: Theme) -> tuple[Shades, list[LegendEntry]]:
        """See `Colouring`."""
        found, none = self.group_of(ids), len(self.names)
        groups = np.where(found < 0, none, found).astype(np.uint8)
        shades = [*(category(theme, number) for number in range(none)), theme.muted]
        members = by_group(ids, groups, none + 1)
        legend = modality_chips(self.table, ids, theme) + [
            LegendEntry(name, shade, "disc", mine)
            for name, shade, mine in zip([*self.names, self.none], shades, members, strict=True)
            if len(mine)
        ]
        return shaded(groups, shades), legend

    def for_chart(self, ids: Ids) -> charts.Groups:
        """See `Colouring`."""
        shades = tuple(category(LIGHT, number) for number in range(len(self.names)))
        return charts.Groups("", tuple(self.names), shades, self.group_of(ids), self.none)


@dataclass(frozen=True)
class ByValue:
    """By values on a scale.

    Attributes
    ----------
    table : ItemColumns
    value_of : callable
        Returns a value for each id, shape (n,); nan where there is none.
    low, high : float
        Ends of the scale.
    ends : tuple of str
        What stands at them.
    none : str
        What is said of items without a value.
    title : str
        What the values are.
    signed : bool
        Whether the middle of the scale is a middle of the values.
    in_words : callable
        Says a value.
    beyond, doublings : bool
        See `charts.Values`.
    """

    table: "ItemColumns"
    value_of: Callable[[Ids], Values]
    low: float
    high: float
    ends: tuple[str, str]
    none: str
    title: str
    signed: bool = False
    in_words: Callable[[float], str] = "{:.3g}".format
    beyond: bool = False
    doublings: bool = False

    def scale(self, theme: Theme) -> Scale:
        """Return the colours from the low to the high end."""
        return change_scale(theme) if self.signed else value_scale(theme)

    def colours(self, ids: Ids, theme: Theme) -> tuple[Shades, list[LegendEntry]]:
        """See `Colouring`."""
        values = self.value_of(ids)
        span = self.high - self.low
        # where all have the same value, that is the middle of everything
        shares = (values - self.low) / span if span > 0 else np.full(len(values), 0.5)
        rgba = self.scale(theme)(shares)
        unknown = np.isnan(values)
        rgba[unknown] = rgba_of(theme.blend(theme.muted, 0.35))
        legend = modality_chips(self.table, ids, theme)
        if unknown.any():
            faint = theme.blend(theme.muted, 0.35)
            members = by_group(ids, unknown.astype(np.uint8), 2)[1]
            legend.append(LegendEntry(self.none, faint, "disc", members))
        return rgba, legend

    def for_chart(self, ids: Ids) -> charts.Values:
        """See `Colouring`."""
        return charts.Values(
            self.title, self.value_of(ids), self.low, self.high, self.none, self.signed,
            self.in_words, self.beyond, self.doublings,
        )  # fmt: skip

    def between(self, low: float, high: float) -> Ids:
        """Return the ids of all items with a value from low to high.

        An end of the scale takes what lies beyond it along.
        """
        values = self.value_of(self.table.ids)
        inside = (values >= low) | (low <= self.low)
        inside &= (values <= high) | (high >= self.high)
        return self.table.ids[inside & ~np.isnan(values)]


@dataclass(frozen=True)
class _AsFloats:
    """What is looked up, as numbers of a scale."""

    look_up: Callable[[Ids], npt.NDArray[np.number]]

    def __call__(self, ids: Ids) -> Values:
        return self.look_up(ids).astype(np.float64)


@dataclass(frozen=True)
class _Doublings:
    """The logarithm to base 2 of ranks; nan for rank 0, which is none."""

    rank_of: Callable[[Ids], Ids]

    def __call__(self, ids: Ids) -> Values:
        ranks = self.rank_of(ids).astype(np.float64)
        return np.log2(ranks, out=np.full(len(ids), np.nan), where=ranks > 0)


def by_distortion(
    table: "ItemColumns", distortion_of: Callable[[Ids], npt.NDArray[np.number]]
) -> ByValue:
    """Colour by distortion: 0 is kept as it was."""
    value_of = _AsFloats(distortion_of)
    scale = charts.distortion(value_of(table.ids))
    more = "≥ " if scale.beyond else ""
    ends = "0, unchanged", f"{more}{scale.high:.2g}, distorted"
    return _on_scale(table, value_of, scale, ends)


def by_rank(table: "ItemColumns", rank_of: Callable[[Ids], Ids]) -> ByValue:
    """Colour by the rank of the right partner, each doubling alike; rank 0 is none."""
    scale = charts.partner_rank(rank_of(table.ids))
    ends = "1, found", scale.in_words(scale.high)
    return _on_scale(table, _Doublings(rank_of), scale, ends)


def by_rank_change(table: "ItemColumns", value_of: Callable[[Ids], Values], other: str) -> ByValue:
    """Colour by how many times better the partner ranks than in another run, in powers of two."""
    scale = charts.rank_change(value_of(table.ids), other)
    times = f"{2**scale.high:,.0f}×"
    return _on_scale(table, value_of, scale, (f"{times} worse", f"{times} better"))


def _on_scale(
    table: "ItemColumns", value_of: Callable[[Ids], Values], scale: charts.Values,
    ends: tuple[str, str],
) -> ByValue:  # fmt: skip
    return ByValue(
        table, value_of, scale.low, scale.high, ends, scale.none, scale.title, scale.signed,
        scale.in_words, scale.beyond, scale.doublings,
    )  # fmt: skip
