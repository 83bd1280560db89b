"""Groups of near rows, from which anchors are drawn whose neighbourhoods share rows.

The rows' widest directions are kept, and the set is halved along a wide direction of its own until
the groups are small: a tree of principal directions (Sproull 1991), with random starts as in random
projection trees (Dasgupta & Freund 2008). A million rows are read once from disk, besides a sample,
and held in 32 dimensions.
"""

import numpy as np

from workbench.errors import WorkbenchError
from workbench.geometry.rows import Floats, Ids, RowSource, blocks, read_rows

_DIRECTIONS = 32
# rows that directions are found from: of all, and of each set that is halved
_SAMPLE, _SMALL_SAMPLE = 8192, 256
_ROUNDS = 3  # towards the widest directions; groups need them not quite


def near_groups(points: RowSource, size: int, seed: int) -> list[Ids]:
    """Divide rows into groups of one size whose rows lie near each other.

    Parameters
    ----------
    points : RowSource, shape (n, d)
        Finite rows; read in blocks.
    size : int
        Rows a group; a group has this many, or differs as n is no multiple of it. All groups are
        of one length or of two that differ by one.
    seed : int
        Another seed draws the borders between groups elsewhere.

    Returns
    -------
    list of ndarray of int64
        Ascending row numbers; each row is in one group.

    Raises
    ------
    WorkbenchError
        The size is less than one.
    """
    if size < 1:
        raise WorkbenchError(f"Groups of {size} rows were asked for. Ask for at least 1.")
    count = points.shape[0]
    if count == 0:
        return []
    random = np.random.default_rng(seed)
    flat = _widest_directions(points, random)
    groups: list[Ids] = []
    # sets of rows, each with the number of groups that it is to become
    waiting = [(np.arange(count), max(1, round(count / size)))]
    while waiting:
        rows, parts = waiting.pop()
        if parts == 1:
            groups.append(np.sort(rows))
            continue
        left = parts // 2
        middle = len(rows) * left // parts
        along = flat[rows]
        along = along @ _wide_direction(along, random)
        order = np.argpartition(along, middle)
        waiting.append((rows[order[:middle]], left))
        waiting.append((rows[order[middle:]], parts - left))
    return groups


def _widest_directions(points: RowSource, random: np.random.Generator) -> Floats:
    """Return the rows along their widest directions, shape (n, <= 32).

    These are found by subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4): all
    directions of a thousand-dimensional space would take longer than a whole training.
    """
    count, width = points.shape
    kept = min(_DIRECTIONS, width)
    some = np.sort(random.choice(count, min(_SAMPLE, count), replace=False))
    sample = read_rows(points, some)
    centre = sample.mean(axis=0)
    sample = sample - centre
    widest = random.standard_normal((width, kept), dtype=np.float32)
    for _ in range(_ROUNDS):
        widest, _ = np.linalg.qr(sample.T @ (sample @ widest))
    flat = np.empty((count, kept), dtype=np.float32)
    for first, block in blocks(points):
        # centred: far from the origin the digits would go to what all rows share
        flat[first : first + len(block)] = (block - centre) @ widest
    return flat


def _wide_direction(rows: Floats, random: np.random.Generator) -> Floats:
    """Return a direction in which rows spread far, drawn at random among such, shape (k,)."""
    some = rows[random.integers(0, len(rows), _SMALL_SAMPLE)]
    some = some - some.mean(axis=0)
    direction = random.standard_normal((rows.shape[1],), dtype=np.float32)
    for _ in range(3):  # power iterations: towards the principal direction, not quite to it
        direction = (some @ direction) @ some
        direction *= 1 / max(float(np.linalg.norm(direction)), 1e-30)
    return direction
