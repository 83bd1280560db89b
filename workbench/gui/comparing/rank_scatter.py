"""Where the right partner of each item ranks before and after; one picks items by drawing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QToolButton

from workbench import charts
from workbench.gui.comparing.plot_axes import Axis, PlotCanvas, rank_axis, share_axis
from workbench.gui.exploring.state.colouring import ByColumn
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.items.hover_card import HoverCard
from workbench.gui.items.item_looks import marks_of, name_of
from workbench.gui.items.previews import Previews
from workbench.gui.look import theme
from workbench.gui.picturing.source import PictureSource
from workbench.gui.points.canvas import Tool, mode_of
from workbench.gui.points.legend import Legend
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import ElidedLabel

if TYPE_CHECKING:
    from workbench.stations import RankChanges

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_TOOLS: tuple[tuple[Tool, str, str], ...] = (
    ("rectangle", "select", "Select by a rectangle. Shift adds, Alt removes, both intersect."),
    ("lasso", "lasso", "Select by drawing around items. Shift adds, Alt removes, both intersect."),
    ("pan", "cursor-move", "Move (drag; the wheel zooms). A click selects one item."),
)
_SPREAD = 0.4  # of the way to the next rank: equal ranks do not hide each other


@dataclass(frozen=True, eq=False)
class _Printed:
    """The points as they are printed: where, what they are exactly, and the axis across."""

    positions: Floats
    exact: Floats
    across: charts.Axis


class RankScatter(Card):
    """Points of items, each with its rank in two spaces.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__("Partner ranks")
        self.setObjectName("rank-scatter")
        self._state, self._session = state, state.session
        self._ids: Ids = np.zeros(0, np.int64)  # ascending
        self._words_of: Callable[[int], str] = lambda _place: ""
        self._summary = ""
        self._printed: _Printed | None = None
        self.canvas = PlotCanvas()
        self.canvas.setObjectName("rank-scatter-canvas")
        self.canvas.setAccessibleName("Ranks before and after")
        self.canvas.setMinimumSize(160, 120)
        self.canvas.picked.connect(self._session.select)
        self.canvas.hovered.connect(self._hovered)
        self.canvas.set_tool("rectangle")
        self.legend = Legend()
        self.legend.setObjectName("rank-scatter-legend")
        self.legend.picked.connect(lambda ids, keys: self._session.select(ids, mode_of(keys)))
        self.legend.hide()
        self.words = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self.words.setObjectName("rank-scatter-words")
        self._card = HoverCard(previews, self.canvas)
        self._buttons: list[tuple[QToolButton, str]] = []
        PictureSource(
            self.canvas, self._session, lambda: self.title.text(), self.chart,
            self.canvas.viewport(),
        )  # fmt: skip
        self._lay_out()
        self.apply_theme()
        self._session.selection_changed.connect(self.show_selection)
        self._session.theme_changed.connect(self.apply_theme)
        state.items_changed.connect(self._forget_items)
        state.colours.changed.connect(self.recolour)

    def _lay_out(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(12, 8, 10, 8)
            layout.setSpacing(4)
        self.head.setSpacing(1)
        group = QButtonGroup(self)
        for tool, icon, tip in _TOOLS:
            button = self._button(f"scatter-{tool}", icon, tip)
            button.setCheckable(True)
            button.setChecked(tool == "rectangle")
            button.clicked.connect(lambda _=False, tool=tool: self.canvas.set_tool(tool))
            group.addButton(button)
        fit = self._button("scatter-fit", "fit-to-screen-outline", "Show all items (Home)")
        fit.clicked.connect(self.canvas.fit)
        self.body.setSpacing(2)
        self.body.addWidget(self.canvas, 1)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.words)

    def _button(self, name: str, icon: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(".")[0])
        button.setIconSize(QSize(16, 16))
        self._buttons.append((button, icon))
        self.head.addWidget(button)
        return button

    # ---------------------------------------------------------------- content

    def _forget_items(self) -> None:
        if self._state.table is None:
            self.clear()

    def clear(self) -> None:
        """Show no items."""
        self._show(np.zeros(0, np.int64), np.zeros((0, 2)), lambda _place: "", "")

    def show_changes(self, changes: "RankChanges", before: str, after: str) -> None:
        """Show ranks in two spaces, of names `before` and `after`."""
        self.title.setText("Partner ranks")
        most = int(max(changes.before.max(initial=1), changes.after.max(initial=1)))
        self.canvas.show_axes(
            rank_axis(f"before: {before}", most), rank_axis(f"after: {after}", most),
            ("better after", "worse after"),
        )  # fmt: skip
        places = np.stack(
            [spread(changes.ids, changes.before, 0), spread(changes.ids, changes.after, 1)], axis=1
        )

        def words_of(place: int) -> str:
            return f"rank {changes.before[place]:,} before, {changes.after[place]:,} after"

        exact = np.stack([changes.before, changes.after], axis=1).astype(np.float64)
        self._printed = _Printed(10.0**places, exact, charts.Axis(f"rank before: {before}", "log"))
        self._show(changes.ids, places, words_of, summary_of(changes))

    def show_kept(
        self, ids: Ids, kept: Floats, ranks: Ids, neighbours: int, title: str, *, after: bool
    ) -> None:
        """Show the share of neighbours kept, and the rank in the one space that has ranks.

        Parameters
        ----------
        ids, kept, ranks : ndarray, shape (n,)
        neighbours : int
            K.
        title : str
            Name of that space.
        after : bool
            Whether it is the one after.
        """
        self.title.setText("Kept, and rank")
        side = "after" if after else "before"
        up = rank_axis(f"rank {side}: {title}", int(ranks.max(initial=1)))
        unit, step = up.high - up.low, _SPREAD / max(neighbours, 1)
        self.canvas.show_axes(share_axis(f"of {neighbours} neighbours the same", unit), up)
        across = unit * (kept + step * _drawn(ids, 0))
        places = np.stack([across, spread(ids, ranks, 1)], axis=1)

        def words_of(place: int) -> str:
            return f"{kept[place]:.0%} of the neighbours the same, rank {ranks[place]:,} {side}"

        told = f"{len(ids):,} items" if len(ids) else "No item here has a partner."
        shown = np.stack([across / unit, 10.0 ** places[:, 1]], axis=1)
        axis = charts.Axis(f"of {neighbours} neighbours the same", "share")
        self._printed = _Printed(shown, np.stack([kept, ranks], axis=1), axis)
        self._show(ids, places, words_of, told)

    def _show(self, ids: Ids, places: Floats, words_of: Callable[[int], str], summary: str) -> None:
        self._ids, self._words_of, self._summary = ids, words_of, summary
        table = self._state.table
        marks = None if table is None else marks_of(table, ids)
        self.canvas.points.set_points(places, ids, marks)
        self._card.hide()
        self.words.setText(summary)
        self.recolour()
        self.show_selection()

    def chart(self) -> charts.Cloud | None:
        """Return the points in the colours of the maps, to be printed; None without any."""
        table, printed = self._state.table, self._printed
        if table is None or printed is None or not len(self._ids):
            return None
        from workbench.stations import item_cloud

        colouring = self._state.colours.colouring or ByColumn(table, "modality")
        up = self.canvas.up.title
        made = item_cloud(
            self.title.text(), table, self._ids, printed.positions,
            colouring.for_chart(self._ids), printed.across,
            charts.Axis(up if "rank" in up else f"rank {up}", "log"), as_map=False,
            caption=self._summary,
        )  # fmt: skip
        return replace(made, exact=printed.exact)

    # ---------------------------------------------------------------- overlays

    def recolour(self) -> None:
        """Colour points and legend as the maps."""
        ids, table = self._ids, self._state.table
        if table is None or not len(ids):
            self.legend.set_entries([])
            return
        colouring = self._state.colours.colouring or ByColumn(table, "modality")
        rgba, legend = colouring.colours(ids, theme.current())
        self.canvas.points.set_colours(rgba)
        self.legend.set_entries(legend)

    def show_selection(self) -> None:
        """Show the session's selection: the rest dims."""
        points = self.canvas.points
        mask = np.zeros(len(points.ids), dtype=bool)
        mask[points.rows_of(self._session.selection)] = True
        points.set_selected(mask)

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        now = theme.current()
        self.canvas.setBackground(now.surface)
        self.canvas.set_accent(now.accent)
        self.canvas.points.set_ink(now.muted, now.text, now.surface, now.accent)
        for button, icon in self._buttons:
            button.setIcon(now.icon(icon, now.muted))
        self.recolour()

    def _hovered(self, found: int | None) -> None:
        table = self._state.table
        item = table.item(found) if table is not None and found is not None else None
        place = None if found is None else self.canvas.points.place_of(found)
        if item is None or place is None:
            self._card.hide()
            self.words.setText(self._summary)
            return
        self._card.show_item(item, QPoint(round(place.x()), round(place.y())))
        told = self._words_of(int(np.searchsorted(self._ids, item.id)))
        self.words.setText(f"{name_of(item)}: {told}")

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The axes shown, the one from left to right first."""
        return self.canvas.across, self.canvas.up


def spread(ids: Ids, ranks: Ids, which: int) -> Floats:
    """Return where ranks stand on a `rank_axis`: each item somewhere about its rank, always there.

    Parameters
    ----------
    ids, ranks : ndarray, shape (n,)
    which : int
        Number of the axis: an item is not moved alike on both.
    """
    found: Floats = np.log10(ranks + _SPREAD * _drawn(ids, which))
    return found


def _drawn(ids: Ids, which: int) -> Floats:
    """Return a number from -1 to 1 for each id, the same for the same id."""
    # multiples of powers of 1/1.3247…, the plastic number, fill the plane evenly
    # (Roberts, The unreasonable effectiveness of quasirandom sequences, 2018)
    steps = (0.7548776662466927, 0.5698402909980532)
    found: Floats = 2 * ((ids.astype(np.float64) * steps[which]) % 1.0) - 1
    return found


def summary_of(changes: "RankChanges") -> str:
    """Say how many items rank better and worse, and what the one in the middle does."""
    count = len(changes.ids)
    if not count:
        return "No item here has a partner in both spaces."
    better = int((changes.after < changes.before).sum())
    worse = int((changes.after > changes.before).sum())
    old, new = np.median(changes.before), np.median(changes.after)
    if not better and not worse:
        return f"All {count:,} rank the same · median {new:,.4g}"
    return f"{better:,} better · {worse:,} worse · median {old:,.4g} → {new:,.4g}"
