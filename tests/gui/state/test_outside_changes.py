"""The window follows what the command line does to the open project."""

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QObject
from worlds.fakes import write_item
from worlds.projects import small_project

from workbench.gui.session import Session
from workbench.gui.state.chosen_runs import ChosenRuns
from workbench.gui.state.outside_changes import OutsideChanges
from workbench.jobs import drain
from workbench.project import Project, Recipe, SplitSettings
from workbench.stations import scan


@pytest.fixture
def project(tmp_path, copied):
    return copied(lambda folder: small_project(folder, 12), tmp_path)


@pytest.fixture
def session(qapp, project):
    session = Session(run_memory=ChosenRuns())
    session.heard = []
    for name in ("settings_changed", "catalogue_changed", "runs_changed"):
        getattr(session, name).connect(lambda *_, name=name: session.heard.append(name))
    session.noticed.connect(lambda level, sentence: session.heard.append(sentence))
    yield session
    session.deleteLater()


@pytest.fixture
def outside(session, project):
    owner = QObject()
    made = OutsideChanges(session, owner)
    session.open_project(project.root)
    yield made
    owner.deleteLater()


def make_run(project, name):
    from workbench.alignment import AlignedSpace
    from workbench.alignment.heads import LinearHead

    run = project.new_run(name, Recipe(method="procrustes"))
    head = LinearHead(np.zeros(6, "f4"), np.eye(4, 6, dtype="f4"), np.zeros(4, "f4"))
    run.write_space(AlignedSpace({"image": head, "text": head}))
    return run


def test_another_split_is_noticed_by_itself(session, outside, project, qtbot):
    code = f"""
from pathlib import Path
from workbench.project import Project, SplitSettings
Project.open(Path({str(project.root)!r})).change(split=SplitSettings(seed=77, budget=3))
"""
    with qtbot.waitSignal(session.settings_changed, timeout=30_000) as told:
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert told.args[0].split.seed == 0
    assert session.project.settings.split == SplitSettings(seed=77, budget=3)
    assert any("Another program has changed" in each for each in session.heard)


def test_items_that_another_program_scanned_are_noticed_by_themselves(
    session, outside, project, tmp_path, qtbot
):
    write_item(tmp_path / "files" / "text", "text", 99)
    with qtbot.waitSignal(session.catalogue_changed, timeout=30_000):
        drain(scan(Project.open(project.root)))


def test_what_the_window_does_itself_is_no_news(session, outside, project):
    session.project.change(split=SplitSettings(seed=5))
    kept = session.project.settings
    outside.look()
    assert session.heard == []
    assert session.project.settings is kept
    session.project.catalogue.set_problems("e", [(1, "is broken")])
    session.catalogue_changed.emit()  # as the page does that did it
    outside.look()
    assert session.heard == ["catalogue_changed"]


def test_while_a_job_of_the_window_runs_items_wait(session, outside, project, qtbot, monkeypatch):
    monkeypatch.setattr(Session, "jobs", property(lambda _: ["a job"]))
    session.project.catalogue.set_problems("e", [(1, "is broken")])
    Project.open(project.root).change(name="renamed")
    outside.look()
    assert "catalogue_changed" not in session.heard
    assert session.project.settings.name == "renamed"
    monkeypatch.undo()
    with qtbot.waitSignal(session.catalogue_changed, timeout=30_000):
        session.jobs_changed.emit()


def test_the_encoder_that_a_job_chose_is_no_news(session, outside, project, monkeypatch):
    monkeypatch.setattr(Session, "jobs", property(lambda _: ["encoding"]))
    Project.open(project.root).choose_encoder("image", "another/one")
    outside.look()
    assert session.heard == ["settings_changed"]
    Project.open(project.root).change(name="renamed")
    outside.look()
    assert any("Another program has changed" in each for each in session.heard)


def test_a_cache_is_looked_at_when_its_writer_is_done(session, outside, project):
    (cache,) = (project.root / "embeddings").glob("image*.h5")
    note = cache.with_name(f"{cache.name}.user")
    for change, told in (
        (lambda: note.write_text("process 1"), 1),
        (lambda: cache.touch(), 1),
        (note.unlink, 2),
        (lambda: None, 2),
    ):
        change()
        outside.look()
        assert session.heard.count("catalogue_changed") == told


def test_settings_that_cannot_be_read_are_told_of_once(session, outside, project):
    path, before = project.root / "project.toml", session.project.settings
    content = path.read_bytes()
    path.write_text("half a line [")
    outside.look()
    outside.look()
    assert len([each for each in session.heard if "cannot be read" in each]) == 1
    assert session.project.settings is before
    path.write_bytes(content.replace(b"seed = 0", b"seed = 8"))
    outside.look()
    assert session.project.settings.split.seed == 8


def test_a_project_that_was_moved_away_is_told_of(session, outside, project, tmp_path):
    project.root.rename(tmp_path / "elsewhere")
    outside.look()
    assert any("Open the project where it is now" in each for each in session.heard)


def test_the_current_run_is_followed_where_it_is_renamed_or_deleted(session, outside, project):
    for name in ("old", "chosen", "new"):
        make_run(project, name)
    session.runs_changed.emit()
    session.set_current_run("chosen")
    project.shelf.rename("chosen", "better")
    session.runs_changed.emit()  # as the table of runs does, which watches their folders
    assert session.current_run == "better"
    assert any("“chosen” was renamed to “better”" in each for each in session.heard)
    assert ChosenRuns().of(project.root) == "better"
    project.shelf.delete("better")
    session.runs_changed.emit()
    assert session.current_run == "new"
    assert any("“better” was deleted" in each for each in session.heard)
    for name in ("new", "old"):
        project.shelf.delete(name)
        session.runs_changed.emit()
    assert session.current_run is None


def test_a_renamed_run_is_followed_though_its_old_name_has_another_run_now(
    session, outside, project
):
    make_run(project, "a")
    session.set_current_run("a")
    project.shelf.rename("a", "b")
    make_run(project, "a")
    session.runs_changed.emit()
    assert session.current_run == "b"
