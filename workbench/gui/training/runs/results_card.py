"""What the run shown is worth on held-out pairs, and measuring it."""

from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.training.runs.result_table import ResultTable
from workbench.gui.training.training_jobs import evaluate_job
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.scrolling import ScrollingSheet

if TYPE_CHECKING:
    from workbench.project import Run

_TITLE = "On held-out pairs"
_MEASURING = "Measuring on the held-out pairs…"


class ResultsCard(Card):
    """The figures of a run, or a sentence in their place.

    Parameters
    ----------
    session : Session

    Attributes
    ----------
    table : ResultTable
    evaluating : set of str
        Names of the runs that are being measured.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(_TITLE)
        self._session = session
        self.table = ResultTable()
        self.evaluating: set[str] = set()
        # it scrolls, so that in a low window the curves keep their room
        self.body.addWidget(ScrollingSheet(self.table))

    def say(self, sentence: str) -> None:
        """Say something that is not of a run kept already."""
        self.title.setText(_TITLE)
        self.table.say(sentence)

    def evaluate(self, run_name: str) -> None:
        """Measure a run."""
        project = self._session.project
        if project is None:
            return
        self.evaluating.add(run_name)
        self.table.say(_MEASURING)

        def done(_report: Any = None) -> None:
            self.evaluating.discard(run_name)
            self._session.runs_changed.emit()

        def failed(sentence: str) -> None:
            done()
            if self._session.current_run == run_name:
                self.table.say(sentence)

        self._session.start(
            f"Evaluating {run_name}", evaluate_job(project, run_name),
            on_result=done, on_error=failed,
        )  # fmt: skip

    def show_run(self, run: "Run") -> None:
        """Show what is known of a run: its figures, its heads, and own words."""
        self.title.setText(f"{_TITLE}: {run.name}")
        if run.name in self.evaluating:
            self.table.say(_MEASURING)
            return
        from workbench.stations import start_in_words, words_in_words

        try:
            recipe = run.recipe()
            kept = f"Heads kept: {recipe.kept.why}" if recipe.kept is not None else ""
            self.table.show_report(
                run.report(), words_in_words(recipe.words), kept, start_in_words(recipe)
            )
        except WorkbenchError as error:
            self.table.say(str(error))
