"""Where linear maps begin: at random, or turned onto each other by the pairs."""

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import TrainingData

Floats = npt.NDArray[np.float32]


def shared_width(data: TrainingData, wish: int | None) -> int:
    """Return the wished width, or that of the narrowest view."""
    return wish or min(rows.shape[1] for rows in data.views.values())


def random_maps(data: TrainingData, width: int, seed: int) -> dict[str, Floats]:
    """Return Gaussian maps of shape (width, d) that keep lengths on average."""
    random = np.random.default_rng([seed, 1])
    return {
        view: random.normal(0, width**-0.5, (width, rows.shape[1])).astype(np.float32)
        for view, rows in data.views.items()
    }


def procrustes_maps(data: TrainingData, width: int) -> dict[str, Floats]:
    """Return semi-orthogonal maps of shape (width, d) that bring pairs together.

    For two views these are the singular directions of X_pᵀ Y_p, so that with equal widths
    X U (Y V)ᵀ = X (U Vᵀ) Yᵀ, the orthogonal Procrustes solution (Schönemann 1966). Further views
    are turned onto what is placed already, beginning at the hub.
    """
    maps: dict[str, Floats] = {}
    waiting = dict(data.pairs)
    while waiting:
        relation = next(
            (r for r in waiting if maps.keys() & set(r)),
            next((r for r in waiting if data.hub in r), next(iter(waiting))),
        )
        first, second = relation
        rows = waiting.pop(relation)
        x, y = data.views[first][rows[:, 0]], data.views[second][rows[:, 1]]
        if not maps.keys() & set(relation):
            left, _, right = np.linalg.svd(x.T @ y, full_matrices=True)
            maps[first], maps[second] = _fit(left.T, width), _fit(right, width)
        elif first not in maps:
            maps[first] = _turn(x, y @ maps[second].T)
        elif second not in maps:
            maps[second] = _turn(y, x @ maps[first].T)
    return {view: np.asarray(maps[view], dtype=np.float32) for view in data.views}


def _turn(rows: Floats, target: Floats) -> Floats:
    left, _, right = np.linalg.svd(target.T @ rows, full_matrices=False)
    return np.asarray(left @ right, dtype=np.float32)


def _fit(directions: Floats, width: int) -> Floats:
    """Cut to the first `width` directions, or fill up with zeros."""
    missing = width - len(directions)
    return np.pad(directions, ((0, missing), (0, 0))) if missing > 0 else directions[:width]
