"""One map with its choices: which space, and by which method."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from workbench.gui.exploring.maps.map_head import MapHead
from workbench.gui.exploring.maps.map_making import make_one_by_one
from workbench.gui.exploring.state.colouring import ByColumn, Colouring
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.items.hover_card import HoverCard
from workbench.gui.items.item_looks import marks_of
from workbench.gui.items.previews import Previews
from workbench.gui.look import theme
from workbench.gui.picturing.source import PictureSource
from workbench.gui.points.map_view import MapView
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import label
from workbench.jobs import Event, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.charts import Cloud
    from workbench.stations import ItemColumns, Map

_LOWEST = 170  # pixels of a map, with room for its tools: where there are fewer, the maps scroll


class MapPanel(Card):
    """A map of a space.

    Signals
    -------
    rechosen
        By the user: another space, method or options.
    add_asked, float_asked, remove_asked
        By the buttons for another map beside this one, for a window of its own, and for none here.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    name : str
        Object names begin with it.
    """

    rechosen = Signal()
    add_asked = Signal()
    float_asked = Signal()
    remove_asked = Signal()

    def __init__(self, state: ExploreState, previews: Previews, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._state, self._session = state, state.session
        self._map: Map | None = None
        self._made: list[Map] = []  # what the job in work has made, also before it is shown
        self._others: Callable[[], Sequence[Map]] = tuple
        self._slot = JobSlot(state.session, self)
        self._drawn: tuple[Map, ItemColumns] | None = None
        self._coloured: tuple[Colouring, theme.Theme] | None = None  # what is drawn

        self.choices = MapHead(name)
        self.space_choice = self.choices.space_choice
        self.method_choice = self.choices.method_choice
        self.options = self.choices.options
        self.space_choice.activated.connect(lambda _: self._choose())
        self.method_choice.activated.connect(lambda _: self._choose())
        self.options.chosen.connect(lambda anew: self._choose(again=True, anew=anew))
        self.choices.add_button.clicked.connect(lambda: self.add_asked.emit())
        self.choices.float_button.clicked.connect(lambda: self.float_asked.emit())
        self.choices.remove_button.clicked.connect(lambda: self.remove_asked.emit())

        self.view = MapView(f"{name}-map")
        self.view.picked.connect(self._session.select)
        self.view.hovered.connect(self._hovered)
        self._card = HoverCard(previews, self.view)
        self._words = label("", "muted", wrap=True, name=f"{name}-words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._words)
        self.pictured = PictureSource(
            self.view, self._session, lambda: f"Map of {self._title()}", self.chart,
            self.view.canvas.viewport(),
        )  # fmt: skip
        self._lay_out()
        self._session.selection_changed.connect(self.show_selection)
        self._session.theme_changed.connect(self.apply_theme)
        state.items_changed.connect(self._show)
        state.colours.changed.connect(self.recolour)
        state.query.answers_changed.connect(self.show_answers)

    def _lay_out(self) -> None:
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.setContentsMargins(10, 10, 10, 8)
            layout.setSpacing(6)
        self.body.setSpacing(6)
        self.body.addWidget(self.choices)
        self.body.addWidget(self._stack, 1)
        self._stack.setMinimumHeight(_LOWEST)

    # ---------------------------------------------------------------- choices

    def space(self) -> str | None:
        """Return the space chosen: a modality, ``run:NAME``, or ``run:NAME@ALPHA``."""
        return self.choices.space()

    def offer_spaces(self, spaces: list[tuple[str, str]], wanted: str | None) -> None:
        """Offer spaces as (words, space), and choose one of them."""
        self.choices.offer_spaces(spaces, wanted)

    def set_places(self, *, add: bool, leave: bool, remove: bool) -> None:
        """Say what there is room for; see `MapHead.set_places`."""
        self.choices.set_places(add=add, leave=leave, remove=remove)

    def set_others(self, others: "Callable[[], Sequence[Map]]") -> None:
        """Say how to get the maps that this one shall be comparable to, the first before others.

        It is called from the thread that makes the map.
        """
        self._others = others

    def copy_choices(self, other: "MapPanel") -> None:
        """Offer and choose what another panel does; `load` then shows it."""
        self.choices.copy(other.choices)

    def _choose(self, *, again: bool = False, anew: bool = False) -> None:
        self.load(again=again, anew=anew)
        self.rechosen.emit()

    # ---------------------------------------------------------------- the map

    @property
    def shown_map(self) -> "Map | None":
        """The map that is shown, or was before one in work."""
        return self._map

    @property
    def made_map(self) -> "Map | None":
        """The map made last, also before it is shown."""
        return self._made[-1] if self._made else self._map

    @property
    def busy(self) -> bool:
        """Whether a map is being made."""
        return self._slot.busy

    def load(self, *, again: bool = False, anew: bool = False) -> None:
        """Show the map that is chosen, making it in the background where it is not kept.

        Parameters
        ----------
        again : bool
            Also where it is shown already: items may have come or gone.
        anew : bool
            Make it again although it is kept.
        """
        project, space, method = (
            self._session.project, self.space(), self.choices.method(),
        )  # fmt: skip
        if project is None or space is None:
            self._slot.cancel()
            self.say("There is nothing to map yet.")
            return
        options = self.options.options() if method == "umap" else None
        wanted = space, method, options
        shown = self._map is not None and wanted == (
            self._map.space, self._map.method, self._map.options,
        )  # fmt: skip
        if not again and not anew:
            if self._slot.wish == wanted:
                return
            if shown and not self._slot.busy:
                self._show()  # what was chosen meanwhile may have been stopped
                return
        if not shown or anew:
            self.say("Making the map…")
        like = self._likened(method)
        made: list[Map] = []  # of its own: whatever a job before this one makes is lost
        self._made = made
        self._slot.ask(
            f"{method.upper()} map of {SpaceName.parse(space).in_words()}",
            lambda control: make_one_by_one(project, wanted, like, made.append, anew, control),
            self._take, on_event=self._hear if method == "umap" else None, on_error=self._fail,
            wish=wanted, quiet=method == "pca",
        )  # fmt: skip

    def _likened(self, method: str) -> "Callable[[], Sequence[Map]]":
        """Return how to find, when the map is made, those that it shall be comparable to."""
        comparable, own = self.options.comparable.isChecked(), self._map

        def find() -> "list[Map]":
            known = (*self._others(), *(() if own is None else (own,)))
            return [each for each in known if each.method == method] if comparable else []

        return find

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress):
            share = f" ({event.done / event.total:.0%})" if event.total > 1 else ""
            self._words.setText(f"{event.message}{share}…")

    def _take(self, found: "Map | None") -> None:
        if found is None:
            self.say("The map was stopped. Choose it again to make it.")
            return
        self._map = found
        self._show()

    def _fail(self, sentence: str) -> None:
        self._map = None
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of the map."""
        self._words.setText(sentence)
        self._stack.setCurrentWidget(self._words)

    def clear(self) -> None:
        """Forget the map and what was chosen, as when another project is opened."""
        self._slot.cancel()
        self._map = self._drawn = self._coloured = None
        self._made = []
        self.choices.forget()
        self._card.hide()
        self.view.set_points(np.zeros((0, 2)))
        self.view.set_legend([])

    def _show(self) -> None:
        table = self._state.table
        if self._map is None or table is None:
            return
        if not self._is_drawn(self._map, table):
            self._drawn, self._coloured = (self._map, table), None
            self.view.set_points(self._map.positions, self._map.ids, marks_of(table, self._map.ids))
        self.recolour()
        self.show_selection()
        self.show_answers()
        self._stack.setCurrentWidget(self.view)

    def _is_drawn(self, made: "Map", table: "ItemColumns") -> bool:
        """Tell whether these points are there already: whoever looks at a part goes on with it."""
        return (
            self._drawn is not None
            and self._drawn[1] is table
            and self._drawn[0].space == made.space
            and np.array_equal(self._drawn[0].ids, made.ids)
            and np.array_equal(self._drawn[0].positions, made.positions)
        )

    # ---------------------------------------------------------------- overlays

    def recolour(self) -> None:
        """Colour points and legend as chosen; by their modality until that is known."""
        table = self._state.table
        if self._map is None or self._drawn is None or self._drawn[1] is not table:
            return  # nothing is drawn yet, or not by this table: it will be, in its colours
        wanted = self._state.colours.colouring or ByColumn(table, "modality"), theme.current()
        if self._coloured == wanted:
            return
        self._coloured = wanted
        rgba, legend = wanted[0].colours(self._map.ids, wanted[1])
        self.view.set_colours(rgba)
        self.view.set_legend(legend)

    def show_selection(self) -> None:
        """Show the session's selection, with lines between the ends of its pairs."""
        self.view.set_selection(self._session.selection)
        self.view.set_pairs(self._state.selected_pairs())

    def show_answers(self) -> None:
        """Put numbered rings around the answers, and a star where the question lies."""
        answers = self._state.query.answers
        self.view.set_highlights(np.zeros(0, np.int64) if answers is None else answers.ids)
        place = None if answers is None else answers.place_on(self._map)
        self.view.set_markers(np.zeros((0, 2), np.float32) if place is None else place)

    def _title(self) -> str:
        return "" if self._map is None else SpaceName.parse(self._map.space).in_words()

    def chart(self) -> "Cloud | None":
        """Return the map as it is coloured, with the answers ringed, to be printed."""
        table = self._state.table
        if self._map is None or table is None:
            return None
        from workbench.stations import map_chart

        colouring = self._state.colours.colouring or ByColumn(table, "modality")
        made = map_chart(self._map, table, colouring.for_chart(self._map.ids))
        answers = self._state.query.answers
        if answers is None:
            return made
        rows = self._map.rows_of(answers.ids).tolist()
        rings = {row: str(number) for number, row in enumerate(rows, 1) if row >= 0}
        place = answers.place_on(self._map)
        stars = made.stars if place is None else np.asarray(place, np.float64)
        return replace(made, rings=rings, stars=stars)

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self.view.apply_theme()
        self.recolour()

    def _hovered(self, found: int | None) -> None:
        table = self._state.table
        item = table.item(found) if table is not None and found is not None else None
        place = None if found is None else self.view.place_of(found)
        if item is None or place is None:
            self._card.hide()
        else:
            self._card.show_item(item, place)
