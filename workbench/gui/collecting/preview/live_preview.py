"""The live preview: what a scan by the settings as they are now would find."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.collecting.preview.left_out import left_out_of_encoders, left_out_of_scan
from workbench.gui.collecting.preview.overview import (
    EXAMPLES,
    Key,
    Overview,
    OverviewMade,
    PairLine,
    PreviewMade,
    facts_of_sources,
    previews_of,
    ruled_relations,
)
from workbench.gui.jobs.gc_pause import steadily
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Event, Job, Notice, Progress
from workbench.media import Modality
from workbench.project import Found, Pairing, Project, ProjectSettings, Relation, relation_of

if TYPE_CHECKING:
    from workbench.stations import Preview, ScanReport

_MILLISECONDS_BEFORE_A_LOOK = 250


class Memory:
    """Keeps the station's preview, which remembers what the folders hold, from look to look."""

    def __init__(self) -> None:
        self.preview: Preview | None = None


def look_ahead(
    project: Project, memory: Memory, have: Collection[Key], control: Control
) -> Job[None]:
    """Say what a scan would find: folders and rules that cannot be followed are told one by one.

    Nothing is written.

    Parameters
    ----------
    project : Project
    memory : Memory
    have : collection of (modality, path)
        Items whose small pictures are made already.
    control : Control
    """
    from workbench.stations import ItemSources, Preview

    settings, held = project.settings, _Held()
    if memory.preview is None:
        memory.preview = Preview(project.root, project.catalogue.known())
    refused = _refused(project, settings)
    usable = [source for number, source in enumerate(settings.sources) if number not in refused]
    if usable:
        used = settings.model_copy(update={"sources": usable})
        held = yield from _look_at_all(memory.preview, used, control)
    if control.stopping:
        return
    sources = ItemSources(project.root, settings.sources)
    left_out = [*left_out_of_scan(held.problems, sources), *left_out_of_encoders(project, sources)]
    facts = facts_of_sources(project, settings, sources, held.items, left_out, refused)
    overview = Overview(
        held.counts, held.unpaired, held.pairs, held.lines, facts, left_out, scanned=False,
        examples=held.examples,
    )  # fmt: skip
    yield OverviewMade(overview)
    yield from previews_of(overview, have, control)


@dataclass
class _Held:
    """What the sources that can be read hold, and what each rule makes of it."""

    items: list[Found] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[Modality, int] = field(default_factory=dict)
    unpaired: dict[Modality, int] = field(default_factory=dict)
    pairs: dict[Relation, int] = field(default_factory=dict)
    lines: dict[Relation, PairLine] = field(default_factory=dict)
    examples: list[tuple[Found, Found]] = field(default_factory=list)


def _look_at_all(preview: "Preview", settings: ProjectSettings, control: Control) -> "Job[_Held]":
    """Look at the sources once, then at the rules of every two modalities by themselves."""
    base, _ = yield from _noting(
        preview.look(settings.model_copy(update={"pairings": []}), control)
    )
    held = _Held(
        preview.items,  # the report has counts only
        list(base.problems),
        base.items,
        base.unpaired,
    )
    followed: dict[Relation, ScanReport] = {}
    for relation in ruled_relations(settings):
        if control.stopping:
            return held
        held.lines[relation], report = yield from _look_at_rule(
            preview, settings, relation, base, control
        )
        if report is not None:
            followed[relation] = report
            held.pairs |= report.pairs
            held.examples = held.examples or preview.some_pairs(EXAMPLES)
            held.unpaired = report.unpaired
            held.problems += report.problems[len(base.problems) :]
    if len(followed) > 1:  # which items are in no pair at all, no single relation tells then
        rules = [rule for relation in followed for rule in _rules(settings, relation)]
        whole, _ = yield from _noting(
            preview.look(settings.model_copy(update={"pairings": rules}), control)
        )
        held.unpaired = whole.unpaired
    return held


def _refused(project: Project, settings: ProjectSettings) -> dict[int, str]:
    """Return, by number, why sources cannot be read at all."""
    from workbench.stations import check_rules

    refused = {}
    for number, source in enumerate(settings.sources):
        try:
            check_rules(
                project.root, settings.model_copy(update={"sources": [source], "pairings": []})
            )
        except WorkbenchError as error:
            refused[number] = str(error)
    return refused


def _look_at_rule(
    preview: "Preview",
    settings: ProjectSettings,
    relation: Relation,
    base: "ScanReport",
    control: Control,
) -> "Job[tuple[PairLine, ScanReport | None]]":
    """Say what the rules of one relation give."""
    alone = settings.model_copy(update={"pairings": _rules(settings, relation)})
    try:
        report, notices = yield from _noting(preview.look(alone, control))
    except WorkbenchError as error:
        return PairLine(str(error), "bad"), None
    sentence = "; ".join(each.sentence() for each in report.relations)
    rows = report.problems[len(base.problems) :]
    if rows:
        sentence += f"; {words.several(len(rows), 'row')} left out"
        place, reason = rows[0]
        notices.append(f"{Path(place).name}: {reason}")  # all of them are among what is left out
    keys = " ".join(filter(None, (each.keys_in_words() for each in report.relations)))
    role = "caption" if report.pairs else "warning"
    return PairLine(sentence, role, "\n".join(notices), keys), report


def _rules(settings: ProjectSettings, relation: Relation) -> list[Pairing]:
    return [rule for rule in settings.pairings if relation_of(*rule.between) == relation]


def _noting(job: "Job[ScanReport]") -> "Job[tuple[ScanReport, list[str]]]":
    """Hand on a job's progress, and keep its notices with its result."""
    notices: list[str] = []
    while True:
        try:
            event = next(job)
        except StopIteration as end:
            return end.value, notices
        if isinstance(event, Notice):
            notices.append(event.text)
        else:
            yield event


class LivePreview(QObject):
    """Looks again, a moment after the settings have changed; one look at a time.

    Signals
    -------
    busy_changed, progressed (Progress), seen (Overview), previewed (key, content), failed (str).

    Parameters
    ----------
    session : Session
    have : callable
        Returns the keys of items whose small pictures are made already.
    """

    busy_changed = Signal()
    progressed = Signal(object)
    seen = Signal(object)
    previewed = Signal(object, object)
    failed = Signal(str)

    def __init__(
        self, session: Session, have: Callable[[], Collection[Key]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._have = session, have
        self._memory = Memory()
        self._looking = JobSlot(session, self, one_at_a_time=True)  # they share the memory
        self._busy = False
        self._timer = QTimer(self, interval=_MILLISECONDS_BEFORE_A_LOOK, singleShot=True)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether what was shown last is not the answer to the settings as they are."""
        return self._busy

    def look(self) -> None:
        """Look a moment from now; a look that runs is stopped."""
        self._looking.cancel()
        self._timer.start()
        self._set_busy(True)

    def stop(self, *, forget: bool = False) -> None:
        """Look no more; forget what the folders hold, as after a scan."""
        self._timer.stop()
        self._looking.cancel()
        if forget:
            self._memory = Memory()
        self._set_busy(False)

    def _look(self) -> None:
        project = self._session.project
        if project is None:
            return
        memory, have = self._memory, self._have()
        self._looking.ask(
            "Previewing the scan",
            lambda control: steadily(look_ahead(project, memory, have, control)),
            on_event=self._hear,
            on_error=self._fail,
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, OverviewMade):
            self._set_busy(False)
            self.seen.emit(event.overview)
        elif isinstance(event, PreviewMade):
            self.previewed.emit(event.item, event.content)
        elif isinstance(event, Progress):
            self.progressed.emit(event)

    def _fail(self, sentence: str) -> None:
        self._set_busy(False)
        self.failed.emit(sentence)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit()
