"""Evaluate: what a run is worth on pairs it has never seen."""

import hashlib
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace, HeldOut, standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import (
    Bootstrap,
    compare_neighbourhoods,
    distortion,
    interval,
    pair_groups,
    rank_intervals,
    relation_health,
    retrieve_watched,
    view_health,
)
from workbench.geometry import Operator
from workbench.jobs import Control, Job, Notice, Progress
from workbench.project import Project, rows_in
from workbench.stations.evaluating.zero_shot import classify_held_out, labelled_views
from workbench.stations.runs.data import held_out_of_run

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

NEIGHBOURS = 10
DISTORTION_NEIGHBOURS = 50
_QUANTILES = (0.1, 0.5, 0.9)

MOST_GROUPS = 20_000
"""Of more groups of linked test pairs, so many are asked with: time else grows with the square."""


@dataclass(frozen=True)
class Measurement:
    """What was measured of a run, with what comparing it to another one needs.

    Attributes
    ----------
    report : dict
        Empty when it was stopped.
    ranks : dict of measure to dict of direction to ndarray
        ``retrieval``, and ``retrieval_csls`` where asked for: of each query, in order of row.
    groups : dict of direction to ndarray
        Which group of linked items each query is of.
    bootstrap : Bootstrap
        Of these groups.
    """

    report: dict[str, Any]
    ranks: dict[str, dict[str, Rows]]
    groups: dict[str, Rows]
    bootstrap: Bootstrap


def evaluate(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    csls: int | None = None,
    zero_shot: bool = False,
) -> Job[dict[str, Any]]:
    """Measure a run on the test pairs, and keep the report with it.

    Parameters
    ----------
    project : Project
    run_name : str
    control : Control, optional
        A stop ends it between two measures, and leaves the report kept before as it is.
    csls : int, optional
        Measure retrieval also by hubness-corrected similarity, with so many neighbours.
    zero_shot : bool
        Classify held-out items by their labels in words, which loads the run's text encoder.

    Yields
    ------
    Progress

    Returns
    -------
    dict
        Every number plain JSON; each ``interval`` holds the ends of a 95 % bootstrap interval.

        ``retrieval``: for each direction, such as ``image→text``, recall, median rank and MRR
        beside chance. ``retrieval_csls`` and ``csls``: the same with the correction.
        ``preservation``: for each view, the mean overlap of the 10 nearest neighbours among
        held-out items before and after its head. ``neighbourhoods``: for each view more of it,
        and how far the items' own L_geo, their distortion, goes. ``health``: of each view and
        relation. ``zero_shot``: for each view with labels, top-1, top-5 and per class.
        ``test_items``: a hash, the same for runs that can be compared. Empty when stopped.

    Raises
    ------
    WorkbenchError
        The run is missing, the data have changed since it was made, no pairs are held out, it was
        trained on meanwhile, or what zero-shot classification needs is missing.
    """
    measured = yield from measure(project, run_name, control, csls=csls, zero_shot=zero_shot)
    return measured.report


def measure(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    csls: int | None = None,
    zero_shot: bool = False,
) -> Job[Measurement]:
    """Do what `evaluate` does, and return the ranks of the single queries too."""
    control = control or Control()
    yield Progress(0, 4, f"Reading embeddings of {run_name}")
    seen = _read(project, run_name)
    labelled = labelled_views(project, run_name, seen.all_ids, seen.ids) if zero_shot else []
    group_of, groups = pair_groups({v: len(r) for v, r in seen.joint.items()}, seen.held_out.pairs)
    bootstrap = Bootstrap(groups)
    asked_of, number = _asked_with(group_of, groups)
    asking = bootstrap if number == groups else Bootstrap(number)
    if number < groups:
        yield Notice(
            f"Retrieval asks with {number:,} of {groups:,} groups of linked held-out items, the "
            "same ones for every run, and ranks among all candidates."
        )
    ranks: dict[str, dict[str, Rows]] = {}
    asked: dict[str, Rows] = {}
    report: dict[str, Any] = {}
    ways = {"retrieval": None} | ({} if csls is None else {"retrieval_csls": csls})
    for name, neighbours in ways.items():
        found = yield from _retrieve(seen, asked_of, asking, neighbours, control)
        report[name], ranks[name], asked = found
    if csls is not None:
        report["csls"] = csls
    around = yield from _neighbourhoods(seen, group_of, bootstrap, control)
    report["preservation"] = {view: facts["overlap"] for view, facts in around.items()}
    report["preservation_neighbours"] = NEIGHBOURS
    report["neighbourhoods"] = around
    report["health"] = yield from _health(seen, control)
    if labelled:
        report["zero_shot"] = yield from classify_held_out(
            project, run_name, seen.space, labelled, seen.joint, group_of, bootstrap, control
        )
    report["test_items"] = seen.test_items
    report["resamples"] = bootstrap.resamples
    if control.stopping:  # then not all of it was measured
        return Measurement({}, {}, {}, bootstrap)
    report = plain(report)
    run = project.run(run_name)
    if run.heads_written() != seen.heads_written:
        raise WorkbenchError(
            f"The run “{run_name}” was trained further while it was measured. Evaluate again."
        )
    try:
        run.write_report(report)
    except WorkbenchError as error:  # the project cannot be written
        yield Notice(f"{error} The figures are shown, and not kept.", "warning")
    yield Progress(4, 4, f"Measured {run_name}")
    return Measurement(report, ranks, asked, asking)


def plain(value: Any) -> Any:
    """Return nested figures as JSON has them: lists, and None for what is not finite."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


# --- reading -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Seen:
    """A run's held-out items, before and after its heads, and the ids of all its items."""

    space: AlignedSpace
    held_out: HeldOut
    joint: dict[str, Floats]
    all_ids: dict[str, Rows]
    ids: dict[str, Rows]
    test_items: str
    heads_written: int | None


def _read(project: Project, run_name: str) -> _Seen:
    run = project.run(run_name)
    written = run.heads_written()  # before they are read: heads that came between are new ones
    recipe, space = run.recipe(), run.space()
    data, test, held_out = held_out_of_run(project, run, recipe)
    all_ids = {name: view.ids for name, view in data.views.items()}
    ids = {name: each[rows_in(test, name)] for name, each in all_ids.items()}
    digest = hashlib.blake2b(digest_size=16)
    for relation, pairs in sorted(held_out.pairs.items()):
        digest.update("→".join(relation).encode())
        for side in (0, 1):
            digest.update(ids[relation[side]][pairs[:, side]].tobytes())
    joint = {view: space.embed(view, rows) for view, rows in held_out.views.items() if len(rows)}
    return _Seen(space, held_out, joint, all_ids, ids, digest.hexdigest(), written)


def directions(held_out: HeldOut) -> list[tuple[str, str, Rows]]:
    """Return every way to ask: view of the queries, of the candidates, and their pairs."""
    both = []
    for (first, second), pairs in held_out.pairs.items():
        both += [(first, second, pairs), (second, first, pairs[:, ::-1])]
    return both


# --- measures ------------------------------------------------------------------------------------


def _asked_with(group_of: dict[str, Rows], groups: int) -> tuple[dict[str, Rows], int]:
    """Return the groups that are asked with, numbered from 0, -1 for the others; and how many.

    The same ones for every run of these test pairs.
    """
    if groups <= MOST_GROUPS:
        return group_of, groups
    drawn = np.random.default_rng(0).choice(groups, MOST_GROUPS, replace=False)
    number_of = np.full(groups, -1, dtype=np.int64)
    number_of[np.sort(drawn)] = np.arange(MOST_GROUPS)
    return {view: number_of[each] for view, each in group_of.items()}, MOST_GROUPS


def _retrieve(
    seen: _Seen,
    group_of: dict[str, Rows],
    bootstrap: Bootstrap,
    csls: int | None,
    control: Control,
) -> Job[tuple[dict[str, Any], dict[str, Rows], dict[str, Rows]]]:
    """Return the figures of each direction, the ranks of its queries, and their groups."""
    figures, ranks, groups = {}, {}, {}
    for first, second, pairs in directions(seen.held_out):
        direction = f"{first}→{second}"
        yield Progress(1, 4, f"Measuring {direction}")
        pairs = pairs[group_of[first][pairs[:, 0]] >= 0]
        found = yield from retrieve_watched(
            seen.joint[first], seen.joint[second], pairs, control, csls=csls,
            message=f"Ranking {direction}",
        )  # fmt: skip
        if found is None:
            break
        ranks[direction], groups[direction] = found.ranks, group_of[first][found.query_rows]
        sure = rank_intervals(found.ranks, groups[direction], bootstrap)
        figures[direction] = {**found.plain(), "interval": sure}
    return figures, ranks, groups


def _neighbourhoods(
    seen: _Seen, group_of: dict[str, Rows], bootstrap: Bootstrap, control: Control
) -> Job[dict[str, dict[str, Any]]]:
    """Measure each view that has at least two held-out items."""
    operator = Operator()
    found = {}
    for view, joint in seen.joint.items():
        yield Progress(2, 4, f"Measuring neighbourhoods of {view}")
        if control.stopping:
            break
        if len(joint) < 2:
            continue
        frozen = standardise(seen.held_out.views[view], seen.space.heads[view].centre)
        around = compare_neighbourhoods(frozen, joint, NEIGHBOURS)
        bent = distortion(frozen, joint, DISTORTION_NEIGHBOURS, rows=around.rows, operator=operator)
        draws = bootstrap.means(around.overlap[:, None], group_of[view][around.rows])
        found[view] = {
            "overlap": float(around.overlap.mean()),
            "interval": {"overlap": interval(draws[:, 0])},
            "chance": {"overlap": around.neighbours / (around.items - 1)},
            "trustworthiness": around.trustworthiness,
            "continuity": around.continuity,
            "neighbours": around.neighbours,
            "items": around.items,
            "sampled": len(around.rows),
            "distortion": {
                "mean": float(bent.mean()),
                **{f"quantile_{q:g}": float(np.quantile(bent, q)) for q in _QUANTILES},
                "neighbours": min(DISTORTION_NEIGHBOURS, len(joint) - 1),
                "operator": asdict(operator),
            },
        }
    return found


def _health(seen: _Seen, control: Control) -> Job[dict[str, dict[str, Any]]]:
    relations, views = {}, {}
    for (first, second), pairs in seen.held_out.pairs.items():
        yield Progress(3, 4, f"Measuring how {first} and {second} mix")
        if control.stopping:
            break
        facts = asdict(relation_health(seen.joint[first], seen.joint[second], pairs))
        relations[f"{first}–{second}"] = {
            "modality_gap": facts["modality_gap"],
            "alignment": facts["alignment"],
            "hubness": {first: facts["hubness_first"], second: facts["hubness_second"]},
            "sampled": {first: facts["sampled_first"], second: facts["sampled_second"]},
        }
    for view, joint in seen.joint.items():
        yield Progress(3, 4, f"Measuring how {view} fills the space")
        if control.stopping:
            break
        views[view] = asdict(view_health(joint))
    return {"views": views, "relations": relations}
