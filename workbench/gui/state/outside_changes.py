"""What other programs, such as the command line, do to the open project: the window follows."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.folder_watch import FolderWatch

if TYPE_CHECKING:
    from workbench.project import Project, ProjectSettings

_EMBEDDINGS = "embeddings"
_BY_JOBS = {"encoders", "trusted"}  # settings that jobs of the window write, in their processes


class _Marks(NamedTuple):
    """What differs once the settings, or the items and their embeddings, have changed."""

    settings: object
    items: object


class _RunFolder(NamedTuple):
    """The folder of a run: by its name, and which one it is whatever it is called."""

    name: str
    identity: tuple[int, int]


class OutsideChanges(QObject):
    """Notices changes of the open project that the window has not made itself, and tells of them.

    Settings are read again and `Session.settings_changed` is emitted; where items or embeddings
    have changed, `Session.catalogue_changed`. While a job of the window runs, changes of items are
    taken for its own, and so is another encoder. Runs are noticed by the table of runs; of a
    current run that was renamed or deleted elsewhere, another one takes the place here.

    Parameters
    ----------
    session : Session
        Whoever is to hear of the current run before others connects to it later.
    parent : QObject
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._seen: _Marks | None = None
        self._run: _RunFolder | None = None
        self._complaint = ""
        self._watch = FolderWatch(self)
        self._watch.due.connect(self.look)
        session.project_changed.connect(self._begin)
        session.catalogue_changed.connect(self._take_note)
        session.answers_changed.connect(lambda _told: self._take_note())
        session.runs_changed.connect(self._follow_run)
        session.jobs_changed.connect(self._look_after_jobs)
        self._begin()

    def _begin(self) -> None:
        self._seen, self._run, self._complaint = None, None, ""
        self._take_note()
        self._follow_run()
        self._follow_folders()

    def _follow_folders(self) -> None:
        project = self._session.project
        if project is None:
            self._watch.follow(None, [])
        else:
            there = (project.root / _EMBEDDINGS).is_dir()
            self._watch.follow(project.root, [_EMBEDDINGS] if there else [])

    def _take_note(self) -> None:
        """Take what there is now for what the window knows."""
        project = self._session.project
        try:
            self._seen = None if project is None else _marks(project)
        except WorkbenchError:  # said when it is looked at
            self._seen = None

    def _look_after_jobs(self) -> None:
        if not self._session.jobs:
            self._watch.look_soon()  # by then, whoever started the job has told what it did

    def look(self) -> None:
        """Look whether another program has changed something, and tell the pages."""
        project = self._session.project
        if project is None:
            return
        self._follow_folders()  # before: what comes while it looks is told of then
        try:
            now = _marks(project)
            seen, self._seen = self._seen or now, now
            if now.settings != seen.settings:
                self._read_settings(project)
            self._complaint = ""
        except WorkbenchError as error:
            self._complain(str(error))
            return
        if now.items != seen.items:
            if self._session.jobs:
                self._seen = now._replace(items=seen.items)
            else:
                self._session.catalogue_changed.emit()

    def _complain(self, sentence: str) -> None:
        if sentence != self._complaint:  # once, and not with every look
            self._complaint = sentence
            self._session.noticed.emit("error", sentence)

    def _read_settings(self, project: "Project") -> None:
        before = project.settings
        project.refresh()
        if project.settings == before:
            project.settings = before  # the window has written them itself: it may hold to them
            return
        if not (self._session.jobs and _differing(before, project.settings) <= _BY_JOBS):
            self._session.noticed.emit(
                "info", "Another program has changed the project’s settings: they are shown as "
                "they are now.",
            )  # fmt: skip
        self._session.settings_changed.emit(before)

    # --- the current run -------------------------------------------------------------------------

    def _follow_run(self) -> None:
        """Let another run be the current one where that was renamed or deleted elsewhere."""
        project, name = self._session.project, self._session.current_run
        if project is None or name is None:
            self._run = None
            return
        folder, known = _folder_of(project, name), self._run
        if known is None or known.name != name or folder == known:
            self._run = folder
            return
        runs = [run.name for run in project.runs() if run.has_heads()]
        folders = [each for each in (_folder_of(project, run) for run in runs) if each]
        new = next((each.name for each in folders if each.identity == known.identity), None)
        if new:
            said = f"The run “{name}” was renamed to “{new}” by another program."
        elif folder is not None:  # another run has taken the place of one that is gone
            self._run = folder
            return
        else:
            new = runs[-1] if runs else None
            said = f"The run “{name}” was deleted by another program."
            said += f" Now “{new}” is the current one." if new else ""
        self._session.noticed.emit("info", said)
        self._session.set_current_run(new)


def _marks(project: "Project") -> _Marks:
    from workbench.project import SETTINGS_FILE, file_mark

    if not project.root.is_dir():
        raise WorkbenchError(
            f"The project’s folder {project.root} is not there any more: another program has moved "
            "or deleted it. Open the project where it is now."
        )
    folder: Path = project.root / _EMBEDDINGS
    names = {each.name for each in folder.iterdir()} if folder.is_dir() else set()
    caches = (
        # who writes a cache leaves a note beside it until it is done: that is when to read it again
        (name, "in use" if f"{name}.user" in names else file_mark(folder / name))
        for name in sorted(names)
        if name.endswith(".h5")
    )
    return _Marks(file_mark(project.root / SETTINGS_FILE), (project.catalogue.mark(), *caches))


def _differing(one: "ProjectSettings", other: "ProjectSettings") -> set[str]:
    names = type(one).model_fields
    return {name for name in names if getattr(one, name) != getattr(other, name)}


def _folder_of(project: "Project", name: str) -> _RunFolder | None:
    run = project.shelf.place(name)
    if run.marks()[0] is None:
        return None
    try:
        facts = run.folder.stat()
    except OSError:
        return None
    return _RunFolder(name, (facts.st_dev, facts.st_ino))
