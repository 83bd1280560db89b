"""Changes on the Data page are taken back."""

from PySide6.QtCore import Qt
from worlds.projects import small_project

from workbench.gui.collecting.sources.taking import take, take_again, take_back
from workbench.project import Project, SplitSettings


def test_changes_are_undone_and_redone_in_order(session, tmp_path, qtbot):
    session.open_project(small_project(tmp_path, 3, encode=False))
    history, first = session.settings_history, session.project.settings
    assert history.next_undo() == ""
    take_back(session)  # there is nothing to undo
    take(session, split=SplitSettings(validation=0.3))
    take(session, pairings=[])
    take(session, pairings=[])  # no change
    assert history.next_undo() == "pairs"
    with qtbot.waitSignal(session.settings_changed) as told:
        take_back(session)
    assert told.args[0].pairings == []
    assert session.project.settings.pairings == first.pairings
    assert (history.next_undo(), history.next_redo()) == ("split", "pairs")
    take_back(session)
    assert session.project.settings == first
    assert Project.open(session.project.root).settings == first
    take_again(session)
    assert session.project.settings.split.validation == 0.3
    take(session, sources=[])  # what was undone before is gone
    assert (history.next_undo(), history.next_redo()) == ("folders and files", "")
    session.close_project()
    assert history.next_undo() == ""


def test_what_another_program_changed_meanwhile_stays(session, tmp_path):
    session.open_project(small_project(tmp_path, 3, encode=False))
    rules = session.project.settings.pairings
    take(session, pairings=[])
    Project.open(session.project.root).change(name="other")
    take_back(session)
    assert (session.project.settings.name, session.project.settings.pairings) == ("other", rules)


def test_an_undo_that_cannot_be_saved_is_said_and_can_be_tried_again(session, tmp_path, qtbot):
    session.open_project(small_project(tmp_path, 3, encode=False))
    take(session, pairings=[])
    settings = session.project.root / "project.toml"
    written = settings.read_bytes()
    settings.write_text("broken")
    with qtbot.waitSignal(session.noticed):
        take_back(session)
    settings.write_bytes(written)
    take_back(session)
    assert session.project.settings.pairings


def test_on_the_data_page_the_key_undoes_settings(window, tmp_path, qtbot):
    window.session.open_project(small_project(tmp_path, 3, encode=False))
    window.session.select([1])
    page = window.page("data")
    window.go_to("data")
    assert not page.undo_button.isEnabled()
    page.splitting.test.setValue(40)
    (row,) = page.pairing.rows.values()
    row.choice.setCurrentIndex(row.choice.findData("none"))
    assert "pairs" in page.undo_button.toolTip()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    (row,) = page.pairing.rows.values()
    assert row.choice.currentData() == "key"
    page.undo_button.click()
    assert page.splitting.test.value() == 20
    assert page.redo_button.isEnabled()
    assert window.session.selection.tolist() == [1]
    window.go_to("explore")
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.selection.tolist() == []


def test_a_folder_that_is_removed_unfolds_no_other(window, tmp_path):
    window.session.open_project(small_project(tmp_path, 3, encode=False))
    page = window.page("data")
    page.folders.add(tmp_path / "files" / "text", ["image"])  # one folder, two modalities
    window.go_to("data")
    page.folders.rows[1].options_button.click()
    page.folders.rows[0].remove_button.click()
    assert [row.options_button.isChecked() for row in page.folders.rows] == [True, False]
