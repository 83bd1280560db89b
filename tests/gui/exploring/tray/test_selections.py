"""Items are found by their words; selections are kept under a name, and exported."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from workbench.gui.exploring.tray import selection_tools
from workbench.project import read_selections
from workbench.stations import find_items

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def find(page, qtbot, monkeypatch, words, keys=Qt.KeyboardModifier.NoModifier):
    # offscreen there is no keyboard that the application could ask
    monkeypatch.setattr(
        "workbench.gui.exploring.tray.selection_tools.QApplication.keyboardModifiers", lambda: keys
    )
    page.tools.search.setText(words)
    before = list(page.session._jobs)
    qtbot.keyClick(page.tools.search, Qt.Key.Key_Return)
    (job,) = [each for each in page.session._jobs if each not in before]
    qtbot.waitUntil(lambda: not job.running, timeout=20_000)
    return set(page.session.selection.tolist())


def test_items_are_found_by_text_and_file_name(measured, qtbot, monkeypatch):
    project = measured.session.project
    stars = set(find_items(project, containing="star").tolist())
    assert find(measured, qtbot, monkeypatch, "STAR") == stars
    assert len(stars) == 6
    for panel in measured.panels:
        points = panel.view.canvas.points
        shown = set(points.ids[points._selected].tolist())
        assert shown == stars & set(points.ids.tolist())
    twelve = set(find_items(project, containing="012").tolist())
    assert find(measured, qtbot, monkeypatch, "012", SHIFT) == stars | twelve
    assert find(measured, qtbot, monkeypatch, "star 12", ALT) < stars | twelve
    assert find(measured, qtbot, monkeypatch, "star", SHIFT | ALT) <= stars


def test_what_is_not_there_is_said_and_nothing_is_lost(measured, qtbot, monkeypatch):
    measured.session.select(measured.table.ids[:3])
    with qtbot.waitSignal(measured.session.noticed) as told:
        found = find(measured, qtbot, monkeypatch, "a walrus")
    assert "a walrus" in told.args[1]
    assert found == set(measured.table.ids[:3].tolist())


def test_a_selection_is_saved_and_chosen_again(measured, monkeypatch):
    tools, session = measured.tools, measured.session
    chosen = measured.table.ids[[2, 5, 8]]
    session.select(chosen)
    monkeypatch.setattr(selection_tools, "ask_name", lambda *_: "نجوم & 星 🌟")
    tools.save()
    session.select([])
    tools.fill_menu()
    (action,) = [each for each in tools.menu.actions() if each.objectName().startswith("saved-")]
    assert action.text() == "نجوم && 星 🌟  (3)"
    action.trigger()
    assert session.selection.tolist() == chosen.tolist()
    tools._inside.actions()[0].trigger()
    assert read_selections(session.project) == {}


def test_nothing_selected_cannot_be_kept(measured, monkeypatch):
    monkeypatch.setattr(selection_tools, "ask_name", lambda *_: pytest.fail("asked"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: pytest.fail("asked"))
    measured.tools.save()
    measured.tools.export()
    measured.tools.fill_menu()
    assert not any(action.isEnabled() for action in measured.tools.menu.actions())


def test_a_selection_is_exported_with_its_scores(measured, qtbot, tmp_path, monkeypatch):
    chosen = measured.table.ids[[1, 70]]
    measured.session.select(chosen)
    path = tmp_path / "chosen.csv"
    path.write_text("what was there before")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    with qtbot.waitSignal(measured.session.noticed, timeout=20_000) as told:
        measured.tools.export()
    assert told.args[0] == "info"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["id"]) for row in rows] == chosen.tolist()
    figures = measured.explored.looking.figures()
    bent = figures.distortion_of(chosen)
    assert [float(row["distortion"]) for row in rows] == pytest.approx(bent.tolist(), rel=1e-4)
    ranks = figures.partner_rank_of(chosen)
    assert int(rows[0]["rank_text"]) == ranks[0]
    assert int(rows[1]["rank_image"]) == ranks[1]


def test_the_menu_leads_to_the_page(window, root):
    names = ("find-items", "save-selection", "export-selection")
    of_project = [window.menus.action(name) for name in names]
    assert not any(action.isEnabled() for action in of_project)
    assert window.session.open_project(root)
    window.menus.refresh()
    assert all(action.isEnabled() for action in of_project)
    of_project[0].trigger()
    assert window.current_page() == "explore"
    assert window.focusWidget() is window.page("explore").tools.search
    window.page("explore").previews.finish()
