"""Where heads begin: at random, turned onto each other by the pairs, or along what correlates."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.cca import cca_maps
from workbench.alignment.closed_form.coupled import Side, coupled_maps
from workbench.alignment.closed_form.cross_validation import among_pairs
from workbench.alignment.closed_form.procrustes_maps import procrustes_maps, shared_width
from workbench.alignment.data import TrainingData
from workbench.alignment.heads import ResidualHead
from workbench.alignment.settings.trained_settings import Start, TrainedSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.started_from import TrainedHead
from workbench.alignment.training.trainable_heads import Features, PlainMap, Units

Floats = npt.NDArray[np.float32]

_EXPONENT = 2.0  # s of CCA's weights: ρ in each view
_PENALTY, _PENALTY_A_PAIR = 0.01, 2.0  # of CCA
_TELLING = 1024  # rows, half of them paired, that tell which directions features fill
# unpaired rows of each side in a coupling, and the directions it adds; fewer tell too little
_COUPLED, _COUPLED_WIDTH = 1000, 128
_FEWEST_UNPAIRED, _UNPAIRED_A_PAIR = 50, 1


def beginning(
    data: TrainingData,
    settings: TrainedSettings,
    seed: int,
    start: AlignedSpace | None = None,
) -> tuple[dict[str, Features], dict[str, PlainMap]]:
    """Return what the head of each view sees of rows, and where its map begins.

    With heads to start from it begins at these.
    """
    if start is not None:
        return _at_heads(data, start, seed)
    features = {view: Features(data.preparation(view)) for view in data.views}
    if settings.head == "residual":
        marks = landmarks(data, settings.hidden, seed)
        some = landmarks(data, _TELLING, seed + 1)
        features = {
            view: Features(data.preparation(view), marks[view]).narrowed(some[view])
            for view in data.views
        }
    weights = first_maps(
        settings.start, data, features, settings.width, seed, settings.start_penalty,
        settings.coupled,
    )  # fmt: skip
    maps = {view: PlainMap.of_weight(weight) for view, weight in weights.items()}
    if settings.head == "mlp":
        random = np.random.default_rng([seed, 6])
        maps = {view: with_units(each, settings.hidden, random) for view, each in maps.items()}
    return features, maps


def _at_heads(
    data: TrainingData, start: AlignedSpace, seed: int
) -> tuple[dict[str, Features], dict[str, PlainMap]]:
    """Return features of the kind of heads that there are, and maps that are these heads."""
    heads = {view: cast("TrainedHead", start.heads[view]) for view in data.views}
    features = {view: Features(data.preparation(view)) for view in heads}
    marked = {view: head for view, head in heads.items() if isinstance(head, ResidualHead)}
    some = landmarks(data, _TELLING, seed + 1) if marked else {}
    for view, head in marked.items():
        whole = Features(data.preparation(view), head.landmarks)
        features[view] = whole.narrowed(some[view], whole.map_of(head).weight)
    return features, {view: features[view].map_of(head) for view, head in heads.items()}


def with_units(linear: PlainMap, hidden: int, random: np.random.Generator) -> PlainMap:
    """Return a linear map with a hidden layer beside it that counts for nothing yet.

    Rows have unit length, so that their products with the weights drawn have a variance of 1.
    """
    wide, width = linear.weight.shape
    return PlainMap(
        linear.weight,
        linear.bias,
        Units(
            random.normal(size=(hidden, width)).astype(np.float32),
            np.zeros(hidden, dtype=np.float32),
            np.zeros((wide, hidden), dtype=np.float32),
        ),
    )


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
    coupled: bool = False,
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
        Of CCA: what is added to each variance, as a share of the whole. None takes 0.01, or 2 /
        pairs where that is less: to choose it by leaving out pairs finds less where there are few
        (measured: methods.md).
    coupled : bool
        Whether directions by `coupled_maps` stand beside those of CCA, where there are enough
        unpaired items.
    """  # fmt: skip
    wide = shared_width(data, width)
    if start == "random":
        return random_maps({view: each.width for view, each in features.items()}, wide, seed)
    if start == "procrustes":
        maps = procrustes_maps(data, wide)
        return {view: features[view].map_of_rows(maps[view]) for view in features}
    reduced, bases = among_pairs(data, lambda view, some: features[view].at(data.views[view], some))
    if penalty is None:
        penalty = min(_PENALTY, _PENALTY_A_PAIR / max(map(len, data.pairs.values())))
    # the penalty is a share of the whole variance; `cca_maps` counts in mean eigenvalues
    directions = min(min(rows.shape) for rows in reduced.views.values())
    short = cca_maps(reduced, min(wide, directions), penalty * directions, _EXPONENT, "paired")
    maps = {view: (short[view] @ bases[view]).astype(np.float32) for view in features}
    return _coupled(data, features, maps, penalty, seed) if coupled else maps


def _coupled(
    data: TrainingData,
    features: Mapping[str, Features],
    maps: dict[str, Floats],
    penalty: float,
    seed: int,
) -> dict[str, Floats]:
    """Return maps beside which those of coupled correlations stand; see `coupled_maps`."""
    (relation, pairs), *others = data.pairs.items()
    unpaired = {
        view: np.setdiff1d(np.arange(len(rows)), data.paired_rows(view), assume_unique=True)
        for view, rows in data.views.items()
    }
    fewest = min(len(rows) for rows in unpaired.values())
    if others or fewest < max(_FEWEST_UNPAIRED, _UNPAIRED_A_PAIR * len(pairs)):
        return maps
    random = np.random.default_rng([seed, 5])
    sides = []
    for number, view in enumerate(relation):
        drawn = random.permutation(unpaired[view])[:_COUPLED]
        paired, some = (
            features[view].at(data.views[view], rows) for rows in (pairs[:, number], np.sort(drawn))
        )
        sides.append(Side(paired, some, maps[view]))
    found = coupled_maps(sides[0], sides[1], penalty, _COUPLED_WIDTH)
    return dict(zip(relation, found, strict=True))


def random_maps(widths: Mapping[str, int], width: int, seed: int) -> dict[str, Floats]:
    """Return Gaussian maps of shape (width, f) that keep lengths on average."""
    random = np.random.default_rng([seed, 1])
    return {
        view: random.normal(0, width**-0.5, (width, wide)).astype(np.float32)
        for view, wide in widths.items()
    }
