"""How far a project has come: what each station can do, what it lacks, and which is next.

Derived here alone, from what lies in the project. A page adds only what it does itself, such as a
running job.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.gui import words

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.project import Project
    from workbench.stations import CacheState

State = Literal["empty", "ready", "running", "attention", "done"]

_PAGES = (
    "Start", "Data", "Encode", "Train", "Explore", "Classify", "Label", "Studies", "Export",
)  # fmt: skip
_NAMED_PAGE = re.compile(rf"\bthe ({'|'.join(_PAGES)}) page\b")


@dataclass(frozen=True)
class Missing:
    """What a station lacks, and the page where it is made."""

    icon: str
    title: str
    sentence: str
    button: str
    page: str


States = dict[Path, "tuple[object, CacheState | None]"]
"""By the path of a cache: a mark of the files that decide its state, and that."""


@dataclass(frozen=True)
class Standing:
    """What a project has.

    Attributes
    ----------
    opened : bool
        Whether there is a project at all.
    sources : bool
        Whether folders or files are chosen.
    items : mapping of modality to int
    pairs : set of pair of modality
        The modalities between which there are pairs.
    encoded : mapping of modality to int
        How many items the chosen encoder has encoded, where it has begun.
    waiting : mapping of modality to int
        How many items the chosen encoder has yet to encode, where one is chosen.
    own_words : bool
        Whether encoded views can be aligned without pairs, by the encoders' own words.
    runs : bool
        Whether there are runs with heads.
    problem : str
        Why the project cannot be read, in a sentence; else empty.
    """

    opened: bool = False
    sources: bool = False
    items: Mapping[str, int] = field(default_factory=dict)
    pairs: frozenset[tuple[str, str]] = frozenset()
    encoded: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    own_words: bool = False
    runs: bool = False
    problem: str = ""

    @property
    def views(self) -> list[str]:
        """The modalities of which something is encoded."""
        return [view for view, done in self.encoded.items() if done]

    def missing(self, page: str) -> Missing | None:
        """Return what keeps a station from being used, or None."""
        if page == "start":
            return None
        if not self.opened:
            return _NO_PROJECT
        if page == "data":
            return None
        if self.problem:
            return Missing("alert-outline", "The project cannot be read", self.problem,
                           "Go to Data", "data")  # fmt: skip
        if page in ("train", "classify", "label", "export") and self.runs:
            return None  # what has been trained is there, whatever the next training lacks
        if not self.items:
            return _NO_ITEMS
        if page == "encode":
            return None
        if page == "explore":
            return None if self.views else _NOTHING_ENCODED
        return _WANT_A_RUN[page] if page in _WANT_A_RUN else self.missing_for_training()

    def missing_for_training(self) -> Missing | None:
        """Return what keeps items that are there from being aligned, or None."""
        if not self.pairs:
            return None if self.own_words else _NO_PAIRS
        if not any(set(relation) <= set(self.views) for relation in self.pairs):
            return _NOT_ENCODED
        used = [relation for relation in self.pairs if set(relation) <= self.waiting.keys()]
        paired = {view for relation in used for view in relation}
        waiting = {view: n for view, n in self.waiting.items() if n and view in paired}
        if waiting:
            left = words.listed([words.items(n, view) for view, n in waiting.items()])
            return Missing(
                "layers-triple-outline",
                "Not all items are encoded yet",
                f"{left} are left to encode. What is encoded already is kept: encoding goes on "
                "where it was.",
                "Continue encoding",
                "encode",
            )
        return None

    def state(self, page: str) -> State:
        """Return how a station is doing, as the project tells."""
        if page == "start":
            return "done" if self.opened else "ready"
        if self.missing(page) is not None:
            return "empty"
        if page == "data":
            return "done" if self.items else "attention" if self.sources else "ready"
        if page == "encode":
            return self._state_of_encoding()
        return "done" if page == "train" and self.runs else "ready"

    def _state_of_encoding(self) -> State:
        if not self.items.keys() <= self.encoded.keys():
            return "ready"  # some are not begun
        return "attention" if any(self.waiting.values()) else "done"

    def next_page(self) -> str:
        """Return the page where work goes on."""
        if not self.opened:
            return "start"
        if self.problem or not self.items:
            return "data"
        if self.runs:
            return "explore"
        missing = self.missing_for_training()
        return "train" if missing is None else missing.page


class _Project(Protocol):
    """Who has the open project."""

    project: "Project | None"


class Road(QObject):
    """Where the open project stands; read again when something has changed.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
        The standing may be another one.
    """

    changed = Signal()

    def __init__(self, session: _Project) -> None:
        super().__init__()
        self._session = session
        self._standing: Standing | None = None
        self._states: States = {}

    @property
    def standing(self) -> Standing:
        """What the project has."""
        if self._standing is None:
            self._standing = standing_of(self._session.project, self._states)
        return self._standing

    def forget(self) -> None:
        """Read anew when somebody asks next: something has changed, maybe elsewhere."""
        self._standing = None
        self.changed.emit()


def standing_of(project: "Project | None", known: States | None = None) -> Standing:
    """Read what a project has; what is known of its caches is kept in `known`."""
    if project is None:
        return Standing()
    from workbench import stations

    settings = project.settings
    try:
        items, pairs = project.catalogue.counts(), project.catalogue.pair_counts()
        caches = _caches(project, {} if known is None else known)
        begun = {view: name for view, name in settings.encoders.items() if view in caches}
        return Standing(
            opened=True,
            sources=bool(settings.sources),
            items={str(view): count for view, count in items.items()},
            pairs=frozenset(pairs),
            encoded={str(view): state.encoded for view, state in caches.items()},
            waiting={
                str(view): caches[view].left if view in caches else items.get(view, 0)
                for view in settings.encoders
            },
            own_words=not pairs and stations.words_can_be_had(project, begun),
            runs=any(run.has_heads() for run in project.runs()),
        )
    except WorkbenchError as error:
        return Standing(opened=True, sources=bool(settings.sources), problem=str(error))


def _caches(project: "Project", known: States) -> "dict[Modality, CacheState]":
    """Return the state of the chosen encoder's cache, of each modality that has one.

    Of a million items it takes seconds, so it is only read where a file has changed.
    """
    from workbench import stations
    from workbench.media import MODALITIES
    from workbench.project import file_mark

    found = {}
    for modality in MODALITIES:
        name = project.settings.encoders.get(modality)
        if not name:
            continue
        path = project.cache_path(modality, name)
        mark = project.catalogue.mark(), file_mark(path)
        if known.get(path, (None, None))[0] != mark:
            try:
                known[path] = mark, stations.cache_state(project, modality)
            except WorkbenchError:  # damaged, or just being made: the Encode page says more
                continue
        state = known[path][1]
        if state is not None:
            found[modality] = state
    return found


def pages_named(sentence: str) -> list[str]:
    """Return the pages that a sentence sends to, such as ``the Encode page``, each once."""
    return list(dict.fromkeys(title.lower() for title in _NAMED_PAGE.findall(sentence)))


_NO_PROJECT = Missing(
    "folder-open-outline",
    "No project is open",
    "A project keeps track of your folders, embeddings and runs. Make one, open one, or try the "
    "sample.",
    "Go to Start",
    "start",
)
_NO_ITEMS = Missing(
    "folder-plus-outline",
    "The project has no items yet",
    "Choose folders of pictures, texts or recordings, and scan them; then they can be encoded and "
    "paired.",
    "Choose folders",
    "data",
)
_NO_PAIRS = Missing(
    "vector-link",
    "There are no pairs yet",
    "Training learns from some pairs of items of two modalities that belong together. Set on the "
    "Data page how they are found.",
    "Find pairs",
    "data",
)
_NOT_ENCODED = Missing(
    "layers-triple-outline",
    "The items are not encoded yet",
    "Training aligns the embeddings of frozen encoders. Encode at least two modalities that have "
    "pairs.",
    "Encode",
    "encode",
)
_NOTHING_ENCODED = Missing(
    "layers-triple-outline",
    "Nothing to show yet",
    "Maps show the embeddings of encoded items. Encode at least one modality.",
    "Encode",
    "encode",
)
_NOTHING_TO_CLASSIFY_IN = Missing(
    "tag-text-outline",
    "Nothing to classify in yet",
    "Items are named by words in the shared space of a trained run. Train one first; a few minutes "
    "are enough for a first look.",
    "Go to Train",
    "train",
)
_NOTHING_PROPOSES = Missing(
    "link-variant-plus",
    "Nothing to propose yet",
    "What is asked about, and who may be its partner, is told by a trained run. Train one first. "
    "Two items can be paired by hand without: select both on the Explore page, and press Ctrl+L.",
    "Go to Train",
    "train",
)
_NO_RUNS = Missing(
    "package-variant-closed",
    "Nothing to export yet",
    "What is exported are the heads of a trained run. Train one first; a few minutes are enough "
    "for a first look.",
    "Go to Train",
    "train",
)
_WANT_A_RUN = {
    "classify": _NOTHING_TO_CLASSIFY_IN, "label": _NOTHING_PROPOSES, "export": _NO_RUNS,
}  # fmt: skip
