"""Next pairs: which unpaired items to ask the user about, and who their partners may be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.labelling.partners import LikelyPartners, likely_partners
from workbench.alignment.labelling.strategies import STRATEGIES, Pool, Strategy, choose_items
from workbench.errors import WorkbenchError
from workbench.geometry import unit_differences
from workbench.item_ids import distinct_pairs
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import Modality
from workbench.project import Project, load_dataset
from workbench.stations.labelling.answers import refused_pairs, without_partner
from workbench.stations.runs.run_space import RunSpace, RunView
from workbench.stations.runs.store import RunStore, read_run_space

Ids = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]

DEFAULT_STRATEGY = STRATEGIES[0].name
_ASKED_ABOUT = 20
_PARTNERS = 9  # as many as there are keys for them
_MOST_FREE = 20_000  # items to choose among; drawn by the seed where there are more


@dataclass(frozen=True)
class LikelyPartner:
    """An item that may belong to another one.

    Attributes
    ----------
    item : int
        Its id.
    score : float
        Cosine in the joint space, corrected for hubs: to be compared, and not to be believed.
    """

    item: int
    score: float


@dataclass(frozen=True)
class Proposal:
    """An item to ask about.

    Attributes
    ----------
    item : int
        Its id.
    partners : tuple of LikelyPartner
        Of the other view, best first; none that was refused.
    """

    item: int
    partners: tuple[LikelyPartner, ...]


@dataclass(frozen=True)
class Proposals:
    """Items to ask about, in this order.

    Attributes
    ----------
    run : str or None
    strategy : str
    view, other : modality
        Of the items, and of their partners.
    proposals : tuple of Proposal
    free : int
        How many items of the view have no partner and could be asked about, these included.
    """

    run: str | None
    strategy: str
    view: Modality
    other: Modality
    proposals: tuple[Proposal, ...]
    free: int


def strategies() -> tuple[Strategy, ...]:
    """Return the strategies there are; the first is the default."""
    return STRATEGIES


def propose(
    project: Project,
    run_name: str | None = None,
    *,
    view: Modality | None = None,
    other: Modality | None = None,
    strategy: str = DEFAULT_STRATEGY,
    count: int = _ASKED_ABOUT,
    partners: int = _PARTNERS,
    skipped: Sequence[int] = (),
    seed: int = 0,
    control: Control | None = None,
    store: RunStore | None = None,
) -> Job[Proposals]:
    """Choose items whose pairing would help most, each with its likeliest partners by a run.

    Without a run, as before there is a single pair, they have no partners to offer; the user
    searches for them.

    Items that are in a pair of these views, or have no partner by the user's word, are not asked
    about. Where every paired item has one partner, an item that has one is not offered as partner
    to others.

    Parameters
    ----------
    project : Project
    run_name : str, optional
        Without, strategies that look at a run cannot be had.
    view, other : modality, optional
        Of the items, and of the partners. Where not given, the two views between which most is
        unpaired, pictures and recordings before texts.
    strategy : str
        A name of `strategies`.
    count, partners : int
        How many items, and how many partners for each, at most.
    skipped : sequence of int
        Ids of items not to ask about now.
    seed : int
        Of what is drawn.
    control : Control, optional
    store : RunStore, optional
        Where the run may have been read before.

    Yields
    ------
    Progress, Notice

    Raises
    ------
    WorkbenchError
        The run is missing, has no such views, or nothing is left to ask about; the strategy is
        unknown or needs a run; items are not encoded; the list of answers cannot be read.
    """
    control = control or Control()
    if run_name is None:
        yield Progress(0, 0, "Reading embeddings")
        space = _frozen_space(project)
    else:
        space = yield from read_run_space(project, run_name, control, store=store)
    view, other = _sides(space, view, other)
    asking = _Asking(project, space, view, other)
    free = asking.free(np.asarray(skipped, dtype=np.int64))
    if len(free) == 0:
        raise WorkbenchError(asking.nothing_left())
    some = free
    if len(free) > _MOST_FREE:
        some = np.sort(np.random.default_rng(seed).permutation(free)[:_MOST_FREE])
        yield Notice(
            f"Chosen among {_MOST_FREE:,} of {len(free):,} {view} items without a partner."
        )
    yield Progress(0, 0, "Choosing what to ask about")
    needs = {each.name: each.needs_space for each in STRATEGIES}.get(strategy, False)
    margins = asking.likely(some, 2).margins if needs and run_name is not None else None
    pool = Pool(space.views[view].before, some, asking.known(), margins)
    chosen = choose_items(pool, strategy, count, seed)
    found = asking.likely(chosen, partners if run_name is not None else 0)
    return Proposals(run_name, strategy, view, other, asking.proposals(chosen, found), len(free))


def _frozen_space(project: Project) -> RunSpace:
    """Return the encoded views of a project without any space in common."""
    data = load_dataset(project, without_pairs=True)
    if len(data.views) < 2:
        raise WorkbenchError(
            "Pairs need two encoded views, such as image and text. Choose encoders on the Encode "
            "page and encode both."
        )
    views = {}
    for name, view in data.views.items():
        rows = unit_differences(view.embeddings, view.embeddings.mean(axis=0, dtype=np.float64))
        nothing = np.zeros((len(rows), 0), dtype=np.float32)
        views[name] = RunView(view.ids, view.ids, np.arange(len(rows)), rows, nothing)
    return RunSpace("", views, data.pairs, None)  # type: ignore[arg-type]


def _sides(
    space: RunSpace, view: Modality | None, other: Modality | None
) -> tuple[Modality, Modality]:
    """Return the views of items and partners, checked, or chosen where they were left open."""
    for name in (view, other):
        if name is not None and name not in space.views:
            whose = f"The run “{space.run_name}” has" if space.run_name else "There are"
            raise WorkbenchError(
                f"{whose} no {name} items that are encoded. There are: {', '.join(space.views)}."
            )
    if view is not None and view == other:
        raise WorkbenchError(f"Partners are of another view than {view}.")
    choices = [
        (
            len(space.views[a].ids) - len(np.unique(space.pairs_between(a, b)[:, 0])),
            a != "text",
            a,
            b,
        )
        for a in space.views
        for b in space.views
        if a != b and view in (a, None) and other in (b, None)
    ]
    # texts are asked about only where nothing else is left
    _, _, first, second = max(choices, key=lambda each: (each[1] and each[0] > 0, each[0]))
    return first, second


class _Asking:
    """What is known between two views of a run."""

    def __init__(self, project: Project, space: RunSpace, view: Modality, other: Modality) -> None:
        self._views = space.views[view], space.views[other]
        self._names = view, other
        self._pairs = space.pairs_between(view, other)
        self._refused = self._rows(refused_pairs(project))
        alone = without_partner(project).get((view, other), np.zeros(0, dtype=np.int64))
        self._alone = self._views[0].rows_of(alone)
        offered = np.arange(len(self._views[1].ids))
        # captions of one picture, or pictures of one word, are partners of several
        once = len(np.unique(self._pairs[:, 1])) == len(self._pairs)
        self._offered = np.setdiff1d(offered, self._pairs[:, 1]) if once else offered

    def _rows(self, refused: dict[tuple[Modality, Modality], Ids]) -> Rows:
        """Return refused pairs as rows of items and partners, ascending."""
        found = [np.zeros((0, 2), dtype=np.int64)]
        for relation, ids in refused.items():
            if set(relation) == set(self._names):
                turned = ids if relation == self._names else ids[:, ::-1]
                found.append(
                    np.stack([v.rows_of(turned[:, n]) for n, v in enumerate(self._views)], 1)
                )
        rows = np.concatenate(found)
        return distinct_pairs(rows[(rows >= 0).all(axis=1)])

    def free(self, skipped: Ids) -> Rows:
        """Return the rows that may be asked about, ascending."""
        taken = np.concatenate([self._pairs[:, 0], self._alone, self._views[0].rows_of(skipped)])
        every = np.arange(len(self._views[0].ids))
        return np.setdiff1d(every, taken) if len(self._offered) else every[:0]

    def known(self) -> Rows:
        """Return the rows of which something is known: a partner, or that there is none."""
        known = np.concatenate([self._pairs[:, 0], self._alone])
        return np.unique(known[known >= 0])

    def nothing_left(self) -> str:
        view, other = self._names
        if len(self._offered) == 0:
            return (
                f"Every {other} item has its {view} partner: none is left that could be one. Add "
                "items on the Data page, or ask about others."
            )
        return (
            f"Every {view} item has its {other} partner, has none by your word, or was skipped: "
            "nothing is left to ask about. Add items on the Data page, or ask about others."
        )

    def likely(self, rows: Rows, count: int) -> LikelyPartners:
        """Return the likeliest partners of rows; they are rows of the other view."""
        place = np.full(len(self._views[0].ids), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        offered = np.full(len(self._views[1].ids), -1, dtype=np.int64)
        offered[self._offered] = np.arange(len(self._offered))
        excluded = np.stack([place[self._refused[:, 0]], offered[self._refused[:, 1]]], axis=1)
        first, second = (view.after for view in self._views)
        found = likely_partners(
            first[rows], second[self._offered], count,
            others=first, excluded=excluded[(excluded >= 0).all(axis=1)],
        )  # fmt: skip
        return LikelyPartners(self._offered[found.rows], found.scores)

    def proposals(self, rows: Rows, found: LikelyPartners) -> tuple[Proposal, ...]:
        ids, others = (view.ids for view in self._views)
        return tuple(
            Proposal(
                int(ids[row]),
                tuple(
                    LikelyPartner(int(others[partner]), float(score))
                    for partner, score in zip(partners, scores, strict=True)
                    if np.isfinite(score)
                ),
            )
            for row, partners, scores in zip(rows, found.rows, found.scores, strict=True)
        )
