"""What every test of the window stands on."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # also when this folder is collected alone
os.environ["QT_API"] = "pyside6"

import gc
import weakref

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication

from workbench.gui.encoding import known_encoders
from workbench.gui.frame.window import MainWindow
from workbench.gui.jobs import garbage
from workbench.gui.look import theme
from workbench.gui.session import Session


@pytest.fixture(scope="session")
def _settings_folder(tmp_path_factory):
    return str(tmp_path_factory.mktemp("settings"))


@pytest.fixture(autouse=True)
def _settings_of_its_own(_settings_folder):
    """Keep what the window remembers inside the test."""
    QCoreApplication.setOrganizationName("GeRA tests")
    for style in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(style, QSettings.Scope.UserScope, _settings_folder)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings().clear()


@pytest.fixture(autouse=True, scope="module")
def _light_at_first():
    """Let no window of one file leave its theme to the tests of another."""
    theme.show(theme.LIGHT)


@pytest.fixture(autouse=True, scope="module")
def _collected_as_if_a_window_were_there():
    """Let no test's last window give all objects back to the collector, which takes a second."""
    collection = garbage.collection
    collection.begin()
    yield
    collection.end()


@pytest.fixture(autouse=True)
def _nothing_left_behind(request, monkeypatch):
    """Wait for the threads of every session, and let no top-level widget outlive its test."""
    sessions = weakref.WeakSet()
    original = Session.__init__

    def remember(session, *arguments, **options):
        original(session, *arguments, **options)
        sessions.add(session)

    monkeypatch.setattr(Session, "__init__", remember)
    monkeypatch.setattr(MainWindow, "_may_stop_jobs", lambda self: True)
    if QApplication.instance() is None:
        yield
        return
    before = set(map(id, QApplication.topLevelWidgets()))
    yield
    # a session that went with its window has stopped its jobs when that was closed
    ended = [session.stop_jobs() for session in sessions if shiboken6.isValid(session)]
    assert all(ended), "A job did not stop"
    sessions.clear()
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [each for each in QApplication.topLevelWidgets() if id(each) not in before]
    # menus and combo box popups belong to a parent and go with it
    left = [each for each in left if each.parent() is None and each.isVisible()]
    assert not left, f"Left behind: {left}"
    gc.freeze()  # modules, mostly: the next search, of what its test has made, passes them by


@pytest.fixture
def session(qapp):
    """Return a session without a project."""
    made = Session()
    yield made
    made.stop_jobs()


@pytest.fixture
def shown(session, qtbot):
    """Return what makes a page of the session and shows it; its jobs end with the test."""

    def show(kind, width=1000, height=700):
        page = kind(session)
        qtbot.addWidget(page, before_close_func=lambda _: session.stop_jobs())
        page.resize(width, height)
        page.show()
        qtbot.waitExposed(page)
        return page

    return show


@pytest.fixture
def window(qtbot, monkeypatch):
    """Return the main window, shown.

    Encoders are looked for in this process: another one would import torch for each window. The
    road has the real one.
    """
    monkeypatch.setattr(known_encoders, "in_process", lambda station, *arguments, control: station(
        *arguments, control=control
    ))  # fmt: skip
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made
