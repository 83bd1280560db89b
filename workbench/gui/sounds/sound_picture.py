"""What a recording looks like: its outline over its spectrogram. No Qt."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_BINS = 150
_WINDOW = 512  # samples: 32 ms
_COLUMNS = 300
_RANGE = 80.0  # dB below the loudest that are still told apart


@dataclass(frozen=True, eq=False)
class SoundPicture:
    """A recording to look at.

    Attributes
    ----------
    seconds : float
        How much of it is seen, from the start.
    outline : ndarray, shape (bins, 2)
        Lowest and highest sample of each stretch of time.
    spectrogram : ndarray, shape (frequencies, times)
        Loudness from 0 to 1, over 80 dB; the highest frequency, 8 kHz, first.
    """

    seconds: float
    outline: Floats
    spectrogram: Floats


def read_sound_picture(path: Path) -> SoundPicture:
    """Read a recording, its first 30 seconds.

    Raises
    ------
    WorkbenchError
        The file cannot be read or holds no sound.
    """
    from workbench.media import SPEECH_RATE, read_speech, waveform

    samples = read_speech(path)
    seconds = len(samples) / SPEECH_RATE
    return SoundPicture(seconds, waveform(path, _BINS), spectrogram(samples))


def spectrogram(samples: Floats) -> Floats:
    """Return the loudness of frequencies over time, shape (257, times) with at most 300 times.

    Squared magnitudes of Hann windows of 512 samples, in dB below the loudest, from 0 to 1.
    """
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    step = max(_WINDOW // 4, -(-len(padded) // _COLUMNS))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::step]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2
    loudest = float(power.max())
    if loudest <= 0:
        return np.zeros((power.shape[1], len(power)), np.float32)
    decibels = 10 * np.log10(np.maximum(power / loudest, 1e-12))
    return np.clip(1 + decibels / _RANGE, 0, 1).T[::-1].astype(np.float32)
