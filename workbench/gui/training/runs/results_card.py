"""What the run shown is worth on held-out pairs, and measuring it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.training.runs.result_table import ResultTable
from workbench.gui.training.training_jobs import evaluate_job
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.scrolling import ScrollingSheet

if TYPE_CHECKING:
    from workbench.project import Run

_TITLE = "On held-out pairs"
_MEASURING = "Measuring on the held-out pairs…"


_ROOM_FOR_WORDS = 400


class ResultsCard(Card):
    """The figures of a run, or a sentence in their place; and what one does with it next.

    Signals
    -------
    explore_asked
        To look at the run that is shown.
    compare_asked (name of another run)

    Parameters
    ----------
    session : Session

    Attributes
    ----------
    table : ResultTable
    evaluating : set of str
        Names of the runs that are being measured.
    """

    explore_asked = Signal()
    compare_asked = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(_TITLE)
        self._session = session
        self.table = ResultTable()
        self.evaluating: set[str] = set()
        self.explore = Button(
            "", "compass-outline", "quiet", self.explore_asked.emit, name="explore-run",
            tip="Explore this run: maps, questions, and what was bent",
        )  # fmt: skip
        self.compare = Button(
            "", "compare-horizontal", "quiet", name="compare-with",
            tip="Compare this run with another one, with intervals",
        )  # fmt: skip
        self.others = QMenu(self.compare)
        self.compare.clicked.connect(
            lambda: self.others.popup(self.compare.mapToGlobal(self.compare.rect().bottomLeft()))
        )
        for button, words in ((self.explore, "Explore this run"), (self.compare, "Compare with…")):
            button.setAccessibleName(words)
            self.head.addWidget(button)
            button.hide()
        # it scrolls, so that in a low window the curves keep their room
        self.body.addWidget(ScrollingSheet(self.table))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= _ROOM_FOR_WORDS
        self.explore.setText("Explore this run" if roomy else "")
        self.compare.setText("Compare with…" if roomy else "")

    def offer_next(self, ready: bool, others: Sequence[str]) -> None:
        """Offer to look at the run that is shown, and to compare it with others.

        Parameters
        ----------
        ready : bool
            Whether it has heads.
        others : sequence of str
            Runs that it can be compared with.
        """
        self.explore.setVisible(ready)
        self.compare.setVisible(ready and bool(others))
        self.others.clear()
        for name in others:
            self.others.addAction(
                name.replace("&", "&&"), lambda name=name: self.compare_asked.emit(name)
            )

    def say(self, sentence: str) -> None:
        """Say something that is not of a run kept already."""
        self.title.setText(_TITLE)
        self.offer_next(False, [])
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
