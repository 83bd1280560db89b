"""The main window: the rail, the pages, the notices and the running jobs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QSize, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import projects
from workbench.gui.frame.focus_rest import FocusRest
from workbench.gui.frame.menus import Menus
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.look.theme_switch import ThemeSwitch
from workbench.gui.pages.page import Page
from workbench.gui.pages.rail_stations import STATIONS
from workbench.gui.road import pages_named
from workbench.gui.session import Session
from workbench.gui.state.chosen_runs import ChosenRuns
from workbench.gui.state.job_history import JobHistory
from workbench.gui.state.outside_changes import OutsideChanges
from workbench.gui.widgets.drop_hint import DropHint
from workbench.gui.widgets.job_strip import JobStrip
from workbench.gui.widgets.notice_bar import NoticeAction, NoticeBar
from workbench.gui.widgets.question import question
from workbench.gui.widgets.rail import Rail

_NARROW = 1160  # pixels of the window, below which the rail gives room to the page


class MainWindow(QMainWindow):
    """The window of the workbench.

    Parameters
    ----------
    session : Session, optional
        A fresh one by default.
    """

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101 - Qt's own condition
        self.theme_switch = ThemeSwitch(application, self)
        self.session = session or Session(self, ChosenRuns())
        self.theme_switch.changed.connect(self.session.theme_changed)
        self.setWindowTitle("GeRA Workbench")
        self.setMinimumSize(1000, 640)
        self.setAcceptDrops(True)
        FocusRest(application, self)
        self._pages: dict[str, Page] = {}

        self.rail = Rail()
        self.notices = NoticeBar()
        self.jobs = JobStrip(self.session)
        self._stack = QStackedWidget()
        self._lay_out()
        self._drop_hint = DropHint(self)
        for station in STATIONS:
            self.rail.add(station.name, station.title, station.icon)
        self.history = JobHistory(self.session)
        self.menus = Menus(self, self, self.session, self.theme_switch, self.notices, self.history)
        self.jobs.history_asked.connect(self.menus.show_history)

        session = self.session
        self._road_changed = QTimer(self, interval=0, singleShot=True)  # once, of several changes
        self._road_changed.timeout.connect(self._show_states)
        self.outside = OutsideChanges(session, self)  # before the pages: it hears first
        session.noticed.connect(self._say)
        session.road.changed.connect(self._road_changed.start)
        session.went_wrong.connect(lambda said, report: self.notices.add("error", said, report))
        session.page_wanted.connect(self.go_to)
        session.project_changed.connect(self._follow_project)
        session.settings_changed.connect(self._show_name)
        self.rail.chosen.connect(self._show_page)
        self._restore()
        self.go_to("start")
        # The other pages bring plots and tables; the first window does not wait for them.
        self._page_maker = QTimer(self, interval=0)
        self._page_maker.timeout.connect(self._make_next_page)
        self._page_maker.start()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.notices)
        right.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(right, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(self.jobs)
        self.setCentralWidget(whole)

    # --- pages -----------------------------------------------------------------------------------

    def page(self, name: str) -> Page:
        """Return a page, made now if it was not yet."""
        if name not in self._pages:
            station = next(each for each in STATIONS if each.name == name)
            page = station.make_page(self.session)
            self._pages[name] = page
            self._stack.addWidget(page)
            page.state_changed.connect(lambda: self._show_state(name))
            self._show_state(name)
        return self._pages[name]

    def go_to(self, name: str) -> None:
        """Show a page."""
        self.page(name)
        self.rail.choose(name)
        self._show_page(name)

    def current_page(self) -> str:
        """Return the name of the page that is shown; empty before there is one."""
        shown = self._stack.currentWidget()
        return next((name for name, page in self._pages.items() if page is shown), "")

    def rail_button(self, name: str) -> QWidget:
        """Return the button of a page in the rail."""
        return self.rail.button(name)

    def make_all_pages(self) -> None:
        """Make every page that is not made yet."""
        for station in STATIONS:
            self.page(station.name)

    def keep_begun(self) -> None:
        """Let the pages keep what is typed and not started."""
        for page in self._pages.values():
            page.keep_begun()

    def _make_next_page(self) -> None:
        missing = [each.name for each in STATIONS if each.name not in self._pages]
        self._page_maker.stop()  # started again below: a page that fails must not fail for ever
        if missing:
            self.page(missing[0])
            self._page_maker.start()

    def _show_page(self, name: str) -> None:
        self._stack.setCurrentWidget(self.page(name))
        self.menus.refresh()

    def _show_states(self) -> None:
        for station in STATIONS:
            self._show_state(station.name)

    def _show_state(self, name: str) -> None:
        page = self._pages.get(name)
        state = page.state() if page else self.session.road.standing.state(name)
        share = page.progress() if page and state == "running" else None
        self.rail.button(name).show_state(state, share)

    def _say(self, level: str, sentence: str) -> None:
        """Show a notice, with a button for each page that it sends to."""
        titles = {station.name: station.title for station in STATIONS}
        ways = [
            NoticeAction(f"Go to {titles[name]}", partial(self.go_to, name), passing=True)
            for name in pages_named(sentence)
        ]
        self.notices.add(level, sentence, actions=ways)

    # --- the project -----------------------------------------------------------------------------

    def _follow_project(self, _: object) -> None:
        project = self.session.project
        if project is not None:
            self.notices.clear_passing()  # what was said of another project, or of none
        self._show_name()
        self.menus.refresh()
        self.go_to(self.session.road.standing.next_page())

    def _show_name(self, _before: object = None) -> None:
        project = self.session.project
        name = project.settings.name if project else ""
        self.setWindowTitle(f"{name} – GeRA Workbench" if name else "GeRA Workbench")
        self.rail.set_heading(name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        folder = self._dropped_project(event)
        if folder is not None:
            event.acceptProposedAction()
            self._drop_hint.say(f"Drop to open the project “{folder.name}”")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        folder = self._dropped_project(event)
        if folder is not None:
            event.acceptProposedAction()
            self.session.open_project(folder)

    def _dropped_project(self, event: QDropEvent) -> Path | None:
        folders = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        return next((folder for folder in folders if projects.is_project(folder)), None)

    # --- size and end ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_narrow(event.size().width() < _NARROW)

    def _restore(self) -> None:
        saved = QSettings().value("window")
        if not (isinstance(saved, QByteArray) and self.restoreGeometry(saved)):
            self.resize(1280, 800)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.jobs and not self._may_stop_jobs():
            event.ignore()
            return
        self._page_maker.stop()
        for page in self._pages.values():
            page.close()  # a page may have threads of its own to wait for
        QSettings().setValue("window", self.saveGeometry())
        self.hide()  # what stops may take a moment, and whoever closes a window wants it gone
        self.session.stop_jobs()
        event.accept()

    def _may_stop_jobs(self) -> bool:
        box, stop = stop_question(self.session.jobs, self)
        box.exec()
        return box.clickedButton() is stop


def stop_question(jobs: Sequence[RunningJob], parent: QWidget) -> tuple[QMessageBox, QPushButton]:
    """Return the question asked before the window closes on running jobs, and its yes."""
    what = f"“{jobs[0].title}” is" if len(jobs) == 1 else f"{len(jobs)} jobs are"
    # the same sentence once; of several jobs, whose it is
    kept = {job.kept: job.title for job in jobs}
    more = (
        "\n".join(kept)
        if len(kept) == 1
        else "\n\n".join(f"“{title}”: {sentence}" for sentence, title in kept.items())
    )
    box = question(parent, "Stop and quit?", f"{what} still running.", more, "stop-question")
    stop = box.addButton("Stop and quit", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("Keep running", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    return box, stop
