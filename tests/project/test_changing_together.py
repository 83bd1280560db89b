"""Files that change together, whenever the process is killed: all of them, or none."""

import subprocess
import sys

import pytest
from worlds.fakes import tree

from workbench.project import Project, Recipe, Run
from workbench.project.changing_together import carry_out, changing_together

OLD = {"a": b"old a", "b": b"old b", "gone": b"old"}
NEW = {"a": b"new a", "b": b"new b"}

# a change that ends for good at some call of the system which changes a folder
CHANGE = """
import os, sys
from pathlib import Path
from workbench.project.changing_together import changing_together
left = [int(sys.argv[2])]
def deadly(event, _):
    if event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir"):
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)
sys.addaudithook(deadly)
with changing_together(Path(sys.argv[1])) as draft:
    (draft / "a").write_bytes(b"new a")
    (draft / "b").write_bytes(b"new b")
    (draft / "gone").touch()
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    return folder


def test_all_change(folder):
    with changing_together(folder) as draft:
        for name, content in NEW.items():
            (draft / name).write_bytes(content)
            assert tree(folder).items() >= OLD.items()
        (draft / "gone").touch()
    assert tree(folder) == NEW
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


def test_a_failure_changes_nothing(folder):
    def fail():
        with changing_together(folder) as draft:
            (draft / "a").write_bytes(b"new")
            raise OSError("full")

    with pytest.raises(OSError):
        fail()
    assert tree(folder) == OLD


def test_killed_anywhere_all_have_changed_or_none(folder):
    ends = []
    for call in range(1, 30):
        for name, content in OLD.items():
            (folder / name).write_bytes(content)
        command = [sys.executable, "-c", CHANGE, str(folder), str(call)]
        ended = subprocess.run(command, check=False).returncode
        carry_out(folder)
        found = {name: content for name, content in tree(folder).items() if "/" not in name}
        assert found in (OLD, NEW), call
        ends.append(found == NEW)
        if ended == 0:
            break
    assert ended == 0
    assert len(ends) > 6
    assert ends == sorted(ends)
    assert set(ends) == {False, True}
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
    assert list(folder.parent.iterdir()) == [folder]  # nothing of all the dead


def test_a_run_whose_change_was_cut_off_is_whole_when_it_is_asked_for(tmp_path, monkeypatch):
    project = Project.create(tmp_path / "p")
    for name in ("first", "second"):
        run = project.new_run(name, Recipe(method="gera", note="old"))
        run.write_report({"retrieval": {}})
        decided = run.folder.with_name(f".{name}.next")
        decided.mkdir()
        Run(decided).write_recipe(Recipe(method="gera", note="new"))
        (decided / "report.json").touch()
    first, second = project.shelf.place("first"), project.shelf.place("second")
    with first.trained_alone():  # who holds it brings it to its end himself
        assert project.run("first").recipe().note == "old"
    for found in (project.run("first"), Project.open(project.root).shelf.place("second")):
        assert (found.recipe().note, found.report()) == ("new", {})
    assert not second.folder.with_name(".second.next").exists()
