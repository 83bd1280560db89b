"""Pairs by who says so: those that a project's rules find, and what the user said of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.item_ids import distinct_pairs, pairs_among
from workbench.media import Modality
from workbench.project.answers.own_answers import Answer, OwnAnswers

Relation = tuple[Modality, Modality]
Ids = npt.NDArray[np.int64]
ByRelation = dict[Relation, Ids]


@dataclass(frozen=True)
class PairSets:
    """Pairs of present items by relation, item ids of shape (p, 2), ascending.

    Attributes
    ----------
    given : dict of relation to ndarray
        What the rules find.
    now : dict of relation to ndarray
        Those without what the user refused, with what the user paired.
    """

    given: ByRelation
    now: ByRelation

    @classmethod
    def of(cls, given: ByRelation, answers: OwnAnswers) -> "PairSets":
        """Apply a user's answers to given pairs."""
        if not answers.pairs and not answers.refused:
            return cls(given, given)
        now: ByRelation = {}
        refused, own = _by_relation(answers.refused), _by_relation(answers.pairs)
        none = np.zeros((0, 2), np.int64)
        for relation in dict.fromkeys([*given, *own]):
            ids = given.get(relation, none)
            if relation in refused:
                ids = ids[~pairs_among(ids, refused[relation])]
            ids = distinct_pairs(np.concatenate([ids, own.get(relation, none)]))
            if len(ids):
                now[relation] = ids
        same = now.keys() == given.keys() and all(
            np.array_equal(now[relation], given[relation]) for relation in now
        )
        return cls(given, given if same else now)


def _by_relation(answers: Sequence[Answer]) -> ByRelation:
    found: dict[Relation, list[tuple[int, int]]] = {}
    for each in answers:
        found.setdefault(each.relation, []).append((each.first, each.second))
    return {relation: np.array(ids, dtype=np.int64) for relation, ids in found.items()}
