"""What the Classify page shows: what is asked, and what was classified; without any widget."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.gui.points.canvas import Mode
from workbench.gui.session import Session
from workbench.gui.state.drafts import Drafts
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Event, Job, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import LoadedEncoders, RunClassified, ZeroShot, ZeroShotRequest

FROZEN = "frozen"
"""What stands among the runs for the frozen embeddings of the first of them."""
LABELS, TYPED = "labels", "typed"


@dataclass(frozen=True)
class Draft:
    """What somebody is about to ask.

    Attributes
    ----------
    source : {"labels", "typed"}
        Where classes come from.
    typed : str
        Classes, one a line.
    templates : str or None
        One a line; None for the usual ones.
    view : str
        Whose items; empty for the usual view.
    by : str
        What shows a class: “text” for words, else examples of a view.
    shots : int
        Examples a class; 0 for all.
    seed : int
    items : {"held-out", "all"}
    runs : tuple of str
        Empty for the current one; `FROZEN` for its frozen embeddings.
    """

    source: str = LABELS
    typed: str = ""
    templates: str | None = None
    view: str = ""
    by: str = "text"
    shots: int = 0
    seed: int = 0
    items: str = "held-out"
    runs: tuple[str, ...] = ()


class ClassifyState(QObject):
    """Zero-shot classification of the open project.

    Signals
    -------
    offers_changed
        `runs` or `views` are others.
    draft_changed
    work_changed
        `busy` or `sentence`.
    found_changed
        `found`, `shown` or `problem`.

    Attributes
    ----------
    runs : list of str
        With heads, last made first.
    views : list of modality
        Of the current run.
    found : ZeroShot or None
    shown : str
        Which of its runs is looked at.
    problem : str
        Why nothing could be classified.
    sentence : str
        What is being done.
    """

    offers_changed = Signal()
    draft_changed = Signal()
    work_changed = Signal()
    found_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.runs: list[str] = []
        self.views: list[Modality] = []
        self.found: ZeroShot | None = None
        self.shown = self.problem = self.sentence = ""
        self._drafts = Drafts(session, "classes", Draft())
        self._encoders: LoadedEncoders | None = None
        self._cards: dict[str, dict[str, Any]] = {}  # of the encoders of the current run
        self._heads: dict[str, int | None] = {}  # when those were written that `found` is of
        self._work = JobSlot(session, self)
        self._work.changed.connect(self.work_changed)
        session.project_changed.connect(self._change_project)

    # ---------------------------------------------------------------- what there is

    def _change_project(self, _project: object) -> None:
        self._encoders = None
        self.forget()
        self.refresh()
        self.draft_changed.emit()

    def forget(self) -> None:
        """Put away what was found, as when items or labels have changed."""
        self._work.cancel()
        self.found, self.shown, self.problem = None, "", ""
        self.found_changed.emit()

    def refresh(self) -> None:
        """Read which runs there are, and what views the current one has."""
        project = self.session.project
        from workbench.media import MODALITIES

        runs: list[str] = []
        views: list[Modality] = []
        if project is not None:
            try:
                runs = [run.name for run in reversed(project.runs()) if run.has_heads()]
                if runs:
                    self._cards = project.run(self._first(runs)).recipe().encoders
                    views = [view for view in MODALITIES if view in self._cards]
            except WorkbenchError as error:
                self.session.noticed.emit("error", str(error))
        if self.found is not None and any(
            name not in runs or written != self._written(name)
            for name, written in self._heads.items()
        ):
            self.forget()  # it is of heads that are not there any more
        if (runs, views) != (self.runs, self.views):
            self.runs, self.views = runs, views
            self.offers_changed.emit()

    def _written(self, run: str) -> int | None:
        project = self.session.project
        return None if project is None else project.run(run).heads_written()

    def _first(self, runs: list[str]) -> str:
        current = self.session.current_run
        return current if current is not None and current in runs else runs[0]

    # ---------------------------------------------------------------- what is asked

    @property
    def draft(self) -> Draft:
        """What somebody is about to ask in the open project."""
        return self._drafts.now

    def change(self, **facts: object) -> None:
        """Take something else into the draft."""
        changed = replace(self.draft, **facts)  # type: ignore[arg-type]
        if changed != self.draft:
            self._drafts.keep(changed)
            self.draft_changed.emit()

    def view(self) -> str:
        """Return whose items are classified."""
        usual = next((each for each in self.views if each != "text"), "")
        return self.draft.view if self.draft.view in self.views else usual

    def by(self) -> str:
        """Return what shows a class: words, as long as the run has texts."""
        if self.draft.by in self.views or not self.views:
            return self.draft.by
        return self.view()

    def chosen_runs(self) -> list[str]:
        """Return the runs that are asked for and there; the current one where none is."""
        found = [each for each in self.draft.runs if each in self.runs]
        if not found and self.runs:
            found = [self._first(self.runs)]
        return found + ([FROZEN] if FROZEN in self.draft.runs and self.frozen_can_be() else [])

    def frozen_can_be(self) -> bool:
        """Whether items can be classified in the frozen embeddings: prompts lie in their space."""
        from workbench.stations import share_a_space

        return bool(self.views) and share_a_space(self._cards, self.view(), self.by())

    def request(self) -> "ZeroShotRequest":
        """Return what the draft asks for.

        Raises
        ------
        WorkbenchError
            Its classes or templates cannot be.
        """
        from workbench.stations import (
            ZeroShotRequest,
            checked_templates,
            parse_lines,
            which_items,
        )

        draft, by_words, templates = self.draft, self.by() == "text", tuple[str, ...]()
        view: Modality = self.view()  # type: ignore[assignment]
        by: Modality = self.by()  # type: ignore[assignment]
        if by_words and draft.templates is not None:
            lines = draft.templates.splitlines()
            templates = checked_templates([each for each in lines if each.strip()])
        request = ZeroShotRequest(
            classes=parse_lines(draft.typed) if draft.source == TYPED else None,
            templates=templates,
            view=view,
            by=by,
            shots=None if by_words or not draft.shots else draft.shots,
            seed=draft.seed,
            items=which_items(draft.items),
        )
        request.check()
        return request

    # ---------------------------------------------------------------- doing it

    @property
    def busy(self) -> bool:
        """Whether something is being classified."""
        return self._work.busy

    def classify(self) -> None:
        """Classify as the draft asks."""
        project = self.session.project
        if project is None or not self.runs or self.busy:
            return
        try:
            request = self.request()
        except WorkbenchError as error:
            self._fail(str(error))
            return
        store, encoders = self.session.run_store, self._loaded_encoders()
        runs = self.chosen_runs()
        first = runs[0]
        names = [
            str(SpaceName(first, frozen=True) if each == FROZEN else SpaceName(each))
            for each in runs
        ]

        def make_job(control: Control) -> "Job[ZeroShot]":
            from workbench.stations import zero_shot

            return (
                yield from zero_shot(
                    project, names, request, control, store=store, encoders=encoders
                )
            )

        self._heads = {each: self._written(each) for each in runs if each != FROZEN}
        self._say("Classifying…")
        self._work.ask(
            "Classifying", make_job, self._take, on_event=self._hear, on_error=self._fail
        )

    def stop(self) -> None:
        """Give up."""
        self._work.cancel()
        self._say("")

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress):
            how_far = f" {event.done:,} of {event.total:,}" if event.total else ""
            self._say(f"{event.message}{how_far}…")

    def _take(self, found: "ZeroShot") -> None:
        self.found, self.problem = found, ""
        if self.shown not in [run.name for run in found.runs]:
            self.shown = found.runs[0].name
        self._say("")
        self.found_changed.emit()

    def _fail(self, sentence: str) -> None:
        self.found, self.shown, self.problem = None, "", sentence
        self._say("")
        self.found_changed.emit()

    def _say(self, sentence: str) -> None:
        self.sentence = sentence
        self.work_changed.emit()

    def _loaded_encoders(self) -> "LoadedEncoders":
        if self._encoders is None:
            from workbench.stations import LoadedEncoders

            self._encoders = LoadedEncoders()
        return self._encoders

    # ---------------------------------------------------------------- what came of it

    def shown_run(self) -> "RunClassified | None":
        """Return what was found of the run that is looked at."""
        runs = self.found.runs if self.found is not None else []
        return next((run for run in runs if run.name == self.shown), None)

    def show_run(self, name: str) -> None:
        """Look at another run."""
        if name != self.shown:
            self.shown = name
            self.found_changed.emit()

    def select_class(self, label: int, mode: Mode = "new") -> None:
        """Select the items of a class."""
        run = self.shown_run()
        if run is not None:
            self.session.select(run.ids[run.found.labels == label], mode)

    def select_cell(self, label: int, named: int, mode: Mode = "new") -> None:
        """Select the items of a class that are named as another, or as it."""
        from workbench.stations import confused_items

        run = self.shown_run()
        if run is not None:
            self.session.select(confused_items(run, label, named), mode)

    def save(self, folder: Path) -> None:
        """Write the tables of what was found to a folder."""
        from workbench.stations import write_zero_shot

        project = self.session.project
        if project is None or self.found is None:
            return
        try:
            written = write_zero_shot(project, self.found, folder)
        except (WorkbenchError, OSError) as error:
            self.session.noticed.emit("error", f"The tables cannot be written: {error}")
            return
        self.session.noticed.emit("info", f"{len(written)} tables are in {folder}.")
