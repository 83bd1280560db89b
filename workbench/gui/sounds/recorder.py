"""Recording a question with the microphone."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from workbench.errors import WorkbenchError
from workbench.gui.sounds.sound_device import sound_device

MOST_SECONDS = 30.0  # encoders of speech hear no more
_LEAST_SECONDS = 0.2  # a shorter one is a slip of the finger
_MILLISECONDS_BETWEEN_LOOKS = 100

Samples = npt.NDArray[np.float32]


class Recorder(QObject):
    """Takes what the microphone hears from `start` to `stop`.

    Signals
    -------
    heard (seconds)
        So long by now.
    full
        It has stopped by itself; `stop` returns what was recorded.

    Parameters
    ----------
    rate : int
        Samples a second.
    """

    heard = Signal(float)
    full = Signal()

    def __init__(self, rate: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rate = rate
        self._stream: Any = None
        self._blocks: list[Samples] = []
        self._clock = QElapsedTimer()
        self._look = QTimer(self, interval=_MILLISECONDS_BETWEEN_LOOKS)
        self._look.timeout.connect(self._tell)

    @property
    def recording(self) -> bool:
        """Whether it listens."""
        return self._stream is not None

    def start(self) -> None:
        """Listen.

        Raises
        ------
        WorkbenchError
            There is no microphone, or it cannot be used.
        """
        device, blocks = sound_device(), []
        if device is None:
            raise WorkbenchError(
                "Recording is not available: install the package “sounddevice” (the extra "
                "“sound”), and PortAudio with it."
            )

        def take(block: Samples, _frames: int, _time: object, _status: object) -> None:
            blocks.append(block[:, 0].copy())  # called in a thread of PortAudio

        stream = None
        try:
            stream = device.InputStream(
                samplerate=self._rate, channels=1, dtype="float32", callback=take
            )
            stream.start()
        except Exception as error:  # whatever PortAudio has against this computer
            if stream is not None:
                stream.close()
            raise WorkbenchError(
                f"The microphone cannot be used: {error}. Connect one, and allow this program to "
                "use it."
            ) from None
        self._stream, self._blocks = stream, blocks
        self._clock.start()
        self._look.start()

    def stop(self) -> Samples:
        """Listen no more, and return what was heard; nothing, where it was only an instant."""
        self._look.stop()
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        blocks, self._blocks = self._blocks, []
        heard = np.concatenate([np.zeros(0, np.float32), *blocks])
        if len(heard) < _LEAST_SECONDS * self._rate:
            return np.zeros(0, np.float32)
        return heard[: round(MOST_SECONDS * self._rate)]

    def _tell(self) -> None:
        seconds = self._clock.elapsed() / 1000
        self.heard.emit(seconds)
        if seconds >= MOST_SECONDS:
            self._look.stop()
            self.full.emit()
