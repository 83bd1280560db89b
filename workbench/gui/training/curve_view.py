"""The curves of the training that runs, or of a run kept before, or why there are none."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from workbench.gui.session import Session
from workbench.gui.training.curves import CurvesPanel
from workbench.gui.training.live_values import changes_made
from workbench.gui.widgets.text import label
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.alignment import LiveChange, StepReport
    from workbench.project import Project, Run


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
        self._shown: str | None = None  # the run whose curves are here
        self.panel = CurvesPanel()
        self.sentence = label("", "muted", wrap=True, name="no-curves")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self.panel)
        self.addWidget(self.sentence)
        self.panel.overlay_chosen.connect(self._overlay)
        session.theme_changed.connect(self.panel.apply_theme)

    def clear(self) -> None:
        """Forget what is shown."""
        self._shown = None
        self.panel.clear()

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of curves."""
        self._shown = None
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
        self._mark(report.changes)

    def take_saved(
        self, rows: Iterable[Mapping[str, float]], changes: Iterable["LiveChange"]
    ) -> None:
        """Show saved curves, and make ready for the reports of a training that goes on."""
        self._shown = None
        self.setCurrentWidget(self.panel)
        self.panel.show_rows(rows, chance_on_validation(self._session.project))
        self._mark(changes)

    def keep_as(self, run_name: str) -> None:
        """Take note that the curves here are now those of a run."""
        if self.currentWidget() is self.panel:
            self._shown = run_name

    def show_run(self, run: "Run") -> None:
        """Show a run's saved curves as soon as they are read."""
        if self._shown != run.name:
            self._shown = run.name
            self._read(run, self._show)

    def _show(self, run: "Run", rows: list[dict[str, float]], changes: list["LiveChange"]) -> None:
        if self._shown != run.name:
            return  # something else was wanted meanwhile
        if not rows:
            self.say(
                f"“{run.name}” was solved in one step, so it has no curves. "
                "What it is worth on held-out pairs stands below."
            )
        else:
            self.take_saved(rows, changes)
        self._shown = run.name

    def _mark(self, changes: Iterable["LiveChange"]) -> None:
        for step, name, words in markers_of(changes):
            self.panel.add_marker(step, name, words)

    def _overlay(self, name: str) -> None:
        project = self._session.project
        if not name or project is None:
            self.panel.show_ghost([])
            return
        self._read(project.run(name), lambda _run, rows, _: self.panel.show_ghost(rows))

    def _read(self, run: "Run", show: Callable[["Run", list[Any], list[Any]], None]) -> None:
        def make_job(_control: Control) -> Job[tuple[list[Any], list[Any]]]:
            yield Progress(0, 0, "Reading curves")
            return run.curves(), changes_made(run.recipe())

        self._session.start(
            f"Reading the curves of {run.name}",
            make_job,
            on_result=lambda found: show(run, *found),
            quiet=True,
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
