"""One map with its choices: which space, by which method, in which colours."""

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout

from workbench.gui import theme
from workbench.gui.exploring.hover_card import HoverCard
from workbench.gui.exploring.items import ItemTable
from workbench.gui.exploring.previews import Previews
from workbench.gui.points.map_view import MapView
from workbench.gui.session import RunningJob, Session
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import label
from workbench.jobs import Control, Event, Job, Progress

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import Map

Ids = npt.NDArray[np.int64]
_METHODS = (("PCA", "pca"), ("UMAP", "umap"))
_TURNS = {method: Lock() for _, method in _METHODS}
_COLOURS = (("by modality", "modality"), ("by label", "label"))


class MapPanel(Card):
    """A map of a space.

    Signals
    -------
    picked (ids, mode)
    space_chosen (space)
        By the user.

    Parameters
    ----------
    session : Session
    previews : Previews
    name : str
        Object names begin with it.
    """

    picked = Signal(object, str)
    space_chosen = Signal(str)

    def __init__(self, session: Session, previews: Previews, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._session = session
        self._table: ItemTable | None = None
        self._map: Map | None = None
        self._job: RunningJob | None = None
        self._wanted: tuple[str, str] | None = None  # space and method of the map in work
        self._highlights: Ids = np.zeros(0, np.int64)

        self.space_choice = self._combo(f"{name}-space", "Space", [])
        self.method_choice = self._combo(f"{name}-method", "Method of the map", _METHODS)
        self.colour_choice = self._combo(f"{name}-colours", "Colours", _COLOURS)
        self.space_choice.activated.connect(self._space_activated)
        self.method_choice.activated.connect(lambda _: self.load())
        self.colour_choice.currentIndexChanged.connect(lambda _: self.recolour())

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
        choices = QHBoxLayout()
        choices.setSpacing(6)
        choices.addWidget(self.space_choice, 1)
        choices.addWidget(self.method_choice)
        choices.addWidget(self.colour_choice)
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.setContentsMargins(10, 10, 10, 8)
            layout.setSpacing(6)
        self.body.setSpacing(6)
        self.body.addLayout(choices)
        self.body.addWidget(self._stack, 1)

    def _combo(self, name: str, title: str, choices: Any) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        combo.setAccessibleName(title)
        combo.setToolTip(title)
        for words, key in choices:
            combo.addItem(words, key)
        return combo

    # ---------------------------------------------------------------- choices

    def space(self) -> str | None:
        """Return the space chosen: a modality, or ``run:NAME``."""
        chosen: str | None = self.space_choice.currentData()
        return chosen

    def offer_spaces(self, spaces: list[tuple[str, str]], wanted: str | None) -> None:
        """Offer spaces as (words, space), and choose one of them."""
        self.space_choice.clear()
        for words, space in spaces:
            self.space_choice.addItem(words, space)
        place = self.space_choice.findData(wanted)
        if spaces:
            self.space_choice.setCurrentIndex(max(place, 0))

    def _space_activated(self, _index: int) -> None:
        self.load()
        if (space := self.space()) is not None:
            self.space_chosen.emit(space)

    # ---------------------------------------------------------------- the map

    def load(self, *, again: bool = False) -> None:
        """Show the map that is chosen, making it in the background where it is not kept."""
        project, space, method = (
            self._session.project, self.space(), self.method_choice.currentData(),
        )  # fmt: skip
        if project is None or space is None:
            self.say("There is nothing to map yet.")
            return
        shown = self._map is not None and (self._map.space, self._map.method) == (space, method)
        if self._wanted == (space, method) or (shown and self._job is None and not again):
            return
        self._abandon()
        self._wanted = (space, method)
        if not shown:
            self.say("Making the map…")

        # the callbacks of an abandoned map are told apart by what was wanted then
        wanted = self._wanted
        self._job = self._session.start(
            f"{method.upper()} map of {space.removeprefix('run:')}",
            lambda control: _make_one_by_one(project, space, method, control),
            on_event=lambda event: self._hear(wanted, event),
            on_result=lambda found: self._take(wanted, found),
            on_error=lambda sentence: self._fail(wanted, sentence),
            quiet=method == "pca",
        )

    def _abandon(self) -> None:
        if self._job is not None:
            self._job.control.stop()
        self._job, self._wanted = None, None

    def _hear(self, wanted: tuple[str, str], event: Event) -> None:
        if wanted == self._wanted and isinstance(event, Progress) and wanted[1] == "umap":
            share = f" ({event.done / event.total:.0%})" if event.total else ""
            self._words.setText(f"{event.message}{share}…")

    def _take(self, wanted: tuple[str, str], found: "Map | None") -> None:
        if wanted != self._wanted:
            return
        self._job, self._wanted = None, None
        if found is None:
            self.say("The map was stopped. Choose it again to make it.")
            return
        self._map = found
        self._show()

    def _fail(self, wanted: tuple[str, str], sentence: str) -> None:
        if wanted == self._wanted:
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
        self._map, self._table = None, None
        self.view.set_points(np.zeros((0, 2)))
        self.view.set_legend([])

    def set_table(self, table: ItemTable) -> None:
        """Take what is known of the items."""
        self._table = table
        self.colour_choice.setVisible(table.has_labels())
        self._show()

    def _show(self) -> None:
        if self._map is None or self._table is None:
            return
        self.view.set_points(self._map.positions, self._map.ids, self._table.marks(self._map.ids))
        self.recolour()
        self.show_selection()
        self.view.set_highlights(self._highlights)
        self._stack.setCurrentWidget(self.view)

    # ---------------------------------------------------------------- overlays

    def recolour(self) -> None:
        """Colour points and legend as chosen."""
        if self._map is None or self._table is None:
            return
        rgba, legend = self._table.colours(
            self._map.ids, self.colour_choice.currentData(), theme.current()
        )
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


def _make_one_by_one(
    project: "Project", space: str, method: Any, control: Control
) -> Job["Map | None"]:
    """Make a map when no other of its method is being made.

    Two panels often want the same map: the second then finds what the first has kept. And UMAP is
    heavy enough for one at a time.
    """
    from workbench.stations import make_map

    turn = _TURNS[method]
    while not turn.acquire(timeout=0.2):
        if control.stopping:
            return None
        yield Progress(0, 0, "Waiting for another map")
    try:
        return (yield from make_map(project, space, method, control=control))
    finally:
        turn.release()
