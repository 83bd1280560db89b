"""The curves of the training that runs, or of a run kept before, or why there are none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from workbench.charts.training_curves import is_drawn
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.curves.curves_panel import CurvesPanel, chance_told
from workbench.gui.training.curves.series import Series, get_ready_to_smooth, series_in
from workbench.gui.training.live_values import changes_made
from workbench.gui.widgets.text import label
from workbench.jobs import Job, Progress

if TYPE_CHECKING:
    from workbench.alignment import LiveChange, StepReport
    from workbench.project import Project, Run


@dataclass(frozen=True)
class SavedCurves:
    """What a run has kept of its curves."""

    name: str
    series: dict[str, Series]
    changes: "list[LiveChange]"
    chance: dict[str, float]
    kept: int | None = None  # after which step the heads were kept
    imported: bool = False


def read_curves(runs: "list[Run]") -> Job[list[SavedCurves]]:
    """Read the curves of runs, which may be long."""
    get_ready_to_smooth()
    found: list[SavedCurves] = []
    for run in runs:
        yield Progress(len(found), len(runs), f"Reading the curves of {run.name}")
        rows = run.curves()
        series = series_in(rows, is_drawn)
        recipe = run.recipe()
        kept = recipe.kept.step if recipe.kept is not None else None
        found.append(
            SavedCurves(
                run.name, series, changes_made(recipe), chance_told(rows), kept,
                imported=recipe.imported is not None,
            )
        )  # fmt: skip
    return found


class CurveView(QStackedWidget):
    """Curves, or a sentence in their place.

    Parameters
    ----------
    session : Session
        Saved curves, which may be long, are read by a job of it.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: Path | None = None  # folder of the run whose curves are here
        self._reading, self._reading_others = JobSlot(session, self), JobSlot(session, self)
        self.panel = CurvesPanel()
        self.panel.let_be_pictured(session)
        self.sentence = label("", "muted", wrap=True, name="no-curves")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self.panel)
        self.addWidget(self.sentence)
        self.panel.overlay_chosen.connect(self._overlay)
        session.theme_changed.connect(self.panel.apply_theme)
        session.project_changed.connect(self._leave_project)

    @property
    def project(self) -> "Project | None":
        """The project whose runs are shown."""
        return self._session.project

    def _leave_project(self) -> None:
        self.clear()
        self.panel.show_others({})  # runs here may have the same names

    def _let_go(self) -> None:
        """Take note that what is read, or was, is not what is shown from now on."""
        self._shown = None
        self._reading.cancel()

    def clear(self) -> None:
        """Forget what is shown."""
        self._let_go()
        self.panel.clear()

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of curves."""
        self._let_go()
        self.sentence.setText(sentence)
        self.setCurrentWidget(self.sentence)

    def begin(self) -> None:
        """Make ready for the reports of a training."""
        self.clear()
        self.panel.set_chance(chance_on_validation(self._session.project))
        self.setCurrentWidget(self.panel)

    def take(self, report: "StepReport") -> None:
        """Take the report of one step."""
        self.panel.add_row(report.row())
        self.mark(report.changes)

    def take_saved(
        self, rows: Iterable[Mapping[str, float]], changes: Iterable["LiveChange"]
    ) -> None:
        """Show saved curves, and make ready for the reports of a training that goes on."""
        self._let_go()
        self.setCurrentWidget(self.panel)
        self.panel.show_rows(rows, chance_on_validation(self._session.project))
        self.mark(changes)

    def show_series(
        self,
        series: Mapping[str, Series],
        changes: Iterable["LiveChange"],
        chance: Mapping[str, float],
    ) -> None:
        """Show curves that are read already; they may grow afterwards.

        Parameters
        ----------
        series : mapping of figure to Series
        changes : iterable of LiveChange
        chance : mapping
            What guessing would reach; where nothing is told, about what it is in this project.
        """
        self._let_go()
        self.setCurrentWidget(self.panel)
        self.panel.show_series(series, chance or chance_on_validation(self.project))
        self.mark(changes)

    def keep_as(self, run: "Run") -> None:
        """Take note that the curves here are now those of a run."""
        if self.currentWidget() is self.panel:
            self._shown = run.folder

    def show_run(self, run: "Run") -> None:
        """Show a run's saved curves as soon as they are read."""
        if self._shown == run.folder:
            return
        self._shown = run.folder
        self._reading.ask(
            "Reading curves",
            lambda _control: read_curves([run]),
            lambda found: self._show(run, found[0]),
            on_error=self.say,  # those of the run before are not its curves
        )

    def _show(self, run: "Run", saved: SavedCurves) -> None:
        if not saved.series:
            why = "imported" if saved.imported else "solved in closed form"
            self.say(
                f"“{saved.name}” was {why}, so it has no curves. Its figures on held-out pairs are "
                "below."
            )
        else:
            self.show_series(saved.series, saved.changes, saved.chance)
            self.panel.show_kept(saved.kept)
        self._shown = run.folder

    def mark(self, changes: Iterable["LiveChange"]) -> None:
        """Mark the steps at which values were changed."""
        for step, name, words in markers_of(changes):
            self.panel.add_marker(step, name, words)

    def _overlay(self, names: list[str]) -> None:
        """Draw the curves of other runs behind as soon as they are read."""
        project = self._session.project
        if not names or project is None:
            self._reading_others.cancel()
            self.panel.show_others({})
            return
        runs = [project.shelf.place(name) for name in names]
        self._reading_others.ask(
            "Reading curves",
            lambda _control: read_curves(runs),
            lambda found: self.panel.show_others({saved.name: saved.series for saved in found}),
        )


def markers_of(changes: Iterable["LiveChange"]) -> list[tuple[int, str, str]]:
    """Return step, name and words of live changes; α moved alike in all views is one marker."""
    at_step: dict[int, dict[str, float]] = {}
    for change in changes:
        at_step.setdefault(change.step, {})[change.name] = change.value
    markers = []
    for step, values in at_step.items():
        alphas = {name: value for name, value in values.items() if name.startswith("alpha")}
        if len(alphas) > 1 and len(set(alphas.values())) == 1:
            markers.append((step, "alpha", f"α {next(iter(alphas.values())):g}"))
        else:
            markers += [
                (step, name, f"{name.replace('alpha', 'α').replace('/', ' ')} {value:g}")
                for name, value in alphas.items()
            ]
        markers += [
            (step, name, f"{name.replace('_', ' ')} {value:g}")
            for name, value in values.items()
            if name not in alphas
        ]
    return markers


def chance_on_validation(project: "Project | None") -> dict[str, float]:
    """Return about what guessing reaches among the validation pairs, as a mapping of measures."""
    if project is None:
        return {}
    share = project.settings.split.validation
    counts = [round(len(ids) * share) for ids in project.catalogue.pairs().values()]
    counts = [count for count in counts if count]
    if not counts:
        return {}
    chances: Mapping[str, float] = {
        "recall@10": sum(min(10 / count, 1.0) for count in counts) / len(counts)
    }
    return dict(chances)
