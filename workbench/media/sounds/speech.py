"""Read recordings as what speech encoders want: one channel, 16 kHz, float32."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.media.sounds.sound_files import UNKNOWN_LENGTH, Sound, open_sound

SPEECH_RATE = 16_000
"""Samples a second of everything `read_speech` returns."""

_BLOCK_VALUES = 1 << 22  # values decoded at once, over all channels: 16 MB
_CANCELLED = (
    0.01  # of the loudest channel's power: what is left where two are each other's negative
)


def read_speech(path: Path, max_seconds: float | None = 30.0) -> NDArray[np.float32]:
    """Return a recording as mono 16 kHz.

    Parameters
    ----------
    path : Path
        Any file that libsndfile reads (wav, flac, ogg, mp3, aiff, …) or, where it is installed,
        PyAV (m4a, aac, webm, and the sound of mp4).
    max_seconds : float or None
        Only this much from the start; None for all.

    Returns
    -------
    ndarray, shape (samples,), float32
        Mean of the channels, nominally within ±1, finite, at least one sample.

    Raises
    ------
    WorkbenchError
        The file cannot be read or holds no sound.
    """
    with open_sound(path) as sound:
        rate = int(sound.samplerate)
        limit = None if max_seconds is None else round(max_seconds * rate)
        parts = list(_mono_blocks(sound, limit))
    samples = np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)
    if samples.size and rate != SPEECH_RATE:
        samples = _resample(samples, rate)
    if not samples.size:
        raise WorkbenchError(f"The recording {path} contains no sound: replace or remove the file.")
    return np.ascontiguousarray(np.nan_to_num(samples, posinf=0.0, neginf=0.0), dtype=np.float32)


def speech_seconds(path: Path) -> float:
    """Return the length of a recording in seconds, from its header where that tells.

    Raises
    ------
    WorkbenchError
        The file cannot be read or holds no sound.
    """
    with open_sound(path) as sound:
        frames = int(sound.frames)
        if frames >= UNKNOWN_LENGTH:
            frames = sum(block.size for block in _mono_blocks(sound, None))
        seconds = frames / int(sound.samplerate)
    if seconds <= 0:
        raise WorkbenchError(f"The recording {path} contains no sound: replace or remove the file.")
    return seconds


def _mono_blocks(sound: Sound, limit: int | None) -> Iterator[NDArray[np.float32]]:
    """Yield the mean of the channels in blocks of bounded size, `limit` frames at most."""
    block = max(1, _BLOCK_VALUES // int(sound.channels))
    left = UNKNOWN_LENGTH if limit is None else limit
    while left > 0:
        values = sound.read(min(block, left), dtype="float32", always_2d=True)
        if not len(values):
            return
        left -= len(values)
        yield _one_channel(values)


def _one_channel(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of channels, shape (n,); of channels that cancel out, the loudest one.

    Recordings with one channel turned over are common (a microphone wired the other way round):
    their mean would be silence.
    """
    mean: NDArray[np.float32] = values.mean(axis=1, dtype=np.float32)
    if values.shape[1] < 2:
        return mean
    power = np.square(values, dtype=np.float64).mean(axis=0)
    loudest = int(np.argmax(np.nan_to_num(power)))
    if np.square(mean, dtype=np.float64).mean() < _CANCELLED * power[loudest]:
        return np.ascontiguousarray(values[:, loudest])
    return mean


def _resample(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(samples, rate, SPEECH_RATE)
    return resampled
