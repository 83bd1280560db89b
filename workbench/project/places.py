"""Paths as users and settings give them, and settings that let a project be moved."""

import os
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.home import expanded
from workbench.project.catalogue.item_paths import SourcePlace
from workbench.project.settings import ProjectSettings, Source, TablePairs, read_settings

SETTINGS_FILE = "project.toml"


def absolute_path(path: Path | str, below: Path | None = None) -> Path:
    """Return a path as a user gives it: ``~`` and ``..`` resolved, relative to a folder or to here.

    Raises
    ------
    WorkbenchError
        Its name is not valid UTF-8.
    """
    # Path.resolve would follow links, which the scan keeps
    plain = os.path.abspath((below or Path()) / expanded(path))  # noqa: PTH100
    try:
        plain.encode()
    except UnicodeEncodeError:
        printable = plain.encode("utf-8", "backslashreplace").decode()
        raise WorkbenchError(f"The name {printable} is not valid UTF-8. Rename it.") from None
    return Path(plain)


def path_in(root: Path, path: Path | str) -> str:
    """Return a path as a project's settings keep it.

    Inside the project it is relative to its folder, so that the project can be moved.
    """
    place = absolute_path(path)
    if place.is_relative_to(root):
        return place.relative_to(root).as_posix()
    return str(place)


def source_places(root: Path, settings: ProjectSettings) -> list[SourcePlace]:
    """Return where the sources of a project lie."""
    return [
        SourcePlace(each.modality, str(absolute_path(each.path, root)), not _is_whole(each.path))
        for each in settings.sources
    ]


def named_from_home(root: Path, settings: ProjectSettings, former: str) -> ProjectSettings:
    """Return settings that name folders and files inside the project from its folder on.

    Parameters
    ----------
    root : Path
        The project folder.
    settings : ProjectSettings
        They are returned as they are where they do so.
    former : str
        The folder in which the project was before it was moved or copied, if it is known. What
        lay in it is inside the project now, unless it was left there; of a copy it is, too, as
        long as the original has the same sources.
    """
    was = Path(former) if former else None
    is_copy = was is not None and _has_the_sources(was, settings)

    def home(path: str) -> str:
        place = absolute_path(path, root)
        if not _is_whole(path):
            return path
        if place.is_relative_to(root):
            return place.relative_to(root).as_posix()
        if was is not None and place.is_relative_to(was) and (is_copy or not place.exists()):
            below = place.relative_to(was)
            return below.as_posix() if (root / below).exists() else path
        return path

    named = [*settings.sources, *settings.pairings]
    at_home = {
        each.path: home(each.path) for each in named if isinstance(each, Source | TablePairs)
    }
    if all(path == now for path, now in at_home.items()):
        return settings
    changed = settings.model_copy(deep=True)
    for each in (*changed.sources, *changed.pairings):
        if isinstance(each, Source | TablePairs):
            each.path = at_home[each.path]
    return changed


def _is_whole(path: str) -> bool:
    return expanded(path).is_absolute()


def _has_the_sources(root: Path, settings: ProjectSettings) -> bool:
    """Whether a folder holds a project of the same sources, wherever it is itself."""
    try:
        other = read_settings(root / SETTINGS_FILE)
    except WorkbenchError:
        return False
    return [(place.modality, place.path) for place in source_places(root, other)] == [
        (place.modality, place.path) for place in source_places(root, settings)
    ]
