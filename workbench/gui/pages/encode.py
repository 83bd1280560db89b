"""Encode: from items to embeddings, by a frozen encoder a modality."""

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout

from workbench.gui import words
from workbench.gui.encoding.encoder_card import EncoderCard
from workbench.gui.encoding.inspection import (
    Caches,
    EncoderChoice,
    find_choices,
    find_device,
    inspect_caches,
)
from workbench.gui.pages.page import Page, State
from workbench.gui.session import RunningJob, Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.text import label
from workbench.jobs import Control, Event, Job
from workbench.media import MODALITIES, Modality

if TYPE_CHECKING:
    from workbench.stations import EncodeReport

_DEVICES = {"cuda": "GPU (CUDA)", "mps": "GPU (Apple)", "cpu": "CPU"}


class EncodePage(Page):
    """A card for each modality of the project."""

    name = "encode"
    title = "Encode"
    icon = "layers-triple-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._caches = Caches()
        self._choices: dict[Modality, list[EncoderChoice]] | None = None
        self._asked = False
        self._queue: list[Modality] = []
        self._running: tuple[Modality, RunningJob] | None = None
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._stack.addWidget(self._no_items())
        self._stack.addWidget(self._sheet())
        session.project_changed.connect(self._open)
        session.catalogue_changed.connect(self.refresh)
        self._open()

    def _no_items(self) -> EmptyState:
        empty = EmptyState(
            "layers-triple-outline",
            "Nothing to encode yet",
            "Encoders turn pictures, texts and recordings into vectors. First the project needs "
            "folders, and a scan that finds their items.",
        )
        empty.add_action("Go to Data", lambda: self.session.page_wanted.emit("data"))
        return empty

    def _sheet(self) -> Sheet:
        sheet = Sheet(
            "Encode",
            "A frozen encoder for each modality. A stopped encoding goes on where it was.",
        )
        self.device = QComboBox()
        self.device.addItem("Automatic", "auto")
        self.device.addItem("CPU", "cpu")
        self.device.setAccessibleName("Device")
        self.device.setToolTip("Where encoders compute")
        self.device.setMinimumWidth(190)
        self.all_button = Button(
            "Encode all", "play-box-multiple-outline", "primary", self.encode_all, name="encode-all"
        )
        self.next_button = Button(
            "Go on to Train",
            "arrow-right",
            "primary",
            lambda: self.session.page_wanted.emit("train"),
            name="encode-next",
        )
        sheet.head.addWidget(label("Device", "muted"))
        sheet.head.addWidget(self.device)
        sheet.head.addSpacing(6)
        sheet.head.addWidget(self.all_button)
        sheet.head.addWidget(self.next_button)
        self.cards = {modality: EncoderCard(modality) for modality in MODALITIES}
        for card in self.cards.values():
            card.wanted.connect(lambda name: self.encode(cast(Modality, name)))
            card.chosen.connect(lambda _: self._show_all_button())
            sheet.column.addWidget(card)
        sheet.column.addStretch(1)
        return sheet

    # --- state -----------------------------------------------------------------------------------

    def state(self) -> State:
        if self.session.project is None or not self._caches.items:
            return "empty"
        if self._running is not None:
            return "running"
        if self._caches.problems:
            return "attention"
        items, states = self._caches.items, self._caches.states
        whole = [m in states and states[m].encoded >= count for m, count in items.items()]
        if all(whole):
            return "done"
        # begun but not whole: new items since, or a stopped encoding
        return "attention" if states and len(states) == len(items) else "ready"

    def progress(self) -> float | None:
        job = self._running[1] if self._running else None
        if job is None or job.progress is None or not (job.progress.total and job.progress.done):
            return None
        return job.progress.done / job.progress.total

    def shown(self) -> None:
        """Look for encoders and for a GPU the first time; the latter imports torch."""
        if not self._asked:
            self._asked = True
            self.session.start(
                "Looking for encoders", find_choices, on_result=self._take_choices, quiet=True
            )
            self.session.start(
                "Looking for a GPU",
                find_device,
                on_result=self._take_device,
                on_error=lambda sentence: self.device.setToolTip(sentence),
                quiet=True,
            )

    def _take_choices(self, choices: dict[Modality, list[EncoderChoice]]) -> None:
        self._choices = choices
        self._offer()

    def _offer(self) -> None:
        project = self.session.project
        chosen = project.settings.encoders if project else {}
        if self._choices is not None:
            for modality, card in self.cards.items():
                card.show_choices(self._choices[modality], chosen.get(modality))
        else:
            for modality, card in self.cards.items():
                card.choose(chosen.get(modality))

    def _take_device(self, device: str) -> None:
        name = _DEVICES.get(device, device)
        self.device.setItemText(0, f"Automatic: {name}")
        if device != "cpu":
            self.device.addItem(name, device)

    def _open(self) -> None:
        self._caches = Caches()
        self._queue.clear()
        for card in self.cards.values():
            card.say("")
        self._offer()
        self._show_caches(self._caches)
        self.refresh()

    def refresh(self) -> None:
        """Look at the caches again, in the background."""
        project = self.session.project
        if project is None:
            return

        def take(caches: Caches) -> None:
            if self.session.project is project:
                self._show_caches(caches)

        self.session.start(
            "Looking at embeddings",
            lambda control: inspect_caches(project, control),
            on_result=take,
            quiet=True,
        )

    def _show_caches(self, caches: Caches) -> None:
        self._caches = caches
        self._stack.setCurrentIndex(1 if caches.items else 0)
        for modality, card in self.cards.items():
            card.setVisible(modality in caches.items)
            card.show_state(
                caches.items.get(modality, 0),
                caches.states.get(modality),
                caches.problems.get(modality, ""),
            )
        self._show_all_button()
        self.state_changed.emit()

    def _show_all_button(self) -> None:
        todo = [card for card in self._present() if not card.complete()]
        ready = all(card.encoder() for card in todo)
        done = bool(self._caches.items) and not todo
        self.all_button.setVisible(not done)
        self.next_button.setVisible(done)
        self.all_button.setEnabled(bool(todo) and ready and self._running is None)

    def _present(self) -> list[EncoderCard]:
        return [card for modality, card in self.cards.items() if modality in self._caches.items]

    # --- encoding --------------------------------------------------------------------------------

    def encode_all(self) -> None:
        """Encode every modality that is not complete, one after another."""
        for card in self._present():
            if not card.complete():
                self.encode(card.modality)

    def encode(self, modality: Modality) -> None:
        """Encode a modality, or let it wait until the running one has finished."""
        if self._running is not None:
            if modality != self._running[0] and modality not in self._queue:
                self._queue.append(modality)
                self.cards[modality].show_job(None, waiting=True)
            return
        project = self.session.project
        if project is None:
            return
        card = self.cards[modality]
        encoder, size = card.encoder(), card.batch_size.value()
        device = self.device.currentData()

        def make(control: Control) -> "Job[EncodeReport]":
            from workbench.stations import encode

            return encode(
                project, modality, encoder, device=device, batch_size=size, control=control
            )

        def hear(_: Event) -> None:
            self.state_changed.emit()

        job = self.session.start(
            f"Encoding {words.PLURAL[modality]}",
            make,
            on_event=hear,
            on_result=self._encoded,
            on_error=partial(self._failed, modality),
            notices=False,  # the card says how many failed, the Data page which
        )
        self._running = (modality, job)
        card.show_job(job)
        self._show_all_button()
        self.state_changed.emit()

    def _encoded(self, report: "EncodeReport") -> None:
        self._end(report.modality, go_on=report.complete)
        self.cards[report.modality].show_report(report)
        self.session.catalogue_changed.emit()

    def _failed(self, modality: Modality, sentence: str) -> None:
        self._end(modality, go_on=True)
        self.cards[modality].say(sentence, "bad")
        self.refresh()

    def _end(self, modality: Modality, go_on: bool) -> None:
        self._running = None
        self.cards[modality].show_job(None)
        waiting, self._queue = self._queue, []
        for each in waiting:
            self.cards[each].show_job(None)
        if go_on:  # a stop means all of them
            for each in waiting:
                self.encode(each)
        self._show_all_button()
        self.state_changed.emit()
