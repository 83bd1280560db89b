"""Selecting: which items are meant, by what is known of them; and writing them to a file."""

import codecs
import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import distortion_within
from workbench.geometry import Operator, find_neighbours
from workbench.item_ids import as_set
from workbench.jobs import Control, Job, Notice, Progress, Stopwatch
from workbench.media import Modality
from workbench.project import Item, Project, absolute_path
from workbench.received.words import for_cell
from workbench.stations.evaluating.evaluate import DISTORTION_NEIGHBOURS
from workbench.stations.evaluating.item_figures import (
    NEIGHBOURHOODS_AT_ONCE,
    ItemFigures,
    partner_ranks,
    parts_of,
)
from workbench.stations.runs.data import data_have_changed
from workbench.stations.runs.run_space import RunSpace, RunView
from workbench.stations.runs.split_roles import Role, split_roles
from workbench.stations.runs.store import RunStore, read_run_space
from workbench.whole_files import whole_file

Ids = npt.NDArray[np.int64]

FACTS = ("id", "modality", "path", "text", "label", "language", "split")
# ranks are exact, so that they take items × candidates: minutes for so many, hours for a million
# among a million
MOST_COMPARED = 20_000_000_000


def find_items(
    project: Project,
    *,
    modality: Modality | None = None,
    label: str | None = None,
    containing: str = "",
) -> Ids:
    """Return the items that are present and fit all that is asked for, ascending by id.

    Parameters
    ----------
    project : Project
    modality : str, optional
    label : str, optional
        Exactly this one; “” for items without.
    containing : str
        In the text or the path, in capitals or not.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    wanted = containing.casefold()
    found = [
        item.id
        for item in project.catalogue.items(modality)
        if (label is None or item.label == label)
        and (not wanted or wanted in item.text.casefold() or wanted in item.path.casefold())
    ]
    return np.array(found, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class ItemScores:
    """What a run says of some items: by id, where it is known.

    Attributes
    ----------
    role : dict of int to Role
    distortion : dict of int to float
    rank : dict of modality to dict of int to int
        Of the best partner of that modality, among all of it.
    """

    role: dict[int, Role]
    distortion: dict[int, float]
    rank: dict[Modality, dict[int, int]]


def export_selection(
    project: Project,
    ids: Sequence[int] | Ids,
    path: Path,
    run_name: str | None = None,
    control: Control | None = None,
    *,
    figures: ItemFigures | None = None,
    store: RunStore | None = None,
    all_ranks: bool = False,
    replace: bool = False,
) -> Job[Path | None]:
    """Write items to a CSV file: what they are, and what a run says of them.

    Columns are ``id, modality, path, text, label, language``; with a run also ``split``, for what
    it used the item, ``distortion``, and ``rank_MODALITY`` of the best partner. Cells are empty
    where there is nothing to say. The file is UTF-8, a row an item, in the order given.

    Parameters
    ----------
    project : Project
    ids : sequence of int
        Each once; also items whose file is gone.
    path : Path
    run_name : str, optional
    control : Control, optional
    figures : ItemFigures, optional
        Of this run, so that nothing is measured again.
    store : RunStore, optional
        Where the run may have been read before.
    all_ranks : bool
        Whether ranks are found also where that takes hours; without, above `MOST_COMPARED`
        comparisons their column stays empty, which is told.
    replace : bool
        Whether a file that is there already may be replaced.

    Yields
    ------
    Progress, Notice

    Returns
    -------
    Path or None
        None when stopped; nothing is written then.

    Raises
    ------
    WorkbenchError
        An item is unknown, the run cannot be read, or the file cannot be written.
    """
    control = control or Control()
    path = absolute_path(path)
    if not replace and os.path.lexists(path):
        raise WorkbenchError(f"{path} exists already. Choose another name, or replace it.")
    chosen = list(dict.fromkeys(int(number) for number in ids))
    try:
        items = project.catalogue.items_of(chosen)
    except KeyError as error:
        raise WorkbenchError(f"The project has no item {error.args[0]}.") from None
    except OverflowError:  # beyond what SQLite counts to
        raise WorkbenchError(f"The project has no item {max(chosen, key=abs)}.") from None
    scores = None
    if run_name is not None:
        numbers = np.array(chosen, np.int64)
        if figures is not None:
            scores = yield from _known_scores(project, numbers, figures)
        else:
            space = yield from read_run_space(project, run_name, control, store=store)
            scores = yield from _measured_scores(project, space, numbers, all_ranks, control)
    if control.stopping:
        return None
    yield Progress(0, 1, f"Writing {path.name}")
    _write(path, items, scores)
    yield Progress(1, 1, f"{len(items):,} items written")
    return path


def _known_scores(project: Project, ids: Ids, figures: ItemFigures) -> Job[ItemScores]:
    """Return what figures say of items."""
    found = yield from _roles(project, figures.space, ids)
    bent = figures.distortion_of(ids)
    found.distortion.update(
        (int(ids[place]), float(bent[place])) for place in np.flatnonzero(~np.isnan(bent))
    )
    for to, rank in found.rank.items():
        ranks = figures.partner_rank_of(ids, to)
        rank.update((int(ids[place]), int(ranks[place])) for place in np.flatnonzero(ranks))
    return found


def _measured_scores(
    project: Project, space: RunSpace, ids: Ids, all_ranks: bool, control: Control
) -> Job[ItemScores]:
    found = yield from _roles(project, space, ids)
    for modality, view in space.views.items():
        found.distortion.update((yield from _bent(view, modality, ids, control)))
        for to in space.views:
            ranks = yield from _ranks(space, modality, to, ids, all_ranks, control)
            found.rank[to].update(ranks)
    return found


def _roles(project: Project, space: RunSpace, ids: Ids) -> Job[ItemScores]:
    """Return scores of a run that know as yet for what it used each item."""
    run_name = space.run_name
    found = ItemScores({}, {}, {to: {} for to in space.views})
    known = split_roles(project, run_name)
    if known is None:
        yield Notice(data_have_changed(run_name, "so the column “split” stays empty."), "warning")
    for modality, (first_ids, roles) in (known or {}).items():
        view = space.views[modality]
        of_row = dict(zip(view.rows_of(first_ids).tolist(), roles, strict=True))
        for item, row in zip(ids.tolist(), view.rows_of(ids).tolist(), strict=True):
            if row >= 0 and row in of_row:
                found.role[item] = of_row[row]
    return found


def _bent(view: RunView, modality: Modality, ids: Ids, control: Control) -> Job[dict[int, float]]:
    """Return the distortion of items, some at a time: a stop is heard in between."""
    rows = view.rows_of(ids)
    own, watch = as_set(rows[rows >= 0]), Stopwatch()
    if len(own) == 0 or len(view.ids) < 2:
        return dict.fromkeys(ids[rows >= 0].tolist(), 0.0)
    around = yield from find_neighbours(view.before, DISTORTION_NEIGHBOURS, own, control)
    if around.recall < 1 and not control.stopping:
        yield Notice(
            f"The neighbours of {len(own):,} {modality} items are found by a graph, which finds "
            f"{around.recall:.1%} of the true ones: the column “distortion” is nearly exact."
        )
    bent = np.zeros(len(own), dtype=np.float32)
    for some in parts_of(np.arange(len(own)), NEIGHBOURHOODS_AT_ONCE):
        control.wait_while_paused()
        if control.stopping:
            return {}
        bent[some] = distortion_within(view.before, view.after, around.rows[some], Operator())
        done = int(some[-1]) + 1
        yield Progress(done, len(own), f"Measuring the selected {modality} items", watch.rate(done))
    values = bent[np.searchsorted(own, rows[rows >= 0])]
    return dict(zip(ids[rows >= 0].tolist(), values.tolist(), strict=True))


def _ranks(
    space: RunSpace, modality: Modality, to: Modality, ids: Ids, all_ranks: bool, control: Control
) -> Job[dict[int, int]]:
    """Return the rank of the best partner of items that have one, where it does not take long."""
    rows = space.views[modality].rows_of(ids)
    pairs = space.pairs_between(modality, to) if modality != to else np.zeros((0, 2), np.int64)
    asked, candidates = np.intersect1d(rows, pairs[:, 0]), len(space.views[to].ids)
    if control.stopping:
        return {}
    if len(asked) * candidates > MOST_COMPARED and not all_ranks:
        yield Notice(_too_many(len(asked), modality, to, candidates), "warning")
        return {}
    if len(asked) == 0:
        return {}
    ranks = yield from partner_ranks(space, (modality, to), control, asked)
    if ranks is None:
        return {}
    ids, ranks = ids[rows >= 0], ranks[rows[rows >= 0]]
    return dict(zip(ids[ranks > 0].tolist(), ranks[ranks > 0].tolist(), strict=True))


def _too_many(asked: int, modality: Modality, to: Modality, candidates: int) -> str:
    most = MOST_COMPARED // candidates
    return (
        f"To rank the partners of {asked:,} {modality} items among {candidates:,} {to} items may "
        f"take hours, so the column “rank_{to}” stays empty for them. Choose at most {most:,} "
        "such items, or write the table with “gera-workbench export-items --all-ranks”."
    )


def _write(path: Path, items: list[Item], scores: ItemScores | None) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            lines = csv.writer(codecs.getwriter("utf-8")(file))
            lines.writerows(map(for_cell, row) for row in _table(items, scores))
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be written: {error.strerror}. Check the folder’s permissions and the "
            "space on the disk, or choose another place."
        ) from None


def _table(items: list[Item], scores: ItemScores | None) -> Iterator[list[object]]:
    views = list(scores.rank) if scores else []
    heading: list[object] = list(FACTS if scores else FACTS[:-1])
    yield heading + (["distortion", *(f"rank_{view}" for view in views)] if scores else [])
    for item in items:
        row: list[object] = [
            item.id, item.modality, item.path, item.text, item.label, item.language
        ]  # fmt: skip
        if scores:
            bent = scores.distortion.get(item.id)
            row += [scores.role.get(item.id, ""), "" if bent is None else f"{bent:.6g}"]
            row += [scores.rank[view].get(item.id, "") for view in views]
        yield row
