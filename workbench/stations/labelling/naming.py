"""Items by the names that people have for them."""

from pathlib import PurePath

from workbench.errors import WorkbenchError
from workbench.project import Item, Project

_TOLD = 3


def item_named(project: Project, name: str) -> Item:
    """Return the one present item of a name.

    Parameters
    ----------
    project : Project
    name : str
        Its id; or the end of its path, such as ``cats/1.png`` or ``captions.txt#12``; or all words
        of a text.

    Raises
    ------
    WorkbenchError
        There is none, or more than one.
    """
    if name.isdecimal() and len(name) < 19:
        found = project.catalogue.present([int(name)])
        if found:
            return found[0]
    wanted = PurePath(name).parts
    found = [
        item
        for item in project.catalogue.items()
        if (item.path.endswith(name) and PurePath(item.path).parts[-len(wanted) :] == wanted)
        or (item.text == name and name)
    ]
    if not found:
        raise WorkbenchError(
            f"No item is called “{name}”. Name it by its id, by the end of its path, or a text by "
            "its words."
        )
    if len(found) > 1:
        some = ", ".join(f"{item.path} ({item.id})" for item in found[:_TOLD])
        raise WorkbenchError(
            f"{len(found):,} items are called “{name}”, such as {some}. Name one by its id, or by "
            "more of its path."
        )
    return found[0]
