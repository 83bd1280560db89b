"""Playing recordings: here where there is a sound device, else by the system's program."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.errors import WorkbenchError
from workbench.gui.desktop import file_for_others, open_file
from workbench.gui.session import Session
from workbench.gui.sounds.sound_device import sound_device
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Job, Progress

if TYPE_CHECKING:
    from workbench.project import Item

_opening = Lock()  # which may take a while: the next recording is not to be stopped for the last


class Player(QObject):
    """Plays one recording at a time.

    Signals
    -------
    changed (item id or None)
        What is heard now.

    Parameters
    ----------
    session : Session
    """

    changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.playing: int | None = None
        self._slot = JobSlot(session, self)  # whose wish is the id of what is about to be heard
        self._begun = False  # whether something may be heard, although nobody has said so yet
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self._finish)

    def toggle(self, item: "Item | None") -> None:
        """Play a recording from its start, or stop when it is the one that is heard."""
        if self.playing is not None or self._slot.busy:
            same = item is not None and item.id in (self.playing, self._slot.wish)
            self.stop()
            if same:
                return
        if item is not None and item.modality == "speech":
            self._play(item)

    def _play(self, item: "Item") -> None:
        def take(heard: float | Path) -> None:
            if isinstance(heard, Path):
                self._finish()
                try:
                    open_file(heard)
                except WorkbenchError as error:
                    fail(f"{error} Or install the package sounddevice: then it is played here.")
            else:
                self._set(item.id)
                self._end.start(round(1000 * heard))

        def fail(sentence: str) -> None:
            self._finish()
            self._session.noticed.emit("warning", sentence)

        self._begun = True
        self._slot.ask(
            "Playing", lambda control: _play_here(item, lambda: not control.stopping), take,
            on_error=fail, wish=item.id,
        )  # fmt: skip

    def stop(self) -> None:
        """Stop what is heard."""
        self._slot.cancel()
        if self._begun and (output := sound_device()) is not None:
            output.stop()
        self._finish()

    def _finish(self) -> None:
        self._begun = False
        self._set(None)

    def _set(self, playing: int | None) -> None:
        self._end.stop()
        if playing != self.playing:
            self.playing = playing
            self.changed.emit(playing)


def _play_here(item: "Item", is_wanted: Callable[[], bool]) -> Job[float | Path]:
    """Play a recording; return how long it takes, or the file where nothing here can play."""
    from workbench.media import SPEECH_RATE, read_speech

    yield Progress(0, 0, "Playing")
    path = Path(item.path)
    if not Path(item.file).exists():
        raise WorkbenchError(f"{item.file} is missing, so it cannot be played.")
    output = sound_device()
    if output is None:
        return file_for_others(path)
    samples = read_speech(path, None)
    with _opening:
        if not is_wanted():  # stopped while it was read
            return 0.0
        try:
            output.play(samples, SPEECH_RATE)
        except Exception as error:  # whatever PortAudio has against this computer
            raise WorkbenchError(f"The sound cannot be played: {error}.") from None
        if not is_wanted():  # stopped while the device was opened, when nothing was heard yet
            output.stop()
            return 0.0
    return len(samples) / SPEECH_RATE
