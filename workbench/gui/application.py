"""Start the window."""

import signal
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from workbench.assets import resource
from workbench.gui import projects
from workbench.gui.log import start_log
from workbench.gui.window import MainWindow


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
    window = MainWindow()
    window.show()
    # opened after the first paint: reading a project may take a moment
    if project is not None:
        folder = project
        QTimer.singleShot(0, lambda: window.session.open_project(folder))
    elif sample is not None:
        QTimer.singleShot(0, lambda: projects.open_sample(window.session, sample))
    # Python sees Ctrl+C in the terminal only when it gets to run; let it, now and then.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    awake = QTimer(window, interval=200)
    awake.timeout.connect(lambda: None)
    awake.start()
    try:
        return application.exec()
    finally:
        window.session.stop_jobs()
