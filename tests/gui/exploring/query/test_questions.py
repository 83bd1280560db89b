"""Questions of several parts, answers of one run and of two, and what drew them."""

import sys

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from worlds.explore import TextsByHeart, know_texts

from workbench.cache import EmbeddingCache
from workbench.gui.exploring.query.query_bar import QueryBar
from workbench.gui.exploring.state.query import Query, Term
from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.items.item_strip import ItemRole
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import (
    AlignRequest,
    Combination,
    Placer,
    Question,
    Searcher,
    align,
    ask_runs,
    training_pairs,
)


@pytest.fixture(autouse=True)
def loaded(monkeypatch, root):
    return know_texts(monkeypatch, root)


@pytest.fixture
def encoded(monkeypatch):
    """Note what is encoded."""
    found, encode = [], TextsByHeart.encode

    def counted(encoder, media):
        found.extend(media)
        return encode(encoder, media)

    monkeypatch.setattr(TextsByHeart, "encode", counted)
    return found


@pytest.fixture
def asked(measured, qtbot):
    """Return how to ask with words, and wait for the answers."""

    def ask(words=None):
        if words is not None:
            measured.query.line.setText(words)
        measured.explored.query.ask()
        return wait()

    def wait():
        qtbot.waitUntil(lambda: measured.query.button.isEnabled(), timeout=20_000)
        measured.grab()
        return [row.id for row in measured.inspector.answers.lists[0].rows()]

    ask.wait = wait
    return ask


def expected(root, question, run="turned", to="image"):
    searcher = Searcher(Project.open(root), run)
    return [answer.item.id for answer in searcher.ask(question, to, 20)]


# ------------------------------------------------------------------------------ the bar


@pytest.fixture
def query(session):
    query = QueryState(session)
    query.set_run("a run", ["image", "text"], ["a run"])
    return query


@pytest.fixture
def bar(qtbot, session, query):
    bar = QueryBar(session, query)
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_words_pictures_and_items_make_one_question(bar, query, qtbot, tmp_path):
    told = []
    query.asked.connect(told.append)
    Image.new("RGB", (9, 9)).save(tmp_path / "cat.png")
    assert bar.add_files([tmp_path / "cat.png", tmp_path / "notes.docx"])
    assert not bar.add_files([tmp_path / "sound.wav"])  # the run has no head for sounds
    bar.line.setText("dog")
    qtbot.mouseClick(bar.minus, Qt.MouseButton.LeftButton)
    bar.line.setText("red")
    query.ask()
    asked = told[-1]
    assert asked.in_words() == "cat.png − “dog” + “red”"
    assert asked.question() == Combination((
        (Question(image=tmp_path / "cat.png"), 1.0), (Question(text="dog"), -1.0),
        (Question(text="red"), 1.0),
    ))  # fmt: skip
    assert Query((Term("x", text="x"),)).question() == Question(text="x")
    assert isinstance(Query((Term("x", text="x", minus=True),)).question(), Combination)


def test_chips_are_turned_and_left_out(bar, query):
    told = []
    query.asked.connect(told.append)
    query.add(Term("one", text="one"), Term("two", text="two"))
    bar.findChild(object, "term-0-sign").click()
    assert [term.minus for term in told[-1].terms] == [True, False]
    bar.grab()
    bar.findChild(object, "term-1-remove").click()
    assert [term.name for term in told[-1].terms] == ["one"]
    query.add(Term("one", text="one"))  # the same thing again, added now
    assert [(term.name, term.minus) for term in query.draft.terms] == [("one", False)]
    bar.findChild(object, "term-0-remove").click()
    assert bar.chips.isHidden()
    assert len(told) == 2  # with nothing left there is nothing to ask


# ------------------------------------------------------------------------------ on the page


def test_answers_are_those_of_the_station(measured, asked, root):
    assert asked("star 12") == expected(root, Question(text="star 12"))
    strip = measured.answers.strip.items
    assert strip.ids.tolist() == expected(root, Question(text="star 12"))
    assert strip.index(0, 0).data(ItemRole).modality == "image"


def test_answers_of_every_modality(measured, asked, root):
    measured.query.target.setCurrentIndex(0)
    assert asked("star 12") == expected(root, Question(text="star 12"), to=None)
    found = {measured.table.item(one).modality for one in measured.answers.strip.items.ids.tolist()}
    assert found == {"image", "text"}


def test_words_are_taken_away(measured, asked, root, qtbot):
    asked("star 12")
    qtbot.mouseClick(measured.query.plus, Qt.MouseButton.LeftButton)
    asked.wait()
    measured.query.line.setText("moon 1")
    qtbot.mouseClick(measured.query.minus, Qt.MouseButton.LeftButton)
    found = asked.wait()
    question = Combination(((Question(text="star 12"), 1.0), (Question(text="moon 1"), -1.0)))
    assert found == expected(root, question)
    assert measured.answers.words.text() == "to “star 12” − “moon 1”"


def test_an_item_is_a_question(measured, asked, looked, root):
    item = int(measured.table.ids[9])
    looked(item)
    measured.inspector.item.ask.click()
    assert asked.wait() == expected(root, Question(item=item))
    measured.session.select(measured.table.ids[[3, 4]])
    measured.findChild(object, "selection-ask").click()
    pair = tuple((Question(item=int(one)), 1.0) for one in measured.table.ids[[3, 4]])
    assert asked.wait() == expected(root, Combination(pair))


def test_what_cancels_out_says_so(measured, asked, qtbot):
    measured.explored.query.set_terms((
        Term("star 12", text="star 12"), Term("twin", text="star 12", minus=True),
    ))  # fmt: skip
    assert asked() == []
    assert "cancel each other out" in measured.answers.words.text()


def test_the_question_has_a_place_on_maps_of_its_run(measured, asked, root):
    asked("star 12")
    place = Searcher(Project.open(root), "turned").embed(Question(text="star 12"))
    marked = Placer(measured.session.project, measured.right.shown_map).place(place)
    answers = measured.explored.query.answers
    np.testing.assert_allclose(answers.place_on(measured.right.shown_map), marked, atol=1e-5)
    # frozen pictures have no place for words
    assert answers.place_on(measured.left.shown_map) is None
    stars = [panel.view.canvas.points._markers for panel in measured.panels]
    np.testing.assert_array_equal(stars[1], answers.place_on(measured.right.shown_map))
    assert len(stars[0]) == 0


def test_a_question_is_encoded_once_also_for_its_maps_and_for_why(measured, asked, qtbot, encoded):
    found = asked("star 12")
    query = measured.explored.query
    assert query.answers.place_on(measured.right.shown_map) is not None
    query.explain(found[0])
    sheet = measured.inspector.answers
    qtbot.waitUntil(lambda: len(sheet.why.rows()) == 6, timeout=20_000)
    assert encoded == ["star 12"]


def test_first_questions_at_once_need_no_more_rows_than_the_inspector_has(
    measured, qtbot, monkeypatch
):
    reads, read = [], EmbeddingCache.read

    def counted(cache, *rows, stored=False):
        if not stored and "image" in cache.path.name:  # the encoder of these tests reads texts
            reads.append(cache.path.name)
        return read(cache, *rows, stored=stored)

    monkeypatch.setattr(EmbeddingCache, "read", counted)
    session, query, answered = measured.session, measured.explored.query, []
    query.answers_changed.connect(lambda: answered.append(query.answers))
    for _ in range(5):
        query._ask(Query((Term("star 12", text="star 12"),)))
    qtbot.waitUntil(lambda: bool(answered) and not session._jobs, timeout=20_000)
    assert len(answered) == 1  # that of the newest
    assert reads == []


def test_another_project_brings_another_store(measured, asked):
    asked("star 12")
    store = measured.session.run_store
    assert measured.session.close_project()
    assert measured.session.run_store is not store
    assert measured.session.run_store.bytes == 0


def test_a_second_run_answers_beside_the_first(measured, asked, root, qtbot):
    drain(align(measured.session.project, AlignRequest(method="ridge", name="straight")))
    measured.session.runs_changed.emit()
    sheet = measured.inspector.answers
    qtbot.waitUntil(lambda: sheet.other.findData("straight") > 0, timeout=5000)
    asked("star 12")
    sheet.other.setCurrentIndex(sheet.other.findData("straight"))
    sheet.other.activated.emit(sheet.other.currentIndex())
    asked.wait()
    project = Project.open(root)
    searchers = [Searcher(project, name) for name in ("turned", "straight")]
    first, second = ask_runs(searchers, Question(text="star 12"), "image", 20)
    assert [row.id for row in sheet.lists[1].rows()] == [m.answer.item.id for m in second.answers]
    for row, moved in zip(sheet.lists[1].rows(), second.answers, strict=True):
        arrow = "same" if not moved.moved else "↑" if moved.moved > 0 else "↓"
        assert row.note.startswith(arrow)
    assert [row.id for row in sheet.dropped.rows()] == [one.item.id for one, _ in second.dropped]
    assert first.run_name == "turned"


def test_why_names_training_pairs(measured, asked, root, qtbot):
    found = asked("star 12")
    sheet = measured.inspector.answers
    rows = sheet.lists[0]
    place = rows.visualRect(rows.model().index(0, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert measured.session.selection.tolist() == found[:1]
    qtbot.waitUntil(lambda: len(sheet.why.rows()) == 6, timeout=20_000)
    project = Project.open(root)
    searcher = Searcher(project, "turned")
    question = Question(text="star 12")
    answer = searcher.ask(question, "image", 1)[0]
    pulls = drain(training_pairs(project, "turned")).why(searcher, question, answer, 3)
    expected = [one for pull in pulls for one in (pull.near_question.id, pull.near_answer.id)]
    assert [row.id for row in sheet.why.rows()] == expected
    measured.grab()
    assert measured.inspector._found.isChecked()  # the answers stay beside what was chosen
    measured.session.select(measured.table.ids[:3])
    assert not measured.inspector._found.isChecked()


def test_answers_are_put_away(measured, asked):
    asked("star 12")
    assert not measured.inspector._found.isHidden()
    measured.findChild(object, "close-answers").click()
    assert measured.inspector._found.isHidden()
    assert not measured.answers.isVisible()
    assert len(measured.right.view.canvas.points._highlights) == 0


def test_encoders_are_loaded_once_for_all_runs(measured, asked, loaded, qtbot):
    query, said = measured.explored.query, []
    query.told.connect(lambda: said.append(query.sentence))
    asked("star 12")
    assert "Loading test/text, for the first question…" in said
    said.clear()
    asked("moon 1")
    assert not any("Loading" in each for each in said)
    assert loaded == ["test/text"]
    drain(align(measured.session.project, AlignRequest(method="ridge", name="straight")))
    measured.session.set_current_run("straight")
    qtbot.waitUntil(lambda: measured.explored.query.run == "straight", timeout=5000)
    asked("star 12")
    assert loaded == ["test/text"]


def test_a_large_run_gets_its_index_once_it_is_asked(measured, asked, qtbot, monkeypatch):
    session = measured.session
    monkeypatch.setattr("workbench.stations.INDEX_FROM", 40)  # of a project of 60
    told = []
    session.noticed.connect(lambda _, sentence: told.append(sentence))
    asked("star 12")
    assert [job.title for job in session.jobs] == ["Making the search index of turned"]
    qtbot.waitUntil(lambda: not session.jobs, timeout=120_000)
    run = session.project.run("turned")
    assert sorted(path.name for path in run.folder.glob("search-*")) == [
        "search-image.safetensors", "search-text.safetensors",
    ]  # fmt: skip
    # so few rows have poor clusters: that is measured, told, and none are gone by
    assert [sentence for sentence in told if "That is too low" in sentence]
    asked("star 12")
    assert not session.jobs  # once for these heads


def test_the_next_question_goes_by_the_index_that_was_made(measured, asked, monkeypatch):
    asked("star 12")
    project, store = measured.session.project, measured.session.run_store
    searcher = Searcher(project, "turned", store=store)
    assert "searched exactly" in searcher.how("image")
    monkeypatch.setattr("workbench.search.clustering.LEAST_RECALL", 0.0)
    index = sys.modules["workbench.stations.searching.search_index"]
    monkeypatch.setattr(index, "LEAST_RECALL", 0.0)  # so few rows have poor clusters
    drain(index.build_search_index(project, "turned", least=1))
    asked("star 12")
    assert "clusters" in searcher.how("image")


def test_a_small_run_needs_no_index(measured, asked):
    asked("star 12")
    assert not measured.session.jobs
    assert not list(measured.session.project.run("turned").folder.glob("search-*"))
