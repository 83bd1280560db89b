"""Files that change together, whenever the process is killed: all of them, or none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from worlds.fakes import tree

from workbench.project import Project, Recipe, Run
from workbench.project.runs.changing_together import changing_together

OLD = {"a": b"old a", "b": b"old b", "gone": b"old"}
NEW = {"a": b"new a", "b": b"new b"}

# Changes that end for good at the first, the second … call of the system which changes a folder,
# until one is made to its end; a line for each: how it ended, and what there is then. Each is a
# fork of this process, which has imported all there is to import.
CHANGES = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from worlds.fakes import tree
from workbench.project.runs.changing_together import carry_out, changing_together

folder, old = Path(sys.argv[1]), tree(Path(sys.argv[1]))

def change(left):
    def deadly(event, _):
        nonlocal left
        if event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir"):
            left -= 1
            if left == 0:
                os._exit(9)
    sys.addaudithook(deadly)
    with changing_together(folder) as draft:
        (draft / "a").write_bytes(b"new a")
        (draft / "b").write_bytes(b"new b")
        (draft / "gone").touch()

ended, call = None, 0
while ended != 0 and call < 30:
    call += 1
    for name, content in old.items():
        (folder / name).write_bytes(content)
    process = os.fork()
    if process == 0:
        code = 1
        try:
            change(call)
            code = 0
        finally:
            os._exit(code)
    ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    carry_out(folder)
    print(json.dumps([ended, {name: content.decode() for name, content in tree(folder).items()}]))
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_killed_anywhere_all_have_changed_or_none(folder):
    command = [sys.executable, "-c", CHANGES, str(folder), str(Path(__file__).parents[2])]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    ends = [json.loads(line) for line in told.splitlines()]
    changed = []
    for _, found in ends:
        whole = {name: words.encode() for name, words in found.items() if "/" not in name}
        assert whole in (OLD, NEW)
        changed.append(whole == NEW)
    assert [code for code, _ in ends] == [9] * (len(ends) - 1) + [0]
    assert len(changed) > 6
    assert changed == sorted(changed)
    assert set(changed) == {False, True}
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
