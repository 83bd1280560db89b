"""Answers to what was asked before, or of what has gone, change nothing on the Data page."""

import threading

import pytest
from gui.collecting.conftest import write_table
from worlds.projects import small_project

from workbench.gui.collecting.pairing import splitting, table_form
from workbench.gui.collecting.pairing.splitting import SplitCard
from workbench.gui.collecting.pairing.table_form import TableForm
from workbench.gui.collecting.sources import columns_form, folders


@pytest.fixture
def hold(monkeypatch):
    """Return what lets a room's job wait, where it is given what a test names, until it is let."""
    let = threading.Event()

    def hold(room, name, is_held):
        job = getattr(room, name)
        begun = threading.Event()

        def held(*given):
            if is_held(*given):
                begun.set()
                assert let.wait(30)
            return (yield from job(*given))

        monkeypatch.setattr(room, name, held)
        return begun

    hold.let = let
    yield hold
    let.set()


def ended(session, qtbot):
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)


def test_a_split_of_settings_that_were_is_not_shown_as_that_of_these(
    session, qtbot, tmp_path, hold, monkeypatch
):
    session.open_project(small_project(tmp_path, 40, encode=False))
    card = SplitCard(session)
    qtbot.addWidget(card)
    card.show()
    begun = hold(splitting, "_divide", lambda _project, split, _control: split.test == 0.2)
    card.count()
    assert begun.wait(20)
    card.test.setValue(50)
    shown = []
    monkeypatch.setattr(card.bar, "show_parts", lambda *parts: shown.append(parts))
    card.count()
    hold.let.set()
    qtbot.waitUntil(lambda: "20 held out" in card.said.text(), timeout=20_000)
    ended(session, qtbot)
    assert shown == [(40, 10, 50, 0)]
    assert not card._busy.isVisible()


def test_of_two_tables_the_one_chosen_last_is_kept(session, qtbot, tmp_path, hold):
    session.create_project(tmp_path / "project")
    first = write_table(tmp_path / "first.csv", [("a", "b"), ("1", "2")])
    last = write_table(tmp_path / "last.csv", [("c", "d"), ("1", "2")])
    form = TableForm(session, session.project, ("image", "text"))
    qtbot.addWidget(form)
    begun = hold(table_form, "_two_columns", lambda path: path == first)
    form.read(first)
    assert begun.wait(20)
    form.read(last)
    qtbot.waitUntil(lambda: form.rule() is not None, timeout=20_000)
    hold.let.set()
    ended(session, qtbot)
    assert form.rule().path == str(last)
    assert form.rule().columns == ("c", "d")


def test_a_source_that_is_removed_while_its_file_is_read_is_gone(
    page, session, qtbot, pictures, captions, hold
):
    page.folders.drop([pictures, captions])
    qtbot.waitUntil(lambda: len(page.folders.rows) == 2, timeout=20_000)
    ended(session, qtbot)
    begun = hold(columns_form, "read_head", lambda path, _modality: path == captions)
    page.folders.rows[1].options_button.click()
    assert begun.wait(20)
    page.folders._remove(1)
    qtbot.wait(50)  # what was removed is deleted
    hold.let.set()
    ended(session, qtbot)  # and pytest-qt tells of what its answer has raised
    assert len(page.folders.rows) == 1


def test_all_that_is_dropped_is_added_also_while_the_first_is_looked_at(
    page, session, qtbot, pictures, captions, hold
):
    begun = hold(folders, "guess_sources", lambda paths, _control: list(paths) == [pictures])
    page.folders.drop([pictures])
    assert begun.wait(20)
    page.folders.drop([captions])
    hold.let.set()
    qtbot.waitUntil(lambda: len(page.folders.rows) == 2, timeout=20_000)
    ended(session, qtbot)
    assert len(page.folders.rows) == 2
    assert not page.folders._waiting.isVisible()


def test_what_was_dropped_does_not_follow_into_another_project(
    page, session, qtbot, tmp_path, pictures, captions, hold
):
    begun = hold(folders, "guess_sources", lambda paths, _control: True)
    page.folders.drop([pictures])
    assert begun.wait(20)
    assert page.folders._waiting.isVisible()
    session.create_project(tmp_path / "another")
    assert not page.folders._waiting.isVisible()
    hold.let.set()
    ended(session, qtbot)
    assert page.folders.rows == []
    assert session.project.settings.sources == []
    page.folders.drop([captions])  # and what was dropped there is not added to what is dropped here
    qtbot.waitUntil(lambda: len(page.folders.rows) == 1, timeout=20_000)
