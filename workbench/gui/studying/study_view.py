"""One study: how far it is, its figure, what it says, its cells, and what can be done with it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.picturing.source import PictureSource
from workbench.gui.studying.cells_table import CellsTable
from workbench.gui.studying.studies_state import StudiesState
from workbench.gui.studying.study_jobs import ShownStudy
from workbench.gui.studying.study_plot import StudyPlot
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.file_dialogs import choose_new_file
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.text import ElidedLabel, label

_NOTHING_CHOSEN = (
    "A study trains one thing in many ways, several times each, and draws what came of it with its "
    "spread. Start a ready-made one beside, or one of your own with “gera-workbench study”."
)
_NOTHING_YET = "Nothing can be said yet: two seeds or more are needed to tell chance from more."


class StudyView(Card):
    """The study that is shown.

    Parameters
    ----------
    state : StudiesState
    """

    def __init__(self, state: StudiesState) -> None:
        super().__init__("Study", "chart-timeline-variant")
        self.setObjectName("study-view")
        self._state = state
        self.figure = combo("study-figure", "Which figure is drawn", narrowest=110, widest=230)
        self.figure.currentIndexChanged.connect(lambda _: self._draw())
        self.head.addWidget(self.figure)
        self.plot = StudyPlot()
        PictureSource(
            self.plot, state.session, lambda: f"Study: {self.title.text()}",
            lambda: self.plot.chart(self.title.text()), self.plot.plot.viewport(),
        )  # fmt: skip
        self.table = CellsTable()
        self.said = label("", wrap=True, name="study-findings")
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._question = label("", "muted", wrap=True)
        self._how_far = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._content())
        self._empty = EmptyState("flask-outline", "No study yet", _NOTHING_CHOSEN)
        self._stack.addWidget(self._empty)
        self.body.addWidget(self._stack, 1)
        state.shown_changed.connect(self.refresh)
        state.work_changed.connect(self._show_work)
        state.listed_changed.connect(self.refresh)
        state.session.theme_changed.connect(self.plot.draw)
        self.refresh()

    def _content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._question)
        column.addWidget(self._how_far)
        column.addLayout(self._buttons())
        self.split = split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.plot)
        split.addWidget(self._below())
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        column.addWidget(split, 1)
        return content

    def _buttons(self) -> QHBoxLayout:
        state = self._state
        self.go_on_button = Button("Resume", "play", "", state.go_on, name="study-go-on")
        self.pause_button = Button("Pause", "pause", "", self._pause, name="study-pause")
        self.stop_button = Button(
            "Stop", "stop", "", self._stop, name="study-stop", tip="Finished cells are kept."
        )
        self.best_button = Button(
            "Train the best", "school-outline", "", state.train_best, name="study-best",
            tip="Train the settings with the best mean as a run.",
        )  # fmt: skip
        self.report_button = Button(
            "Save report…", "file-document-outline", "", self._save, name="study-report",
            tip="One page with recipe, figures and tables; beside it the figures as files.",
        )  # fmt: skip
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (
            self.go_on_button, self.pause_button, self.stop_button, self.best_button,
            self.report_button,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _below(self) -> QWidget:
        below, pages = QWidget(), QStackedWidget()
        said: QScrollArea = ScrollingSheet(self.said)
        pages.addWidget(said)
        pages.addWidget(self.table)
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        for number, words in enumerate(("What it says", "Cells")):
            button = Button(words, "", "segment", name=f"study-page-{number}")
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.clicked.connect(lambda _=False, number=number: pages.setCurrentIndex(number))
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(pages, 1)
        below.setMinimumHeight(110)
        return below

    # --- what is shown ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the chosen study as it stands."""
        state, shown = self._state, self._state.shown
        there = bool(state.chosen) and not state.problem
        self._stack.setCurrentIndex(0 if there else 1)
        self.figure.setVisible(shown is not None)
        reading = state.listed is None and not state.problem
        title = "This study cannot be shown" if state.problem else "No study yet"
        self._empty.title.setText("Reading the studies…" if reading else title)
        self._empty.sentence.setText(state.problem or ("" if reading else _NOTHING_CHOSEN))
        self.title.setText(shown.summary.title if shown else state.chosen or "Study")
        self._question.setText(shown.summary.recipe.design.question if shown else "")
        self._question.setVisible(bool(self._question.text()))
        self.said.setText(_findings(shown) if shown else "")
        self.table.show_rows(shown.rows if shown else [])
        self._offer_figures(shown)
        self._draw()
        self._show_work()

    def _offer_figures(self, shown: ShownStudy | None) -> None:
        from workbench.stations import figure_title

        figures = shown.lines.figures() if shown else []
        before = [self.figure.itemData(place) for place in range(self.figure.count())]
        if figures == before:
            return
        chosen = self.figure.currentData() or "recall@10"
        self.figure.blockSignals(True)
        self.figure.clear()
        for name in figures:
            self.figure.addItem(figure_title(name), name)
        self.figure.setCurrentIndex(figures.index(chosen) if chosen in figures else 0)
        self.figure.blockSignals(False)

    def _draw(self) -> None:
        shown = self._state.shown
        self.plot.show_lines(shown.lines if shown else None, self.figure.currentData() or "")

    def _show_work(self) -> None:
        state, shown, job = self._state, self._state.shown, self._state.job
        mine = state.busy and state.working_at == state.chosen
        waiting = len(shown.summary.waiting()) if shown else 0
        self._how_far.setText(shown.summary.how_far() if shown else "Reading…")
        self.go_on_button.setVisible(not mine)
        self.go_on_button.setEnabled(not state.busy and waiting > 0)
        for button in (self.pause_button, self.stop_button):
            button.setVisible(mine)
            button.setEnabled(job is not None and not job.control.stopping)
        paused = job is not None and job.control.paused
        self.pause_button.setText("Resume" if paused else "Pause")
        self.pause_button.set_icon("play" if paused else "pause")
        some = shown is not None and bool(shown.rows)
        self.best_button.setEnabled(some and not state.busy and not state.training_best)
        self.report_button.setEnabled(some and not state.reporting)

    # --- what is done ----------------------------------------------------------------------------

    def _pause(self) -> None:
        job = self._state.job
        if job is not None:
            (RunningJob.resume if job.control.paused else RunningJob.pause)(job)
            self._show_work()

    def _stop(self) -> None:
        if self._state.job is not None:
            self._state.job.stop()
            self._show_work()

    def _save(self) -> None:
        shown = self._state.shown
        if shown is None:
            return
        place = shown.summary.study.folder / "report.html"
        path = choose_new_file(self, "Save the report", "report", place, "HTML (*.html)")
        if path is not None:
            self._state.save_report(path)


def _findings(shown: ShownStudy) -> str:
    failed = [f"{row.what}, seed {row.seed} failed: {row.error}" for row in shown.rows if row.error]
    return "\n\n".join([*shown.said, *failed]) or _NOTHING_YET
