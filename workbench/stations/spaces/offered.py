"""Which spaces a project has: what maps and comparisons offer."""

from collections.abc import Sequence
from typing import cast

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import Project, SpaceName, has_ladder
from workbench.stations.encoding.caches import cache_state


def list_spaces(
    project: Project, views: Sequence[str] | None = None
) -> tuple[list[SpaceName], str]:
    """Return the spaces of a project, and what went wrong on the way, in a sentence.

    Frozen spaces come first, then the joint ones of runs, last made first, each followed by those
    of the rungs of its sweep.

    Parameters
    ----------
    project : Project
    views : sequence of modality, optional
        Those that are encoded, where that is known already.
    """
    views = encoded_views(project) if views is None else views
    spaces = [SpaceName.of_view(cast("Modality", view)) for view in views]
    try:
        for run in reversed(project.runs()):
            if run.has_heads():
                spaces.append(SpaceName(run.name))
            if run.has_heads() and has_ladder(run):
                spaces += [SpaceName(run.name, alpha=alpha) for alpha in run.recipe().ladder]
    except WorkbenchError as error:
        return spaces, str(error)
    return spaces, ""


def encoded_views(project: Project) -> list[str]:
    """Return the modalities of which the chosen encoder has encoded something."""
    views: list[str] = []
    for modality in MODALITIES:
        try:
            state = cache_state(project, modality)
        except WorkbenchError:  # damaged, or just being made: the Encode page says more
            continue
        if state is not None and state.encoded:
            views.append(modality)
    return views
