"""Evaluate: what a run is worth on pairs it has never seen."""

from typing import Any

from workbench.alignment import standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import neighbour_overlap, retrieval
from workbench.jobs import Control, Job, Progress
from workbench.project import Project, load_dataset
from workbench.stations.run_views import encoders_of

NEIGHBOURS = 10


def evaluate(
    project: Project, run_name: str, control: Control | None = None
) -> Job[dict[str, Any]]:
    """Measure a run on the test pairs, and keep the report with it.

    Parameters
    ----------
    project : Project
    run_name : str

    Yields
    ------
    Progress

    Returns
    -------
    dict
        ``retrieval``: for each direction, such as ``image→text``, recall, median rank and MRR
        beside chance. ``preservation``: for each view, the mean overlap of the 10 nearest
        neighbours among held-out items before and after its head.

    Raises
    ------
    WorkbenchError
        The run is missing, the data have changed since it was made, or no pairs are held out.
    """
    run = project.run(run_name)
    recipe, space = run.recipe(), run.space()
    yield Progress(0, 2, "Reading embeddings")
    data = load_dataset(project, encoders_of(run))
    if data.fingerprint != recipe.data_fingerprint:
        raise WorkbenchError(
            f"The items, pairs or embeddings have changed since the run “{run_name}” was made, so "
            "its held-out pairs are not the same any more. Align again to measure."
        )
    held_out = data.held_out(data.split(recipe.split, recipe.pairs).test)
    if not held_out.pairs:
        raise WorkbenchError(
            "No pairs are held out for testing. Raise the test share on the Data page, and align "
            "again."
        )
    yield Progress(1, 2, "Measuring")
    found = {}
    for (first, second), pairs in held_out.pairs.items():
        scores = space.similarity(first, held_out.views[first], second, held_out.views[second])
        found[f"{first}→{second}"] = retrieval(scores, pairs).plain()
        found[f"{second}→{first}"] = retrieval(scores.T, pairs[:, ::-1]).plain()
    preservation = {
        view: neighbour_overlap(
            standardise(rows, space.heads[view].centre), space.embed(view, rows), NEIGHBOURS
        )
        for view, rows in held_out.views.items()
        if len(rows) > 1
    }
    report = {
        "retrieval": found,
        "preservation": preservation,
        "preservation_neighbours": NEIGHBOURS,
    }
    run.write_report(report)
    yield Progress(2, 2, "Measured")
    return report
