"""One modality's encoder: pick it, run it, see how far its embeddings are."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QProgressBar, QSpinBox, QWidget

from workbench.gui import words
from workbench.gui.encoding.inspection import EncoderChoice
from workbench.gui.session import RunningJob
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.job_strip import progress_in_words
from workbench.gui.widgets.text import ElidedLabel, label, set_role
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.stations import CacheState, EncodeReport

_TIP = (
    "Choose one, or type a name such as open_clip/ViT-B-32/laion2b_s34b_b79k, "
    "sentence-transformers/all-MiniLM-L6-v2, or a local folder after such a prefix"
)


class EncoderCard(Card):
    """Encoder picker, batch size, run buttons and the state of the cache.

    Parameters
    ----------
    modality : {"image", "text", "speech"}
    """

    wanted = Signal(str)
    chosen = Signal(str)

    def __init__(self, modality: Modality) -> None:
        noun = words.PLURAL[modality]
        super().__init__(noun.capitalize(), words.ICONS[modality], modality)
        self.modality = modality
        self.setObjectName(f"encode-{modality}")
        self._choices: list[EncoderChoice] = []
        self._state: CacheState | None = None
        self._items = 0
        self._job: RunningJob | None = None
        self._waiting = False

        self._mark = Icon("circle-outline", 17, "muted")
        self._cache = label("", "muted")
        self.head.addWidget(self._mark)
        self.head.addWidget(self._cache)

        self.picker = QComboBox()
        self.picker.setEditable(True)
        self.picker.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.picker.setAccessibleName(f"Encoder for {noun}")
        self.picker.setToolTip(_TIP)
        self.picker.setMinimumWidth(320)
        self.picker.setMaxVisibleItems(18)
        completer = self.picker.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.batch_size = QSpinBox()
        self.batch_size.setRange(1, 4096)
        self.batch_size.setValue(32)
        self.batch_size.setAccessibleName(f"Batch size for {noun}")
        self.batch_size.setToolTip("Items given to the encoder at once")
        self.encode_button = Button(
            "Encode", "play", "", lambda: self.wanted.emit(modality), name=f"encode-{modality}-run"
        )
        self.pause_button = IconButton("pause", f"Pause encoding {noun}", self._toggle_pause)
        self.stop_button = IconButton(
            "stop", f"Stop encoding {noun}; what is finished is kept", self._stop
        )
        controls = QHBoxLayout()
        controls.setSpacing(8)
        controls.addWidget(self.picker, 1)
        controls.addSpacing(8)
        controls.addWidget(label("Batch", "muted"))
        controls.addWidget(self.batch_size)
        controls.addSpacing(8)
        # one width for both sets of buttons, so that nothing moves when a job starts
        hands = QWidget()
        hands.setFixedWidth(122)
        hands.setLayout(row(self.encode_button, self.pause_button, self.stop_button, spacing=4))
        self.encode_button.setMinimumWidth(122)
        controls.addWidget(hands)
        self._summary = label("", "muted")
        self._remark = ElidedLabel("", "muted", Qt.TextElideMode.ElideRight)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(f"Progress of encoding {noun}")
        self._numbers = label("", "caption")
        self._current = ElidedLabel("", "caption")
        self._news = label("", "caption", wrap=True)
        self.body.addLayout(controls)
        about = QHBoxLayout()
        about.setSpacing(12)
        about.addWidget(self._summary)
        about.addWidget(self._remark, 1)
        self.body.addLayout(about)
        self.body.addWidget(self._bar)
        doing = row(self._numbers, 6)
        doing.addWidget(self._current, 1)
        self.body.addLayout(doing)
        self.body.addWidget(self._news)
        self.picker.currentTextChanged.connect(self._show_choice)
        self._show_running()
        self.say("")

    # --- the encoder -----------------------------------------------------------------------------

    def show_choices(self, choices: list[EncoderChoice], current: str | None) -> None:
        """Offer other encoders; `current` is the project's choice, if it has one."""
        self._choices = choices
        self.picker.blockSignals(True)
        self.picker.clear()
        for choice in choices:
            self.picker.addItem(choice.title, choice.name)
            self.picker.setItemData(
                self.picker.count() - 1,
                f"{choice.summary}\n{choice.remark()[1]}",
                Qt.ItemDataRole.ToolTipRole,
            )
        self.picker.blockSignals(False)
        self.choose(current)

    def choose(self, name: str | None) -> None:
        """Show an encoder by name; None shows the first that can be used at once."""
        usable = [each.name for each in self._choices if not each.reason]
        at_once = [each.name for each in self._choices if not each.reason
                   and not each.needs_download]  # fmt: skip
        wanted = name or next(iter(at_once or usable), "")
        index = self.picker.findData(wanted)
        self.picker.setCurrentIndex(index)
        if index < 0:
            self.picker.setEditText(wanted)
        self._show_choice()

    def encoder(self) -> str:
        """Return the name of the encoder that is chosen or typed."""
        typed = self.picker.currentText().strip()
        known = {each.title: each.name for each in self._choices}
        return known.get(typed, typed)

    def _show_choice(self) -> None:
        name = self.encoder()
        choice = next((each for each in self._choices if each.name == name), None)
        if choice is not None:
            self._summary.setText(choice.summary)
            role, words_ = choice.remark()
        else:
            self._summary.setText("")
            role, words_ = "muted", "By name; it is looked up when encoding starts" if name else ""
        set_role(self._remark, role)
        self._remark.setText(words_)
        self._show_state()
        self._show_running()
        self.chosen.emit(name)

    # --- the cache -------------------------------------------------------------------------------

    def show_state(self, items: int, state: "CacheState | None", problem: str = "") -> None:
        """Show how many of the items have embeddings."""
        self._items, self._state = items, state
        self._show_state()
        self._show_running()
        if problem:
            self.say(problem, "bad")

    def complete(self) -> bool:
        """Whether all items have embeddings by the chosen encoder."""
        state = self._state
        same = state is not None and state.encoder == self.encoder()
        return same and state is not None and state.complete and self._items > 0

    def _show_state(self) -> None:
        state = self._state
        if state is None or state.encoder != self.encoder():
            self._mark.show_icon("circle-outline", "muted")
            self._cache.setText(f"{words.items(self._items, self.modality)}, not encoded")
            self._cache.setToolTip("")
            return
        if state.complete:
            self._mark.show_icon("check-circle", "good")
        else:
            self._mark.show_icon("circle-half-full", "accent")
        self._cache.setText(
            f"{state.encoded:,} of {self._items:,} · {state.width:,} wide · "
            f"{words.size(state.bytes)} · {words.moment(state.modified)}"
            + (f" · {state.unreadable:,} could not be read" if state.unreadable else "")
        )
        self._cache.setToolTip(f"{state.path}\n{state.dtype}")

    def say(self, sentence: str, role: str = "caption") -> None:
        """Say something at the foot of the card."""
        set_role(self._news, role)
        self._news.setText(sentence)
        self._news.setVisible(bool(sentence))

    def show_report(self, report: "EncodeReport") -> None:
        """Say what an encode did."""
        parts = [f"{words.items(report.encoded, self.modality)} encoded"]
        if report.encoded:
            parts[0] += f" in {words.duration(report.seconds)}"
        if report.kept:
            parts.append(f"{report.kept:,} were there already")
        if report.failed:
            parts.append(f"{report.failed:,} could not be read: the Data page says why")
        if not report.complete:
            parts.append("stopped, Encode goes on from here")
        self.say("; ".join(parts) + ".", "warning" if report.failed else "caption")

    # --- running ---------------------------------------------------------------------------------

    def show_job(self, job: RunningJob | None, waiting: bool = False) -> None:
        """Show a running job, one that waits for its turn, or none."""
        self._job, self._waiting = job, waiting
        if job is not None:
            self.say("")
            job.changed.connect(self._show_progress)
        self._show_running()
        self._show_progress()

    def _show_running(self) -> None:
        running = self._job is not None
        for widget in (self._bar, self._numbers, self._current):
            widget.setVisible(running)
        # how far the cache is stands beside the bar while it grows
        self._mark.setVisible(not running)
        self._cache.setVisible(not running)
        self.pause_button.setVisible(running)
        self.stop_button.setVisible(running)
        self.encode_button.setVisible(not running)
        blocked = any(each.name == self.encoder() and each.reason for each in self._choices)
        self.encode_button.setEnabled(
            bool(self._items and self.encoder()) and not blocked and not self._waiting
        )
        if self._waiting:
            self.encode_button.setText("Waiting")
        else:
            self.encode_button.setText("Check again" if self.complete() else "Encode")
        for field in (self.picker, self.batch_size):
            field.setEnabled(not running and not self._waiting)

    def _show_progress(self) -> None:
        job = self._job
        if job is None or not job.running:
            return
        progress = job.progress
        known = progress is not None and progress.total > 0
        if progress is not None and known and progress.done:
            self._bar.setRange(0, progress.total)
            self._bar.setValue(progress.done)
        else:
            self._bar.setRange(0, 0)
        self._numbers.setText(progress_in_words(job))
        self._current.setText(progress.message if progress else "Starting…")
        paused = job.control.paused
        self.pause_button.set_icon("play" if paused else "pause")
        self.pause_button.set_tip(
            f"{'Go on' if paused else 'Pause'} encoding {words.PLURAL[self.modality]}"
        )
        for button in (self.pause_button, self.stop_button):
            button.setEnabled(not job.control.stopping)

    def _toggle_pause(self) -> None:
        if self._job is not None:
            (self._job.resume if self._job.control.paused else self._job.pause)()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
