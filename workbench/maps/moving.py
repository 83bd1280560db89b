"""A two-dimensional picture of rows that move: frames that follow each other without jumping."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_ROUNDS = 4
_MOST_TURNED = np.cos(np.radians(15))  # of the plane, by choice, from one frame to the next


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture.

    Attributes
    ----------
    positions : dict of view to ndarray, shape (n, 2)
        Around the common mean, in the units of the rows.
    share : float
        Of the rows' variance, how much the picture shows; 1 where there is none.
    bounds : ndarray, shape (2, 2)
        The lowest and the highest place along each axis, in this frame or one before it.
    """

    positions: dict[str, Floats]
    share: float
    bounds: Doubles


class MovingProjection:
    """Projects rows of one space orthogonally on a plane that follows their principal directions.

    The first frame is the PCA of all views together. Each further one turns the last plane a few
    rounds of subspace iteration towards the principal one (Golub & Van Loan, Matrix Computations,
    section 8.2), and less where it would turn far: so two directions that change their order of
    variance pass into each other over some frames, while exact PCA would throw the picture over.
    Iterated are the rows' positions, not directions of the space: a space that turns as a whole,
    which changes nothing between its items, moves nothing here. Within the plane, rotation and
    reflection are those that bring the frame closest to the last (orthogonal Procrustes).

    The scale is that of the rows and never changes, and `Frame.bounds` only widen: a space that
    collapses is seen to shrink.
    """

    def __init__(self) -> None:
        self._last: Doubles | None = None  # positions of the last frame that had any spread
        self._bounds = np.zeros((2, 2))
        self._anew = True

    def start_anew(self) -> None:
        """Take what comes as another run of the same items: the exact plane, and bounds of its own.

        The picture is still turned to be closest to the last one.
        """
        self._anew = True

    def place(self, mapped: Mapping[str, Floats]) -> Frame:
        """Return the next frame.

        Parameters
        ----------
        mapped : mapping of view to ndarray, shape (n, w)
            The same items in every frame; another number of them begins anew. Rows with numbers
            that are not finite, as of heads that diverged, lie at the mean of the others.
        """
        rows = _centred(np.concatenate([np.asarray(some) for some in mapped.values()]))
        last = self._last
        if last is not None and len(last) != len(rows):
            last = None
        if last is None or self._anew:
            positions = _principal(rows)
            self._bounds = np.zeros((2, 2))
        else:
            positions = _followed(rows, last)
        positions = _upright(positions) if last is None else _turned(positions, last)
        if _spread(positions) > 0:
            self._last, self._anew = positions, False
        low, high = positions.min(axis=0, initial=0.0), positions.max(axis=0, initial=0.0)
        self._bounds = np.stack(
            [np.minimum(self._bounds[0], low), np.maximum(self._bounds[1], high)]
        )
        total = _spread(rows)
        ends = np.cumsum([len(some) for some in mapped.values()])[:-1]
        parts = np.split(positions.astype(np.float32), ends)
        return Frame(
            dict(zip(mapped, parts, strict=True)),
            min(_spread(positions) / total, 1.0) if total > 0 else 1.0,
            self._bounds,
        )


def _centred(rows: Floats) -> Floats:
    """Return rows around their mean; what is only rounding of equal rows becomes zero."""
    rows = rows.astype(np.float32)
    finite = np.isfinite(rows).all(axis=1)
    size = np.abs(rows[finite]).max(initial=0.0)
    mean = rows[finite].mean(axis=0, dtype=np.float64) if finite.any() else np.float64(0)
    rows -= mean.astype(np.float32)
    rows[~finite] = 0.0
    if np.abs(rows).max(initial=0.0) <= 1e-6 * size:
        rows[:] = 0.0
    return rows


def _principal(rows: Floats) -> Doubles:
    """Return positions along the first two principal directions, by the smaller Gram matrix."""
    from scipy.linalg import eigh

    count = min(2, *rows.shape)
    if not count or _spread(rows) == 0:
        return np.zeros((len(rows), 2))
    wide = rows.shape[1] > rows.shape[0]
    gram = rows @ rows.T if wide else rows.T @ rows
    values, vectors = eigh(gram, subset_by_index=(len(gram) - count, len(gram) - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    found = vectors * np.sqrt(np.maximum(values, 0)) if wide else rows @ vectors
    return _two_columns(found)


def _followed(rows: Floats, last: Doubles) -> Doubles:
    """Return positions on the last plane, turned some way towards the principal one."""
    before, _ = np.linalg.qr(last)
    positions = last.astype(np.float32)
    for _ in range(_ROUNDS):
        directions, _ = np.linalg.qr(rows.T @ positions)
        positions = rows @ directions
        now, _ = np.linalg.qr(positions.astype(np.float64))
        # the cosine of the larger angle between the planes
        if np.linalg.svd(now.T @ before, compute_uv=False).min() < _MOST_TURNED:
            break
    return _two_columns(positions)


def _two_columns(positions: npt.NDArray[np.floating]) -> Doubles:
    """Add columns of zeros: fewer than three rows, or of width one, span no plane."""
    return np.pad(positions.astype(np.float64), ((0, 0), (0, 2 - positions.shape[1])))


def _upright(positions: Doubles) -> Doubles:
    """Let the farthest position along each axis be on its positive side."""
    if not len(positions):
        return positions
    farthest = positions[np.abs(positions).argmax(axis=0), [0, 1]]
    return positions * np.where(farthest < 0, -1.0, 1.0)


def _turned(positions: Doubles, last: Doubles) -> Doubles:
    """Rotate and reflect positions to be closest to the last ones (Schönemann 1966)."""
    left, _, right = np.linalg.svd(positions.T @ last)
    turned: Doubles = positions @ (left @ right)
    return turned


def _spread(rows: npt.NDArray[np.floating]) -> float:
    return float(np.square(rows).sum(dtype=np.float64))
