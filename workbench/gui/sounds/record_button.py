"""The button that records a question."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from workbench.errors import WorkbenchError
from workbench.gui.sounds.recorder import Recorder, Samples
from workbench.gui.widgets.button import IconButton

RATE = 16_000  # samples a second, as the encoders of speech take them
_TIP = "Search by voice: click, speak, and click again"


class RecordButton(IconButton):
    """Records from one click to the next; Esc throws away what was heard.

    Signals
    -------
    recorded (samples)
        At `RATE`, shape (samples,).
    said (sentence)
        How long it listens; empty when it has ended.
    failed (sentence)
    """

    recorded = Signal(object)
    said = Signal(str)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__("microphone-outline", _TIP, self.press, name="query-record")
        self.recorder = Recorder(RATE, self)
        self.recorder.heard.connect(
            lambda seconds: self.said.emit(
                f"Recording, {seconds:.0f} s: click to search, Esc to cancel"
            )
        )
        self.recorder.full.connect(self.press)

    def press(self) -> None:
        """Begin to listen, or end and hand over what was heard."""
        if self.recorder.recording:
            samples = self._end()
            if len(samples):
                self.recorded.emit(samples)
            return
        try:
            self.recorder.start()
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return
        self.set_icon("stop")
        self.set_tip("Search with the recording")
        self.setFocus()
        self.said.emit("Recording…")

    def give_up(self) -> None:
        """Listen no more, and forget what was heard."""
        if self.recorder.recording:
            self._end()

    def _end(self) -> Samples:
        samples = self.recorder.stop()
        self.set_icon("microphone-outline")
        self.set_tip(_TIP)
        self.said.emit("")
        return samples

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.recorder.recording:
            self.give_up()
        else:
            super().keyPressEvent(event)
