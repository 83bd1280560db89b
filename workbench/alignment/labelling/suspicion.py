"""Suspicious pairs: given pairs that all the others speak against.

Each fold of the pairs is left out in turn. Heads that are solved with the others say how near the
halves of the fold's pairs come to each other, among all items; a pair whose halves are far from
each other, and near to many others, is suspicious. A space that was trained with the wrong pairs
would have learned them by heart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.cca import cca
from workbench.alignment.data import Relation, TrainingData, prepare
from workbench.alignment.heads import LinearHead
from workbench.alignment.settings.solved_settings import CcaSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.trainable_heads import PlainMap
from workbench.evaluation import CSLS_NEIGHBOURS, mean_similarity_to_nearest, pair_groups
from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.geometry.rows import evenly
from workbench.jobs import Control, Job, Progress

Floats = npt.NDArray[np.float32]
Figures = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

LEAST_PAIRS = 20
"""Fewer say nothing about each other."""
_FOLDS = 10
_MOST_CANDIDATES = (
    20_000  # among which a partner's rank is found; evenly chosen where there are more
)
# with a penalty above that of GeRA's start, since some of the pairs are wrong
_SOLVED = CcaSettings(whitening=0.5, penalty=10, exponent=1)
_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, eq=False)
class Suspicion:
    """How much the other pairs speak against each.

    Attributes
    ----------
    nearness : ndarray, shape (p,)
        ``2 s(x, y) - r(x) - r(y)`` of the halves, with r the mean cosine to the ten nearest of the
        other side; nan where nothing is known, as of pairs that would leave too few others.
    ranks : ndarray, shape (p, 2)
        Of the partner among `among` from either half, as a share of them: 0 is the first.
    nearest : ndarray, shape (p, 2)
        What each half finds first: rows of the second view, and of the first; -1 for nothing.
    among : tuple of int
        How many items each half's partner was looked for among.
    """

    nearness: Figures
    ranks: Figures
    nearest: Rows
    among: tuple[int, int]

    @property
    def order(self) -> Rows:
        """The pairs of which something is known, the most suspicious first."""
        known = np.flatnonzero(np.isfinite(self.nearness))
        return known[np.argsort(self.nearness[known], kind="stable")]

    @property
    def as_if_shuffled(self) -> int:
        """About how many pairs look as if their halves had been drawn at random.

        Of such pairs a quarter have both ranks in the later half of the items (as Storey 2002
        counts true null hypotheses). Pairs that are right and hard are counted too.
        """
        late = int(np.count_nonzero((self.ranks > 0.5).all(axis=1)))
        return min(4 * late, len(self.order))


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
    order = np.random.default_rng(seed).permutation(groups)
    # the folds are of groups with pairs alone, or few pairs among many items would fill few of them
    _, group = np.unique(order[group_of[relation[0]][pairs[:, 0]]], return_inverse=True)
    fold = group % _FOLDS
    # whitened once: all items tell it, whichever pairs are left out
    data = prepare(own, {relation: pairs}, whitening=_SOLVED.whitening)
    candidates = [evenly(len(own[view]), _MOST_CANDIDATES) for view in relation]
    found = Suspicion(
        np.full(len(pairs), np.nan), np.full((len(pairs), 2), np.nan),
        np.full((len(pairs), 2), -1), (len(candidates[1]), len(candidates[0])),
    )  # fmt: skip
    for number in range(_FOLDS):
        yield Progress(number, _FOLDS, "Asking the other pairs about each")
        control.wait_while_paused()
        if control.stopping:
            return None
        out = np.flatnonzero(fold == number)
        if len(out) and len(pairs) - len(out) >= LEAST_PAIRS // 2:
            space = cca(replace(data, pairs={relation: pairs[fold != number]}), _SOLVED)
            _judge(found, _placed(space, data, relation), pairs, out, candidates)
    yield Progress(_FOLDS, _FOLDS, "Asking the other pairs about each")
    return found


def _placed(space: AlignedSpace, data: TrainingData, relation: Relation) -> list[Floats]:
    """Return all rows of both views in a space of linear heads; they are whitened already."""
    joint = []
    for view in relation:
        head, rows = cast("LinearHead", space.heads[view]), data.views[view]
        place = PlainMap(head.weight, head.bias).of_features
        starts = range(0, len(rows), _ROWS_AT_ONCE)
        joint.append(np.concatenate([place(rows[s : s + _ROWS_AT_ONCE]) for s in starts]))
    return joint


def _judge(
    found: Suspicion, joint: list[Floats], pairs: Rows, out: Rows, candidates: list[Rows]
) -> None:
    """Write down what rows in a space say of the pairs that it was not solved with."""
    hubs = [
        mean_similarity_to_nearest(joint[side], joint[1 - side][candidates[1 - side]],
                                   CSLS_NEIGHBOURS)
        for side in (0, 1)
    ]  # fmt: skip
    ends = pairs[out]
    cosine = np.vecdot(joint[0][ends[:, 0]], joint[1][ends[:, 1]]).astype(np.float64)
    found.nearness[out] = 2 * cosine - hubs[0][ends[:, 0]] - hubs[1][ends[:, 1]]
    for side in (0, 1):
        there = candidates[1 - side]
        queries = joint[side][ends[:, side]]
        for some, cosines in blockwise_scores(queries, joint[1 - side][there]):
            here = out[some]
            scores = 2 * cosines - hubs[1 - side][there] - hubs[side][pairs[here, side], None]
            # no partner of an item stands in another's way; they are in one fold
            query, mate = np.nonzero(pairs[here][:, None, side] == ends[None, :, side])
            place = np.searchsorted(there, ends[mate, 1 - side])
            place = np.minimum(place, len(there) - 1)
            is_there = there[place] == ends[mate, 1 - side]
            scores[query[is_there], place[is_there]] = -np.inf
            ahead = np.count_nonzero(scores >= found.nearness[here, None], axis=1)
            found.ranks[here, side] = ahead / len(there)
            found.nearest[here, side] = there[scores.argmax(axis=1)]
