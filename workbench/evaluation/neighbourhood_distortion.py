"""An item's own L_geo: how much its neighbourhood was distorted (mathematics.md, Distortion)."""

import numpy as np
import numpy.typing as npt

from workbench.geometry import Operator, nearest_neighbours

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_NUMBERS_AT_ONCE = 1 << 24  # 64 MiB of float32


def distortion(
    before: Floats,
    after: Floats,
    neighbours: int = 50,
    *,
    rows: Rows | None = None,
    operator: Operator | None = None,
) -> Floats:
    """Return Σ_ij (W(S)_ij - W(f(S))_ij)² over the neighbourhood S of each item.

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
        Standardised rows and rows of the joint space, of the same items.
    neighbours : int
        K, found in `before`; capped at n - 1.
    rows : ndarray of int, shape (m,), optional
        Which items; all by default.
    operator : Operator, optional
        The default one where not given.

    Returns
    -------
    ndarray, shape (m,), float32
        0 where the neighbourhood kept its shape, and where there is none: fewer than two rows.
    """
    asked = np.arange(len(before)) if rows is None else rows
    if len(before) < 2 or len(asked) == 0:
        return np.zeros(len(asked), dtype=np.float32)
    found = nearest_neighbours(np.ascontiguousarray(before, dtype=np.float32), neighbours, asked)
    return distortion_within(before, after, found, operator)


def distortion_within(
    before: Floats, after: Floats, members: Rows, operator: Operator | None = None
) -> Floats:
    """Return the distortion of neighbourhoods that are known already, shape (m,).

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
    members : ndarray of int, shape (m, K + 1)
        Rows of each neighbourhood, as `nearest_neighbours` gives them.
    operator : Operator, optional
    """
    width = members.shape[1]
    at_once = max(1, _NUMBERS_AT_ONCE // (width * max(before.shape[1], after.shape[1], width)))
    bent = np.empty(len(members), dtype=np.float32)
    for start in range(0, len(members), at_once):
        old, new = operators_before_and_after(
            before, after, members[start : start + at_once], operator
        )
        bent[start : start + at_once] = np.square(old - new).sum((-1, -2))
    return bent


def operators_before_and_after(
    before: Floats, after: Floats, members: Rows, operator: Operator | None = None
) -> tuple[Floats, Floats]:
    """Return the diffusion operators W(S) and W(f(S)) of neighbourhoods.

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
    members : ndarray of int, shape (..., K + 1)
        Rows of each neighbourhood; the operators have them in this order.
    operator : Operator, optional
        The default one where not given.

    Returns
    -------
    tuple of ndarray, each of shape (..., K + 1, K + 1)
    """
    import torch

    operator = operator or Operator()
    with torch.no_grad():
        old, new = (operator.of(torch.from_numpy(x[members])).numpy() for x in (before, after))
    return old, new
