"""The encoders and devices that the page knows of; found in other processes, kept for all cards."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.encoding.inspection import (
    Device,
    Encoders,
    LookedUp,
    find_everything,
    look_around,
    look_up,
)
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.session import Session
from workbench.job_process import in_process
from workbench.jobs import Event
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.encoders import EncoderFacts

Key = tuple[Modality, str]


class KnownEncoders(QObject):
    """What has been found out about encoders, whatever project is open.

    Signals
    -------
    listed
        The short list is there.
    everything_listed
        So are all models of the libraries.
    answered (modality, name)
        An encoder that was asked about is known, or that it cannot be.
    devices_found (list of Device)
    failed (sentence)
        Something could not be found out.
    """

    listed = Signal()
    everything_listed = Signal()
    answered = Signal(str, str)
    devices_found = Signal(list)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._short: Encoders | None = None
        self._all: Encoders | None = None
        self._answers: dict[Key, LookedUp] = {}
        self._asking: dict[Key, RunningJob] = {}
        self._listing: RunningJob | None = None
        self._looked = False

    def look(self) -> None:
        """Look for encoders and devices, once."""
        if self._looked:
            return
        self._looked = True

        def hear(event: Event) -> None:
            if isinstance(event, Encoders):
                self._short = event
                self.listed.emit()

        self._session.start(
            "Looking for encoders",
            lambda control: in_process(look_around, control=control),
            on_event=hear,
            on_result=self._take_devices,
            on_error=self.failed.emit,
            quiet=True,
        )

    def _take_devices(self, devices: list[Device]) -> None:
        self.devices_found.emit(devices)

    @property
    def ready(self) -> bool:
        """Whether the short list is there."""
        return self._short is not None

    def problems(self) -> list[str]:
        """Return a sentence for each plug-in that is broken."""
        return self._short.problems if self._short else []

    def of(self, modality: Modality, *, everything: bool = False) -> "list[EncoderFacts]":
        """Return the encoders of a modality, as far as they are listed yet."""
        found = self._all if everything else self._short
        listed = found.facts.get(modality, []) if found else []
        return [self._newest(facts) for facts in listed]

    def find(self, modality: Modality, name: str) -> "EncoderFacts | None":
        """Return what is known of an encoder."""
        answer = self._answers.get((modality, name))
        if answer is not None and answer.facts is not None:
            return answer.facts
        for found in (self._short, self._all):
            for facts in found.facts.get(modality, []) if found else []:
                if facts.name == name:
                    return facts
        return None

    def _newest(self, facts: "EncoderFacts") -> "EncoderFacts":
        answer = self._answers.get((facts.modality, facts.name))
        return answer.facts if answer is not None and answer.facts is not None else facts

    # --- everything ------------------------------------------------------------------------------

    def list_everything(self) -> None:
        """Ask the libraries for all of their models, once."""
        if self._all is not None or self._listing is not None:
            return
        self._listing = self._session.start(
            "Asking open_clip and timm",
            lambda control: in_process(find_everything, control=control),
            on_result=self._take_everything,
            on_error=self._miss_everything,
            quiet=True,
        )

    @property
    def everything_is_listed(self) -> bool:
        """Whether all models of the libraries are known."""
        return self._all is not None

    def _take_everything(self, found: Encoders) -> None:
        self._listing, self._all = None, found
        self.everything_listed.emit()

    def _miss_everything(self, sentence: str) -> None:
        self._listing = None
        self.failed.emit(sentence)

    # --- one that was picked ---------------------------------------------------------------------

    def ask(self, modality: Modality, name: str) -> None:
        """Find out about an encoder that the user picked; this asks the hub where it must."""
        key = (modality, name)
        if key in self._asking or key in self._answers:
            return

        def take(answer: LookedUp) -> None:
            if self._asking.get(key) is job:  # else it was forgotten, and perhaps asked for again
                del self._asking[key]
                self._answers[key] = answer
                self.answered.emit(*key)

        job = self._session.start(
            f"Looking for {name}",
            lambda control: in_process(look_up, name, modality, control=control),
            on_result=take,
            on_error=lambda sentence: take(LookedUp(name, problem=sentence)),
            quiet=True,
        )
        self._asking[key] = job

    def asking(self, modality: Modality, name: str) -> bool:
        """Whether an answer is on its way."""
        return (modality, name) in self._asking

    def answer(self, modality: Modality, name: str) -> LookedUp | None:
        """Return what was found of an encoder that was asked about."""
        return self._answers.get((modality, name))

    def forget(self, modality: Modality, name: str) -> None:
        """Let an answer be asked for again: the network or the disk have changed since."""
        key = (modality, name)
        self._answers.pop(key, None)
        asked = self._asking.pop(key, None)  # it began before, and would tell what was
        if asked is not None:
            asked.stop()
