"""Comparing: item by item, how two spaces differ, and how a run ranks what was held out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import (
    compare_neighbourhoods,
    pair_groups,
    retrieve,
)
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.media import Modality
from workbench.project import Project, SpaceName, rows_in
from workbench.stations.evaluating.evaluate import NEIGHBOURS
from workbench.stations.evaluating.item_figures import WORST
from workbench.stations.runs.data import held_out_of_run
from workbench.stations.runs.run_space import RunSpace
from workbench.stations.runs.space_rows import heads_of

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

COLUMNS = ("label", "language", "key")
"""Columns of the catalogue that can divide items into groups."""
_MOST = 10_000
_ROWS_AT_ONCE = 512


# --- neighbourhoods of two spaces ----------------------------------------------------------------


@dataclass(frozen=True)
class SpaceOf:
    """A space to compare: that of frozen embeddings, or a joint space.

    Attributes
    ----------
    run : RunSpace
    frozen : bool
        Whether its rows before the heads are meant.
    words : str
        What it is called; after the run where not given.
    """

    run: RunSpace
    frozen: bool = False
    words: str = ""

    def in_words(self) -> str:
        """Name it."""
        if self.words:
            return self.words
        return f"frozen embeddings of {self.run.run_name}" if self.frozen else self.run.run_name

    def rows(self, modality: Modality) -> Floats:
        """Return its unit rows of a modality."""
        view = self.run.views[modality]
        return view.before if self.frozen else view.after


@dataclass(frozen=True, eq=False)
class ItemOverlap:
    """How far items have the same neighbours in two spaces.

    Attributes
    ----------
    ids : ndarray, shape (m,)
        Items looked at, ascending.
    overlap : ndarray, shape (m,)
        Share of the k nearest that are the same, among the items that both spaces have.
    neighbours, items : int
        k, and among how many items.
    """

    ids: Rows
    overlap: npt.NDArray[np.float64]
    neighbours: int
    items: int

    @property
    def chance(self) -> float:
        """What unrelated spaces share on average; nan with fewer than two items."""
        return self.neighbours / (self.items - 1) if self.items > 1 else float("nan")

    def least(self, count: int = WORST) -> list[tuple[int, float]]:
        """Return the items that share least and what they share, least first."""
        order = np.argsort(self.overlap, kind="stable")[: max(count, 0)]
        return list(zip(self.ids[order].tolist(), self.overlap[order].tolist(), strict=True))


def overlap_of_spaces(
    first: SpaceOf,
    second: SpaceOf,
    neighbours: int = NEIGHBOURS,
    *,
    most: int = _MOST,
    control: Control | None = None,
) -> Job[dict[Modality, ItemOverlap]]:
    """Compare the neighbourhoods of every item in two spaces.

    Parameters
    ----------
    first, second : SpaceOf
        Of one run or of two.
    neighbours : int
        k; capped at what there is.
    most : int
        Of more items of a modality, so many are drawn, and looked for among all.
    control : Control, optional

    Yields
    ------
    Progress

    Returns
    -------
    dict of modality to ItemOverlap
        Of the modalities that both have; those not finished at a stop are left out.

    Raises
    ------
    WorkbenchError
        There is no modality that both have, or `neighbours` is below 1.
    """
    control = control or Control()
    if neighbours < 1:
        raise WorkbenchError(f"The number of neighbours is {neighbours}. Give at least 1.")
    shared = [view for view in first.run.views if view in second.run.views]
    if not shared:
        raise WorkbenchError(
            f"There is nothing to compare: {first.in_words()} and {second.in_words()} have no "
            "modality in common. Choose other spaces."
        )
    found: dict[Modality, ItemOverlap] = {}
    for modality in shared:
        one = yield from _overlap(first, second, modality, neighbours, most, control)
        if one is not None:
            found[modality] = one
    return found


def _overlap(
    first: SpaceOf, second: SpaceOf, modality: Modality, neighbours: int, most: int,
    control: Control,
) -> Job[ItemOverlap | None]:  # fmt: skip
    ids = np.intersect1d(first.run.views[modality].ids, second.run.views[modality].ids)
    count = len(ids)
    if count < 2:
        return ItemOverlap(ids, np.ones(count), 0, count)
    before, after = (
        side.rows(modality)[side.run.views[modality].rows_of(ids)] for side in (first, second)
    )
    chosen = np.sort(np.random.default_rng(0).permutation(count)[:most])
    overlap = np.zeros(len(chosen))
    watch = Stopwatch()
    for start in range(0, len(chosen), _ROWS_AT_ONCE):
        control.wait_while_paused()
        if control.stopping:
            return None
        rows = chosen[start : start + _ROWS_AT_ONCE]
        around = compare_neighbourhoods(before, after, neighbours, rows=rows)
        overlap[start : start + len(rows)] = around.overlap
        done = start + len(rows)
        yield Progress(done, len(chosen), f"Comparing {modality} items", watch.rate(done))
    return ItemOverlap(ids[chosen], overlap, min(neighbours, count - 1), count)


# --- label groups --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class HeldOutRanks:
    """Ranks of one direction of retrieval on the test pairs, as `evaluate` measures it.

    Attributes
    ----------
    ids : ndarray, shape (q,)
        The queries, ascending.
    ranks : ndarray, shape (q,)
        Of the best partner among the test items of the other view.
    linked : ndarray of int, shape (q,)
        Which queries pairs link.
    """

    ids: Rows
    ranks: Rows
    linked: Rows


def held_out_ranks(project: Project, space: SpaceName | str) -> Job[dict[str, HeldOutRanks]]:
    """Rank the right partners of a run's test items in one of its joint spaces.

    Parameters
    ----------
    project : Project
    space : SpaceName or str
        The name of the space, or of the run.

    Yields
    ------
    Progress

    Returns
    -------
    dict of direction, such as ``image→text``, to HeldOutRanks

    Raises
    ------
    WorkbenchError
        The run is missing, the data have changed since it was made, or no pairs are held out.
    """
    name = SpaceName(space) if isinstance(space, str) else space
    run = project.run(name.run)
    yield Progress(0, 1, f"Reading embeddings of {name.in_words()}")
    recipe, (_, heads) = run.recipe(), heads_of(project, name)
    data, test, held_out = held_out_of_run(project, run, recipe)
    ids = {name: view.ids[rows_in(test, name)] for name, view in data.views.items()}
    joint = {view: heads.embed(view, rows) for view, rows in held_out.views.items() if len(rows)}
    group_of, _ = pair_groups({view: len(rows) for view, rows in joint.items()}, held_out.pairs)
    found = {}
    for relation, pairs in held_out.pairs.items():
        for (first, second), own in ((relation, pairs), (relation[::-1], pairs[:, ::-1])):
            yield Progress(0, 1, f"Ranking {first}→{second} of {name.in_words()}")
            result = retrieve(joint[first], joint[second], own)
            queries = result.query_rows
            found[f"{first}→{second}"] = HeldOutRanks(
                ids[first][queries], result.ranks, group_of[first][queries]
            )
    return found
