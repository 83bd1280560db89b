"""What is to be trained: method, settings, budget, seed and name, and the buttons that do it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.training.form.settings_form import EDITOR_WIDTH, RESET_WIDTH, SettingsForm
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import label, line

if TYPE_CHECKING:
    from workbench.alignment import MethodEntry
    from workbench.project import Recipe

# Settings that a running training takes over at its next step.
LIVE = ("temperature", "learning_rate")
_OFFER = (
    "A sweep trains several α in one pass; the slider then moves through them. Train stays at "
    "one α, which you can move meanwhile."
)


@dataclass(frozen=True)
class Wish:
    """What the user asks for; α is added by the page."""

    method: str
    settings: dict[str, Any]
    pairs: int | None
    seed: int
    name: str | None
    words: str | float = "auto"
    start_from: str | None = None


class TrainingSetup(QFrame):
    """The left column of the Train page.

    Signals
    -------
    train_asked, sweep_asked, pause_asked, resume_asked, stop_asked
    method_changed (name)
    live_changed (name of a setting, value)
        A setting that acts at once was changed.
    """

    train_asked = Signal()
    sweep_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()
    stop_asked = Signal()
    method_changed = Signal(str)
    live_changed = Signal(str, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName("training-setup")
        self._methods: list[MethodEntry] = []
        self._running = self._paused = self.without_pairs = False

        self.method = ComboBox()
        self.method.setObjectName("method")
        self.method.setAccessibleName("Method")
        self.method.currentIndexChanged.connect(self._method_picked)
        self.summary = label("", "muted", wrap=True, name="method-summary")
        self.name = QLineEdit()
        self.name.setObjectName("run-name")
        self.name.setToolTip("Name of the run. If empty, it is named after the method.")
        self.pairs = _spin("pair-budget", 0, 1_000_000_000, "all")
        self.pairs.setToolTip(
            "Number of pairs that training may use; the others serve as unpaired items. "
            "Validation and test pairs are never among them."
        )
        self.seed = _spin("seed", 0, 2**31 - 1)
        self.seed.setToolTip("Seed of all random numbers: the same seed gives the same heads.")
        self.words = ComboBox()
        self.words.setObjectName("own-words")
        self.words.setFixedWidth(EDITOR_WIDTH)
        self.words.setToolTip(
            "The names of the classes that the image encoder was trained on, as pairs at no cost. "
            "automatic: they count as much as the pairs say they help, less with more pairs."
        )
        self.words.addItem("automatic", "auto")
        self.words.addItem("off", "off")
        self.start_from = ComboBox()
        self.start_from.setObjectName("start-from")
        self.start_from.setFixedWidth(EDITOR_WIDTH)
        self.start_from.setToolTip(
            "Where training begins: as the settings say, or at the heads of a run, made here or "
            "imported, which must be for the same encoders. It then has their kind of head and "
            "their whitening."
        )
        self.start_from.addItem("the settings", None)
        self.no_pairs = label(
            "No pairs yet: the encoder's own words are used.", "muted", wrap=True, name="no-pairs"
        )
        self.no_pairs.hide()
        self.form = SettingsForm()
        self.form.changed.connect(self._setting_changed)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 14, 0, 14)
        column.setSpacing(10)
        column.addWidget(self._scrolling(), 1)
        column.addWidget(line())
        told = QVBoxLayout()
        told.setContentsMargins(16, 0, 16, 0)
        told.addWidget(self.no_pairs)
        column.addLayout(told)
        column.addLayout(self._buttons())
        self.set_running(False)

    def _scrolling(self) -> QScrollArea:
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(2, RESET_WIDTH + 6)  # an empty column has no spacing
        self.name.setFixedWidth(EDITOR_WIDTH)
        for row, (title, widget) in enumerate(
            (
                ("Name", self.name), ("Training pairs", self.pairs),
                ("Start from", self.start_from), ("Own words", self.words), ("Seed", self.seed),
            )
        ):  # fmt: skip
            widget.setAccessibleName(title)
            words = label(title, "muted")
            words.setBuddy(widget)
            words.setToolTip(widget.toolTip())
            grid.addWidget(words, row, 0)
            grid.addWidget(widget, row, 1)
        inside = QWidget()
        inside.setProperty("role", "sheet")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 0, 10, 0)
        column.setSpacing(10)
        column.addWidget(label("Method", "heading"))
        method = QHBoxLayout()
        method.setContentsMargins(0, 0, 6, 0)  # to end where the buttons below do
        method.addWidget(self.method)
        column.addLayout(method)
        column.addWidget(self.summary)
        column.addSpacing(2)
        column.addLayout(grid)
        column.addWidget(self.form)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        return area

    def _buttons(self) -> QVBoxLayout:
        self.sweep = Button(
            "Sweep α", "stairs", "primary", lambda: self.sweep_asked.emit(), name="sweep",
            tip="Train several values of α in one pass; then the slider moves through all of them.",
        )  # fmt: skip
        self.train = Button(
            "Train", "play", "primary", lambda: self.train_asked.emit(), name="train"
        )
        self.offer = label(_OFFER, "caption", wrap=True, name="sweep-offer")
        self.train.setMinimumHeight(38)
        self.sweep.setMinimumHeight(38)
        self.pause = Button("Pause", "pause", "", self._pause_pressed, name="pause")
        self.stop = Button("Stop", "stop", "danger", lambda: self.stop_asked.emit(), name="stop")
        self.stop.setToolTip("Stop now and keep the heads so far.")
        for button in (self.pause, self.stop):
            button.setMinimumHeight(38)
        row = QHBoxLayout()
        for button in (self.sweep, self.train, self.pause, self.stop):
            row.addWidget(button, 1)
        column = QVBoxLayout()
        column.setContentsMargins(16, 0, 16, 0)
        column.setSpacing(8)
        column.addWidget(self.offer)
        column.addLayout(row)
        return column

    # ---------------------------------------------------------------- content

    def set_methods(self, methods: "list[MethodEntry]") -> None:
        """Offer methods; the first is chosen."""
        self._methods = methods
        self.method.blockSignals(True)
        self.method.clear()
        for entry in methods:
            self.method.addItem(entry.title, entry.name)
        self.method.blockSignals(False)
        self._method_picked()

    def entry(self) -> "MethodEntry | None":
        """Return the method chosen."""
        index = self.method.currentIndex()
        return self._methods[index] if 0 <= index < len(self._methods) else None

    def set_pairs_known(self, count: int, budget: int | None = None) -> None:
        """Say how many pairs there are at most, and how many the Data page says, if it does."""
        self.pairs.setMaximum(max(count, 2))
        self.pairs.setSpecialValueText(f"Data: {budget:,}" if budget else "all")

    def show_no_pairs(self, none: bool) -> None:
        """Say that there are no pairs, or that there are some."""
        self.without_pairs = none
        self.no_pairs.setVisible(none)
        self._offer_sweep()

    def method_named(self, method: str) -> "MethodEntry | None":
        """Return a method that is offered, by its name."""
        return next((entry for entry in self._methods if entry.name == method), None)

    def show_wish(self, wish: Wish) -> None:
        """Show what was asked for before; for a method that is not there, the first one."""
        self.method.setCurrentIndex(max(self.method.findData(wish.method), 0))
        self.form.set_values(wish.settings)
        self.pairs.setValue(wish.pairs or 0)
        self.seed.setValue(min(wish.seed, self.seed.maximum()))
        self._show_words(wish.words)
        self.choose_start(wish.start_from)
        self.name.setText(wish.name or "")

    def show_recipe(self, recipe: "Recipe") -> None:
        """Show what a run was made with; the name stays that of the next one."""
        self.show_wish(
            Wish(
                recipe.method,
                recipe.settings,
                recipe.pairs,
                recipe.seed,
                self.name.text(),
                recipe.words.wish,
                recipe.started_from.run if recipe.started_from else None,
            )
        )

    def offer_starts(self, runs: list[str]) -> None:
        """Offer runs whose heads training may begin with; one that is gone is not chosen any more.

        Parameters
        ----------
        runs : list of str
            Names, the newest first.
        """
        combo, chosen = self.start_from, self.start_from.currentData()
        if [combo.itemData(place) for place in range(1, combo.count())] == runs:
            return
        combo.clear()
        combo.addItem("the settings", None)
        for name in runs:
            combo.addItem(name, name)
        self.choose_start(chosen if chosen in runs else None)

    def choose_start(self, run: str | None) -> None:
        """Choose the run whose heads training begins with; None for what the settings say."""
        if run is not None and self.start_from.findData(run) < 0:
            self.start_from.addItem(run, run)
        self.start_from.setCurrentIndex(self.start_from.findData(run))

    def _show_words(self, words: str | float) -> None:
        """Choose what was wished; a share is what only the command line asks for."""
        if self.words.findData(words) < 0:
            self.words.addItem(f"a share of {words:.0%}", words)
        self.words.setCurrentIndex(self.words.findData(words))

    def wish(self) -> Wish:
        """Return what is asked for."""
        entry = self.entry()
        trains = entry is not None and entry.trains
        return Wish(
            method=entry.name if entry else "",
            settings=self.form.values(),
            pairs=self.pairs.value() or None,
            seed=self.seed.value(),
            name=self.name.text().strip() or None,
            words=self.words.currentData(),
            start_from=self.start_from.currentData() if trains else None,
        )

    def set_running(self, running: bool) -> None:
        """Show the buttons for a training that runs, or for one to start."""
        self._running, self._paused = running, False
        entry = self.entry()
        self.train.setVisible(not running)
        self._offer_sweep()
        self.pause.setVisible(running and (entry is None or entry.trains))
        self.stop.setVisible(running)
        self.stop.setEnabled(True)
        for widget in (self.method, self.name, self.pairs, self.words, self.seed):
            widget.setEnabled(not running)
        self.start_from.setEnabled(not running and (entry is None or entry.trains))
        self.form.enable_only(self._live() if running else None)
        self._show_pause()

    def _live(self) -> list[str]:
        """Return the settings that may be moved while training."""
        fields = self.form.names()
        learned = "learn_temperature" in fields and self.form.value("learn_temperature")
        return [n for n in LIVE if n in fields and not (learned and n == "temperature")]

    def show_stopping(self) -> None:
        """Take note that a stop was asked for: asking twice changes nothing."""
        self.stop.setEnabled(False)
        self.pause.setEnabled(False)

    @property
    def paused(self) -> bool:
        """Whether the user has paused the training."""
        return self._paused

    def _offer_sweep(self) -> None:
        """Offer a sweep before a training at one α, where several can be trained."""
        entry = self.entry()
        swept = entry is not None and entry.name == "gera" and not self.without_pairs
        swept = swept and not self._running
        self.sweep.setVisible(swept)
        self.offer.setVisible(swept)
        self.train.set_kind("" if swept else "primary")
        self.train.setToolTip("Train at the α of the sliders." if swept else "")

    def _pause_pressed(self) -> None:
        self._paused = not self._paused
        (self.pause_asked if self._paused else self.resume_asked).emit()
        self._show_pause()

    def _show_pause(self) -> None:
        self.pause.setEnabled(True)
        self.pause.setText("Resume" if self._paused else "Pause")
        self.pause.set_icon("play" if self._paused else "pause")

    def _method_picked(self) -> None:
        entry = self.entry()
        if entry is None:
            return
        self.summary.setText(entry.summary)
        self.form.set_model(entry.settings, leave_out=("alpha",))
        self.train.setText("Train" if entry.trains else "Align")
        self.start_from.setEnabled(entry.trains and not self._running)
        self._offer_sweep()
        self.method_changed.emit(entry.name)

    def _setting_changed(self, name: str) -> None:
        if self._running and name in self._live():
            self.live_changed.emit(name, float(self.form.value(name)))


def _spin(name: str, low: int, high: int, lowest_words: str = "") -> SpinBox:
    spin = SpinBox()
    spin.setObjectName(name)
    spin.setRange(low, high)
    spin.setSpecialValueText(lowest_words)
    spin.setGroupSeparatorShown(True)
    spin.setFixedWidth(EDITOR_WIDTH)
    return spin
