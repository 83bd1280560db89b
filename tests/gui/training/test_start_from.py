"""A run whose heads the next training begins with is chosen in the form, or in the menu of runs."""

import pytest
from PySide6.QtWidgets import QLabel
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.gui.pages import train
from workbench.gui.session import Session
from workbench.gui.state.chosen_runs import ChosenRuns
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align

QUICK = {"steps": 2, "neighbours": 5, "anchors": 8, "hidden": 10}


@pytest.fixture
def root(tmp_path):
    root = small_project(tmp_path)
    project = Project.open(root)
    drain(align(project, AlignRequest(method="cca", name="solved")))
    drain(align(project, AlignRequest(settings=QUICK, name="one")))
    drain(align(project, AlignRequest(settings=QUICK, name="two", start_from="one")))
    return root


@pytest.fixture
def open_page(qtbot):
    def start(root):
        page = shown_train_page(Session(run_memory=ChosenRuns()), qtbot)
        page.session.open_project(root)
        return page

    return start


def offered(page):
    combo = page.setup.start_from
    return [combo.itemText(place) for place in range(combo.count())]


def test_a_run_is_chosen_and_the_training_is_told(open_page, root, monkeypatch):
    page = open_page(root)
    asked = []
    monkeypatch.setattr(train, "align_job", lambda project, wish, *_: asked.append(wish))
    monkeypatch.setattr(page, "_start", lambda *_: None)
    assert offered(page) == ["the settings", "two", "one", "solved"]
    page.train()
    page.runs.selectRow([row.name for row in page.runs_card.rows()].index("one"))
    page.runs_card._start.trigger()
    assert page.setup.start_from.currentText() == "one"
    page.train()
    page.train_sweep()
    page.setup.method.setCurrentIndex(page.setup.method.findData("cca"))
    assert not page.setup.start_from.isEnabled()  # what is solved at once starts from no heads
    page.train()
    assert [wish.start_from for wish in asked] == [None, "one", "one", None]


def test_a_run_tells_from_which_heads_it_began_and_the_form_is_filled_so(open_page, root):
    page = open_page(root)
    page.session.set_current_run("two")
    said = " ".join(each.text() for each in page.results_card.table.findChildren(QLabel))
    assert "Trained on from the heads of “one”." in said
    page._change("two")
    assert page.setup.wish().start_from == "one"


def test_the_choice_comes_back_unless_the_run_is_gone(open_page, root):
    page = open_page(root)
    page.setup.choose_start("one")
    page._choices.keep()
    assert open_page(root).setup.wish().start_from == "one"
    page.session.project.shelf.delete("one")
    page.session.runs_changed.emit()
    assert offered(page) == ["the settings", "two", "solved"]
    assert page.setup.wish().start_from is None
