"""Where α acts on a project's data: a look of seconds, before any sweep."""

from workbench.alignment import AlphaProbe, check_settings, probe_alpha
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.project import Project, load_dataset
from workbench.stations.training.align_request import AlignRequest
from workbench.stations.training.started_from import Start


def where_alpha_acts(
    project: Project, request: AlignRequest, control: Control | None = None
) -> Job[AlphaProbe | None]:
    """Train briefly at several α on some of the pairs and items that a training would have.

    Parameters
    ----------
    project : Project
    request : AlignRequest
        Of ``gera``; its α counts for nothing.
    control : Control, optional

    Yields
    ------
    Progress, NeighboursFound

    Returns
    -------
    AlphaProbe
        None after a stop.

    Raises
    ------
    WorkbenchError
        The method has no α, or the request cannot be carried out.
    """
    if request.method != "gera":
        raise WorkbenchError(f"{request.method} has no α to look for. Choose gera.")
    start = Start.of(project, request)
    if start is not None:
        request = start.asked(request)
    settings = check_settings("gera", request.settings)
    yield Progress(0, 0, "Reading embeddings")
    data = load_dataset(project, request.encoders)
    if start is not None:
        start.check(settings, data)
    split = data.split(request.divided(project.settings.split), request.pairs)
    views, pairs = data.training(split)
    job = probe_alpha(
        views, pairs, settings=settings.model_dump(), seed=request.seed, control=control,
        start=start.space if start else None,
    )  # fmt: skip
    return (yield from job)


def probe_in_words(found: AlphaProbe) -> str:
    """Say where α acts."""
    if found.acts is None:
        return (
            "α changed less than 1 % of the neighbours in a short training: there is little here "
            "that it could keep."
        )
    begun, done = found.acts
    return f"In a short training most of what α does happens from {begun:g} to {done:g}."
