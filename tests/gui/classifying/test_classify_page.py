"""The Classify page: what is asked, what came of it, and a cell that becomes the selection."""

import csv
import shutil

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from worlds.cut_text import cut_text

from workbench.gui.pages.classify import ClassifyPage
from workbench.gui.widgets.button import Button
from workbench.project import Project

pytestmark = pytest.mark.usefixtures("shelf_of_kinds")


@pytest.fixture
def page(shown):
    return shown(ClassifyPage)


@pytest.fixture
def opened(page, session, of_kinds):
    assert session.open_project(of_kinds.root)
    return page


def classify(page, qtbot):
    page.setup.button.click()
    qtbot.waitUntil(lambda: not page.classified.busy, timeout=20_000)


def numbers(session, ids):
    return [int(item.key[-3:]) for item in session.project.catalogue.items_of(ids.tolist())]


def test_what_is_missing_and_a_way_there(page, session, tmp_path, of_kinds, qtbot):
    assert page.findChild(Button, "classify-missing").text() == "Go to Start"
    root = shutil.copytree(of_kinds.root.parent, tmp_path / "copy") / "project"
    shutil.rmtree(root / "runs")
    session.open_project(root)
    assert page.findChild(Button, "classify-missing").text() == "Go to Train"
    assert page.state() == "empty"


def test_figures_classes_and_a_cell_that_is_selected(opened, session, qtbot, tmp_path):
    setup, state, result = opened.setup, opened.classified, opened.result
    assert list(setup.boxes) == ["poor", "good"]
    assert [name for name, box in setup.boxes.items() if box.isChecked()] == ["poor"]
    setup.boxes["good"].click()
    state.change(items="all")
    setup.button.click()
    assert result._stack.currentWidget().title.text() == "Classifying…"
    qtbot.waitUntil(lambda: not state.busy, timeout=20_000)
    assert [run.name for run in state.found.runs] == ["run:poor", "run:good"]
    assert not state.found.runs[0].differences
    assert state.found.runs[1].differences
    result.run.setCurrentIndex(1)
    result.run.activated.emit(1)
    assert result.confusion.counts.tolist() == [[18, 0, 2], [2, 18, 0], [0, 2, 18]]
    assert result.confusion.in_words(1, 0) == "“kind-1” named “kind-0”: 2 (10% of 20)"
    assert "Pairs of 42 of them have trained" in result.remarks.text()
    opened.resize(836, 620)  # what a window of 1024 x 700 has for a page
    opened.grab()
    assert cut_text(opened) == []
    # a click in the middle of a cell, as the scene tells of it
    opened.grab()
    box = result.confusion.plot.getViewBox()
    place = box.mapViewToScene(QPointF(0.5, 1.5))
    assert result.confusion.cell_at(place) == (1, 0)
    result.confusion.chosen.emit(1, 0, "new")
    assert numbers(session, session.selection) == [9, 39]
    result.confusion.chosen.emit(2, 1, "add")
    assert len(session.selection) == 4
    wanted = []
    session.page_wanted.connect(wanted.append)
    result._to_maps.click()
    assert wanted == ["explore"]
    cells = result.confusion.chart().rows()
    assert cells[1] == ("kind-0", "kind-0", 18, "0.9")
    # the table
    table = result.table
    table.rows.sort(0, Qt.SortOrder.DescendingOrder)
    assert [row.label for row in table.rows.shown] == ["kind-2", "kind-1", "kind-0"]
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].startswith("Class\tn\tRecall %")
    assert lines[1].startswith("kind-2\t20\t90 (70–97)\t90\tkind-1 (2)")
    table.choose(table.rows.shown[1])
    table.chosen.emit()
    assert len(session.selection) == 20
    state.save(tmp_path / "tables")
    with (tmp_path / "tables" / "figures.csv").open(encoding="utf-8") as file:
        assert [row["run"] for row in csv.DictReader(file)] == ["run:poor", "run:good"]
    session.theme_changed.emit()


def test_classes_typed_examples_and_what_cannot_be(opened, session, qtbot):
    setup, state, result = opened.setup, opened.classified, opened.result
    state.change(source="typed")
    setup._take_labels()
    assert setup.typed.toPlainText() == "kind-0\nkind-1\nkind-2"
    setup.typed.setPlainText("bird\nfish")
    classify(opened, qtbot)
    assert state.found is None
    assert "Their labels: “kind-0”, “kind-1” and “kind-2”" in state.problem
    result.findChild(Button, "classify-labels").click()
    qtbot.waitUntil(lambda: state.found is not None, timeout=20_000)
    setup.templates.setPlainText("a picture")
    classify(opened, qtbot)
    assert "has no {} for the words of a class" in state.problem
    setup._usual.click()
    assert setup.templates.toPlainText().splitlines()[0] == "{}"
    assert state.draft.templates is None
    setup.templates.setPlainText("\n")
    classify(opened, qtbot)
    assert "There is no template" in state.problem
    setup.templates.setPlainText("{}\n\n")
    classify(opened, qtbot)
    assert state.found.templates == ("{}",)
    state.views = ["image", "speech"]  # of a run without texts no words are offered
    assert (state.by(), state.frozen_can_be()) == ("image", True)
    state.refresh()
    assert (state.by(), state.frozen_can_be()) == ("text", False)
    state._cards["text"] = state._cards["image"]  # of one model, as CLIP is
    assert state.frozen_can_be()
    state.change(by="image", shots=2)
    assert setup._templates_card.isHidden()
    setup.boxes["frozen"].click()
    classify(opened, qtbot)
    assert [run.words for run in state.found.runs] == ["poor", "frozen embeddings of poor"]
    assert "shown by 2 image items each" in result.remarks.text()


def test_without_held_out_items_all_are_offered(page, session, of_kinds, tmp_path, qtbot):
    from worlds.fakes import encode_all, write_item

    from workbench.jobs import drain
    from workbench.stations import scan

    shutil.copytree(of_kinds.root.parent, tmp_path, dirs_exist_ok=True)
    write_item(tmp_path / "image" / "kind-0", "image", 60)
    changed = Project.open(tmp_path / "project")
    drain(scan(changed))
    encode_all(changed)
    session.open_project(changed.root)
    classify(page, qtbot)
    assert "nobody knows which are held out" in page.classified.problem
    page.result.findChild(Button, "classify-all").click()
    qtbot.waitUntil(lambda: page.classified.found is not None, timeout=20_000)
    assert len(page.classified.found.runs[0].ids) == 61
    session.runs_changed.emit()
    assert page.classified.found is not None  # another run may be the current one
    run = session.project.run("poor")
    run.write_space(session.project.run("good").space())
    session.runs_changed.emit()
    assert page.classified.found is None  # it was of other heads
    classify(page, qtbot)
    session.catalogue_changed.emit()
    assert page.classified.found is None  # items may be others now
