"""A window that compares runs: figures with differences, settings that differ, and curves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.curves.curve_view import SavedCurves, read_curves
from workbench.gui.training.curves.curves_panel import CurvesPanel
from workbench.gui.training.runs.comparison_tables import (
    MEAN,
    DifferenceTable,
    SettingsTable,
    directions,
)
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.table_rows import row_buttons
from workbench.gui.widgets.text import label
from workbench.gui.words import listed
from workbench.jobs import Control, Event, Job, Progress

if TYPE_CHECKING:
    from workbench.project import Project

_SHOWN_FIRST = ("loss", "recall@10", "effective_rank")


@dataclass(frozen=True)
class Kept:
    """What runs have kept: reports by run, settings that differ, and curves."""

    reports: dict[str, dict[str, Any]]
    settings: dict[str, list[Any]]
    curves: list[SavedCurves]


class RunComparison(QDialog):
    """Compares runs to the first of them.

    What they have kept is shown at once; then all are measured again, for differences with
    intervals.

    Parameters
    ----------
    session : Session
    names : list of str
        Runs of its project, two or more.
    parent : QWidget, optional
    """

    def __init__(self, session: Session, names: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("run-comparison")
        others = listed([f"“{name}”" for name in names[1:]])
        self.setWindowTitle(f"“{names[0]}” compared with {others}")
        self.resize(1060, 760)
        self._session, self._names = session, names
        self._reports: dict[str, dict[str, Any]] = {}
        self._reading, self._measuring = JobSlot(session, self), JobSlot(session, self)
        self.differences, self.settings = DifferenceTable(), SettingsTable()
        self.curves = CurvesPanel()
        self.curves.let_be_pictured(session)
        self.state = label("", "muted", wrap=True, name="comparison-state")
        self.direction = ComboBox()
        self.direction.setObjectName("comparison-direction")
        self.direction.setAccessibleName("Direction of the figures")
        self.direction.currentTextChanged.connect(lambda _: self._show_figures())
        self._lay_out()
        session.theme_changed.connect(self.curves.apply_theme)
        self.differences.say("Reading…")
        self.settings.say("Reading…")
        if session.project is not None:
            self._begin(session.project)

    def _lay_out(self) -> None:
        figures = Card("On held-out pairs")
        figures.head.addWidget(self.direction)
        for button in row_buttons(self, "differences", self.differences.rows):
            figures.head.addWidget(button)
        figures.body.addWidget(self.differences)
        figures.body.addWidget(self.state)
        settings = Card("Settings that differ")
        for button in row_buttons(self, "settings", self.settings.rows):
            settings.head.addWidget(button)
        settings.body.addWidget(self.settings)
        self._curves_card = Card("Curves")
        self._curves_card.body.addWidget(self.curves)
        self.curves.setMinimumHeight(300)
        self.curves.overlay.hide()
        inside = QWidget()
        inside.setProperty("role", "sheet")
        inside.setAutoFillBackground(False)
        column = QVBoxLayout(inside)
        column.setContentsMargins(18, 18, 18, 18)
        column.setSpacing(12)
        column.addWidget(figures)
        column.addWidget(settings)
        column.addWidget(self._curves_card, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    # ---------------------------------------------------------------- reading and measuring

    def _begin(self, project: "Project") -> None:
        names = self._names
        self._reading.ask(
            "Reading runs", lambda _: read_kept(project, names), self._show_kept,
            on_error=self.settings.say,
        )  # fmt: skip
        ready = [name for name in names if project.shelf.place(name).has_heads()]
        if len(ready) < 2:
            self.state.setText("Differences need two runs that have heads.")
            return
        self.state.setText("Measuring…")

        def make_job(control: Control) -> Job[dict[str, dict[str, Any]]]:
            from workbench.stations import compare

            return compare(project, ready, control)

        self._measuring.ask(
            f"Comparing {len(ready)} runs", make_job, self._show_differences,
            on_event=self._hear, on_error=self.state.setText, quiet=False,
        )  # fmt: skip

    def done(self, result: int) -> None:
        self._reading.cancel()
        self._measuring.cancel()
        super().done(result)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress) and event.message:
            self.state.setText(f"{event.message}…")

    # ---------------------------------------------------------------- showing

    def _show_kept(self, kept: Kept) -> None:
        self._take({**kept.reports, **self._reports})
        self.settings.show_settings(self._names, kept.settings)
        drawn = [saved for saved in kept.curves if saved.series]
        self._curves_card.setVisible(bool(drawn))
        if drawn:
            first, others = drawn[0], drawn[1:]
            self.curves.show_series(first.series, first.chance)
            for plot in self.curves.plots:
                plot.show_only(_SHOWN_FIRST)
            self.curves.show_others({saved.name: saved.series for saved in others})
            words = f"“{first.name}” in the colours of the key" if others else f"“{first.name}”"
            self.curves.set_status(words + (", the others in one each" if others else ""))

    def _show_differences(self, reports: dict[str, dict[str, Any]]) -> None:
        if not reports:
            self.state.setText("Stopped before all were measured.")
            return
        self._take({**self._reports, **reports})
        first = next(iter(reports))
        self.state.setText(
            f"Below each figure: the difference to “{first}”, coloured where its 95 % interval "
            "excludes 0, and that interval, by a paired bootstrap over the test items."
        )
        self._session.runs_changed.emit()  # they were measured anew

    def _take(self, reports: dict[str, dict[str, Any]]) -> None:
        self._reports = {name: reports[name] for name in self._names if name in reports}
        known = directions(self._reports)
        if known != [self.direction.itemText(n) for n in range(self.direction.count())]:
            chosen = self.direction.currentText()
            self.direction.blockSignals(True)
            self.direction.clear()
            self.direction.addItems(known)
            self.direction.setCurrentText(chosen if chosen in known else MEAN)
            self.direction.blockSignals(False)
        self._show_figures()

    def _show_figures(self) -> None:
        self.differences.show_reports(self._reports, self.direction.currentText())


def read_kept(project: "Project", names: list[str]) -> Job[Kept]:
    """Read what runs have kept; damaged reports count as none."""
    from workbench.project import differing_settings

    yield Progress(0, len(names), "Reading runs")
    runs = [project.run(name) for name in names]
    settings = differing_settings([run.recipe() for run in runs])
    reports = {}
    for run in runs:
        try:
            reports[run.name] = run.report()
        except WorkbenchError:
            reports[run.name] = {}
    curves = yield from read_curves(runs)
    return Kept(reports, settings, curves)
