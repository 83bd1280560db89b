"""The spaces of a project that can be mapped and compared, and what they are called."""

from typing import TYPE_CHECKING

from workbench.gui import words
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.project import Project


def spaces_of(project: "Project", views: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Return the spaces of a project, as (words, name), and what went wrong; see `list_spaces`.

    Parameters
    ----------
    project : Project
    views : list of str
        The modalities that are encoded.
    """
    from workbench.stations import list_spaces

    spaces, wrong = list_spaces(project, views)
    return [(space_in_words(space), str(space)) for space in spaces], wrong


def space_in_words(space: SpaceName) -> str:
    """Return what a space is called where one is chosen."""
    if space.view is not None:
        return f"{words.PLURAL[space.view].capitalize()}, frozen encoder"
    if space.frozen:
        return f"Frozen spaces of {space.run}"
    at = "" if space.alpha is None else f", α = {space.alpha:g}"
    return f"Joint space of {space.run}{at}"
