"""Division: how many pairs are for training, validation and test, before anything is encoded."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.project import Project, Relation, RowPairs, SplitSettings, split_pairs
from workbench.words import several

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Division:
    """How many pairs of two modalities serve for what.

    Attributes
    ----------
    relation : (modality, modality)
    training, validation, test : int
    spare : int
        Beyond the budget.
    aside : int
        Own pairs that serve for nothing, since they are linked to held-out ones.
    """

    relation: tuple[str, str]
    training: int
    validation: int
    test: int
    spare: int
    aside: int = 0

    def sentence(self) -> str:
        """Say it in words."""
        first, second = self.relation
        sentence = (
            f"{first}–{second}: {self.training:,} training pairs, {self.validation:,} for "
            f"validation, {self.test:,} held out"
        )
        if self.spare:
            sentence += f", {self.spare:,} beyond the budget"
        if self.aside:
            sentence += f", {several(self.aside, 'own pair')} set aside: linked to held-out ones"
        return sentence


def division(project: Project, settings: SplitSettings | None = None) -> list[Division]:
    """Return how a project's pairs are divided, or would be by other settings.

    Items of equal content are told apart here; once encoded they count as one, so that a few pairs
    may change sides.
    """
    settings = settings or project.settings.split
    catalogue = project.catalogue
    ids_of = {modality: catalogue.fingerprints(modality)[0] for modality in catalogue.counts()}

    def rows_of(pairs: Mapping[Relation, Rows]) -> RowPairs:
        return {
            between: np.stack(
                [np.searchsorted(ids_of[between[side]], ids[:, side]) for side in (0, 1)], axis=1
            ).astype(np.int64)
            for between, ids in pairs.items()
        }

    sets = catalogue.pair_sets()
    given, now = rows_of(sets.given), rows_of(sets.now)
    items: dict[str, int] = {view: len(ids) for view, ids in ids_of.items()}
    split = split_pairs(items, given, settings, now=None if sets.now is sets.given else now)
    divided = []
    for between, rows in now.items():
        parts = split.training, split.validation, split.test
        counts = [len(part.get(between, ())) for part in parts]  # none where it is only tested
        aside = len(split.aside.get(between, ()))
        spare = len(rows) - sum(counts) - aside
        divided.append(Division(between, counts[0], counts[1], counts[2], spare, aside))
    return divided
