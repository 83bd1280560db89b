"""Export: take a run's heads home."""

from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.export import load_bundle, write_bundle
from workbench.jobs import Control, Job, Progress
from workbench.project import Project, absolute_path


def export(
    project: Project, run_name: str, folder: Path, control: Control | None = None
) -> Job[Path]:
    """Write a run's heads as a bundle, and read them back to be sure.

    Parameters
    ----------
    project : Project
    run_name : str
    folder : Path
        New, empty, or holding an earlier bundle.

    Yields
    ------
    Progress

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    WorkbenchError
        The run has no heads, or the folder cannot be used.
    """
    run = project.run(run_name)
    recipe, space = run.recipe(), run.space()
    folder = absolute_path(folder)
    yield Progress(0, 1, f"Writing {folder}")
    facts = {
        "encoders": recipe.encoders,
        "recipe": recipe.model_dump(mode="json", exclude={"encoders"}),
        "report": run.report(),
    }
    write_bundle(folder, space, facts)
    back = load_bundle(folder).tensors()
    if any((back[name] != array).any() for name, array in space.tensors().items()):
        raise WorkbenchError(f"The bundle in {folder} does not read back as written. Try again.")
    yield Progress(1, 1, f"Exported to {folder}")
    return folder
