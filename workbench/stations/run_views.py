"""The views of a run: which encoders it was made with, and its items in the joint space."""

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace
from workbench.cache import EmbeddingCache, card_difference
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import Project, Run, load_embeddings


def encoders_of(run: Run) -> dict[Modality, str]:
    """Return the encoders a run was made with, by modality.

    Raises
    ------
    WorkbenchError
        The recipe is missing, damaged, or names no encoders.
    """
    cards = run.recipe().encoders
    found: dict[Modality, str] = {
        modality: str(cards[modality].get("name", ""))
        for modality in MODALITIES
        if modality in cards
    }
    if not found or not all(found.values()):
        raise WorkbenchError(
            f"The recipe of the run “{run.name}” does not name its encoders. Align again."
        )
    return found


def joint_rows(
    project: Project, run: Run, space: AlignedSpace, modality: Modality
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return ids and places in a run's joint space of all encoded items of a modality.

    Raises
    ------
    WorkbenchError
        There are no embeddings, or not by the encoder that the run was made with.
    """
    name = encoders_of(run)[modality]
    with EmbeddingCache(project.cache_path(modality, name)) as cache:
        check_card(run, modality, cache.header().card)
    ids, frozen = load_embeddings(project, modality, name)
    return ids, space.embed(modality, frozen)


def check_card(run: Run, modality: Modality, card: dict[str, Any]) -> None:
    """Refuse embeddings that a run's heads were not made for.

    Raises
    ------
    WorkbenchError
        The card is not that of the run's recipe.
    """
    difference = card_difference(run.recipe().encoders[modality], card)
    if difference:
        raise WorkbenchError(
            f"The {modality} encoder is not the one that the run “{run.name}” was made with "
            f"({difference}). Align again, or install that version."
        )
