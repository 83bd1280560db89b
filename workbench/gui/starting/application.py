"""Start the window."""

import logging
import signal
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from workbench.assets import resource
from workbench.crashes import BlackBox, LeftBehind, reports_folder, take_left_behind
from workbench.gui import projects
from workbench.gui.frame.window import MainWindow
from workbench.gui.guide.steps import is_wanted
from workbench.gui.log import start_log
from workbench.gui.starting.after_a_crash import greet
from workbench.gui.starting.uncaught import Uncaught
from workbench.gui.state.workplace import Workplace

if TYPE_CHECKING:  # the first window does not wait for it
    from workbench.project import Project

_MAPS_AFTER = 3000  # milliseconds: opening comes first


def has_spectator() -> bool:
    """Return whether windows are seen by anybody: scripts draw them without a display."""
    return QGuiApplication.platformName() not in ("offscreen", "minimal")


def make_application() -> QApplication:
    """Return the application object, made now if there is none yet."""
    QCoreApplication.setOrganizationName("GeRA")
    QCoreApplication.setApplicationName("GeRA Workbench")
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication([sys.argv[0]])
    application.setWindowIcon(QIcon(str(resource("icons", "workbench.svg"))))
    application.setDesktopFileName("gera-workbench")
    return application


def run_window(project: Path | None = None, sample: Path | None = None) -> int:
    """Show the window until it is closed.

    Parameters
    ----------
    project : Path, optional
        A project folder to open; a folder that is none is named in the notice bar.
    sample : Path, optional
        Open the sample project in this folder; it is made when there is none.

    Returns
    -------
    int
        The exit code.
    """
    application = make_application()
    start_log()
    left, box = _box_of_this_window()
    uncaught = Uncaught(box)
    try:
        window = MainWindow()
        uncaught.went_wrong.connect(window.session.went_wrong)
        uncaught.refused.connect(lambda said: window.session.noticed.emit("warning", said))

        def ready() -> None:
            """Have maps come quickly, once the project is there and there is something to map."""
            project = window.session.project
            if project is not None:
                Thread(target=_have_maps_ready, args=(project,), daemon=True).start()

        workplace = Workplace(window.session, window, box, window) if box is not None else None
        if has_spectator():
            window.session.project_changed.connect(lambda _: QTimer.singleShot(_MAPS_AFTER, ready))
        window.show()

        def begin() -> None:
            """Open what is asked for, after the first paint: that may take a moment."""
            if left is not None:
                greet(left, workplace, window.notices, project or sample)
            if window.session.project is not None:
                return  # it is back
            if project is not None:
                window.session.open_project(project)
            elif sample is not None:
                projects.open_sample(window.session, sample)
            if left is None and is_wanted() and has_spectator():
                window.menus.show_guide()

        QTimer.singleShot(0, begin)
        # Python sees Ctrl+C in the terminal only when it gets to run; let it, now and then.
        signal.signal(signal.SIGINT, lambda *_: window.close())
        awake = QTimer(window, interval=200)
        awake.timeout.connect(lambda: None)
        awake.start()
        code = application.exec()
        window.session.stop_jobs()
        return code
    finally:
        uncaught.release()
        if box is not None:
            box.close()


def _have_maps_ready(project: "Project") -> None:
    from workbench.maps import keep_umap_ready  # the window is there before them
    from workbench.stations import encoded_views

    if encoded_views(project):
        keep_umap_ready()


def _box_of_this_window() -> tuple[LeftBehind | None, BlackBox | None]:
    """Return what a window before left that was not closed, and a black box for this one."""
    folder = reports_folder()
    if folder is None:
        return None, None
    left = take_left_behind(folder)
    try:
        return left, BlackBox(folder)
    except OSError:  # such as a full disk, which must not keep the window shut
        logging.getLogger(__name__).warning("No black box can be written", exc_info=True)
        return left, None
