"""A space that items are classified in: the joint space of a run, or its frozen spaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace, standardise
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job
from workbench.media import Modality
from workbench.project import Project, Run, SpaceName
from workbench.stations.runs.run_space import RunSpace
from workbench.stations.runs.space_rows import heads_of
from workbench.stations.runs.store import RunStore, read_run_space
from workbench.stations.searching.query import LoadedEncoders, Searcher
from workbench.stations.spaces.compared import read_compared_space

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClassifiedSpace:
    """A space of a run, with what brings new texts into it.

    Attributes
    ----------
    name : SpaceName
    run : Run
    rows : RunSpace
    heads : AlignedSpace
    searcher : Searcher
    """

    name: SpaceName
    run: Run
    rows: RunSpace
    heads: AlignedSpace
    searcher: Searcher

    def joint(self, modality: Modality) -> Floats:
        """Return the unit rows of a view, one a distinct content."""
        view = self.rows.views[modality]
        return view.before if self.name.frozen else view.after

    def embed_texts(self, vectors: Floats) -> Floats:
        """Bring vectors of the text encoder into the space, as unit rows."""
        if self.name.frozen:
            return standardise(vectors, self.heads.heads["text"].centre)
        return self.heads.embed("text", vectors)

    def check(self, view: Modality, by: Modality) -> None:
        """Refuse views that the run lacks, and frozen ones that have no space in common.

        Raises
        ------
        WorkbenchError
        """
        self.searcher.check_holds(view)
        if by == "text" and by not in self.rows.views:
            raise WorkbenchError(
                f"The run “{self.run.name}” has no texts, so classes cannot be given in words. "
                f"Show them by examples: {', '.join(self.rows.views)}."
            )
        self.searcher.check_holds(by)
        if self.name.frozen and not share_a_space(self.run.recipe().encoders, view, by):
            raise WorkbenchError(
                f"The frozen embeddings of {view} and {by} are of two encoders, and have no space "
                f"in common, so nothing can be classified in {self.name}. Show classes by {view} "
                "examples, or leave this space out."
            )


def share_a_space(cards: Mapping[str, Mapping[str, Any]], view: str, by: str) -> bool:
    """Whether frozen embeddings of two views can be compared: of one view, or of one model.

    Parameters
    ----------
    cards : mapping of view to dict
        Of the encoders, as a recipe has them.
    """
    facts = ("source", "revision", "width")
    return view == by or all(cards[view].get(each) == cards[by].get(each) for each in facts)


def read_classified_space(
    project: Project, name: SpaceName, store: RunStore, encoders: LoadedEncoders, control: Control
) -> Job[ClassifiedSpace]:
    """Read a space.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads, or it is the frozen space of no run.
    """
    if name.view is not None:
        raise WorkbenchError(
            f"“{name}” is of no run, so it is not known which items are held out. Name a run, or "
            "frozen:RUN."
        )
    searcher = Searcher(project, name.run, store=store, encoders=encoders)
    if name.alpha is None:
        rows = yield from read_run_space(project, name.run, control, store=store)
        return ClassifiedSpace(name, searcher.run, rows, searcher.space, searcher)
    rows = yield from read_compared_space(project, name, control)
    return ClassifiedSpace(name, searcher.run, rows, heads_of(project, name)[1], searcher)
