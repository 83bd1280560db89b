"""The live map: where pairs are in the shared space while a training moves them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.charts import Axis, Cloud, Groups
from workbench.gui.items.hover_card import HoverCard
from workbench.gui.items.item_looks import MARKS, name_of
from workbench.gui.items.previews import Previews
from workbench.gui.look import theme
from workbench.gui.look.theme import LIGHT
from workbench.gui.points.legend import LegendEntry
from workbench.gui.points.raster import Shape
from workbench.gui.training.live_map.map_words import (
    explanation,
    kept_in_words,
    meet_in_words,
    rank_in_words,
    share_in_words,
)
from workbench.gui.training.live_map.moving_points import MovingPoints
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.alignment import Snapshot
    from workbench.maps import Frame, MovingProjection
    from workbench.project import Item
    from workbench.stations import ShownNeighbourhoods, ShownPairs

Rows = npt.NDArray[np.int64]

EMPTY = "Train, or choose a run: some of its pairs are shown here in the shared space."
_COLOURS = (("Modality", "modality"), ("Neighbourhood", "neighbourhood"))


class LiveMap(QWidget):
    """Shown pairs in two dimensions, frame after frame.

    While it is hidden, only the last glimpse is kept.

    Signals
    -------
    seen
        It has become visible.

    Parameters
    ----------
    previews : Previews
    item_of : callable
        Returns an item by its id, or None.
    """

    seen = Signal()

    def __init__(self, previews: Previews, item_of: "Callable[[int], Item | None]") -> None:
        super().__init__()
        self.setObjectName("live-map")
        self._previews, self._item_of = previews, item_of
        self._cards: list[HoverCard] = []  # of the item under the mouse, and of its partner
        self._projection: MovingProjection | None = None  # brings scipy: not for an empty window
        self._shown: ShownPairs | None = None
        self._around: ShownNeighbourhoods | None = None
        self._glimpse: Snapshot | None = None
        self._frame: Frame | None = None  # of the glimpse; None while that waits to be seen
        self._near: dict[str, Rows] = {}  # the nearest rows now, where they are known before
        self._meet = np.zeros(0, bool)
        self._pairs = np.zeros((0, 2), np.int64)

        self.points = MovingPoints()
        self.points.pointed.connect(self._pointed)
        self._foot = QWidget()
        self.caption = label("", "caption", wrap=True, name="map-caption")
        self.second = label("", "caption", wrap=True, name="map-second-caption")
        self.colours = ComboBox()
        self.colours.setObjectName("map-colours")
        self.colours.setAccessibleName("Colours of the map")
        self.colours.setToolTip(
            "What the colours mean. Neighbourhoods are those of the frozen embeddings: items of "
            "one colour were close before any training. Where colours mix, neighbourhoods are "
            "distorted."
        )
        for words, key in _COLOURS:
            self.colours.addItem(words, key)
        self.colours.currentIndexChanged.connect(lambda _: self._recolour())
        self.colours.setStyleSheet(
            "ComboBox { padding: 2px 7px; min-height: 18px; font-size: 12px; }"
            "ComboBox::drop-down { width: 18px; }"
        )
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(4, 0, 0, 0)
        foot.setSpacing(0)
        foot.addWidget(self.caption)
        foot.addWidget(self.second)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.points, 1)
        column.addWidget(self._foot)
        self.clear()

    # ---------------------------------------------------------------- content

    def clear(self) -> None:
        """Forget everything."""
        self._shown = self._around = self._glimpse = self._frame = None
        self._near = {}
        self.say(EMPTY)

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of a map."""
        self._shown = self._glimpse = self._frame = None
        self.colours.setEnabled(False)
        self.points.sentence = sentence
        self.points.set_items(0, np.zeros((0, 2), np.int64))
        self._write("", "", "")
        self._hide_cards()

    def begin(self, shown: "ShownPairs") -> None:
        """Show other pairs; if they are the same items, they will move on from where they are."""
        from workbench.maps import MovingProjection

        before = self._shown
        self._projection = self._projection or MovingProjection()
        self._projection.start_anew()
        self._shown, self._glimpse, self._frame = shown, None, None
        self.colours.setEnabled(True)
        if before is not None and _same_items(before, shown):
            return
        self._around, self._near = None, {}
        starts = self._starts()
        joined = [np.zeros((0, 2), np.int64)]
        for (first, second), rows in shown.pairs.items():
            joined.append(rows + np.array([starts[first], starts[second]]))
        self._pairs = np.concatenate(joined)
        self.points.sentence = "The map begins with the first step."
        self.points.set_items(sum(map(len, shown.ids.values())), self._pairs)
        self._write("", "", "")
        self._recolour()

    def take(self, glimpse: "Snapshot") -> None:
        """Move to where the pairs are now; they must be those that `begin` was told."""
        if self._shown is None:
            return
        self._glimpse, self._frame = glimpse, None
        if self.isVisible():
            self._look()

    def set_neighbourhoods(self, around: "ShownNeighbourhoods") -> None:
        """Take the frozen neighbourhoods of the pairs that are shown."""
        if self._shown is not None and all(
            len(around.groups.get(view, ())) == len(ids) for view, ids in self._shown.ids.items()
        ):
            self._around = around
            self._find_neighbours()
            self._recolour()
            self._tell()

    @property
    def shown(self) -> "ShownPairs | None":
        """The pairs that are shown."""
        return self._shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._glimpse is not None and self._frame is None:
            self._look()
        self.seen.emit()

    def _look(self) -> None:
        """Bring the picture up to date with the last glimpse."""
        from workbench.maps import partners_found

        if self._glimpse is None or self._shown is None or self._projection is None:
            return
        self._frame = self._projection.place(self._glimpse.mapped)
        found = partners_found(self._glimpse.mapped, self._shown.pairs)
        self._meet = np.concatenate([np.zeros(0, bool), *found.values()])
        self._find_neighbours()
        self.points.set_meet(self._meet)
        positions = np.concatenate(list(self._frame.positions.values()))
        self.points.move_to(positions.astype(np.float64), self._frame.bounds)
        self._tell()

    def _find_neighbours(self) -> None:
        from workbench.maps import nearest_rows

        if self._around is not None and self._glimpse is not None:
            self._near = {view: nearest_rows(rows) for view, rows in self._glimpse.mapped.items()}

    # ---------------------------------------------------------------- colours

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self._recolour()

    def _recolour(self) -> None:
        if self._shown is None:
            return
        now, starts = theme.current(), self._starts()
        by_group = self.colours.currentData() == "neighbourhood"
        marks: list[tuple[Shape, str, Rows]] = []
        legend = []
        for view, ids in self._shown.ids.items():
            shape = MARKS.get(view, "diamond")
            plain = now.modality.get(view, now.accent)
            legend.append(LegendEntry(view, now.muted if by_group else plain, shape))
            rows = starts[view] + np.arange(len(ids))
            if not by_group:
                marks.append((shape, plain, rows))
            elif self._around is None:
                marks.append((shape, now.muted, rows))
            else:
                groups = self._around.groups[view]
                for group in np.unique(groups).tolist():
                    colour = now.categories[group % len(now.categories)]
                    marks.append((shape, colour, rows[groups == group]))
        self.points.set_marks(marks, legend)
        self._tell()

    def chart(self) -> Cloud | None:
        """Return the map as it is now, to be printed; None before there is one."""
        shown, frame = self._shown, self._frame
        if shown is None or frame is None:
            return None
        ids = np.concatenate(list(shown.ids.values()))
        views = [view for view, those in shown.ids.items() for _ in those]
        return Cloud(
            "Shown pairs in the shared space", Axis("PCA 1"), Axis("PCA 2"),
            np.concatenate(list(frame.positions.values())).astype(np.float64), ids,
            tuple(name_of(self._item_of(found)) for found in ids.tolist()), tuple(views),
            self._groups(views), links=self._pairs, caption=self.caption.text(),
        )  # fmt: skip

    def _groups(self, views: list[str]) -> Groups:
        """Return by what the map is coloured."""
        if self.colours.currentData() == "neighbourhood" and self._around is not None:
            codes = np.concatenate([self._around.groups[view] for view in self._starts()])
            count, palette = int(codes.max(initial=-1)) + 1, LIGHT.categories
            return Groups(
                "frozen neighbourhood", tuple(str(number + 1) for number in range(count)),
                tuple(palette[number % len(palette)] for number in range(count)), codes,
            )  # fmt: skip
        names = list(self._starts())
        colours = tuple(LIGHT.modality.get(name, LIGHT.accent) for name in names)
        return Groups("", tuple(names), colours, np.array([names.index(view) for view in views]))

    # ---------------------------------------------------------------- words

    def _tell(self) -> None:
        """Say under the map what it shows."""
        if self._shown is None or self._frame is None:
            return
        if self.points.chosen is not None:
            self._tell_of(self.points.chosen)
            return
        met, kept = meet_in_words(self._shown, self._meet), kept_in_words(self._around, self._near)
        by_group = self.colours.currentData() == "neighbourhood"
        self._write(
            f"Neighbours kept: {kept}" if kept and by_group else met,
            share_in_words(self._frame),
            explanation(self._shown, self._frame, met, kept),
        )

    def _write(self, first: str, second: str, tip: str) -> None:
        self.caption.setText(first)
        self.second.setText(second)
        self._foot.setToolTip(tip)

    # ---------------------------------------------------------------- the mouse

    def _pointed(self) -> None:
        self._hide_cards()
        self._tell()
        if self.points.hovered is not None and self._frame is not None:
            self._show_cards([self.points.hovered, *self._partners_of(self.points.hovered)[:1]])

    def _tell_of(self, row: int) -> None:
        """Show the partner and the neighbours of the chosen item."""
        assert self._shown is not None  # noqa: S101 - there is a point
        assert self._glimpse is not None  # noqa: S101
        starts = self._starts()
        view = [name for name, start in starts.items() if start <= row][-1]
        own = row - starts[view]
        kept, lost, gained = (rows + starts[view] for rows in self._neighbours_of(view, own))
        self.points.set_related(self._partners_of(row), kept, lost, gained)
        near = f"{len(kept)} of {len(kept) + len(lost)} neighbours kept" if self._near else ""
        if near and self.points.pinned is None:
            near += " · click to pin"
        tip = self._name_of(row)
        if len(kept) + len(gained):
            tip += f"\nNearest now: {', '.join(map(self._name_of, [*kept, *gained]))}"
        self._write(rank_in_words(self._shown, self._glimpse, view, own), near, tip)

    def _partners_of(self, row: int) -> Rows:
        return np.concatenate(
            [self._pairs[self._pairs[:, side] == row, 1 - side] for side in (0, 1)]
        )

    def _name_of(self, row: int) -> str:
        assert self._shown is not None  # noqa: S101 - there is a point
        ids = np.concatenate(list(self._shown.ids.values()))
        return name_of(self._item_of(int(ids[row])))

    def _show_cards(self, rows: list[int]) -> None:
        """Show an item and its partner beside the map: on it they would hide where they are."""
        assert self._shown is not None  # noqa: S101 - there is a point under the mouse
        ids = np.concatenate(list(self._shown.ids.values()))
        window = self.window()
        while len(self._cards) < len(rows):
            self._cards.append(HoverCard(self._previews, window))
        self._hide_cards()
        corner = self.points.mapTo(window, QPoint(0, 0))
        middle = corner.y() + round(float(self.points.places()[rows[0]][1]))
        left = corner.x()
        for card, row in reversed(list(zip(self._cards, rows, strict=False))):
            if (item := self._item_of(int(ids[row]))) is not None:
                left -= card.width() + 6
                top = min(max(middle - card.height() // 2, 0), window.height() - card.height())
                card.show_item(item, corner)
                card.move(left, top)

    def _neighbours_of(self, view: str, row: int) -> tuple[Rows, Rows, Rows]:
        """Return the frozen neighbours still near, those that are not, and the new ones."""
        if self._around is None or view not in self._near:
            return (np.zeros(0, np.int64),) * 3
        before, now = self._around.neighbours[view][row], self._near[view][row]
        kept = np.isin(before, now)
        return before[kept], before[~kept], now[~np.isin(now, before)]

    def _hide_cards(self) -> None:
        for card in self._cards:
            card.hide()

    def _starts(self) -> dict[str, int]:
        """Return the first row of each view among the points."""
        starts, count = {}, 0
        for view, ids in self._shown.ids.items() if self._shown else ():
            starts[view] = count
            count += len(ids)
        return starts


def _same_items(one: "ShownPairs", other: "ShownPairs") -> bool:
    return (
        list(one.ids) == list(other.ids)
        and all(np.array_equal(one.ids[view], other.ids[view]) for view in one.ids)
        and list(one.pairs) == list(other.pairs)
        and all(np.array_equal(rows, other.pairs[each]) for each, rows in one.pairs.items())
    )
