"""Read recordings as what speech encoders want: one channel, 16 kHz, float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError

SPEECH_RATE = 16_000
"""Samples a second of everything `read_speech` returns."""

_RATES = (1_000, 1_000_000)
_BLOCK_VALUES = 1 << 22  # values decoded at once, over all channels: 16 MB
_UNKNOWN_LENGTH = 1 << 60  # libsndfile gives 2**63 - 1 frames where the header does not tell


def read_speech(path: Path, max_seconds: float | None = 30.0) -> NDArray[np.float32]:
    """Return a recording as mono 16 kHz.

    Parameters
    ----------
    path : Path
        Any file that libsndfile reads: wav, flac, ogg (Vorbis and Opus), mp3, aiff, …
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
    with _opened(path) as sound:
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
    with _opened(path) as sound:
        frames = int(sound.frames)
        if frames >= _UNKNOWN_LENGTH:
            frames = sum(block.size for block in _mono_blocks(sound, None))
        seconds = frames / int(sound.samplerate)
    if seconds <= 0:
        raise WorkbenchError(f"The recording {path} contains no sound: replace or remove the file.")
    return seconds


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a sound file; whatever the library raises within becomes a sentence."""
    import soundfile

    if not path.is_file():
        raise WorkbenchError(f"The recording {path} does not exist: check the path.")
    try:
        with soundfile.SoundFile(str(path)) as sound:
            if not _RATES[0] <= sound.samplerate <= _RATES[1]:
                raise WorkbenchError(
                    f"The recording {path} has {sound.samplerate} samples a second, which is not "
                    "plausible for speech: replace or remove the file."
                )
            yield sound
    except (RuntimeError, OSError, ValueError, TypeError, MemoryError) as error:
        # soundfile.LibsndfileError is a RuntimeError
        reason = str(getattr(error, "error_string", error)).strip().rstrip(".")
        raise WorkbenchError(
            f"The recording {path} cannot be read ({reason}): convert it to wav or flac, or "
            "remove it."
        ) from error


def _mono_blocks(sound: Any, limit: int | None) -> Iterator[NDArray[np.float32]]:
    """Yield the mean of the channels in blocks of bounded size, `limit` frames at most."""
    block = max(1, _BLOCK_VALUES // int(sound.channels))
    left = _UNKNOWN_LENGTH if limit is None else limit
    while left > 0:
        values = sound.read(min(block, left), dtype="float32", always_2d=True)
        if not len(values):
            return
        left -= len(values)
        yield values.mean(axis=1, dtype=np.float32)


def _resample(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(samples, rate, SPEECH_RATE)
    return resampled
