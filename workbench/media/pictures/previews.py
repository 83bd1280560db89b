"""Small pictures of items for the window: fast, never needed for the result."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.media.pictures.images import read_image
from workbench.media.sounds.speech import read_speech


def thumbnail(path: Path, size: int) -> Image.Image:
    """Return a picture that fits into `size` × `size` pixels, RGB, proportions kept.

    JPEG files are decoded at a fraction of their size, which is several times faster.

    Raises
    ------
    WorkbenchError
        The file cannot be read as a picture.
    """
    picture = read_image(path, at_least=size)
    picture.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def waveform(path: Path, bins: int, max_seconds: float | None = 30.0) -> NDArray[np.float32]:
    """Return the outline of a recording.

    Parameters
    ----------
    path : Path
        The recording.
    bins : int
        Columns wanted, at least 1.
    max_seconds : float or None
        Only this much from the start, as an encoder hears it; None for all.

    Returns
    -------
    ndarray, shape (bins, 2), float32
        Lowest and highest sample of each stretch of time.

    Raises
    ------
    WorkbenchError
        The file cannot be read or holds no sound.
    """
    samples = read_speech(path, max_seconds)
    edges = np.linspace(0, samples.size, bins, endpoint=False).astype(np.intp)
    # reduceat gives the sample itself where two edges coincide (fewer samples than bins)
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    return np.stack([low, high], axis=1).astype(np.float32)
