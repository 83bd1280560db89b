"""Suspicious pairs: given pairs that all the others speak against.

Each fold of the pairs is left out in turn. Heads that are solved with the others say at which rank
the partner of each item of the fold comes; a pair whose halves find each other late, both ways, is
suspicious. A space that was trained with the wrong pairs would have learned them by heart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import Relation
from workbench.alignment.methods.registry import fit
from workbench.alignment.space import AlignedSpace
from workbench.evaluation import mean_similarity_to_nearest, pair_groups
from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.jobs import Control, Job, Progress

Floats = npt.NDArray[np.float32]
Figures = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

LEAST_PAIRS = 20
"""Fewer say nothing about each other."""
_FOLDS = 10
_NEIGHBOURS = 10
# penalty and exponent that GeRA begins with, so that nothing has to be chosen
_SOLVED: Mapping[str, object] = {"whitening": 0.5, "penalty": 3, "exponent": 1}


@dataclass(frozen=True, eq=False)
class Suspicion:
    """How much the other pairs speak against each.

    Attributes
    ----------
    ranks : ndarray, shape (p, 2)
        Of the partner among all items of the other view but further partners, from either side;
        nan where nothing is known, as of pairs that would leave too few others.
    score : ndarray, shape (p,)
        0 where both halves find each other first, 1 where each finds the other last: the mean of
        the logarithms of both ranks, each a share of the logarithm of the number of items.
    """

    ranks: Figures
    score: Figures

    @property
    def order(self) -> Rows:
        """Pairs by score, the most suspicious first; those of which nothing is known are last."""
        return np.argsort(-np.nan_to_num(self.score, nan=-1.0), kind="stable")


def suspicion(
    views: Mapping[str, Floats],
    relation: Relation,
    pairs: Rows,
    control: Control | None = None,
    seed: int = 0,
) -> Job[Suspicion | None]:
    """Find how much the other pairs of a relation speak against each.

    Parameters
    ----------
    views : mapping of view to ndarray, shape (n, d)
        Frozen embeddings of both views of the relation, paired or not.
    relation : tuple of str
    pairs : ndarray, shape (p, 2)
        Rows that belong together; pairs that share an item are left out together.
    control : Control, optional
    seed : int
        Of the folds.

    Yields
    ------
    Progress

    Returns
    -------
    Suspicion or None
        None when stopped.
    """
    control = control or Control()
    own = {view: views[view] for view in relation}
    group_of, groups = pair_groups({v: len(rows) for v, rows in own.items()}, {relation: pairs})
    group = group_of[relation[0]][pairs[:, 0]]
    fold = (np.random.default_rng(seed).permutation(groups) % _FOLDS)[group]
    ranks = np.full((len(pairs), 2), np.nan)
    for number in range(_FOLDS):
        yield Progress(number, _FOLDS, "Asking the other pairs about each")
        control.wait_while_paused()
        if control.stopping:
            return None
        out = fold == number
        if out.any() and len(pairs[~out]) >= LEAST_PAIRS // 2:
            space = fit("cca", own, {relation: pairs[~out]}, settings=_SOLVED)
            ranks[out] = _ranks(space, own, relation, pairs[out])
    yield Progress(_FOLDS, _FOLDS, "Asking the other pairs about each")
    among = np.log([max(2, len(own[view])) for view in relation[::-1]])
    return Suspicion(ranks, (np.log(ranks) / among).mean(axis=1))


def _ranks(
    space: AlignedSpace, views: Mapping[str, Floats], relation: Relation, pairs: Rows
) -> Figures:
    """Return at which rank the partner of each pair's halves comes, shape (p, 2)."""
    joint = [space.embed(view, views[view]) for view in relation]
    ranks = np.zeros((len(pairs), 2))
    for side in (0, 1):
        queries, candidates = joint[side], joint[1 - side]
        hubs = mean_similarity_to_nearest(candidates, queries, _NEIGHBOURS)
        for some, scores in blockwise_scores(queries[pairs[:, side]], candidates):
            scores = 2 * scores - hubs
            here = pairs[some]
            own = scores[np.arange(len(here)), here[:, 1 - side]]
            # other partners of the same item stand in nobody's way
            mates = here[:, None, side] == pairs[None, :, side]
            row, mate = np.nonzero(mates)
            scores[row, pairs[mate, 1 - side]] = -np.inf
            ranks[some, side] = 1 + np.count_nonzero(scores >= own[:, None], axis=1)
    return ranks
