"""A filter over all items: by their words, what they are, and what a run says of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Project
from workbench.stations.evaluating.item_figures import ItemFigures, measure_items
from workbench.stations.runs.data import data_have_changed
from workbench.stations.runs.run_space import RunSpace
from workbench.stations.runs.split_roles import ROLES, Role, split_role_of_items, split_roles
from workbench.stations.runs.store import read_run_space
from workbench.stations.selecting.item_columns import Ids, ItemColumns, Mask

Bounds = tuple[float | None, float | None]

ANY: Bounds = (None, None)


@dataclass(frozen=True)
class ItemFilter:
    """What items must be to be kept: all that is asked for; what is None is not asked.

    Attributes
    ----------
    containing : str
        In the text or the path, in capitals or not.
    modality : str, optional
    label, language : str, optional
        Exactly this one; “” for items without.
    paired : bool, optional
    split : str, optional
        For what the run used the item, one of `ROLES`; “” for items that are not in the run.
    distortion, rank : (float or None, float or None)
        At least and at most; of the rank of the right partner, 1 is the best. Items without such
        a figure are not kept when one is asked for.

    Raises
    ------
    WorkbenchError
        A split of that name does not exist.
    """

    containing: str = ""
    modality: Modality | None = None
    label: str | None = None
    language: str | None = None
    paired: bool | None = None
    split: Role | str | None = None
    distortion: Bounds = ANY
    rank: Bounds = ANY

    def __post_init__(self) -> None:
        if self.split and self.split not in ROLES:
            raise WorkbenchError(
                f"“{self.split}” is not a part of the split. Use one of: {', '.join(ROLES)}."
            )

    @property
    def needs_figures(self) -> bool:
        """Whether it asks for what is measured of a run."""
        return self.distortion != ANY or self.rank != ANY

    @property
    def needs_run(self) -> bool:
        """Whether it asks for what only a run says."""
        return self.split is not None or self.needs_figures

    def keeps(self, columns: ItemColumns) -> Mask:
        """Return which items are kept, shape (n,); none by a figure that was not measured."""
        kept = np.ones(len(columns), dtype=bool)
        if self.modality is not None:
            kept &= columns.modality.holding(self.modality)
        if self.label is not None:
            kept &= columns.label.holding(self.label)
        if self.language is not None:
            kept &= columns.language.holding(self.language)
        if self.paired is not None:
            kept &= columns.paired.holding("paired" if self.paired else "unpaired")
        if self.split is not None:
            kept &= False if columns.split is None else columns.split.holding(self.split)
        if self.distortion != ANY:
            kept &= _between(columns.distortion, self.distortion)
        if self.rank != ANY:
            ranks = columns.rank
            kept &= _between(None if ranks is None else np.where(ranks > 0, ranks, np.nan),
                             self.rank)  # fmt: skip
        if self.containing:
            kept &= columns.words.containing(self.containing)
        return kept


def _between(values: npt.NDArray[np.floating] | None, bounds: Bounds) -> Mask | np.bool_:
    if values is None:
        return np.False_
    least, most = bounds
    # nan, which nobody knows, is neither
    kept: Mask = ~np.isnan(values)
    if least is not None:
        kept &= values >= least
    if most is not None:
        kept &= values <= most
    return kept


def filter_items(
    project: Project,
    wanted: ItemFilter,
    run_name: str | None = None,
    control: Control | None = None,
    *,
    figures: ItemFigures | None = None,
) -> Job[Ids | None]:
    """Find the items that a filter keeps.

    Parameters
    ----------
    project : Project
    wanted : ItemFilter
    run_name : str, optional
        The run that split, distortion and rank are of.
    control : Control, optional
    figures : ItemFigures, optional
        Of this run, so that nothing is measured again; see `measure_items` for how long that takes.

    Yields
    ------
    Progress

    Returns
    -------
    ndarray of int, shape (n,), or None
        Ids, ascending; None when stopped.

    Raises
    ------
    WorkbenchError
        The filter needs a run and none is named; the run cannot be read; or items, pairs or
        embeddings have changed since it was made, so that nobody knows its split.
    """
    control = control or Control()
    if wanted.needs_run and run_name is None:
        raise WorkbenchError(
            "Split, distortion and rank belong to a run. Name the run to filter items by them."
        )
    yield Progress(0, 0, "Reading the catalogue")
    columns = ItemColumns.read(project)
    if wanted.needs_run and run_name is not None:
        columns = yield from _with_run(columns, wanted, project, run_name, figures, control)
    if control.stopping:
        return None
    kept: Ids = columns.ids[wanted.keeps(columns)]
    yield Progress(len(columns), len(columns), f"{len(kept):,} items found")
    return kept


def _with_run(
    columns: ItemColumns,
    wanted: ItemFilter,
    project: Project,
    run_name: str,
    figures: ItemFigures | None,
    control: Control,
) -> Job[ItemColumns]:
    """Return columns with what a filter wants to know of a run, and nothing else measured."""
    if figures is None:
        space = yield from read_run_space(project, run_name, control)
    else:
        space = figures.space
    if wanted.needs_figures and figures is None:
        only: Literal["distortion", "ranks"] | None = None
        if ANY in (wanted.distortion, wanted.rank):
            only = "ranks" if wanted.distortion == ANY else "distortion"
        figures = yield from measure_items(space, only=only, control=control)
    if wanted.split is None:
        return columns.with_run(None, figures)
    return columns.with_run(roles_of_items(project, space), figures)


def roles_of_items(project: Project, space: RunSpace) -> Callable[[Ids], Ids]:
    """Return how to find for what a run used items, see `split_role_of_items`.

    Raises
    ------
    WorkbenchError
        Nobody knows any more: the data have changed.
    """
    known = split_roles(project, space.run_name)
    if known is None:
        raise WorkbenchError(
            data_have_changed(
                space.run_name,
                "so its split is no longer known. Align again, or leave the split out.",
            )
        )
    return split_role_of_items(known, space)
