"""Sample: a project made from a recipe that the workbench ships."""

from pathlib import Path

from workbench.assets import resource
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice
from workbench.project import Project, read_settings
from workbench.stations.openmoji import draw_openmoji
from workbench.stations.scan import scan

RECIPES = {
    "openmoji": "OpenMoji pictures and their names, drawn here from packages",
    "tux-paint": "Tux Paint stamps of Debian: pictures, descriptions, French voices",
}


def sample(
    folder: Path, count: int | None = None, recipe: str = "openmoji", control: Control | None = None
) -> Job[Project]:
    """Make a sample project, or open it when it is there already, and scan it.

    Parameters
    ----------
    folder : Path
        The project folder; the OpenMoji files are drawn into it.
    count : int, optional
        Only this many pictures; OpenMoji only.
    recipe : {"openmoji", "tux-paint"}
        A `project.toml` in `resources/recipes`, which uses only the general options of sources
        and pairings.

    Returns
    -------
    Project
    """
    if recipe not in RECIPES:
        raise WorkbenchError(f"There is no sample “{recipe}”. Samples: {', '.join(RECIPES)}.")
    folder = folder.expanduser().absolute()
    if recipe == "openmoji":
        yield from draw_openmoji(folder, count, control)
    if (folder / "project.toml").exists():
        project = Project.open(folder)
        yield Notice(f"{folder} is a project already; it is opened and scanned again.")
    else:
        project = Project.create(folder, read_settings(resource("recipes", f"{recipe}.toml")))
    yield from scan(project, control)
    return project
