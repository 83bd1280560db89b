"""Problems: the items that an encoder could not take, and why."""

from dataclasses import dataclass

from workbench.media import Modality
from workbench.project import Item, Project


@dataclass(frozen=True)
class Problem:
    """An item that an encoder could not take, and why."""

    item: Item
    encoder: str
    reason: str


def list_problems(
    project: Project, modality: Modality | None = None, encoder: str | None = None
) -> list[Problem]:
    """Return what could not be encoded, in order of item.

    Parameters
    ----------
    project : Project
    modality : {"image", "text", "speech"}, optional
    encoder : str, optional
    """
    noted = [
        (item, name, reason)
        for item, name, reason in project.catalogue.all_problems()
        if encoder in (None, name)
    ]
    items = project.catalogue.items_of([item for item, _, _ in noted])
    return [
        Problem(item, name, reason)
        for item, (_, name, reason) in zip(items, noted, strict=True)
        if modality in (None, item.modality)
    ]
