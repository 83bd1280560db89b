"""Two spaces are measured a part at a time, and of the newest wish only."""

import threading
from types import SimpleNamespace

import pytest

from workbench.errors import WorkbenchError
from workbench.gui.comparing.measuring import Measuring, Wish
from workbench.jobs import Progress
from workbench.project import Project, SpaceName


def wish_of(name, neighbours=10):
    return Wish((SpaceName("one"), SpaceName(name)), neighbours, "label")


class Stations:
    """In the place of the stations: each space waits until it is let, deaf to every stop."""

    def __init__(self):
        self.begun, self.gates, self.fails = [], {}, set()

    def let(self, name):
        self.gates.setdefault(name, threading.Event()).set()

    def read_two_spaces(self, _project, first, second, _control, known):
        self.begun.append(second.run)
        yield Progress(0, 0, f"Reading {second.run}")
        assert self.gates.setdefault(second.run, threading.Event()).wait(20)
        if second.run in self.fails:
            raise WorkbenchError(f"{second.run} cannot be read.")
        figures = [SimpleNamespace(partner_rank={}) for _ in range(2)]
        return SimpleNamespace(
            names=(first, second), figures=figures, sides=(first, second), complete=True
        )

    def overlap_of_spaces(self, _first, second, neighbours, *, control):
        yield Progress(0, 0)
        return {"image": (second.run, neighbours)}

    def compare_groups(self, _project, spaces, column, _control):
        yield Progress(0, 0)
        return {column: spaces.names[1].run}


@pytest.fixture
def stations(monkeypatch):
    made = Stations()
    for name in ("read_two_spaces", "overlap_of_spaces", "compare_groups"):
        monkeypatch.setattr(f"workbench.stations.{name}", getattr(made, name))
    yield made
    for name in list(made.gates):
        made.let(name)


@pytest.fixture
def heard():
    return []


@pytest.fixture
def measuring(session, tmp_path, stations, heard):
    assert session.create_project(tmp_path / "project")
    made = Measuring(session, lambda _run: None)
    made.spaces_known.connect(lambda spaces: heard.append(("spaces", spaces.names[1].run)))
    made.overlap_known.connect(lambda found: heard.append(("overlap", *found["image"])))
    made.groups_known.connect(lambda found: heard.append(("groups", found["label"])))
    made.refused.connect(lambda sentence: heard.append(("refused", sentence)))
    return made


def all_of(name):
    return [("spaces", name), ("overlap", name, 10), ("groups", name)]


def end_one(qtbot, session, stations, name):
    before = len(session._jobs)
    stations.let(name)
    qtbot.waitUntil(lambda: len(session._jobs) < before, timeout=20_000)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("newest_first", [False, True])
def test_an_older_comparison_is_not_heard(
    session, qtbot, measuring, stations, heard, newest_first, fails
):
    stations.fails = {"old"} if fails else set()
    for name in ("old", "new", "new"):  # which is asked for once
        measuring.ask(wish_of(name))
        qtbot.waitUntil(lambda name=name: name in stations.begun, timeout=20_000)
    for name in ("new", "old") if newest_first else ("old", "new"):
        end_one(qtbot, session, stations, name)
    assert stations.begun == ["old", "new"]
    assert heard == all_of("new")
    assert not measuring.busy


def test_a_comparison_of_another_project_is_not_heard(
    session, qtbot, measuring, stations, heard, tmp_path
):
    measuring.ask(wish_of("old"))
    qtbot.waitUntil(lambda: stations.begun == ["old"], timeout=20_000)
    Project.create(tmp_path / "other")
    assert session.open_project(tmp_path / "other")
    assert not measuring.busy
    end_one(qtbot, session, stations, "old")
    assert heard == []


def test_a_comparison_that_failed_can_be_asked_for_again(
    session, qtbot, measuring, stations, heard
):
    stations.fails = {"new"}
    measuring.ask(wish_of("new"))
    end_one(qtbot, session, stations, "new")
    assert heard == [("refused", "new cannot be read.")]
    stations.fails.clear()
    measuring.ask(wish_of("new"))
    qtbot.waitUntil(lambda: not measuring.busy, timeout=20_000)
    assert heard[1:] == all_of("new")


def test_what_was_given_up_is_not_heard_and_can_be_asked_for_again(
    session, qtbot, measuring, stations, heard
):
    told = []
    measuring.told.connect(told.append)
    measuring.ask(wish_of("new"))
    qtbot.waitUntil(lambda: stations.begun == ["new"], timeout=20_000)
    measuring.give_up()
    assert told[-1] == ""
    end_one(qtbot, session, stations, "new")
    assert heard == []
    measuring.ask(wish_of("new"))
    qtbot.waitUntil(lambda: not measuring.busy, timeout=20_000)
    assert heard == all_of("new")
    assert told[-1] == ""


def test_figures_that_are_known_are_those_of_the_heads_a_run_has(session, tmp_path):
    assert session.create_project(tmp_path / "project")
    asked = []
    measuring = Measuring(session, lambda run: asked.append(run) or f"figures of {run}")
    names = (SpaceName.of_view("image"), SpaceName("one", frozen=True))
    assert measuring._figures_of(Wish(names, 10, "label")) == {SpaceName("one"): "figures of one"}
    rungs = (SpaceName("one", alpha=1.0), SpaceName("one", alpha=3.0))
    assert measuring._figures_of(Wish(rungs, 10, "label")) == {}
    assert asked == ["one"]
