"""What is chosen on the Train page belongs to its project, and comes back with it."""

import json
import shutil

import pytest
from PySide6.QtCore import QSettings
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.alignment import GeraSettings
from workbench.gui.session import Session
from workbench.gui.state.chosen_runs import ChosenRuns
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align

QUICK = {"steps": 4, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 4}
DEFAULT = GeraSettings().alpha


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a project with a sweep whose heads are those of α = 100, and a run before it."""
    root = small_project(tmp_path_factory.mktemp("made"))
    project = Project.open(root)
    drain(align(project, AlignRequest(settings=QUICK, name="before")))
    drain(align(project, AlignRequest(
        settings={**QUICK, "alpha": 100.0}, ladder=[0.0, 1.0, 100.0], rung=100.0, name="sweep",
    )))  # fmt: skip
    return root


@pytest.fixture
def swept(made, tmp_path):
    return shutil.copytree(made, tmp_path / "swept")


@pytest.fixture
def plain(tmp_path):
    return small_project(tmp_path / "plain")


@pytest.fixture
def open_page(qtbot):
    """Return what starts the program, so to say: a session with the page."""

    def start(root):
        session = Session(run_memory=ChosenRuns())
        page = shown_train_page(session, qtbot)
        session.open_project(root)
        return page

    return start


@pytest.fixture
def page(open_page, plain):
    return open_page(plain)


def choose(page):
    """Make a choice of everything."""
    setup = page.setup
    setup.method.setCurrentIndex(setup.method.findData("gera"))
    setup.form.set_values({"steps": 77, "start": "random"})
    setup.pairs.setValue(12)
    setup.seed.setValue(5)
    setup.name.setText("next")
    page.alpha.set_values({"image": 2.0, "text": 20.0})
    page.curves.panel.logarithmic.setChecked(False)


def chosen(page):
    return page.setup.wish(), page.alpha.values(), page.alpha.tied, logarithmic(page)


def logarithmic(page):
    return page.curves.panel.logarithmic.isChecked()


def here(page):
    return page._ladder.panel.here.text()


def test_nothing_chosen_in_a_project_is_found_in_another(page, swept, plain, tmp_path):
    fresh = small_project(tmp_path / "fresh")
    first = chosen(page)
    choose(page)
    page.session.open_project(fresh)
    assert chosen(page) == first
    assert page.alpha.values() == {"image": DEFAULT, "text": DEFAULT}


def test_sliders_that_are_tied_go_back_too(page, tmp_path):
    fresh = small_project(tmp_path / "fresh")
    page.alpha.move_all(300.0)
    page.session.open_project(fresh)
    assert page.alpha.tied
    assert page.alpha.values() == {"image": DEFAULT, "text": DEFAULT}


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_chosen_comes_back_with_the_project(page, open_page, plain, swept, restarted):
    choose(page)
    mine = chosen(page)
    if restarted:
        page.hide()  # as when the window is closed
        page = open_page(swept)
    else:
        page.session.open_project(swept)
    other = chosen(page)
    assert other != mine
    page.session.open_project(plain)
    assert chosen(page) == mine
    page.session.open_project(swept)
    assert chosen(page) == other


def test_another_method_comes_back_with_its_settings(page, swept, plain):
    page.setup.method.setCurrentIndex(page.setup.method.findData("cca"))
    page.setup.form.set_values({"penalty": 0.25})
    page.session.open_project(swept)
    page.session.open_project(plain)
    assert page.setup.wish().method == "cca"
    assert page.setup.wish().settings == {"penalty": 0.25}


def test_a_sweep_is_shown_at_its_own_alpha_and_then_where_it_was_left(page, swept, plain, qtbot):
    page.alpha.move_all(1.0)
    page.session.open_project(swept)
    assert page.session.current_run == "sweep"
    assert set(page.alpha.values().values()) == {100.0}
    qtbot.waitUntil(lambda: here(page) == "α = 100, as trained", timeout=20_000)
    page.alpha.move_all(0.0)
    qtbot.waitUntil(lambda: here(page) == "α = 0, as trained", timeout=20_000)
    page.session.open_project(plain)
    assert set(page.alpha.values().values()) == {1.0}
    page.session.open_project(swept)
    qtbot.waitUntil(lambda: here(page) == "α = 0, as trained", timeout=20_000)


def test_the_run_that_was_chosen_is_chosen_again(page, open_page, swept):
    page.session.open_project(swept)
    page.session.set_current_run("before")
    again = open_page(swept)
    assert again.session.current_run == "before"
    assert again.runs_card.table.selected() == ["before"]


def test_a_view_that_is_encoded_later_takes_the_alpha_of_the_tied_ones(page):
    page.alpha.move_all(3.0)
    page.alpha.set_views(["image", "text", "speech"])
    assert set(page.alpha.values().values()) == {3.0}


SPOILT = (
    {"alpha": {"image": 1e9, "text": 1.0}},
    {"alpha": {"image": "high"}},
    {"pairs": -1},
    {"pairs": 10**15},
    {"settings": 3},
    {"seed": None},
)
ODD = (
    {"method": "magic", "settings": {"spell": 1}},
    {"method": "gera", "settings": {"steps": -3}},
    {"method": "gera", "settings": {"from_later": 3}},
    {"alpha": {"smell": 3.0}},
    {"pairs": 10**9},
    {"seed": 2**31 - 1},
)


def opened_with(open_page, root, choice):
    """Return the page of another start after somebody has written a choice."""
    (key,) = [key for key in QSettings().allKeys() if key.endswith("/train")]
    QSettings().setValue(key, json.dumps({"name": "x", **choice}))
    return open_page(root)


def test_what_does_not_hold_is_as_if_nothing_was_chosen(page, open_page, plain):
    before = chosen(page)
    page.hide()
    for spoilt in SPOILT:
        again = opened_with(open_page, plain, spoilt)
        assert chosen(again) == before, spoilt
        again.hide()


def test_what_is_not_known_here_is_left_out(page, open_page, plain):
    page.hide()
    for odd in ODD:
        again = opened_with(open_page, plain, odd)
        wish = again.setup.wish()
        assert wish.name == "x", odd
        assert (wish.method, wish.settings) == ("gera", {}), odd
        assert again.alpha.values() == {"image": DEFAULT, "text": DEFAULT}, odd
        assert again.alpha.tied
        again.hide()
