"""One modality: pick its encoder, run it, see its embeddings."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.gui import words
from workbench.gui.encoding.cache_list import CacheList, CacheRow
from workbench.gui.encoding.code_question import CodeQuestion
from workbench.gui.encoding.encoder_picker import EncoderPicker
from workbench.gui.encoding.inspection import Caches
from workbench.gui.encoding.job_row import EncodeRow
from workbench.gui.encoding.known_encoders import KnownEncoders
from workbench.gui.encoding.options import OptionsPanel
from workbench.gui.encoding.order_question import OrderQuestion
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label, set_role
from workbench.jobs import Notice
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.stations import CacheState, EncodeReport, OrderOpen

_MOST_NOTICES = 4


class EncoderCard(Card):
    """Encoder picker, options, the running job, and what the project holds.

    Parameters
    ----------
    known : KnownEncoders
    modality : {"image", "text", "speech"}

    Signals
    -------
    encode_wanted, cancel_wanted, problems_wanted, code_allowed
    chosen
        Another encoder is shown, or something new is known of it.
    use_wanted, delete_wanted (name of an encoder)
    """

    encode_wanted = Signal()
    cancel_wanted = Signal()
    problems_wanted = Signal()
    code_allowed = Signal()
    chosen = Signal()
    use_wanted = Signal(str)
    delete_wanted = Signal(str)

    def __init__(self, known: KnownEncoders, modality: Modality) -> None:
        noun = words.PLURAL[modality]
        super().__init__(noun.capitalize(), words.ICONS[modality], modality)
        self.modality = modality
        self.setObjectName(f"encode-{modality}")
        self._known = known
        self._caches = Caches()
        self._job: RunningJob | None = None
        self._elsewhere = False  # whether other machines encode
        self._waiting = False
        self._notices: list[str] = []
        self._shown = ""

        self.problems_button = Button("", "alert-outline", "link", self.problems_wanted.emit)
        self._mark = Icon("circle-outline", 17, "muted")
        self._state = label("", "muted")
        for widget in (self.problems_button, self._mark, self._state):
            self.head.addWidget(widget)
        self.picker = EncoderPicker(known, modality)
        self.encode_button = Button(
            "Encode", "play", "", self.encode_wanted.emit, name=f"encode-{modality}-run"
        )
        self.encode_button.setMinimumWidth(122)
        self.cancel_button = IconButton("close", f"Cancel encoding {noun}", self.cancel_wanted.emit)
        self.picker.line.addWidget(self.encode_button)
        self.picker.line.addWidget(self.cancel_button)
        self.options = OptionsPanel(modality)
        self.row = EncodeRow(modality)
        self.code_question = CodeQuestion()
        self.order_question = OrderQuestion()
        self._icon_of_news = Icon("information-outline", 16, "muted")
        self.news = label("", "caption", wrap=True)
        self._news_line = QWidget()
        told = row(self._icon_of_news, spacing=8)
        told.addWidget(self.news, 1)
        self._news_line.setLayout(told)
        self.caches = CacheList(modality)
        for part in (
            self.picker, self.options, self.row, self._news_line, self.code_question,
            self.order_question, self.caches,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.picker.changed.connect(self._choice_changed)
        self.code_question.allowed.connect(self.code_allowed)
        self.order_question.answered.connect(self._take_order)
        self.caches.use_wanted.connect(self.use_wanted)
        self.caches.delete_wanted.connect(self.delete_wanted)
        self._show_running()
        self.say("")

    # --- the encoder -----------------------------------------------------------------------------

    def encoder(self) -> str:
        """Return the name of the encoder that is chosen or typed."""
        return self.picker.encoder()

    def can_encode(self) -> bool:
        """Whether Encode would do something now."""
        return self.picker.readiness() in ("ready", "download") and self.items > 0

    def will_know(self) -> bool:
        """Whether it is still being found out if Encode would do something."""
        return self.picker.readiness() == "asking" and self.items > 0

    def to_download(self) -> int | None:
        """Return how many bytes an encode downloads first; None where that is not known."""
        must = self.picker.readiness() == "download" and not self._elsewhere
        return self.picker.missing() if must else 0

    def set_elsewhere(self, elsewhere: bool) -> None:
        """Say whether other machines encode, so that nothing is downloaded to this one."""
        self._elsewhere = elsewhere
        self._show_running()

    def _choice_changed(self) -> None:
        if self.encoder() != self._shown:  # what was said was of another one
            self._shown = self.encoder()
            self.forget_questions()
            self.say("")
        self._show_state()
        self._show_running()
        self.chosen.emit()

    # --- embeddings ------------------------------------------------------------------------------

    @property
    def items(self) -> int:
        """How many items there are."""
        return self._caches.items.get(self.modality, 0)

    @property
    def state(self) -> "CacheState | None":
        """The embeddings by the encoder that is shown."""
        return self._caches.state(self.modality, self.encoder()) if self.encoder() else None

    def show_caches(self, caches: Caches) -> None:
        """Show what the project holds."""
        self._caches = caches
        chosen = caches.chosen.get(self.modality)
        self.caches.show_caches(
            [
                CacheRow(state, self._title(state.encoder), state.encoder == chosen)
                for state in caches.of(self.modality)
            ],
            caches.broken_of(self.modality),
        )
        self._show_state()
        self._show_running()

    def _title(self, encoder: str) -> str:
        facts = self._known.find(self.modality, encoder)
        family, _, rest = encoder.partition("/")
        if Path(rest).is_absolute():  # a folder or a file of this computer
            return f"{Path(rest).name} ({family})"
        return facts.title if facts is not None else encoder

    def complete(self) -> bool:
        """Whether all items have embeddings by the chosen encoder."""
        state = self.state
        return state is not None and state.complete and self.items > 0

    def _show_state(self) -> None:
        state = self.state
        failed = state.unreadable if state is not None else 0
        for widget in (self._mark, self._state):  # how far it is stands in the job's row
            widget.setVisible(self._job is None)
        self.problems_button.setVisible(bool(failed) and self._job is None)
        self.problems_button.setText(f"{failed:,} could not be encoded…")
        if state is None:
            self._mark.show_icon("circle-outline", "muted")
            self._state.setText(f"{words.items(self.items, self.modality)}, not encoded")
        else:
            whole = state.complete
            self._mark.show_icon(
                "check-circle" if whole else "circle-half-full", "good" if whole else "accent"
            )
            self._state.setText(f"{state.encoded:,} of {self.items:,} encoded")

    # --- what is said ----------------------------------------------------------------------------

    def say(self, sentence: str, role: str = "caption") -> None:
        """Say something below the encoder."""
        looks = {
            "bad": ("alert-circle-outline", "bad"),
            "warning": ("alert-outline", "warning"),
            "caption": ("information-outline", "muted"),
        }
        self._icon_of_news.show_icon(*looks[role])
        set_role(self.news, role)
        self.news.setText(sentence)
        self._news_line.setVisible(bool(sentence))

    def hear(self, notice: Notice, folders: Sequence[str]) -> None:
        """Take note of what the running job has to say.

        Parameters
        ----------
        notice : Notice
        folders : sequence of str
            Of the items. What names a file in them is about one item: the latest is shown while
            the job runs, all of them are in the table.
        """
        text = notice.text
        for folder in folders:
            text = text.replace(f"{folder}{os.sep}", "")
        if text == notice.text:
            self._notices = [*self._notices, text][-_MOST_NOTICES:]
        self.say(text, "warning" if notice.level == "warning" else "caption")

    def show_report(self, report: "EncodeReport") -> None:
        """Say what an encode did."""
        done = report.encoded + report.copied
        parts = []
        if report.width:
            parts.append(f"{words.items(report.encoded, self.modality)} encoded")
            if done:
                parts[0] += f" in {words.duration(report.seconds)}"
        if report.copied:
            parts.append(f"{report.copied:,} copied from equal ones")
        if report.kept:
            parts.append(f"{report.kept:,} were encoded before")
        if report.failed:
            parts.append(f"{report.failed:,} could not be encoded")
        if report.passed_over:
            parts.append(f"{report.passed_over:,} failed before and were skipped")
        if not report.complete:
            parts.append("stopped, Encode continues from here")
        told = [text for text in self._notices if not text.startswith(("Downloading", "Stopped"))]
        summary = "; ".join(parts)
        sentence = " ".join([summary[:1].upper() + summary[1:] + ".", *told])
        self.say(sentence, "warning" if report.failed or told else "caption")

    def show_failure(self, sentence: str, *, wants_code: bool) -> None:
        """Say why an encode failed; one that was refused its own code can be allowed it."""
        self.say(sentence, "bad")
        if wants_code:
            self.code_question.offer(self.encoder())

    def ask_for_order(self, error: "OrderOpen") -> None:
        """Ask in which order given vectors lie; the answer encodes."""
        self.say("")
        self.order_question.ask(self.encoder(), error)

    def _take_order(self, encoder: str) -> None:
        self.picker.pick(encoder)
        self.encode_wanted.emit()

    def forget_questions(self) -> None:
        """Ask nothing any more."""
        self.code_question.forget()
        self.order_question.hide()

    # --- running ---------------------------------------------------------------------------------

    def request_options(self) -> dict[str, Any]:
        """Return what `EncodeRequest` is to be made of."""
        return {
            "modality": self.modality, "encoder": self.encoder(), **self.options.values()
        }  # fmt: skip

    def show_job(self, job: RunningJob | None, *, waiting: bool = False) -> None:
        """Show a running job, one that waits for its turn, or none."""
        begins, ends = job is not None and self._job is None, job is None and self._job is not None
        had_focus = self.row.pause_button.hasFocus() or self.row.stop_button.hasFocus()
        starts_by_key = self.encode_button.hasFocus()
        self._job, self._waiting = job, waiting
        if begins or waiting:
            self.say("")
            self.forget_questions()
        if begins:
            self._notices.clear()
        self.row.show_job(job)
        self.caches.set_busy(self.encoder() if job is not None else "")
        self._show_state()
        self._show_running()
        if begins and starts_by_key:
            self.row.pause_button.setFocus()
        elif ends and had_focus:
            self.encode_button.setFocus()

    def _show_running(self) -> None:
        idle = self._job is None and not self._waiting
        self.encode_button.setEnabled(idle and self.can_encode())
        self.encode_button.setText(self._verb())
        self.cancel_button.setVisible(self._waiting)
        for field in (self.picker.combo, self.picker.browse_button, self.picker.more_button):
            field.setEnabled(idle)
        self.options.setEnabled(idle)

    def _verb(self) -> str:
        if self._job is not None:
            return "Encoding"
        if self._waiting:
            return "Waiting"
        readiness = self.picker.readiness()
        if readiness == "asking":
            return "Looking…"
        if readiness == "download" and not self._elsewhere:
            missing = self.picker.missing()
            return f"Download {words.size(missing)} and encode" if missing else (
                "Download and encode"
            )  # fmt: skip
        return "Check again" if self.complete() else "Encode"
