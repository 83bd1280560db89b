"""Whether a project can be trained or explored, and what is missing otherwise."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.project import Project


@dataclass(frozen=True)
class Missing:
    """What is missing, and the page where it is made."""

    icon: str
    title: str
    sentence: str
    button: str
    page: str


NO_PROJECT = Missing(
    "folder-open-outline",
    "No project is open",
    "Open a project, or let the workbench make one from the sample.",
    "Go to Start",
    "start",
)


def encoded_views(project: "Project") -> list[str]:
    """Return the modalities of which the chosen encoder has encoded something."""
    from workbench import stations

    return stations.encoded_views(project)


def words_alone(project: "Project", views: list[str]) -> bool:
    """Whether encoded views without any pair can be aligned by the encoders' own words."""
    from workbench import stations

    encoders = {view: name for view, name in project.settings.encoders.items() if view in views}
    return stations.words_can_be_had(project, encoders)


def missing_for_training(project: "Project | None", views: list[str]) -> Missing | None:
    """Return what keeps a project with these encoded views from being trained, or None."""
    if project is None:
        return NO_PROJECT
    try:
        counts, pairs = project.catalogue.counts(), project.catalogue.pair_counts()
    except WorkbenchError as error:
        return Missing("alert-outline", "The project cannot be read", str(error), "Data", "data")
    if not counts:
        return Missing(
            "folder-plus-outline",
            "The project has no items yet",
            "Choose folders of pictures, texts or recordings; then pairs can be found.",
            "Choose folders",
            "data",
        )
    if not pairs and not words_alone(project, views):
        return Missing(
            "vector-link",
            "There are no pairs yet",
            "Training learns from some pairs of items of two modalities that belong together. "
            "Set on the Data page how they are found.",
            "Find pairs",
            "data",
        )
    if pairs and not any(set(relation) <= set(views) for relation in pairs):
        return Missing(
            "layers-triple-outline",
            "The items are not encoded yet",
            "Training aligns the embeddings of frozen encoders. Encode at least two modalities "
            "that have pairs.",
            "Encode",
            "encode",
        )
    return None
