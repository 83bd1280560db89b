"""Where maps begin: at random, turned onto each other by the pairs, or along what correlates."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.canonical import CanonicalProblem, largest_signs
from workbench.alignment.closed_form.cca import cca_maps
from workbench.alignment.closed_form.procrustes_maps import procrustes_maps, shared_width
from workbench.alignment.data import Relation, TrainingData
from workbench.alignment.settings.trained_settings import Start
from workbench.alignment.training.trainable_heads import Features

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_EXPONENT = 2.0  # s of CCA's weights: ρ in each view
# penalties of CCA to choose from, and the one taken when there is nothing to choose by
_PENALTIES, _PENALTY = (0.001, 0.003, 0.01, 0.03), 0.003
_NOISE = 1e-6


def landmarks(data: TrainingData, hidden: int, seed: int) -> dict[str, Floats]:
    """Return rows that a hidden layer compares with: paired ones first, others drawn by the seed.

    Paired rows are at most half of them while there are others: what an item is like is learned
    from unpaired items too.
    """
    random = np.random.default_rng([seed, 2])
    found = {}
    for view, rows in data.views.items():
        paired = random.permutation(data.paired_rows(view))
        others = random.choice(len(rows), min(len(rows), hidden + len(paired)), replace=False)
        others = others[~np.isin(others, paired)]
        taken = paired[: max(hidden // 2, hidden - len(others))][:hidden]
        found[view] = rows[np.sort(np.concatenate([taken, others[: hidden - len(taken)]]))]
    return found


def first_maps(
    start: Start,
    data: TrainingData,
    features: Mapping[str, Features],
    width: int | None,
    seed: int,
    penalty: float | None = None,
    judge: Callable[[Mapping[str, Floats]], float] | None = None,
) -> dict[str, Floats]:
    """Return where the maps of the features begin, shape (w, f) each.

    Parameters
    ----------
    start : {"cca", "procrustes", "random"}
        Regularised canonical directions of the features, weighted by their correlations; the rows
        turned onto each other, with no say of the hidden layer; or at random.
    data : TrainingData
    features : mapping of view to Features
    width : int or None
        None takes the narrowest view's, or for CCA as many directions as the pairs determine.
    seed : int
    penalty : float or None
        Of CCA: what is added to each variance, as a share of the whole. None takes the one whose
        maps are judged best, or 0.003.
    judge : callable, optional
        Says how good maps are, by held-out pairs.
    """  # fmt: skip
    wide = shared_width(data, width)
    if start == "random":
        return random_maps({view: each.width for view, each in features.items()}, wide, seed)
    if start == "procrustes":
        maps = procrustes_maps(data, wide)
        return {
            view: np.pad(maps[view], ((0, 0), (0, each.width - maps[view].shape[1])))
            for view, each in features.items()
        }
    solve = _canonical_maps(data, features, wide)
    if penalty is None and judge is not None:
        return max(map(solve, _PENALTIES), key=judge)
    return solve(_PENALTY if penalty is None else penalty)


def random_maps(widths: Mapping[str, int], width: int, seed: int) -> dict[str, Floats]:
    """Return Gaussian maps of shape (width, f) that keep lengths on average."""
    random = np.random.default_rng([seed, 1])
    return {
        view: random.normal(0, width**-0.5, (width, wide)).astype(np.float32)
        for view, wide in widths.items()
    }


def _canonical_maps(
    data: TrainingData, features: Mapping[str, Features], width: int
) -> Callable[[float], dict[str, Floats]]:
    """Return what solves CCA of the paired rows' features at a penalty.

    It is solved among as many directions as there are rows: often fewer than features.
    """
    bases, short = {}, {}
    for view, each in features.items():
        paired = each.of(data.views[view][data.paired_rows(view)]).astype(np.float64)
        left, strength, right = np.linalg.svd(paired, full_matrices=False)
        # rows that are all zero keep their directions: CCA says what is wrong with them
        known = strength >= _NOISE * strength[0]
        signs = largest_signs(right[known])
        bases[view] = right[known] * signs
        short[view] = (left * strength)[:, known] * signs.T
    reduced = TrainingData(short, data.pairs_among_paired())
    directions = min(min(rows.shape) for rows in short.values())
    problems: dict[Relation, CanonicalProblem] = {}

    def solve(penalty: float) -> dict[str, Floats]:
        # the shares are of the whole variance; `cca_maps` counts in mean eigenvalues
        wide = min(width, directions)
        maps = cca_maps(reduced, wide, penalty * directions, _EXPONENT, "paired", problems)
        return {view: (maps[view] @ bases[view]).astype(np.float32) for view in features}

    return solve
