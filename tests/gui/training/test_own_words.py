"""The Train page without pairs, and what it says of own words in heads."""

import pytest
from PySide6.QtWidgets import QLabel
from worlds.projects import small_project

from workbench.gui.pages.train import TrainPage
from workbench.gui.session import Session
from workbench.gui.training.runs.result_table import ResultTable
from workbench.jobs import drain
from workbench.project import Project, WordsInRecipe
from workbench.stations import AlignRequest, align, words_in_words

CLASSIFIER = WordsInRecipe(wish="auto", view="image", names="classifier", classes=1000, share=0.385)


def page_of(root, qtbot):
    session = Session()
    page = TrainPage(session)
    qtbot.addWidget(page)
    page.resize(1100, 760)
    page.show()
    session.open_project(root)
    return page


def test_without_pairs_the_page_can_be_used_and_says_so(tmp_path, qtbot):
    root = small_project(tmp_path, 24)
    Project.open(root).catalogue.take_pairs([])
    page = page_of(root, qtbot)
    assert page.state() == "ready"
    assert page.setup.train.isEnabled()
    assert page.setup.no_pairs.isVisible()
    assert "own words are used" in page.setup.no_pairs.text()


def test_without_pairs_and_words_they_are_asked_for(tmp_path, qtbot):
    root = small_project(tmp_path, 24)
    project = Project.open(root)
    project.catalogue.take_pairs([])
    project.change(encoders={"image": "test/image"})  # no texts: nothing to name classes by
    page = page_of(root, qtbot)
    assert page.state() == "empty"


def test_with_pairs_there_is_no_such_sentence(tmp_path, qtbot):
    page = page_of(small_project(tmp_path, 24), qtbot)
    assert not page.setup.no_pairs.isVisible()
    assert page.setup.method.findData("words") > 0


@pytest.mark.parametrize("words", ["auto", "off", 0.3])
def test_what_is_wished_of_words_goes_round(tmp_path, qtbot, words):
    root = small_project(tmp_path, 24)
    project = Project.open(root)
    run = drain(align(project, AlignRequest(method="procrustes", words="off")))
    recipe = run.recipe()
    recipe.words = WordsInRecipe(wish=words)
    page = page_of(root, qtbot)
    page.setup.show_recipe(recipe)
    assert page.setup.wish().words == words


def test_results_tell_of_the_words_and_their_share(qtbot):
    table = ResultTable()
    qtbot.addWidget(table)
    figures = {"recall@1": 0.1, "recall@5": 0.2, "recall@10": 0.4, "median_rank": 9.0}
    report = {"retrieval": {"image→text": figures}, "preservation": {"image": 0.7}}
    table.show_report(report, words_in_words(CLASSIFIER))
    found = table.findChild(QLabel, "results-words")
    assert "38%" in found.text() or "39%" in found.text()
    assert "1,000 classes" in found.text()
    table.show_report(report, words_in_words(WordsInRecipe()))
    assert table.findChild(QLabel, "results-words") is None or not table.findChild(
        QLabel, "results-words"
    ).isVisibleTo(table)


def test_words_alone_are_told_without_figures(qtbot):
    table = ResultTable()
    qtbot.addWidget(table)
    labels = WordsInRecipe(view="image", names="labels", classes=6, share=1.0)
    table.show_report({}, words_in_words(labels))
    assert "the names of 6 labels; no pairs" in table.findChild(QLabel, "results-sentence").text()
