"""Runs whose files hold odd values, on the real page: shown as damaged, and clicked like others."""

import shutil

import pytest
from PySide6.QtCore import Qt
from worlds.damage import ANY_FILE, RECIPE, REPORT, UNMEASURED
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.gui.pages.export import ExportPage
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, evaluate

ODD = {
    "alpha-x": ("recipe.json", RECIPE["alpha_is_a_word"]),
    "alpha-nested": ("recipe.json", RECIPE["alpha_is_nested"]),
    "seconds": ("recipe.json", RECIPE["seconds_are_infinite"]),
    "recipe-a-pipe": ("recipe.json", ANY_FILE["a_pipe"]),
    "retrieval-5": ("report.json", REPORT["retrieval_is_a_number"]),
    "recall-word": ("report.json", REPORT["recall_is_a_word"]),
    "interval": ("report.json", REPORT["interval_of_one_end"]),
    "difference": ("report.json", REPORT["difference_is_a_number"]),
    "report-a-pipe": ("report.json", ANY_FILE["a_pipe"]),
    "curves-a-pipe": ("curves.csv", ANY_FILE["a_pipe"]),
    "heads-a-pipe": ("heads.safetensors", ANY_FILE["a_pipe"]),
}
WHOLE = {"gap-recall": UNMEASURED["recall_is_none"], "gap-kept": UNMEASURED["preservation_is_none"]}


@pytest.fixture
def root(tmp_path):
    root = small_project(tmp_path)
    project = Project.open(root)
    drain(align(project, AlignRequest(method="procrustes", name="sound")))
    drain(evaluate(project, "sound"))
    sound = project.run("sound").folder
    for name, (file, way) in ODD.items():
        shutil.copytree(sound, sound.with_name(name))
        way(sound.with_name(name) / file)
    for name, way in WHOLE.items():
        shutil.copytree(sound, sound.with_name(name))
        way(sound.with_name(name) / "report.json")
    return root


@pytest.mark.timeout(120)
def test_damaged_runs_are_shown_and_can_be_clicked(session, qtbot, root):
    page = shown_train_page(session, qtbot, root)
    table = page.runs_card.table
    assert set(table.names()) == {"sound", *ODD, *WHOLE}
    rows = {row.name: row for row in page.runs.rows()}
    for name, (file, _) in ODD.items():
        assert (rows[name].state == "damaged") == file.endswith(".json"), name
    model = page.runs_card.table.model()
    marked = {
        model.index(place, 0).data()
        for place in range(model.rowCount())
        if model.index(place, 0).data(Qt.ItemDataRole.DecorationRole) is not None
    }
    assert marked == {name for name in rows if rows[name].state == "damaged"}
    assert rows["gap-recall"].state == rows["gap-kept"].state == "finished"
    for name in ("sound", *ODD, *WHOLE, "sound"):
        page.runs.chosen.emit(name)
        qtbot.waitUntil(lambda: not session.jobs, timeout=20_000)
        page.grab()
    assert rows["sound"].recall_1 is not None


def test_a_damaged_run_shows_no_curves_of_the_run_before(session, qtbot, root):
    page = shown_train_page(session, qtbot, root)
    words = page.curves.sentence.text
    session.set_current_run("sound")
    qtbot.waitUntil(lambda: "“sound” was solved in closed form" in words(), timeout=20_000)
    session.set_current_run("alpha-x")
    qtbot.waitUntil(lambda: "recipe.json is damaged" in words(), timeout=20_000)
    assert page.curves.currentWidget() is page.curves.sentence


@pytest.mark.timeout(120)
def test_the_export_page_says_of_each_what_it_is(session, qtbot, root):
    page = ExportPage(session)
    qtbot.addWidget(page, before_close_func=lambda _: session.stop_jobs())
    session.open_project(root)
    page.show()
    for place in range(page.run_picker.count()):
        page.run_picker.setCurrentIndex(place)
        assert page._facts.text()
    page.grab()
