"""The pixels of a point: which ones a shape covers, and how much of each."""

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Shape = Literal["disc", "square", "diamond", "triangle"]
SHAPES: tuple[Shape, ...] = ("disc", "square", "diamond", "triangle")
PHASES = 4  # places of a point within its pixel, in each direction; and parts of a pixel

Rows = npt.NDArray[np.int32]


@lru_cache(maxsize=64)
def stamp(shape: Shape, radius: float) -> tuple[tuple[int, int, int], ...]:
    """Return the pixels of a point: (squared distance, down, right), the farthest first.

    All shapes of one radius have about the area of the disc; radius 0 is a single pixel.
    """
    reach = int(np.ceil(radius * 1.6)) + 1
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = down**2 + right**2
    # pixels are squares, not dots: their centre may lie half a pixel outside
    inside = _inside(shape, down, right, radius, 0.5)
    inside[reach, reach] = True
    pixels = np.stack([distance[inside], down[inside], right[inside]], axis=1)
    order = np.argsort(-pixels[:, 0], kind="stable")
    return tuple((int(d), int(y), int(x)) for d, y, x in pixels[order])


def _inside(
    shape: Shape,
    down: npt.NDArray[np.number],
    right: npt.NDArray[np.number],
    radius: float,
    half: float,
) -> npt.NDArray[np.bool_]:
    """Return what lies in a shape, or so far outside it."""
    if shape == "disc":
        inside = down**2 + right**2 <= (radius + half) ** 2
    elif shape == "square":
        inside = np.maximum(abs(down), abs(right)) <= radius * 0.886 + half
    elif shape == "diamond":
        inside = abs(down) + abs(right) <= radius * 1.253 + half
    else:  # an equilateral triangle that stands on its base, its centroid on the point
        inside = (down <= radius * 0.778 + half) & (
            abs(right) <= (down + radius * 1.556 + half) / np.sqrt(3)
        )
    return np.asarray(inside)


@lru_cache(maxsize=32)
def smooth_stamps(
    kinds: tuple[int, ...], radius: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Rows]:
    """Return the pixels of points at each place within their pixel, the farthest first.

    Returns
    -------
    tuple of ndarray, each of shape (pixels, kinds x places)
        Down, right, and how many sixteenths of the pixel are covered. What is shorter begins with
        its pixel in the middle, which comes again at the end.
    """
    stamps = [
        _smooth_stamp(SHAPES[kind], radius, (down, right))
        for kind in kinds
        for down in range(PHASES)
        for right in range(PHASES)
    ]
    longest = max(len(each) for each in stamps)
    filled = [np.concatenate([each[-1:].repeat(longest - len(each), 0), each]) for each in stamps]
    table = np.stack(filled, axis=1)
    return table[..., 0], table[..., 1], table[..., 2].astype(np.int32)


def _smooth_stamp(shape: Shape, radius: float, phase: tuple[int, int]) -> npt.NDArray[np.intp]:
    """Return (down, right, sixteenths covered) of the pixels of one point, the farthest first."""
    reach = int(np.ceil(radius * 1.6)) + 1
    parts = (np.arange(-reach * PHASES, (reach + 1) * PHASES) + 0.5) / PHASES
    middle = (np.array(phase) + 0.5) / PHASES
    down, right = (parts - middle[0])[:, None], (parts - middle[1])[None, :]
    side = 2 * reach + 1
    inside = _inside(shape, down, right, radius, 1 / PHASES)
    covered = inside.reshape(side, PHASES, side, PHASES).sum(axis=(1, 3))
    covered[reach, reach] = max(covered[reach, reach], 1)
    y, x = np.nonzero(covered)
    distance = (y - reach + 0.5 - middle[0]) ** 2 + (x - reach + 0.5 - middle[1]) ** 2
    distance[(y == reach) & (x == reach)] = -1  # its own pixel is the last one
    order = np.argsort(-distance, kind="stable")
    return np.stack([y - reach, x - reach, covered[y, x]], axis=1)[order]
