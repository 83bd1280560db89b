"""Division: how many pairs are for training, validation and test, before anything is encoded."""

from dataclasses import dataclass

import numpy as np

from workbench.project import Project, RowPairs, SplitSettings, split_pairs


@dataclass(frozen=True)
class Division:
    """How many pairs of two modalities serve for what; `spare` are those beyond the budget."""

    relation: tuple[str, str]
    training: int
    validation: int
    test: int
    spare: int

    def sentence(self) -> str:
        """Say it in words."""
        first, second = self.relation
        sentence = (
            f"{first}–{second}: {self.training:,} training pairs, {self.validation:,} for "
            f"validation, {self.test:,} held out"
        )
        return f"{sentence}, {self.spare:,} beyond the budget" if self.spare else sentence


def division(project: Project, settings: SplitSettings | None = None) -> list[Division]:
    """Return how a project's pairs are divided, or would be by other settings.

    Items of equal content are told apart here; once encoded they count as one, so that a few pairs
    may change sides.
    """
    settings = settings or project.settings.split
    catalogue, pairs = project.catalogue, RowPairs()
    rows_of = {modality: catalogue.fingerprints(modality)[0] for modality in catalogue.counts()}
    for relation, ids in project.catalogue.pairs().items():
        sides = [np.searchsorted(rows_of[relation[side]], ids[:, side]) for side in (0, 1)]
        pairs[relation] = np.stack(sides, axis=1).astype(np.int64)
    split = split_pairs({view: len(ids) for view, ids in rows_of.items()}, pairs, settings)
    divided = []
    for between, rows in pairs.items():
        parts = split.training, split.validation, split.test
        counts = [len(part.get(between, ())) for part in parts]  # none where it is only tested
        divided.append(Division(between, counts[0], counts[1], counts[2], len(rows) - sum(counts)))
    return divided
