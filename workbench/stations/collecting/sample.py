"""Sample: a project made from a recipe that the workbench ships."""

from pathlib import Path

from workbench.assets import resource
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice
from workbench.project import SETTINGS_FILE, Project, absolute_path, read_settings
from workbench.stations.collecting.openmoji import draw_openmoji
from workbench.stations.collecting.scan import scan

RECIPES = {
    "openmoji": "OpenMoji pictures and their names, drawn here from packages",
    "tux-paint": "Tux Paint stamps of Debian: pictures, descriptions, French voices",
}


def sample(
    folder: Path, count: int | None = None, recipe: str = "openmoji", control: Control | None = None
) -> Job[Project]:
    """Make a sample project, or open it when it is there already, and scan it.

    A stop keeps what is drawn; calling again goes on.

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

    Raises
    ------
    WorkbenchError
        The folder holds something else, or the sample's packages are missing.
    """
    control = control or Control()
    if recipe not in RECIPES:
        raise WorkbenchError(f"There is no sample “{recipe}”. Samples: {', '.join(RECIPES)}.")
    folder = absolute_path(folder)
    settings = read_settings(resource("recipes", f"{recipe}.toml"))
    if (folder / SETTINGS_FILE).exists():
        project = Project.open(folder)
        if any(source not in project.settings.sources for source in settings.sources):
            raise WorkbenchError(f"{folder} is another project. Choose a new folder.")
        yield Notice(f"{folder} is a project already; it is opened and scanned again.")
    elif folder.is_dir() and any(folder.iterdir()):
        raise WorkbenchError(f"{folder} is not empty. Choose a new folder for the sample.")
    else:
        project = Project.create(folder, settings)
    if recipe == "openmoji":
        yield from draw_openmoji(folder, count, control)
    if not control.stopping:
        yield from scan(project, control)
    return project
