"""One map with its choices: which space, and by which method."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from workbench.gui import theme
from workbench.gui.exploring.colouring import ByColumn, Colouring
from workbench.gui.exploring.hover_card import HoverCard
from workbench.gui.exploring.items import ItemTable
from workbench.gui.exploring.map_head import MapHead
from workbench.gui.exploring.map_making import Wanted, make_one_by_one
from workbench.gui.exploring.previews import Previews
from workbench.gui.points.map_view import MapView
from workbench.gui.session import RunningJob, Session
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import label
from workbench.jobs import Event, Progress

if TYPE_CHECKING:
    from workbench.stations import Map

Ids = npt.NDArray[np.int64]


class MapPanel(Card):
    """A map of a space.

    Signals
    -------
    picked (ids, mode)
    add_asked, float_asked, remove_asked
        By the buttons for another map beside this one, for a window of its own, and for none here.

    Parameters
    ----------
    session : Session
    previews : Previews
    name : str
        Object names begin with it.
    """

    picked = Signal(object, str)
    add_asked = Signal()
    float_asked = Signal()
    remove_asked = Signal()

    def __init__(self, session: Session, previews: Previews, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._session = session
        self._table: ItemTable | None = None
        self._map: Map | None = None
        self._made: Map | None = None  # the last one, also before it is shown
        self._others: Callable[[], Sequence[Map]] = tuple
        self._job: RunningJob | None = None
        self._wanted: Wanted | None = None
        self._number = 0  # of the job that is listened to
        self._drawn: tuple[Map, ItemTable] | None = None
        self._highlights: Ids = np.zeros(0, np.int64)
        self._colouring: Colouring | None = None

        self.choices = MapHead(name)
        self.space_choice = self.choices.space_choice
        self.method_choice = self.choices.method_choice
        self.options = self.choices.options
        self.space_choice.activated.connect(lambda _: self.load())
        self.method_choice.activated.connect(lambda _: self.load())
        self.options.chosen.connect(lambda anew: self.load(again=True, anew=anew))
        self.choices.add_button.clicked.connect(lambda: self.add_asked.emit())
        self.choices.float_button.clicked.connect(lambda: self.float_asked.emit())
        self.choices.remove_button.clicked.connect(lambda: self.remove_asked.emit())

        self.view = MapView(f"{name}-map")
        self.view.picked.connect(self.picked)
        self.view.hovered.connect(self._hovered)
        self._card = HoverCard(previews, self.view)
        self._words = label("", "muted", wrap=True, name=f"{name}-words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._words)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.setContentsMargins(10, 10, 10, 8)
            layout.setSpacing(6)
        self.body.setSpacing(6)
        self.body.addWidget(self.choices)
        self.body.addWidget(self._stack, 1)

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

    # ---------------------------------------------------------------- the map

    @property
    def shown_map(self) -> "Map | None":
        """The map that is shown, or was before one in work."""
        return self._map

    @property
    def made_map(self) -> "Map | None":
        """The map made last, also before it is shown."""
        return self._made

    @property
    def busy(self) -> bool:
        """Whether a map is being made."""
        return self._job is not None

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
            self.say("There is nothing to map yet.")
            return
        options = self.options.options() if method == "umap" else None
        wanted = space, method, options
        shown = self._map is not None and wanted == (
            self._map.space, self._map.method, self._map.options,
        )  # fmt: skip
        in_work = self._wanted == wanted or (shown and self._job is None)
        if in_work and not again and not anew:
            return
        self._abandon()
        self._wanted = wanted
        if not shown or anew:
            self.say("Making the map…")
        like = self._likened(method)
        self._number += 1
        number = self._number  # of an abandoned map, or of another project, nothing is heard

        def keep(made: "Map") -> None:
            if number == self._number:
                self._made = made

        self._job = self._session.start(
            f"{method.upper()} map of {space.removeprefix('run:')}",
            lambda control: make_one_by_one(project, wanted, like, keep, anew, control),
            on_event=lambda event: self._hear(number, event),
            on_result=lambda found: self._take(number, found),
            on_error=lambda sentence: self._fail(number, sentence),
            quiet=method == "pca",
        )

    def _likened(self, method: str) -> "Callable[[], Sequence[Map]]":
        """Return how to find, when the map is made, those that it shall be comparable to."""
        comparable, own = self.options.comparable.isChecked(), self._map

        def find() -> "list[Map]":
            known = (*self._others(), *(() if own is None else (own,)))
            return [each for each in known if each.method == method] if comparable else []

        return find

    def _abandon(self) -> None:
        self._number += 1
        if self._job is not None:
            self._job.control.stop()
        self._job, self._wanted = None, None

    def _hear(self, number: int, event: Event) -> None:
        wanted = self._wanted if number == self._number else None
        if wanted is not None and isinstance(event, Progress) and wanted[1] == "umap":
            share = f" ({event.done / event.total:.0%})" if event.total > 1 else ""
            self._words.setText(f"{event.message}{share}…")

    def _take(self, number: int, found: "Map | None") -> None:
        if number != self._number:
            return
        self._job, self._wanted = None, None
        if found is None:
            self.say("The map was stopped. Choose it again to make it.")
            return
        self._map = found
        self._show()

    def _fail(self, number: int, sentence: str) -> None:
        if number == self._number:
            self._job, self._wanted = None, None
            self._map = None
            self.say(sentence)

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of the map."""
        self._words.setText(sentence)
        self._stack.setCurrentWidget(self._words)

    def clear(self) -> None:
        """Forget the map, as when another project is opened."""
        self._abandon()
        self._map = self._made = self._table = self._drawn = None
        self.view.set_points(np.zeros((0, 2)))
        self.view.set_legend([])

    def set_table(self, table: ItemTable) -> None:
        """Take what is known of the items."""
        self._table = table
        self._show()

    def _show(self) -> None:
        if self._map is None or self._table is None:
            return
        if not self._is_drawn(self._map, self._table):
            self._drawn = self._map, self._table
            marks = self._table.marks(self._map.ids)
            self.view.set_points(self._map.positions, self._map.ids, marks)
        self.recolour()
        self.show_selection()
        self.view.set_highlights(self._highlights)
        self._stack.setCurrentWidget(self.view)

    def _is_drawn(self, made: "Map", table: ItemTable) -> bool:
        """Tell whether these points are there already: whoever looks at a part goes on with it."""
        return (
            self._drawn is not None
            and self._drawn[1] is table
            and self._drawn[0].space == made.space
            and np.array_equal(self._drawn[0].ids, made.ids)
            and np.array_equal(self._drawn[0].positions, made.positions)
        )

    # ---------------------------------------------------------------- overlays

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Say what points are coloured by; None for their modality."""
        self._colouring = colouring
        self.recolour()

    def recolour(self) -> None:
        """Colour points and legend as chosen."""
        if self._map is None or self._table is None:
            return
        colouring = self._colouring or ByColumn(self._table, "modality")
        rgba, legend = colouring.colours(self._map.ids, theme.current())
        self.view.set_colours(rgba)
        self.view.set_legend(legend)

    def show_selection(self) -> None:
        """Show the session's selection, with lines between the ends of its pairs."""
        selection = self._session.selection
        self.view.set_selection(selection)
        if self._table is not None and len(selection):
            self.view.set_pairs(self._table.pairs_of(selection))
        else:
            self.view.set_pairs(np.zeros((0, 2), np.int64))

    def set_highlights(self, ids: Ids) -> None:
        """Put numbered rings around items."""
        self._highlights = ids
        self.view.set_highlights(ids)

    def set_markers(self, positions: npt.NDArray[np.floating]) -> None:
        """Put stars where a question lies on this map, as `stations.Placer` says, shape (k, 2).

        Another map has none.
        """
        self.view.set_markers(positions)

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self.view.apply_theme()
        self.recolour()

    def _hovered(self, found: int | None) -> None:
        item = self._table.item(found) if self._table is not None and found is not None else None
        place = None if found is None else self.view.place_of(found)
        if item is None or place is None:
            self._card.hide()
        else:
            self._card.show_item(item, place)
