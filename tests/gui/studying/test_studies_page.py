"""The Studies page: offers, a study that fills, its table, and what is made of it."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from worlds.projects import small_project

from workbench.gui.pages.studies import StudiesPage
from workbench.gui.studying import study_jobs, study_list
from workbench.gui.widgets.button import Button
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import StudyShelf, checked_design, study

GRID = {"methods": ["procrustes", "ridge"], "labels": [10, 20]}


def make(folder):
    project = Project.open(small_project(folder, 60))
    design = checked_design({"title": "mine", "seeds": 2, "grids": [GRID]})
    drain(study(project, design, workers=1))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.fixture
def page(shown):
    return shown(StudiesPage)


@pytest.fixture
def opened(page, session, project, qtbot):
    session.open_project(project.root)
    qtbot.waitUntil(lambda: page.studies.shown is not None, timeout=60_000)
    return page


@pytest.fixture
def here(monkeypatch):
    """Let jobs work in their threads: processes of their own import for seconds."""

    def work(station, *arguments, control, **options):
        return station(*arguments, control=control, **options)

    monkeypatch.setattr(study_jobs, "in_process", work)
    monkeypatch.setattr(study_jobs, "in_kept_process", work)


def words(page):
    return page.view.said.text()


def test_without_a_project_it_says_what_is_missing(page, session, tmp_path, qtbot):
    def missing():
        return page.findChild(Button, "studies-missing").text()

    assert (page.state(), missing()) == ("empty", "Go to Start")
    session.create_project(tmp_path / "new")
    qtbot.waitUntil(lambda: missing() == "Choose folders")
    assert page.state() == "empty"


def test_what_could_be_studied_and_how_much_it_is(opened):
    listed = opened.studies.listed
    assert [each.ready.name for each in listed.offers][:2] == ["label-efficiency", "alpha"]
    assert opened.offers.button("alpha").isEnabled()
    assert not opened.offers.button("encoders").isVisible()
    costs = [row._cost.text() for row in opened.offers._rows]
    assert costs[0] == "80 trainings"  # nothing that trains has been trained here
    assert costs[-1].startswith("Not here: it needs pictures, texts and recordings")
    opened.offers.seeds.setValue(10)
    assert opened.offers._rows[0]._cost.text().startswith("160 trainings")


def test_a_study_is_shown_with_its_figure_and_what_it_says(opened, session):
    assert opened.state() == "done"
    shown = opened.studies.shown
    assert opened.view.title.text() == "mine"
    assert [line.name for line in shown.lines.lines] == ["Procrustes", "Ridge"]
    assert opened.view.figure.currentText() == "R@10, %"
    drawn = [type(item).__name__ for item in opened.view.plot.plot.plotItem.items]
    assert drawn.count("FillBetweenItem") == drawn.count("ScatterPlotItem") == 2
    assert "Ridge" in words(opened)
    assert not opened.view.go_on_button.isEnabled()  # all is done
    for place in range(opened.view.figure.count()):
        opened.view.figure.setCurrentIndex(place)
    session.theme_changed.emit()


def test_cells_are_sorted_and_copied(opened):
    table = opened.view.table
    assert table.rows.total() == 8
    table.rows.sort(3, Qt.SortOrder.DescendingOrder)  # R@10
    recalls = [row.figures["recall@10"] for row in table.rows.shown]
    assert recalls == sorted(recalls, reverse=True)
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].startswith("Cell\tSeed\tR@1")
    assert len(lines) == 9
    assert lines[1].split("\t")[3] == f"{recalls[0]:.1f}"


def test_a_study_is_started_stopped_and_gone_on_with(opened, here, project, qtbot):
    few = checked_design({"title": "few", "seeds": 1, "grids": [GRID], "kind": "label-efficiency"})
    drain(study(project, few, workers=1, name="label-efficiency"))
    state = opened.studies
    state.refresh()
    qtbot.waitUntil(lambda: ("label-efficiency", "4 of 4 cells are finished.") in _list(state))
    opened.offers.seeds.setValue(1)
    opened.offers.button("label-efficiency").click()
    assert opened.state() == "running"
    assert not opened.offers.button("alpha").isEnabled()
    view = opened.view
    qtbot.waitUntil(lambda: state.working_at == "label-efficiency", timeout=120_000)
    qtbot.waitUntil(lambda: view.stop_button.isVisible())
    view.pause_button.click()
    assert view.pause_button.text() == "Resume"
    view.pause_button.click()
    view.stop_button.click()
    qtbot.waitUntil(lambda: not state.busy, timeout=60_000)
    qtbot.waitUntil(lambda: state.shown is not None and state.shown.summary.waiting() != [])
    assert opened.state() == "done"
    assert view.go_on_button.isEnabled()
    assert state.shown.summary.recipe.design.seeds == [0]
    assert opened.list.current()[0] == "label-efficiency"
    opened.list.selectRow(1)
    assert state.chosen == "mine"


def _list(state):
    return state.listed.studies if state.listed else []


def test_the_best_is_trained_and_a_report_saved(opened, here, session, project, qtbot, tmp_path):
    told = []
    session.noticed.connect(lambda level, sentence: told.append((level, sentence)))
    opened.view.best_button.click()
    assert opened.studies.training_best
    qtbot.waitUntil(lambda: bool(told), timeout=120_000)
    assert told[0][0] == "info"
    assert told[0][1].startswith("The run “mine-best” is trained. Best: ")
    assert project.run("mine-best").has_heads()
    assert session.current_run == "mine-best"
    opened.studies.save_report(tmp_path / "out.html")
    qtbot.waitUntil(lambda: len(told) > 1, timeout=120_000)
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    with (tmp_path / "out-figures" / "kept.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[0] == "line"


def test_a_damaged_study_says_what_is_wrong_and_others_are_shown(page, session, project, qtbot):
    (project.root / "studies" / "mine" / "table.csv").write_text("nonsense", encoding="utf-8")
    session.open_project(project.root)
    qtbot.waitUntil(lambda: bool(page.studies.problem), timeout=60_000)
    assert "table.csv cannot be read" in page.view._empty.sentence.text()
    assert page.offers.button("alpha").isEnabled()


def test_a_study_is_renamed_deleted_and_comes_back(opened, project, qtbot, monkeypatch):
    card, shelf = opened.list_card, StudyShelf(Project.open(project.root))
    (first,) = [each.name for each in shelf.studies()]

    def shown(*names):
        listed = [name for name, _ in opened.list.rows.shown]
        return listed == list(names) and opened.studies.chosen == (names[0] if names else "")

    monkeypatch.setattr(study_list, "ask_name", lambda *_: "better name")
    QTest.keyClick(opened.list, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: shown("better-name"), timeout=20_000)
    card.undo.button.click()
    qtbot.waitUntil(lambda: shown(first), timeout=20_000)
    QTest.keyClick(opened.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(shown, timeout=20_000)
    assert shelf.studies() == []
    assert opened.view._stack.currentIndex() == 1
    assert card.undo.isVisible()  # also where no study is left
    inside = card.menu().findChild(QMenu, "deleted-studies")
    assert inside.actions()[0].text().startswith(f"Restore {first}")
    card.undo.button.click()
    qtbot.waitUntil(lambda: shown(first) and opened.studies.shown is not None, timeout=20_000)


def test_cells_are_trained_on_the_cluster_whose_address_is_given(opened, monkeypatch, qtbot):
    went = []

    def there(station, *arguments, address, control, cluster):
        went.append((station.__name__, address, cluster))
        return station(*arguments, control=control, workers=1)

    monkeypatch.setattr(study_jobs, "in_cluster_process", there)
    place, state = opened.place, opened.studies
    assert not place.address.isVisible()
    place.choice.setCurrentIndex(place.choice.findData("cluster"))
    assert place.address.isVisible()
    place.address.line.setText("head")
    opened.offers.button("label-efficiency").click()
    assert "is no address of a cluster" in place.address.offer.text()
    assert (state.busy, went) == (False, [])
    place.address.line.setText("ray://head:10001")
    opened.view.go_on_button.setEnabled(True)  # all is done, so that nothing is trained
    opened.view.go_on_button.click()
    qtbot.waitUntil(lambda: not state.busy and went != [])
    assert went == [("resume_study", "ray://head:10001", "ray://head:10001")]
