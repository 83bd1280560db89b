"""Train: align by a method, move α while it learns, and compare runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QHideEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from workbench.errors import WorkbenchError
from workbench.gui.items.previews import Previews
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.pages.page import Page
from workbench.gui.picturing.source import PictureSource
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.state.kept_sizes import KeptSizes
from workbench.gui.training.alpha_probing import AlphaProbing
from workbench.gui.training.choices import ChoicesOfProjects
from workbench.gui.training.curves.curve_view import CurveView
from workbench.gui.training.felt.numbers_feed import NumbersFeed
from workbench.gui.training.felt.two_numbers import TwoNumbers
from workbench.gui.training.form.alpha_slider import AlphaSliders
from workbench.gui.training.form.duplicating import fill_form
from workbench.gui.training.form.setup import TrainingSetup
from workbench.gui.training.live_map.live_map import LiveMap
from workbench.gui.training.live_map.map_feed import MapFeed
from workbench.gui.training.live_values import last_alpha
from workbench.gui.training.notice_line import NoticeLine
from workbench.gui.training.runs.results_card import ResultsCard
from workbench.gui.training.runs.runs_card import RunsCard
from workbench.gui.training.runs.shown_run import ShownRun
from workbench.gui.training.sweep.sweep_controller import SweepController
from workbench.gui.training.sweep.sweep_panel import SweepPanel
from workbench.gui.training.train_sheet import TrainSheet
from workbench.gui.training.training_jobs import (
    CurvesSoFar,
    align_job,
    keep_step_job,
    resume_job,
)
from workbench.gui.words import how_far
from workbench.jobs import Control, Event, Job, Notice, Progress

if TYPE_CHECKING:
    from workbench.alignment import StepReport
    from workbench.project import Item, Run

_MILLISECONDS_A_STATUS = 200
_STOPPING = "stopping"


class TrainPage(Page):
    """The page on which runs are made."""

    name: ClassVar[str] = "train"
    title: ClassVar[str] = "Train"
    icon: ClassVar[str] = "chart-bell-curve-cumulative"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setup = TrainingSetup()
        self.alpha = AlphaSliders()
        self.curves = CurveView(session)
        self._choices = ChoicesOfProjects(self.setup, self.alpha, self.curves.panel)
        self._probing = AlphaProbing(session, self.alpha, self.setup.wish)
        self.numbers = TwoNumbers()
        self._felt = NumbersFeed(session, self.numbers)
        self._ladder = SweepController(self.curves, SweepPanel(session), self._first_alpha)
        self.previews = Previews(self)
        self.map = LiveMap(self.previews, self._item)
        PictureSource(
            self.map, session, "Pairs in the shared space", self.map.chart, self.map.points
        )
        self._feed = MapFeed(session, self.map)
        self.notices = NoticeLine()
        self.runs_card = RunsCard(session)
        self.go_on, self.runs = self.runs_card.go_on, self.runs_card.table
        self.results_card = ResultsCard(session)
        self._shown = ShownRun(
            session, runs_card=self.runs_card, results_card=self.results_card, curves=self.curves,
            ladder=self._ladder, map_feed=self._feed, numbers=self._felt, alpha=self.alpha,
        )  # fmt: skip
        self._job: RunningJob | None = None
        self._report: StepReport | None = None
        self._doing = ""
        self._views: list[str] = []

        self._stack = QStackedWidget()
        sheet = TrainSheet(
            setup=self.setup, alpha=self.alpha, numbers=self.numbers, curves=self.curves,
            live_map=self.map, notices=self.notices, runs_card=self.runs_card,
            results_card=self.results_card,
        )  # fmt: skip
        self._alpha_card = sheet.alpha_card
        self._stack.addWidget(sheet)
        sizes = KeptSizes(session, self)
        sizes.follow("train", {**sheet.splitters, "runs": self.runs.horizontalHeader()})
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._clock = QTimer(self, interval=_MILLISECONDS_A_STATUS)
        self._clock.timeout.connect(self._tell)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        session, setup = self.session, self.setup
        session.project_changed.connect(self._project_changed)
        session.settings_changed.connect(lambda _before: self.shown())
        session.catalogue_changed.connect(self.refresh)
        session.runs_changed.connect(self._show_runs)
        session.theme_changed.connect(self.map.apply_theme)
        setup.train_asked.connect(self.train)
        setup.sweep_asked.connect(self.train_sweep)
        setup.pause_asked.connect(lambda: self._steer(RunningJob.pause))
        setup.resume_asked.connect(lambda: self._steer(RunningJob.resume))
        setup.stop_asked.connect(self.stop)
        setup.method_changed.connect(self._method_changed)
        setup.live_changed.connect(self._set_live)
        setup.form.changed.connect(self._probing.forget)
        setup.pairs.valueChanged.connect(self._probing.forget)
        setup.start_from.activated.connect(self._probing.forget)
        self.alpha.changed.connect(self._alpha_moved)
        self._ladder.panel.alpha_chosen.connect(self.alpha.move_all)
        self._ladder.panel.scrubbed.connect(lambda seen: self.map.take(seen.glimpse))
        self._ladder.panel.scrubbed.connect(self._felt.scrubbed)
        self._ladder.panel.picked.connect(self.results_card.evaluate)
        self.runs_card.chosen.connect(self._run_chosen)
        self.runs_card.go_on_asked.connect(lambda _: self._go_on())
        self.runs_card.change_asked.connect(self._change)
        self.runs_card.start_asked.connect(self._start_from)
        self.curves.panel.keep_asked.connect(self._keep_step)

    # ---------------------------------------------------------------- state

    def doing(self) -> State | None:
        return "running" if self._job is not None else None

    def progress(self) -> float | None:
        """Return the share of the steps done."""
        report = self._report
        if self._job is None or report is None or not report.steps:
            return None
        return report.step / report.steps

    def shown(self) -> None:
        """Read what may have changed elsewhere."""
        if self._job is None:
            self.session.road.forget()
            self.refresh()

    def refresh(self) -> None:
        """Bring the page up to date with the project."""
        project = self.session.project
        self._views = self.session.road.standing.views
        if self.show_missing(self._stack) is None and project is not None:
            if self.setup.entry() is None:
                from workbench.alignment import OWN_WORDS, methods

                self.setup.set_methods([*methods(), OWN_WORDS])
            self.alpha.set_views(self._views)
            divided = project.settings.split
            known = max(project.catalogue.pair_counts().values(), default=0)
            self.setup.show_no_pairs(known == 0)
            count = max(2, divided.for_training(known))
            on_data = divided.budget or (count if divided.labels else None)
            self.setup.set_pairs_known(count, on_data)
            self._choices.bring_back(project, self.session.current_run)
        self._show_runs()

    def _project_changed(self, _project: object) -> None:
        self._choices.leave()
        self._report, self._doing = None, ""
        self.notices.clear()
        self.previews.clear()
        self._feed.clear()
        self._felt.clear()
        self.refresh()

    # ---------------------------------------------------------------- training

    def train(self) -> None:
        """Start to align as the page says."""
        project, entry = self.session.project, self.setup.entry()
        if project is None or entry is None or self._job is not None:
            return
        if self.setup.without_pairs:
            self.curves.say("Own words are not trained, so there are no curves.")
        elif entry.trains:
            self.curves.begin()
        else:
            self.curves.say(f"{entry.title} is solved in closed form, so there are no curves.")
        make_job = align_job(project, self.setup.wish(), self._alpha_wished())
        self._feed.begin(None)
        self._felt.begin(self.setup.wish())
        by = "own words" if self.setup.without_pairs else entry.title
        self._start(f"Aligning by {by}", make_job)

    def train_sweep(self) -> None:
        """Start to train at several α in one pass."""
        project = self.session.project
        if project is None or self._job is not None:
            return
        from workbench.alignment import SWEEP_ALPHAS

        self.curves.begin()
        self._feed.begin(None)
        self._felt.begin(self.setup.wish())
        self._start("Sweeping α", align_job(project, self.setup.wish(), {}, SWEEP_ALPHAS))

    def _go_on(self) -> None:
        """Go on with the run chosen, which was stopped or cut off."""
        project, name = self.session.project, self.session.current_run
        if project is None or name is None or self._job is not None:
            return
        try:
            recipe = project.run(name).recipe()
        except WorkbenchError as error:
            self.session.noticed.emit("error", str(error))
            return
        self.setup.show_recipe(recipe)
        if "alpha" in recipe.settings:
            self.alpha.set_values(last_alpha(recipe, self._views))
        self._feed.begin(name)
        self._felt.begin(None)
        self._start(f"Resuming {name}", resume_job(project, name))

    def _keep_step(self, step: int) -> None:
        """Repeat the run that is shown up to a step, as another run."""
        project, name = self.session.project, self.session.current_run
        if project is None or name is None or self._job is not None:
            return
        self.curves.begin()
        self._feed.begin(None)
        self._felt.begin(None)
        self._start(f"Keeping step {step:,} of {name}", keep_step_job(project, name, step))

    def _change(self, name: str) -> None:
        """Fill the form with what a run was made with, to train another one."""
        project = self.session.project
        if project is None or self._job is not None:
            return
        try:
            sentence = fill_form(name, project, self.setup, self.alpha)
        except WorkbenchError as error:
            self.session.noticed.emit("error", str(error))
        else:
            self.runs_card.undo.offer(sentence)

    def _start_from(self, name: str) -> None:
        """Let the next training begin with the heads of a run."""
        if self._job is None:
            self.setup.choose_start(name)
            self.setup.train.setFocus()
            self.runs_card.undo.offer(f"Training starts from the heads of “{name}”.")

    def _start(self, title: str, make_job: Callable[[Control], Job["Run"]]) -> None:
        self._choices.keep()
        self._report, self._doing = None, "Reading embeddings"
        self.curves.panel.can_keep = False
        self._ladder.begin()
        self.notices.clear()
        self.results_card.say("Measured when the training has ended.")
        self._job = self.session.start(
            title, make_job, notices=False,
            on_event=self._hear, on_result=self._trained, on_error=self._failed,
        )  # fmt: skip
        self.setup.set_running(True)
        self.runs_card.set_training(True)
        self._clock.start()
        self._tell()
        self.state_changed.emit()

    def stop(self) -> None:
        """End the training at its next step, keeping heads of those made so far."""
        self._steer(RunningJob.stop)
        if self._job is not None:
            self._doing = _STOPPING
            self.setup.show_stopping()
            self._tell()

    def _steer(self, how: Callable[[RunningJob], None]) -> None:
        if self._job is not None:
            how(self._job)
            self._tell()

    def _alpha_moved(self, view: str, alpha: float) -> None:
        self._set_live(f"alpha/{view}", alpha)
        if self._job is None:
            self._ladder.scrub()

    def _first_alpha(self) -> float:
        return next(iter(self.alpha.values().values()), 0.0)

    def _set_live(self, name: str, value: float) -> None:
        if self._job is not None:
            self._job.control.set(name, value)

    def _alpha_wished(self) -> dict[str, Any]:
        entry = self.setup.entry()
        if entry is None or "alpha" not in entry.settings.model_fields:
            return {}
        values = self.alpha.values()
        return {"alpha": next(iter(values.values())) if self.alpha.tied else values}

    def _hear(self, event: Event) -> None:
        # Called for every event: only stores. Timers draw.
        if isinstance(event, Notice):
            self.notices.add(event)
        elif isinstance(event, Progress):
            self._doing = event.message
        elif isinstance(event, CurvesSoFar):
            self.curves.take_saved(event.rows, event.changes)
            self._felt.hear_rows(event.rows)
        elif hasattr(event, "why"):
            self.curves.panel.show_kept(event.step)  # type: ignore[attr-defined]
        elif hasattr(event, "rungs"):
            self._doing = self._doing if self._doing == _STOPPING else ""
            self._report = self._ladder.hear(event)  # type: ignore[arg-type]
            self._felt.hear_sweep(event, self._report)  # type: ignore[arg-type]
        elif hasattr(event, "row"):
            if self._doing != _STOPPING:
                self._doing = ""
            self._report = event  # type: ignore[assignment]
            self.curves.take(event)  # type: ignore[arg-type]
            self._felt.hear(event)  # type: ignore[arg-type]
        else:
            self._feed.hear(event)

    def _trained(self, run: "Run") -> None:
        self._end()
        self.curves.keep_as(run)
        self._doing = f"Kept as “{run.name}”"
        if self._report is not None:
            self._doing = f"Trained {self._report.step:,} steps, kept as “{run.name}”"
        self.session.set_current_run(run.name)
        self.results_card.evaluate(run.name)
        self._tell()

    def _failed(self, sentence: str) -> None:
        self._end()
        self._doing = sentence
        self.results_card.say("The training ended before it had heads to measure.")
        self.session.noticed.emit("error", sentence)
        self.session.runs_changed.emit()
        self._tell()

    def _end(self) -> None:
        self._job = None
        self._feed.end()
        self._clock.stop()
        self.setup.set_running(False)
        self._felt.end()
        self.runs_card.set_training(False)
        self.curves.panel.make_stale()
        self.state_changed.emit()

    def _tell(self) -> None:
        """Say in one line how far the training is."""
        self.curves.panel.set_status(self._words())
        self._felt.draw()
        if self._job is not None:
            self.state_changed.emit()

    def _words(self) -> str:
        if self._job is None or self._report is None:
            return self._doing
        # such as finding neighbours, when α was 0 before
        doing = "paused" if self.setup.paused and self._doing != _STOPPING else self._doing
        return how_far(self._report, doing)

    # ---------------------------------------------------------------- runs

    def _show_runs(self) -> None:
        name = self.session.current_run
        self.runs_card.refresh()
        self.setup.offer_starts([row.name for row in self.runs_card.rows() if row.has_heads])
        self._shown.mark_sweep(name)
        others = [row.name for row in self.runs_card.rows() if row.name != name]
        self.curves.panel.offer_overlays(others)
        if self._job is None:
            try:
                self._shown.show(name, after_a_training=self._report is not None)
            except WorkbenchError as error:  # it was deleted elsewhere just now
                self.session.noticed.emit("error", str(error))
        self.state_changed.emit()

    def _run_chosen(self, name: str) -> None:
        if self._job is None:
            self._doing = ""  # it was about another run
            self.notices.clear()
            self._tell()
        self.session.set_current_run(name)

    def _item(self, wanted: int) -> "Item | None":
        """Return an item of the catalogue, for the map."""
        project = self.session.project
        found = project.catalogue.items_of([wanted]) if project else []
        return found[0] if found else None

    def _method_changed(self, _name: str) -> None:
        entry = self.setup.entry()
        weighed = entry.settings.model_fields.get("alpha") if entry else None
        if weighed is not None:
            self.alpha.set_default(float(weighed.default))
        self._alpha_card.setVisible(weighed is not None)
        self._probing.forget()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._choices.keep()

    def keep_begun(self) -> None:
        if self.isVisible():  # what is hidden was kept then
            self._choices.keep()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.previews.finish()
        super().closeEvent(event)
