"""How pairs are divided into training, validation and test, and how many are used."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout

from workbench.gui.collecting.pairing.split_bar import SplitBar
from workbench.gui.collecting.preview.overview import in_order
from workbench.gui.collecting.sources.taking import take
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.busy import BusyRing
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import label
from workbench.jobs import Control, Job
from workbench.project import Project, SplitSettings

if TYPE_CHECKING:
    from workbench.stations import Division

_TOGETHER = "Pairs that share an item stay in the same part."
_MILLISECONDS_BEFORE_A_COUNT = 150
_MOST_PAIRS = 99_999_999
_PAIRS, _LABELS = range(2)  # what a number counts


class SplitCard(Card):
    """The split's fractions, seed and budget, with a bar and words that say what they give.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Split", "chart-donut-variant")
        self._session = session
        self._counting = JobSlot(session, self, one_at_a_time=True)
        self._divisions: list[Division] = []
        self._timer = QTimer(self, interval=_MILLISECONDS_BEFORE_A_COUNT, singleShot=True)
        self._timer.timeout.connect(self.count)
        self.bar = SplitBar()
        self.said = label("", "caption", wrap=True)
        self.validation = _field("Validation", 0, 50, " %")
        self.test = _field("Test", 0, 80, " %")
        self.seed = _field("Seed", 0, 999_999, "")
        self.budget = _field("Use only", 0, _MOST_PAIRS, "")
        self.budget.setSpecialValueText("all")
        self.budget.setFixedWidth(98)
        self.budget.setToolTip(
            "Only this many pairs of every two modalities; fewer are a subset of more. 0 uses all."
        )
        self.counted = ComboBox()
        self.counted.addItems(["training pairs", "labels in all"])
        self.counted.setAccessibleName("What is counted")
        self.counted.setToolTip(
            "Labels in all: validation pairs are counted too, and Validation is a share of them."
        )
        self._busy = BusyRing("Splitting the pairs")
        self._counting.changed.connect(lambda: self._busy.setVisible(self._counting.busy))
        self._lay_out()
        for field in (self.validation, self.test, self.seed):
            field.valueChanged.connect(self._take)
        self.budget.valueChanged.connect(self._take_count)
        self.counted.currentIndexChanged.connect(self._take_count)
        self.refresh()

    def _lay_out(self) -> None:
        fields = QGridLayout()
        fields.setHorizontalSpacing(8)
        fields.setVerticalSpacing(8)
        for number, field in enumerate((self.validation, self.test, self.seed, self.budget)):
            line, column = divmod(number, 2)
            fields.addWidget(label(field.accessibleName(), "muted"), line, 3 * column)
            fields.addWidget(field, line, 3 * column + 1)
        fields.setColumnMinimumWidth(2, 10)
        fields.addWidget(self.counted, 1, 5)
        fields.setColumnStretch(5, 1)
        self.head.addWidget(self._busy)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.said)
        self.body.addLayout(fields)

    def refresh(self) -> None:
        """Show the settings as the project has them."""
        project = self._session.project
        split = project.settings.split if project else SplitSettings()
        for field, value in (
            (self.validation, round(split.validation * 100)),
            (self.test, round(split.test * 100)),
            (self.seed, split.seed),
            (self.budget, split.labels or split.budget or 0),
        ):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        if split.labels or split.budget:  # else it stays as it was chosen: there is no number yet
            self.counted.blockSignals(True)
            self.counted.setCurrentIndex(_LABELS if split.labels else _PAIRS)
            self.counted.blockSignals(False)
        self._divisions = []
        self._show()

    # --- what it gives ---------------------------------------------------------------------------

    def count(self) -> None:
        """Divide the pairs of the catalogue, and say how many are on each side."""
        project = self._session.project
        if project is None:
            return
        split = project.settings.split

        def show(divisions: "list[Division]") -> None:
            self._divisions = sorted(divisions, key=lambda each: in_order(each.relation))
            self._show()

        self._counting.ask(
            "Splitting the pairs", lambda control: _divide(project, split, control), show,
            on_error=lambda _: None,
        )  # fmt: skip

    def _show(self, *, sure: bool = True) -> None:
        """Show the numbers; until new ones are counted, the settings and the old numbers, faint."""
        validation, test = self.validation.value(), self.test.value()
        divided = self._divisions
        parts = [
            sum(getattr(each, name) for each in divided)
            for name in ("training", "validation", "test", "spare")
        ]
        total = sum(parts)
        if total and sure:
            self.bar.show_parts(*(100 * part / total for part in parts))
        else:
            self.bar.show_parts(100 - validation - test, validation, test, 0)
        self.said.setEnabled(sure)
        self.said.setText("\n".join([*(f"{each.sentence()}." for each in divided), _TOGETHER]))

    def _take(self) -> None:
        # At least a tenth is left to train with.
        self.validation.setMaximum(90 - self.test.value())
        self._change(
            seed=self.seed.value(),
            validation=self.validation.value() / 100,
            test=self.test.value() / 100,
        )

    def _take_count(self) -> None:
        count = max(2, self.budget.value()) if self.budget.value() else None
        labels = self.counted.currentIndex() == _LABELS
        self._change(budget=None if labels else count, labels=count if labels else None)

    def _change(self, **changes: int | float | None) -> None:
        project = self._session.project
        split = project.settings.split if project else SplitSettings()
        self._show(sure=False)
        if take(self._session, split=split.model_copy(update=changes)):
            self._timer.start()


def _divide(project: Project, split: SplitSettings, control: Control) -> "Job[list[Division]]":
    from workbench.stations import division

    yield from ()
    return [] if control.stopping else division(project, split)


def _field(name: str, low: int, high: int, suffix: str) -> SpinBox:
    field = SpinBox()
    field.setRange(low, high)
    field.setSuffix(suffix)
    field.setGroupSeparatorShown(True)
    field.setAccessibleName(name)
    field.setFixedWidth(80)
    return field
