"""Explore without a widget: a script opens, asks, looks, colours and selects."""

import json
import subprocess
import sys

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.gui.exploring.state.colouring import ByColumn, ByValue
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.state.query import Query, Term
from workbench.gui.exploring.state.query_state import Draft
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, Question, Searcher, align, inspector


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = small_project(tmp_path_factory.mktemp("explored"))
    project = Project.open(root)
    for name, method in (("straight", "ridge"), ("turned", "procrustes")):
        drain(align(project, AlignRequest(method=method, name=name)))
    return root


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return small_project(tmp_path_factory.mktemp("another"), 12)


@pytest.fixture
def state(session, qtbot, root):
    made = ExploreState(session)
    read(made, qtbot, root)
    return made


def read(state, qtbot, root):
    assert state.session.open_project(root)
    state.refresh()
    qtbot.waitUntil(lambda: state.table is not None, timeout=20_000)


def measured(state, qtbot):
    qtbot.waitUntil(lambda: state.looking.figures() is not None, timeout=20_000)


def answered(state, qtbot, ids):
    state.ask_with(np.array(ids))
    assert state.query.busy
    qtbot.waitUntil(lambda: not state.query.busy, timeout=20_000)
    return state.query.answers


# ------------------------------------------------------------------------------ all of it

_SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from workbench.gui.session import Session
from workbench.gui.exploring.state.explore_state import ExploreState

application = QCoreApplication(sys.argv)  # with this one Qt ends a process that makes a widget

def wait(until):
    for _ in range(2000):
        if until():
            return
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
    raise SystemExit("waited in vain")

session = Session()
state = ExploreState(session)
assert session.open_project(Path(sys.argv[1]))
session.set_current_run("straight")
state.refresh()
wait(lambda: state.table is not None)
item = int(state.table.ids[9])
looks = []
state.looking.looked.connect(looks.append)
state.looking.look(item, 5)
wait(lambda: looks and not state.looking.busy)
state.ask_with(np.array([item]))
wait(lambda: state.query.answers is not None)
state.colours.choose(by="distortion")
wait(lambda: not state.colours.waits_for)
session.select(state.query.answers.ids[:3])
print(json.dumps({
    "run": state.run, "runs": state.runs,
    "neighbours": looks[-1].neighbours.after.ids.tolist(),
    "answers": state.query.answers.ids.tolist(),
    "coloured by": state.colours.colouring.title,
    "selected": session.selection.tolist(),
}))
session.stop_jobs()
"""


def test_a_script_needs_no_widget(root):
    ended = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(root)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    project = Project.open(root)
    ids = [item.id for item in project.catalogue.items()]
    answers = Searcher(project, "straight").ask(Question(item=sorted(ids)[9]), "image", 20)
    looked = drain(inspector(project, "straight")).neighbours(sorted(ids)[9], 5)
    assert found == {
        "run": "straight",
        "runs": ["turned", "straight"],
        "neighbours": looked.after.ids.tolist(),
        "answers": [answer.item.id for answer in answers],
        "coloured by": "Distortion",
        "selected": sorted(found["answers"][:3]),
    }


# ------------------------------------------------------------------------------ what is known


def test_each_thing_is_told_when_it_is_known(session, qtbot, root):
    state, told = ExploreState(session), []
    for name in ("items_changed", "spaces_changed", "forgotten", "outdated"):
        getattr(state, name).connect(lambda name=name: told.append(name))
    assert session.open_project(root)
    assert told == ["items_changed", "forgotten", "outdated"]  # what was known is gone
    assert state.is_outdated
    told.clear()
    state.refresh()
    assert told == ["spaces_changed"]
    assert not state.is_outdated
    qtbot.waitUntil(lambda: state.table is not None, timeout=20_000)
    assert told == ["spaces_changed", "items_changed"]
    assert (state.run, state.runs) == ("turned", ["turned", "straight"])
    state.refresh()
    assert told == ["spaces_changed", "items_changed", "spaces_changed"]  # items have not changed
    session.close_project()
    assert (state.table, state.spaces, state.runs, state.run) == (None, [], [], None)


def test_without_anything_encoded_nothing_is_read(session, tmp_path):
    state = ExploreState(session)
    state.refresh()
    assert session.open_project(small_project(tmp_path, 3, encode=False))
    state.refresh()
    assert state.views == []
    assert state.is_outdated
    assert not session._jobs


def test_another_run_answers_and_is_looked_at(state, qtbot):
    measured(state, qtbot)
    answered(state, qtbot, state.table.ids[:1])
    state.session.set_current_run("straight")
    assert state.is_outdated
    state.refresh()
    assert state.run == state.query.run == state.looking.run == "straight"
    assert state.query.others == ["turned"]
    assert state.query.answers is None  # they were those of the other run
    measured(state, qtbot)


def test_when_items_change_nothing_of_before_is_left(state, qtbot):
    measured(state, qtbot)
    answered(state, qtbot, state.table.ids[:1])
    before = state.table
    state.session.catalogue_changed.emit()
    assert state.query.answers is None
    assert state.query.sentence == ""
    assert state.looking.figures() is None
    assert state.table is before  # until the new ones are there
    state.refresh()
    qtbot.waitUntil(lambda: state.table is not before, timeout=20_000)
    measured(state, qtbot)


# ------------------------------------------------------------------------------ colours


def test_colours_wait_for_what_they_need(state, qtbot):
    state.session.set_current_run("straight")
    state.refresh()
    state.colours.choose(by="rank")
    assert isinstance(state.colours.colouring, ByColumn)  # the maps stay as they were
    assert state.colours.waits_for
    qtbot.waitUntil(lambda: isinstance(state.colours.colouring, ByValue), timeout=20_000)
    assert state.colours.waits_for == ""
    state.colours.choose(by="change")
    assert state.colours.choice.other == "turned"
    qtbot.waitUntil(lambda: not state.colours.waits_for, timeout=20_000)
    assert "compared with turned" in state.colours.colouring.title
    state.colours.choose(by="no such thing")
    assert state.colours.choice.by == "modality"


# ------------------------------------------------------------------------------ questions


def test_a_draft_is_written_and_asked(session):
    state = ExploreState(session)
    query, asked = state.query, []
    query.asked.connect(asked.append)
    query.write("red")
    query.ask()
    assert asked == []  # there is nobody to answer
    query.set_run("run", ["text", "image"], ["run", "other"])
    query.ask()
    assert query.keep_words(minus=True)
    assert query.draft == Draft((Term("red", text="red", minus=True),))
    assert not query.keep_words(minus=False)
    query.add(Term("red", text="red"))
    query.look_for(None)
    query.ask()
    query.look_for("text")
    query.ask()
    red = Term("red", text="red")
    # without a choice something else than words is looked for
    assert asked == [Query((red,), "image"), Query((red,), None), Query((red,), "text")]
    query.set_run("run", ["image"], ["run"])
    assert query.to is None  # there are no texts any more


def test_asking_ends_in_answers_or_in_a_sentence(state, qtbot, monkeypatch):
    told = []
    state.query.told.connect(lambda: told.append(state.query.sentence))
    item = state.table.item(int(state.table.ids[9]))
    found = answered(state, qtbot, [item.id])
    assert len(found.ids) == 20
    assert told[0] == "Searching…"
    assert told[-1] == state.query.sentence == f"to {item.key}"

    def refuse(*_, **__):
        raise WorkbenchError("It cannot be asked.")

    monkeypatch.setattr("workbench.stations.ask_runs", refuse)
    assert answered(state, qtbot, [item.id]) is None
    assert state.query.sentence == "It cannot be asked."


def test_what_is_put_away_does_not_come_back(state, qtbot):
    state.ask_with(state.table.ids[:1])
    state.query.clear()
    qtbot.waitUntil(lambda: not state.session._jobs, timeout=20_000)
    assert state.query.answers is None
    assert state.query.sentence == ""


def test_a_run_beside_it_answers_what_was_asked_last(state, qtbot):
    answered(state, qtbot, state.table.ids[:1])
    state.query.write("something else, not asked yet")
    state.query.choose_other("straight")
    qtbot.waitUntil(lambda: not state.query.busy, timeout=20_000)
    found = state.query.answers
    assert [run.run_name for run in found.runs] == ["turned", "straight"]
    assert [term.item for term in found.asked.terms] == state.table.ids[:1].tolist()
    state.query.choose_other(None)
    qtbot.waitUntil(lambda: not state.query.busy, timeout=20_000)
    assert len(state.query.answers.runs) == 1


def test_only_answers_are_explained(state, qtbot):
    found = answered(state, qtbot, state.table.ids[:1])
    state.query.explain(10**6)
    assert state.query.why is None
    state.query.explain(int(found.ids[0]))
    assert state.query.why.sentence == "Looking for training pairs…"
    qtbot.waitUntil(lambda: state.query.why.pulls is not None, timeout=20_000)
    assert len(state.query.why.pulls) == 3


# ------------------------------------------------------------------------------ looking


def test_the_newest_wish_is_looked_at(state, qtbot):
    measured(state, qtbot)
    looks = []
    state.looking.looked.connect(lambda look: looks.append(look.item))
    for item in state.table.ids[:5].tolist():
        state.looking.look(item, 10)
    qtbot.waitUntil(lambda: not state.looking.busy, timeout=20_000)
    assert looks == [state.table.ids[4]]
    state.looking.look(int(state.table.ids[0]), 10)
    state.looking.look_away()
    qtbot.waitUntil(lambda: not state.session._jobs, timeout=20_000)
    assert len(looks) == 1


# ------------------------------------------------------------------------------ of each project


def test_every_project_has_a_draft_and_colours_of_its_own(state, qtbot, root, other):
    query, colours = state.query, state.colours
    query.add(Term("red", text="red"))
    query.write("bird")
    query.look_for("text")
    draft = query.draft
    colours.choose(by="label")
    changed = []
    query.draft_changed.connect(lambda: changed.append(query.draft))
    read(state, qtbot, other)
    assert changed == [Draft()]
    assert query.draft == Draft()
    assert query.run is None
    assert colours.choice.by == "modality"
    query.write("something else")
    read(state, qtbot, root)
    assert changed[-1] == query.draft == draft
    assert colours.choice.by == "label"
