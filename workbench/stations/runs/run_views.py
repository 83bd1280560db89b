"""The views of a run: which encoders it was made with, and whether embeddings are of these."""

from typing import Any

from workbench.cache import card_difference
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import Run


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
