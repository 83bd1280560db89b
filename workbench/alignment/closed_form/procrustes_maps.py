"""Semi-orthogonal maps that bring pairs together, for Procrustes and for where trainings begin."""

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.canonical import largest_signs
from workbench.alignment.data import TrainingData
from workbench.alignment.frozen_rows import StandardRows
from workbench.geometry.rows import evenly

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_NOISE = 1e-6
_LOOKED_AT = 20_000


def shared_width(data: TrainingData, wish: int | None) -> int:
    """Return the wished width, or that of the narrowest view."""
    return wish or min(rows.shape[1] for rows in data.views.values())


def procrustes_maps(data: TrainingData, width: int) -> dict[str, Floats]:
    """Return semi-orthogonal maps of shape (width, d) that bring pairs together.

    For two views these are the singular directions of X_pᵀ Y_p, so that with equal widths
    X U (Y V)ᵀ = X (U Vᵀ) Yᵀ, the orthogonal Procrustes solution (Schönemann 1966). Further views
    are turned onto what is placed already, beginning at the hub.

    Few pairs fix few directions: as many as there are pairs. The mathematics leaves the others
    open, and a library would fill them with rounding noise, different on every run. Here each
    view fills them with the directions in which most of its items' variance is left, unpaired
    items included, so that the start keeps as much of its geometry as the width allows; one view
    from the strongest down, the other from the weakest up, so that directions that have nothing
    to do with each other disturb the similarities least (the rearrangement inequality).
    """
    maps: dict[str, Doubles] = {}
    for relation in data.outwards():
        rows = data.pairs[relation]
        first, second = relation
        x, y = (data.views[view][rows[:, side]] for side, view in enumerate(relation))
        if not maps.keys() & set(relation):
            left, right = _common_directions(x, y, width)
            maps[first] = _fill(left, data.views[first], width)
            maps[second] = _fill(right, data.views[second], width, weakest_first=True)
        elif first not in maps:
            maps[first] = _turn(x, y @ maps[second].T, data.views[first])
        elif second not in maps:
            maps[second] = _turn(y, x @ maps[first].T, data.views[second])
    return {view: np.asarray(maps[view], dtype=np.float32) for view in data.views}


def _common_directions(x: Floats, y: Floats | Doubles, width: int) -> tuple[Doubles, Doubles]:
    """Return the paired singular directions of xᵀ y that the pairs determine, as rows."""
    left, strength, right = np.linalg.svd(
        x.T.astype(np.float64) @ y.astype(np.float64), full_matrices=False
    )
    known = min(width, int(np.sum(strength > _NOISE * strength[0])))
    signs = largest_signs(right[:known])
    return left.T[:known] * signs, right[:known] * signs


def _turn(x: Floats, target: Doubles, rows: StandardRows) -> Doubles:
    """Return the semi-orthogonal map that turns `x` onto `target`, shape (w, d)."""
    left, right = _common_directions(x, target, target.shape[1])
    # what the pairs leave open goes to the target's directions that are still free
    placed = _fill(right, target, target.shape[1], weakest_first=True)
    turned: Doubles = placed.T @ _fill(left, rows, target.shape[1])
    return turned


def _fill(
    directions: Doubles, rows: Doubles | StandardRows, width: int, weakest_first: bool = False
) -> Doubles:
    """Add directions, orthogonal to the given ones, in which most variance of the rows is left.

    They are put in order of variance, falling or rising. What cannot be filled, because the view
    is narrower than `width`, stays zero.
    """
    known, wide = directions.shape
    if known < min(width, wide):
        some = rows[evenly(len(rows), _LOOKED_AT)]
        covariance = some.T.astype(np.float64) @ some
        rest = np.eye(wide) - directions.T @ directions
        # the small ramp decides between directions without any variance, so that none is noise
        ramp = np.diag(np.linspace(_NOISE, 2 * _NOISE, wide)) * np.trace(covariance) / wide
        _, vectors = np.linalg.eigh(rest @ (covariance + ramp) @ rest)
        added = vectors.T[::-1][: min(width, wide) - known]
        added = added[::-1] if weakest_first else added
        directions = np.concatenate([directions, added * largest_signs(added)])
    missing = width - len(directions)
    return np.pad(directions, ((0, missing), (0, 0))) if missing > 0 else directions[:width]
