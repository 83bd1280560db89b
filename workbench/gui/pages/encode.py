"""Encode: from items to embeddings, by a frozen encoder a modality."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.encoding.cluster_card import ClusterCard
from workbench.gui.encoding.encode_queue import EncodeQueue
from workbench.gui.encoding.encoder_card import EncoderCard
from workbench.gui.encoding.inspection import (
    Caches,
    Device,
    inspect_caches,
    read_problems,
    remove_cache,
)
from workbench.gui.encoding.known_encoders import KnownEncoders
from workbench.gui.encoding.problems_dialog import ProblemsDialog
from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.text import label
from workbench.jobs import Notice
from workbench.media import MODALITIES, Modality

if TYPE_CHECKING:
    from workbench.stations import EncodeReport, EncodeRequest, Problem


CLUSTER = "cluster"  # in the place of a device


class EncodePage(Page):
    """A card for each modality of the project."""

    name = "encode"
    title = "Encode"
    icon = "layers-triple-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._caches = Caches()
        self._awaited: set[Modality] = set()  # to be encoded once their encoders are known
        self._looking, self._reading = JobSlot(session, self), JobSlot(session, self)
        self.known = KnownEncoders(session)
        self.queue = EncodeQueue(session)
        # the other pages look anew, each for some time: not within the turn that ends an encode
        self._tell_others = QTimer(self, interval=0, singleShot=True)
        self._tell_others.timeout.connect(session.catalogue_changed)
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._stack.addWidget(self._sheet())
        session.project_changed.connect(self._open)
        session.settings_changed.connect(self._follow_choices)
        session.catalogue_changed.connect(self.refresh)
        self.known.listed.connect(self._offer)
        self.known.devices_found.connect(self._take_devices)
        self.known.failed.connect(self.device.setToolTip)
        self.queue.changed.connect(self._show_queue)
        self.queue.progressed.connect(self.state_changed)
        self.queue.noticed.connect(self._hear)
        self.queue.finished.connect(self._encoded)
        self.queue.failed.connect(self._failed)
        self._open()

    def _sheet(self) -> Sheet:
        sheet = Sheet(
            "Encode",
            "A frozen encoder for each modality. A stopped encoding continues where it was.",
        )
        self.device = ComboBox()
        self.device.addItem("Automatic", "auto")
        self.device.addItem("CPU", "cpu")
        self.device.addItem("Cluster", CLUSTER)
        self.device.setAccessibleName("Device")
        self.device.setToolTip("Where encoders compute")
        self.device.setMinimumWidth(190)
        self.device.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        self.all_button = Button(
            "Encode all", "play-box-multiple-outline", "primary", self.encode_all, name="encode-all"
        )
        self.next_button = Button(
            "Continue to Train",
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
        self.cluster = ClusterCard(self.session)
        self.cluster.hide()
        self.device.currentIndexChanged.connect(self._show_place)
        sheet.column.addWidget(self.cluster)
        self.cards = {modality: EncoderCard(self.known, modality) for modality in MODALITIES}
        for modality, card in self.cards.items():
            card.encode_wanted.connect(partial(self.encode, modality))
            card.code_allowed.connect(partial(self.encode, modality, trust_code=True))
            card.cancel_wanted.connect(partial(self.queue.cancel, modality))
            card.problems_wanted.connect(partial(self.show_problems, modality))
            card.use_wanted.connect(partial(self._use, modality))
            card.delete_wanted.connect(partial(self._delete, modality))
            card.chosen.connect(partial(self._follow_choice, card))
            sheet.column.addWidget(card)
        sheet.column.addStretch(1)
        return sheet

    # --- state -----------------------------------------------------------------------------------

    def doing(self) -> State | None:
        if self.queue.running is not None:
            return "running"
        return "attention" if self._caches.broken else None

    def progress(self) -> float | None:
        progress = self.queue.job.progress if self.queue.job else None
        if progress is None or not (progress.total and progress.done):
            return None
        return min(1.0, progress.done / progress.total)

    def shown(self) -> None:
        """Look for encoders and devices the first time."""
        self.known.look()

    def _offer(self) -> None:
        project = self.session.project
        chosen = project.settings.encoders if project else {}
        for modality, card in self.cards.items():
            card.picker.offer(chosen.get(modality))
        self._show_caches(self._caches)

    def _follow_choices(self, _before: object) -> None:
        """Show the encoders that another program has chosen."""
        self._offer()
        self.refresh()

    def _take_devices(self, devices: list[Device]) -> None:
        wanted = self.device.currentData()
        self.device.clear()
        for device in devices or [Device("auto", ""), Device("cpu", "CPU")]:
            automatic = f"Automatic: {device.title}" if device.title else "Automatic"
            self.device.addItem(automatic if device.name == "auto" else device.title, device.name)
        self.device.addItem("Cluster", CLUSTER)
        self.device.setCurrentIndex(max(0, self.device.findData(wanted)))

    def _open(self) -> None:
        self._caches = Caches()
        self._awaited.clear()
        self.queue.clear()
        for card in self.cards.values():
            card.say("")
            card.forget_questions()
            card.picker.forget_choice()
        self._offer()
        self.refresh()

    def refresh(self) -> None:
        """Look at the embeddings again, in the background."""
        project = self.session.project
        if project is not None:
            self._looking.ask(
                "Looking at embeddings",
                lambda control: inspect_caches(project, control),
                self._show_caches,
            )

    def _show_caches(self, caches: Caches) -> None:
        self._caches = caches
        self.show_missing(self._stack)
        for modality, card in self.cards.items():
            card.setVisible(modality in caches.items)
            card.show_caches(caches)
        self._show_all_button()
        self.state_changed.emit()

    def _show_place(self) -> None:
        """Offer what suits the place of the computing: the nodes of a cluster have encoders."""
        far = self.device.currentData() == CLUSTER
        self.cluster.setVisible(far)
        for card in self.cards.values():
            card.set_elsewhere(far)
        self._show_all_button()

    def _present(self) -> list[EncoderCard]:
        return [card for modality, card in self.cards.items() if modality in self._caches.items]

    def _show_all_button(self) -> None:
        todo = [card for card in self._present() if not card.complete()]
        done = bool(self._caches.items) and not todo
        able = [card for card in todo if card.can_encode()]
        sizes = [card.to_download() for card in able]
        known = sum(size or 0 for size in sizes)
        if all(size == 0 for size in sizes):
            text = "Encode all"
        else:
            text = f"Download {words.size(known)} and encode all" if known else (
                "Download and encode all"
            )  # fmt: skip
        self.all_button.setText(text)
        self.all_button.setVisible(not done)
        self.next_button.setVisible(done)
        soon = [card for card in todo if card.will_know()]
        self.all_button.setEnabled(bool(able or soon) and self.queue.running is None)

    # --- encoding --------------------------------------------------------------------------------

    def encode_all(self) -> None:
        """Encode every modality that is not complete, one after another; none is left out unsaid.

        One whose encoder is still being looked for follows as soon as that is known.
        """
        for card in self._present():
            if not card.complete():
                self._encode_or_wait(card)

    def _encode_or_wait(self, card: EncoderCard) -> None:
        self._awaited.discard(card.modality)
        if card.can_encode():
            self.encode(card.modality)
        elif card.will_know():
            self._awaited.add(card.modality)
            card.say("Encoded with the others, as soon as its encoder is found.")
        else:
            card.say("Left out of “Encode all”: choose an encoder that can be used.", "warning")

    def _follow_choice(self, card: EncoderCard) -> None:
        if card.modality in self._awaited and not card.will_know() and not card.complete():
            if card.to_download() == 0:
                self._encode_or_wait(card)
            else:  # whoever asked for all did not know of this
                self._awaited.discard(card.modality)
                card.say("Its encoder must be downloaded first: start it here.", "warning")
        self._show_all_button()

    def encode(self, modality: Modality, *, retry: bool = False, trust_code: bool = False) -> None:
        """Encode a modality, or let it wait until the running one has finished."""
        from workbench.stations import EncodeRequest

        if self.session.project is None:
            return
        options = self.cards[modality].request_options()
        device, there = self.device.currentData(), None
        if device == CLUSTER:
            device, there = "auto", self.cluster.request()
            if there is None:
                return
            options["workers"] = None  # those are processes of one machine
        self.queue.add(
            EncodeRequest(
                **options, device=device, retry=retry, trust_code=trust_code, cluster=there
            )
        )

    def _show_queue(self) -> None:
        running = self.queue.running
        for modality, card in self.cards.items():
            mine = running is not None and running.modality == modality
            card.show_job(self.queue.job if mine else None, waiting=self.queue.waits(modality))
        self._show_all_button()
        self.state_changed.emit()

    def _hear(self, modality: Modality, notice: Notice) -> None:
        project = self.session.project
        sources = project.settings.sources if project else []
        folders = [str(project.source_folder(source)) for source in sources] if project else []
        self.cards[modality].hear(notice, folders)

    def _encoded(self, request: "EncodeRequest", report: "EncodeReport") -> None:
        self._learn_anew(request)
        self.cards[request.modality].show_report(report)
        self._tell_others.start()

    def _failed(
        self, request: "EncodeRequest", sentence: str, error: WorkbenchError | None
    ) -> None:
        from workbench.encoders import CodeRefused
        from workbench.stations import OrderOpen

        self._learn_anew(request)
        card = self.cards[request.modality]
        if isinstance(error, OrderOpen):
            card.ask_for_order(error)
        else:
            wants_code = isinstance(error, CodeRefused) and not request.trust_code
            card.show_failure(sentence, wants_code=wants_code)
        self._tell_others.start()  # what was encoded before is kept

    def _learn_anew(self, request: "EncodeRequest") -> None:
        """Ask anew about an encoder that had to be downloaded: it may be here now, or a part."""
        card, name = self.cards[request.modality], request.encoder or ""
        facts = self.known.find(request.modality, name)
        if facts is not None and facts.state == "download":
            self.known.forget(request.modality, name)
            self.known.ask(request.modality, name)
            card.picker.refresh()

    # --- embeddings that are there ---------------------------------------------------------------

    def show_problems(self, modality: Modality) -> None:
        """Open the table of items that could not be encoded."""
        project, encoder = self.session.project, self.cards[modality].encoder()
        if project is None:
            return

        def show(problems: "list[Problem]") -> None:
            dialog = ProblemsDialog(
                problems, modality, encoder,
                can_retry=self.queue.running is None, parent=self.window(),
            )  # fmt: skip
            dialog.retry_wanted.connect(lambda: self.encode(modality, retry=True))
            dialog.open()

        self._reading.ask(
            "Reading what could not be encoded",
            lambda control: read_problems(project, modality, encoder, control),
            show,
        )

    def _use(self, modality: Modality, encoder: str) -> None:
        project = self.session.project
        if project is None:
            return
        try:
            project.choose_encoder(modality, encoder)
        except WorkbenchError as error:
            self.cards[modality].say(str(error), "bad")
            return
        self.cards[modality].picker.choose(encoder)
        self.session.catalogue_changed.emit()

    def _delete(self, modality: Modality, encoder: str) -> None:
        project, card = self.session.project, self.cards[modality]
        if project is None:
            return

        def told(size: int) -> None:
            card.say(f"The embeddings by {encoder} are deleted: {words.size(size)} are free again.")
            self.session.catalogue_changed.emit()

        def complain(sentence: str) -> None:
            card.say(sentence, "bad")
            self.refresh()

        self.session.start(
            "Deleting embeddings",
            lambda control: remove_cache(project, modality, encoder, control),
            on_result=told,
            on_error=complain,
        )
