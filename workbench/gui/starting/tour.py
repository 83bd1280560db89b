"""The whole road through the real window, without a display, with a picture of every page."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from workbench.gui import projects
from workbench.gui.frame.window import MainWindow
from workbench.gui.look.theme_switch import Choice
from workbench.gui.starting.application import make_application
from workbench.home import expanded

if TYPE_CHECKING:
    from workbench.gui.pages.classify import ClassifyPage
    from workbench.gui.pages.data import DataPage
    from workbench.gui.pages.encode import EncodePage
    from workbench.gui.pages.explore import ExplorePage
    from workbench.gui.pages.export import ExportPage
    from workbench.gui.pages.labelling import LabellingPage
    from workbench.gui.pages.studies import StudiesPage
    from workbench.gui.pages.train import TrainPage

_THEMES: tuple[Choice, ...] = ("light", "dark")
_PAIRS = 200
_STEPS = 400
_QUESTION = "a red fruit"


class TourError(Exception):
    """The road could not be walked to its end."""


def run_tour(folder: Path, count: int | None = None, steps: int = _STEPS) -> int:
    """Walk from the sample to the export, and keep pictures in ``FOLDER/tour``.

    Parameters
    ----------
    folder : Path
        Where the sample project is made; one that is there is used again.
    count : int, optional
        Only this many pictures of the sample.
    steps : int
        Training steps of the run.

    Returns
    -------
    int
        0, or 1 when a station failed; what failed is printed.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application()
    with tempfile.TemporaryDirectory() as settings:
        # The user's own list of recent projects and theme are none of the tour's business.
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, settings)
        tour = Tour(expanded(folder).absolute(), count, steps)
        try:
            tour.walk()
        except TourError as error:
            print(f"The tour ended early: {error}", file=sys.stderr)
            return 1
        finally:
            tour.window.session.stop_jobs()
            tour.window.close()
            application.processEvents()
    print(f"Pictures are in {tour.pictures}")
    return 0


class Tour:
    """One walk along the road.

    Parameters
    ----------
    folder : Path
        Of the sample project.
    count : int or None
        Pictures of the sample; None for all.
    steps : int
        Training steps.
    """

    def __init__(self, folder: Path, count: int | None, steps: int) -> None:
        self.folder, self.count, self.steps = folder, count, steps
        self.pictures = folder / "tour"  # not “pictures”: that is the sample's own folder of items
        self.window = MainWindow()
        self.window.resize(1280, 800)
        self.window.theme_switch.choose("light")
        self._errors: list[str] = []
        self.window.session.noticed.connect(self._hear)
        self.window.session.went_wrong.connect(lambda said, _: self._hear("error", said))
        self.window.show()

    def walk(self) -> None:
        """Visit every station in order."""
        for station in (
            self.start, self.data, self.encode, self.train, self.explore, self.classify,
            self.label, self.studies, self.export,
        ):  # fmt: skip
            began = time.perf_counter()
            said = station()
            print(f"{station.__name__:8} {time.perf_counter() - began:6.1f} s  {said}", flush=True)

    # --- stations --------------------------------------------------------------------------------

    def start(self) -> str:
        """Make the sample, or open it."""
        session = self.window.session
        self.wait(0.2)
        projects.open_sample(session, self.folder, self.count)
        self.until(lambda: session.project is not None, "the sample is made", 300)
        self.window.go_to("start")
        self.photograph("start")
        return f"the sample is in {self.folder}"

    def data(self) -> str:
        """Scan the folders again."""
        page: DataPage = self._page("data")
        page.scan_button.click()
        self.until(lambda: page.state() == "done", "the scan is done", 300)
        self.wait(2.0)  # previews come one by one
        self.photograph("data")
        return ", ".join(f"{count:,} {what}" for what, count in page.overview.items.items())

    def encode(self) -> str:
        """Encode every modality with the encoder that is proposed."""
        page: EncodePage = self._page("encode")
        self.until(lambda: page.all_button.isEnabled() or page.state() == "done", "encoders", 120)
        if page.state() != "done":
            page.all_button.click()
            self.until(lambda: (page.progress() or 0) > 0.3, "encoding has begun", 600)
            self.photograph("encode-running")
            self.until(lambda: page.state() == "done", "all is encoded", 3600)
        self.wait(0.3)
        self.photograph("encode")
        return ", ".join(card.encoder() for card in page.cards.values() if card.complete())

    def train(self) -> str:
        """Train a short run by GeRA, and move α while it learns."""
        page: TrainPage = self._page("train")
        page.setup.name.setText("tour")
        page.setup.pairs.setValue(_PAIRS)
        page.setup.form.set_values({"steps": self.steps})
        page.setup.train.click()
        self.until(lambda: (page.progress() or 0) > 0.35, "training has begun", 300)
        slider = page.alpha.slider("image")
        slider.setValue(slider.value() + slider.pageStep())
        self.until(lambda: (page.progress() or 1) > 0.7, "training goes on", 600)
        self.photograph("train-running")
        session = self.window.session
        self.until(lambda: not session.jobs, "training and evaluation are done", 600)
        self.wait(0.3)
        if session.project is None or session.current_run is None:
            raise TourError("no run was kept.")
        run = session.project.run(session.current_run)
        if not run.recipe().changes:
            raise TourError("the change of α did not reach the run's recipe.")
        self.photograph("train")
        figures = run.report().get("retrieval", {})
        scores = [f"{way} R@10 {found['recall@10']:.0%}" for way, found in figures.items()]
        return f"run {run.name}: {', '.join(scores)}"

    def explore(self) -> str:
        """Select with a lasso around the middle, then ask a question."""
        page: ExplorePage = self._page("explore")
        self.until(
            lambda: all(panel._map is not None for panel in page.panels), "maps are made", 300
        )
        self.until(lambda: page.table is not None, "the catalogue is read", 60)
        page.colours.choose("label")
        self._lasso(page)
        selection = self.window.session.selection
        if not selection.size:
            raise TourError("the lasso selected nothing.")
        page.query.line.setText(_QUESTION)
        page.query.button.click()
        answers = page.answers.strip.items
        self.until(lambda: answers.rowCount() > 0, "the question is answered", 300)
        self.wait(1.0)
        self.photograph("explore")
        return f"{selection.size:,} items selected, {answers.rowCount()} answers to “{_QUESTION}”"

    def _lasso(self, page: "ExplorePage") -> None:
        """Pick what lies in a small square around the middle of the left map."""
        shown = page.left._map
        if shown is None:
            raise TourError("there is no map to select on.")
        centre = np.median(shown.positions, axis=0)
        near = np.abs(shown.positions - centre).max(axis=1)
        ids = shown.ids[near <= np.sort(near)[min(40, near.size - 1)]]
        page.left.view.picked.emit(ids, "new")
        self.wait(0.3)

    def classify(self) -> str:
        """Name the held-out pictures by the words of their labels."""
        page: ClassifyPage = self._page("classify")
        state = page.classified
        page.setup.button.click()
        self.until(lambda: bool(state.found or state.problem), "pictures are classified", 120)
        if state.found is None:
            raise TourError(state.problem)
        self.photograph("classify")
        run = state.found.runs[0]
        return f"top-1 {run.found.top(1):.0%} of {len(run.ids):,} pictures"

    def label(self) -> str:
        """Look at the pairs that may be wrong: the sample has none that are missing."""
        page: LabellingPage = self._page("label")
        asked = page.labelling
        self.until(lambda: asked.item is not None or bool(asked.problem), "items are proposed", 120)
        page.tabs["doubts"].click()
        page.doubts.look()
        found = page.doubts
        self.until(lambda: found.doubts is not None or bool(found.problem), "pairs are judged", 300)
        self.photograph("label")
        return found.problem or f"{len(found.pairs)} pairs to look at"

    def studies(self) -> str:
        """Look at what could be studied."""
        page: StudiesPage = self._page("studies")
        self.until(lambda: page.studies.listed is not None, "studies are offered", 120)
        self.photograph("studies")
        listed = page.studies.listed
        return f"{len(listed.offers) if listed else 0} ready-made studies"

    def export(self) -> str:
        """Export the run, and read what was written."""
        page: ExportPage = self._page("export")
        page.export_button.click()
        self.until(lambda: page.state() == "done", "the heads are exported", 120)
        self.photograph("export")
        folder = Path(page.folder.text())
        names = sorted(path.name for path in folder.iterdir())
        return f"{', '.join(names)} in {folder}"

    # --- waiting and looking ---------------------------------------------------------------------

    def _page(self, name: str) -> Any:
        self.window.go_to(name)
        self.wait(0.1)
        return self.window.page(name)

    def _hear(self, level: str, sentence: str) -> None:
        if level == "error":
            self._errors.append(sentence)

    def wait(self, seconds: float) -> None:
        """Let the window live for a while."""
        # QTest.qWait would hold the interpreter lock, and no job would get on.
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def until(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait for a condition; an error in the notice bar or too long a time ends the tour."""
        end = time.perf_counter() + seconds
        while not condition():
            if self._errors:
                raise TourError(self._errors[0])
            if time.perf_counter() > end:
                raise TourError(f"after {seconds:.0f} s still waiting until {what}.")
            self.wait(0.05)

    def photograph(self, name: str) -> None:
        """Save the window as it is, light and dark: first as it is worn now."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.window.notices.clear()
        for choice in sorted(_THEMES, key=lambda each: each != self.window.theme_switch.choice):
            self.window.theme_switch.choose(choice)
            self.wait(0.15)
            picture = self.pictures / f"{name}-{choice}.png"
            if not self.window.grab().save(str(picture)):
                raise TourError(f"{picture} cannot be written.")
