"""What was asked for in another project, or before something else, is not shown on the page."""

import shutil
import threading

import pytest
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.errors import WorkbenchError
from workbench.gui.training.runs import runs_card
from workbench.jobs import drain
from workbench.project import Project, Run
from workbench.stations import AlignRequest, align
from workbench.stations.runs.run_table import RunRows

QUICK = {"neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 3}


def make(root, steps, alphas):
    project = Project.open(small_project(root))
    drain(align(project, AlignRequest(settings={**QUICK, "steps": 4}, ladder=alphas, name="sweep")))
    for name, more in (("behind", 1), ("shown", 0)):
        request = AlignRequest(settings={**QUICK, "steps": steps + more}, name=name)
        drain(align(project, request))
    return project.root


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make two projects whose runs have the same names."""
    folder = tmp_path_factory.mktemp("made")
    return make(folder / "a", 6, [0.0, 1.0]), make(folder / "b", 9, [2.0, 20.0, 200.0])


@pytest.fixture
def roots(made, tmp_path):
    return [shutil.copytree(root, tmp_path / root.parent.name) for root in made]


@pytest.fixture
def page(session, qtbot):
    return shown_train_page(session, qtbot)


@pytest.fixture
def held(monkeypatch):
    """Let the curves below a folder be read only when it is let go."""

    class Held:
        def __init__(self):
            self.below, self.let, self.asked = None, threading.Event(), threading.Event()

    held, read = Held(), Run.curves

    def curves(run):
        rows = read(run)
        if held.below is not None and run.folder.is_relative_to(held.below):
            held.asked.set()
            assert held.let.wait(30)
        return rows

    monkeypatch.setattr(Run, "curves", curves)
    yield held
    held.let.set()


def last_step(page):
    series = page.curves.panel.series("loss")
    return None if series is None else series.steps[-1]


def ended(page, qtbot):
    qtbot.waitUntil(lambda: not page.session._jobs, timeout=20_000)


def test_curves_of_a_run_of_the_same_name_stay_in_their_project(page, session, qtbot, roots, held):
    held.below = roots[0]
    session.open_project(roots[0])
    assert held.asked.wait(20)
    session.open_project(roots[1])
    qtbot.waitUntil(lambda: last_step(page) == 9, timeout=20_000)
    chance = dict(page.curves.panel._chance)
    held.let.set()
    ended(page, qtbot)
    assert last_step(page) == 9
    assert page.curves.panel._chance == chance


def test_curves_behind_stay_in_their_project(page, session, qtbot, roots, held):
    session.open_project(roots[0])
    ended(page, qtbot)
    panel = page.curves.panel
    panel.overlay.choose("behind", True)
    ended(page, qtbot)
    assert [drawn.run.name for drawn in panel.loss.others()] == ["behind"]
    held.below = roots[0]  # another is on its way
    panel.overlay.choose("sweep", True)
    assert held.asked.wait(20)
    session.open_project(roots[1])
    assert panel.loss.others() == []
    assert panel.overlay.chosen_names() == []
    held.let.set()
    ended(page, qtbot)
    assert panel.loss.others() == []


def test_curves_behind_that_are_not_wanted_any_more_do_not_come(page, session, qtbot, roots, held):
    session.open_project(roots[0])
    ended(page, qtbot)
    panel = page.curves.panel
    held.below = roots[0]
    panel.overlay.choose("behind", True)
    assert held.asked.wait(20)
    panel.overlay.choose("behind", False)
    held.let.set()
    ended(page, qtbot)
    assert panel.loss.others() == []


def test_a_sweep_of_the_same_name_is_read_anew(page, session, qtbot, roots):
    panel = page._ladder.panel
    for root, alphas in zip(roots, ([0.0, 1.0], [2.0, 20.0, 200.0]), strict=True):
        for name in ("behind", "shown"):
            shutil.rmtree(root / "runs" / name)
        session.open_project(root)
        qtbot.waitUntil(lambda: panel.take.isVisible() or panel.here.text() != "", timeout=20_000)
        ended(page, qtbot)
        assert panel._moving.ladder.alphas == alphas


def test_a_sweep_that_cannot_be_measured_is_tried_once(page, session, qtbot, roots, monkeypatch):
    from workbench.stations.training.alpha_sweep import Scrubber

    measured, look = [], Scrubber.at

    def at(moving, alpha, *, measure=False):
        if measure:
            measured.append(alpha)
            raise WorkbenchError("The pairs have gone.")
        return look(moving, alpha, measure=False)

    session.open_project(roots[0])
    session.set_current_run("sweep")
    panel = page._ladder.panel
    qtbot.waitUntil(lambda: panel.here.text() != "", timeout=20_000)
    ended(page, qtbot)
    monkeypatch.setattr(Scrubber, "at", at)
    monkeypatch.setattr("workbench.alignment.AlphaSweep.joined", [True])
    panel.scrub(0.5)
    qtbot.waitUntil(lambda: panel.words.text() == "The pairs have gone.", timeout=20_000)
    qtbot.wait(200)
    assert measured == [0.5]


def test_many_runs_of_a_new_project_do_not_wait_for_those_of_the_last(
    page, session, qtbot, roots, monkeypatch
):
    monkeypatch.setattr(runs_card, "_MOST_AT_ONCE", 0)
    let, read = threading.Event(), RunRows.rows

    def rows(reader, marks=None):
        if reader.project.root == roots[0] and marks is None:
            assert let.wait(30)
        return read(reader, marks)

    monkeypatch.setattr(RunRows, "rows", rows)
    session.open_project(roots[0])
    session.open_project(roots[1])
    try:
        qtbot.waitUntil(lambda: len(page.runs_card.rows()) == 3, timeout=20_000)
    finally:
        let.set()
    ended(page, qtbot)


def test_a_run_that_is_not_measured_now_shows_what_it_is_worth(page, session, qtbot, roots):
    session.open_project(roots[0])
    ended(page, qtbot)
    said = []
    page.results_card.evaluating.add("behind")  # as while it is measured
    original = page.results_card.table.say
    page.results_card.table.say = lambda sentence: said.append(sentence) or original(sentence)
    session.set_current_run("behind")
    assert said[-1] == "Measuring on the held-out pairs…"
    session.set_current_run("shown")
    assert said[-1] != "Measuring on the held-out pairs…"
