"""The Label page, driven by keys: a hundred answers, undone and given again."""

import csv
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from worlds.projects import small_project

from workbench.gui.labelling import labelling_state
from workbench.gui.pages.labelling import LabellingPage
from workbench.jobs import Progress, drain
from workbench.project import ANSWERS_FILE, Project
from workbench.stations import AlignRequest, align
from workbench.stations.labelling import answers

COUNT, PAIRED = 160, 40


def half_labelled(folder):
    """Make a project whose pairs are known for some items only, with a run."""
    project = Project.open(small_project(folder, COUNT))
    (pairs,) = project.catalogue.pairs().values()
    project.catalogue.take_pairs(map(tuple, pairs[:PAIRED].tolist()))
    drain(align(project, AlignRequest(method="procrustes", name="start")))
    return project.root


@pytest.fixture
def page(qtbot, session, copied, tmp_path):
    """Return the page, shown, with something to ask about."""
    root = copied(half_labelled, tmp_path).root
    assert session.open_project(root)
    page = LabellingPage(session)

    def end(page):
        session.stop_jobs()
        page.previews.finish()

    qtbot.addWidget(page, before_close_func=end)
    page.resize(1000, 700)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: page.labelling.item is not None, timeout=20_000)
    return page


def press(page, key):
    QTest.keyClick(page.next, key)


def lines(page):
    text = (page.session.project.root / ANSWERS_FILE).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_a_hundred_answers_by_keys(page, qtbot):
    state, right = page.labelling, 0
    keys = "121N1X11S1"
    for number in range(100):
        qtbot.waitUntil(lambda: state.item is not None, timeout=20_000)
        item, key = state.item, keys[number % len(keys)]
        cards = [card.item for card in state.cards]
        right += key == "1" and cards[0].key == item.key
        press(page, key)
        if key == "N":
            assert state.item.id == item.id
            assert [card.item.id for card in state.cards[:3]] == [each.id for each in cards[1:4]]
        else:
            assert state.item is None or state.item.id != item.id
    said = [line["answer"] for line in lines(page)]
    assert (said.count("pair"), said.count("no pair"), said.count("no partner")) == (70, 10, 10)
    assert page.counts.text() == "90 answered, 70 paired"
    assert right > 20  # what is proposed is no guess
    found = page.session.project.catalogue.answers()
    assert {each.line.by for each in found.pairs} == {page.labelling.batch.proposals.strategy}
    history = page.session.answer_history
    for _ in range(100):
        history.undo()
    assert lines(page) == []
    assert (state.answered, state.paired, state.item is not None) == (0, 0, True)
    history.redo()
    assert [line["answer"] for line in lines(page)] == ["pair"]
    page.hide()  # the other pages hear of it once
    assert page.labelling.batch is None


def test_the_partner_is_chosen_looked_for_and_refused(page, qtbot, monkeypatch):
    state = page.labelling
    item = state.item
    press(page, Qt.Key.Key_Right)
    press(page, Qt.Key.Key_Down)
    assert state.chosen == 4
    press(page, Qt.Key.Key_Up)
    press(page, "0")  # of no card
    assert (state.chosen, state.item) == (1, item)

    press(page, "/")
    page.next.search.setText("1")
    QTest.keyClicks(page.next.search, "5")
    qtbot.waitUntil(lambda: state.sought == "15", timeout=10_000)
    assert {card.item.modality for card in state.cards} == {state.batch.proposals.other}
    assert all("15" in card.item.text or "15" in card.item.path for card in state.cards)
    QTest.keyClick(page.next.search, Qt.Key.Key_Return)
    sought = state.cards[0].item
    press(page, Qt.Key.Key_Return)
    assert state.item != item
    assert not state.sought
    pairs = page.session.project.catalogue.answers().pairs
    assert {pairs[0].first, pairs[0].second} == {item.id, sought.id}
    page.session.answer_history.undo()
    assert state.item == item

    def ask(_project, run, words, view, *_):
        asked.append((run, words, view))
        (found, *_) = page.session.project.catalogue.items_of([sought.id])

        def job(_control):
            yield Progress(0, 0)
            return [(found, 0.5)]

        return job

    asked = []
    monkeypatch.setattr(labelling_state, "asked_job", ask)
    page.next.search.setText("what it means")
    QTest.keyClick(page.next.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: state.sought == "what it means", timeout=10_000)
    assert asked == [("start", "what it means", state.batch.proposals.other)]
    assert [(card.item.id, card.score) for card in state.cards] == [(sought.id, 0.5)]
    page.next.search.clear()
    state.seek("")

    QTest.keyClicks(page.next.search, "nowhere")
    qtbot.waitUntil(lambda: state.sought == "nowhere", timeout=10_000)
    assert state.cards == []
    assert not page.next.buttons["pair"].isEnabled()
    QTest.keyClick(page.next.search, Qt.Key.Key_Escape)
    assert len(state.cards) == 9
    for _ in range(9):
        press(page, "N")
    assert (state.cards, state.item) == ([], item)
    assert "refused" in page.next.cards.placeholder
    page.session.answer_history.undo()
    assert len(state.cards) == 1

    partner = state.cards[0].item.id
    place = page.next.cards.place_of(0).center().toPoint()
    QTest.mouseDClick(page.next.cards, Qt.MouseButton.LeftButton, pos=place)
    assert state.paired == 1

    # it has a partner by now: nobody else is offered it, though it was proposed
    rest = state._queue[state._place :]
    assert any(each.item == partner for proposal in rest for each in proposal.partners)
    for _ in rest[1:]:
        assert partner not in {card.item.id for card in state.cards}
        press(page, "S")


def test_another_direction_and_a_strategy_and_nothing_left(page, qtbot):
    state, sides = page.labelling, page.next.sides
    sides.setCurrentIndex(sides.findText("Texts → images"))
    sides.activated.emit(sides.currentIndex())
    qtbot.waitUntil(lambda: state.item is not None, timeout=20_000)
    assert state.item.modality == "text"
    assert page.next.left.text() == f"{COUNT - PAIRED} texts without a partner"
    strategy = page.next.strategy
    strategy.setCurrentIndex(strategy.findData("random"))
    strategy.activated.emit(strategy.currentIndex())
    qtbot.waitUntil(lambda: state.item is not None, timeout=20_000)
    assert state.batch.proposals.strategy == "random"

    project = page.session.project
    for item in project.catalogue.items("text"):
        if item.id not in project.catalogue.pairs()["image", "text"][:, 1]:
            answers.say_no_partner(project, item.id, "image")
    page.session.catalogue_changed.emit()
    qtbot.waitUntil(lambda: bool(state.problem), timeout=20_000)
    assert state.problem in page.next._empty.sentence.text()


def test_the_space_bar_plays_the_item_or_the_chosen_card(page, monkeypatch):
    played, state = [], page.labelling
    monkeypatch.setattr(page.player, "toggle", played.append)
    press(page, Qt.Key.Key_Space)  # a picture and texts: there is nothing to hear
    card, asked = state.cards[1].item, state.item
    for heard in (card, asked):
        state._known[heard.id] = replace(heard, modality="speech")
        state.choose(1)
        press(page, Qt.Key.Key_Space)
    assert [item and item.id for item in played] == [None, card.id, asked.id]


def test_a_list_that_cannot_be_written_is_told_and_nothing_moves(page, qtbot):
    item = page.labelling.item
    (page.session.project.root / ANSWERS_FILE).write_text("mine\n")
    with qtbot.waitSignal(page.session.noticed) as said:
        press(page, "1")
    assert "no column “answer”" in said.args[1]
    assert page.labelling.item == item
    assert not page.session.answer_history.canUndo()


def test_suspicious_pairs_are_kept_or_taken_apart(page, qtbot, monkeypatch):
    from workbench.gui.labelling import labelling_jobs

    monkeypatch.setattr(labelling_jobs, "in_kept_process", lambda station, *given, control: station(
        *given, control=control
    ))  # fmt: skip
    page.tabs["doubts"].click()
    doubts = page.doubts
    page.in_doubt.findChild(QObject, "doubts-begin").click()
    qtbot.waitUntil(lambda: doubts.doubts is not None, timeout=30_000)
    first, second = doubts.pairs[:2]
    QTest.keyClick(page.in_doubt.list, "T")
    assert page.in_doubt.list.current() == second
    QTest.keyClick(page.in_doubt.list, "K")
    assert [doubts.said[each.first, each.second] for each in (first, second)] == [False, True]
    (pairs,) = page.session.project.catalogue.pairs().values()
    assert [first.first, first.second] not in pairs.tolist()
    said = "Since the run was begun: 1 taken apart."
    qtbot.waitUntil(lambda: page.gain.text() == said, timeout=10_000)
    assert page.train.isEnabled()
    page.session.answer_history.undo()
    page.session.answer_history.undo()
    assert doubts.said == {}
    (pairs,) = page.session.project.catalogue.pairs().values()
    assert len(pairs) == PAIRED
