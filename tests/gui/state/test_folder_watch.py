"""Changes in the folders of runs are told of by the system, and looked for where it cannot."""

import shutil

import pytest
from PySide6.QtCore import QFileSystemWatcher, QObject

from workbench.gui.state import folder_watch
from workbench.gui.state.folder_watch import FolderWatch

HOUR = 3_600_000


@pytest.fixture
def only_told(monkeypatch):
    """Let no look be due but by what the system tells."""
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_WATCHED", HOUR)
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_UNWATCHED", HOUR)


@pytest.fixture
def watch(qapp):
    owner = QObject()
    yield FolderWatch(owner)
    owner.deleteLater()


@pytest.fixture
def runs(tmp_path):
    folder = tmp_path / "project" / "runs"
    (folder / "old").mkdir(parents=True)
    return folder


def names(folder):
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


def test_what_is_made_changed_and_deleted_is_told(watch, runs, qtbot, only_told):
    def replace():  # as recipes are written
        (runs / "new" / "~recipe").write_text("{}")
        (runs / "new" / "~recipe").replace(runs / "new" / "recipe.json")

    for change in (
        (runs / "new").mkdir,
        replace,
        (runs / "new" / "recipe.json").unlink,
        lambda: (runs / "new").rename(runs / "newer"),
        lambda: shutil.rmtree(runs / "newer"),
    ):
        watch.follow(runs, names(runs))
        assert watch.complete
        with qtbot.waitSignal(watch.due, timeout=20_000):
            change()


def test_a_burst_of_changes_makes_one_look(watch, runs, qtbot, only_told):
    told = []
    watch.due.connect(lambda: told.append(1))
    watch.follow(runs, names(runs))
    with qtbot.waitSignal(watch.due, timeout=20_000):
        for number in range(50):
            (runs / f"run-{number}").mkdir()
    qtbot.wait(50)
    assert told == [1]


def test_the_first_run_of_a_project_and_a_folder_that_comes_back_are_told(
    watch, tmp_path, qtbot, only_told
):
    runs = tmp_path / "runs"
    for _ in range(2):
        watch.follow(runs, names(runs))
        with qtbot.waitSignal(watch.due, timeout=20_000):
            runs.mkdir()
        watch.follow(runs, names(runs))
        with qtbot.waitSignal(watch.due, timeout=20_000):
            runs.rmdir()


def test_a_folder_that_cannot_be_watched_is_looked_at_now_and_then(watch, runs, qtbot, monkeypatch):
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_UNWATCHED", 20)
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_WATCHED", HOUR)
    monkeypatch.setattr(QFileSystemWatcher, "addPaths", lambda _watcher, paths: paths)
    watch.follow(runs, names(runs))
    assert not watch.complete
    for _ in range(2):
        with qtbot.waitSignal(watch.due, timeout=20_000):
            pass
    monkeypatch.undo()
    watch.follow(runs, names(runs))  # as when the network is there again
    assert watch.complete


def test_a_disk_that_is_gone_is_looked_for(watch, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_UNWATCHED", 20)
    watch.follow(tmp_path / "gone" / "runs", [])
    assert not watch.complete
    with qtbot.waitSignal(watch.due, timeout=20_000):
        pass


def test_a_watched_folder_is_looked_at_too_for_it_may_be_on_a_network(
    watch, runs, qtbot, monkeypatch
):
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_WATCHED", 20)
    monkeypatch.setattr(folder_watch, "_MILLISECONDS_UNWATCHED", HOUR)
    watch.follow(runs, names(runs))
    assert watch.complete
    with qtbot.waitSignal(watch.due, timeout=20_000):
        pass


def test_so_many_runs_are_watched_and_no_more(watch, runs, monkeypatch):
    monkeypatch.setattr(folder_watch, "_MOST_WATCHED", 2)
    for number in range(3):
        (runs / f"run-{number}").mkdir()
    watch.follow(runs, names(runs))
    assert len(watch._watcher.directories()) == 3  # of two runs, and that of all
    assert not watch.complete


def test_nothing_is_watched_without_a_project(watch, runs):
    watch.follow(runs, names(runs))
    assert watch._regularly.isActive()
    watch.follow(None, [])
    assert watch._watcher.directories() == []
    assert not watch._regularly.isActive()


def test_slow_looks_come_less_often(watch, runs):
    watch.follow(runs, names(runs))
    watch.looked(1_000.0)
    assert watch._soon.interval() >= 50_000
    assert watch._regularly.interval() >= 50_000
