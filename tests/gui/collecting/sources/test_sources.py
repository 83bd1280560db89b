"""Folders, tables and names become sources: dropped, chosen from the menu, by keyboard."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from workbench.gui.widgets import file_dialogs
from workbench.gui.widgets.button import Button
from workbench.media import Columns
from workbench.project import KeyPairs, Project

from ..conftest import drop, write_pictures, write_table, write_voices


def test_a_dropped_captions_file_pairs_with_the_pictures_it_names(
    page, pictures, captions, looked, scanned, session
):
    assert drop(page, pictures, captions)
    outlook = looked()
    assert [(s.modality, s.path) for s in session.project.settings.sources] == [
        ("image", str(pictures)),
        ("text", str(captions)),
    ]
    assert session.project.settings.pairings == [KeyPairs(between=("image", "text"))]
    assert outlook.items == {"image": 4, "text": 4}
    row = page.folders.rows[1]
    assert "table: text from “caption”, pairs by “image”" in row._facts.text()
    overview = scanned()
    assert overview.pairs == {("image", "text"): 3}
    assert page.pairing.rows["image", "text"].line.text() == (
        "3 image–text pairs; 2 images without text; 1 text without image; 1 image has several texts"
    )
    assert [facts.items for facts in overview.sources] == [4, 4]
    strip = page.findings.strips[1]
    assert [item.text for item in strip._items] == ["A cat", "A small cat", "A dog", "A gnu"]


def test_what_is_no_source_is_not_taken(page, pictures, tmp_path, session, qtbot):
    assert not drop(page, pictures / "cat.png")
    Project.create(tmp_path / "other")
    assert not drop(page, tmp_path / "other")  # the window opens it
    (tmp_path / "empty.csv").touch()
    with qtbot.waitSignal(session.noticed, timeout=20_000) as notice:
        assert drop(page, tmp_path / "empty.csv")
    assert notice.args[0] == "warning"
    assert "empty.csv" in notice.args[1]
    assert session.project.settings.sources == []


def test_a_table_whose_columns_have_odd_names(page, tmp_path, looked, session, qtbot):
    table = write_table(tmp_path / "odd.tsv", [("a;b",), ("x",)])
    table.write_text("wer\twas\ncat\tA cat\ndog\tA dog\n", encoding="utf-8")
    page.folders.add(table, ["text"])
    looked()
    row = page.folders.rows[0]
    assert row._facts.property("role") == "bad"
    assert "“wer”, “was”" in row._facts.text()
    form = row.options.columns
    assert row.options_button.isChecked()  # where the columns are chosen is shown at once
    qtbot.waitUntil(lambda: form.combos["text"].count() == 3, timeout=20_000)
    assert form.rows.rowCount() == 2
    assert form.rows.item(1, 1).text() == "A dog"
    form.combos["key"].setCurrentText("wer")
    assert "column with the texts" in form.news.text()
    assert session.project.settings.sources[0].columns == Columns()
    form.combos["text"].setCurrentText("was")
    assert session.project.settings.sources[0].columns == Columns(text="was", key="wer")
    page.outlook = None
    assert looked().items == {"text": 2}
    assert row._facts.property("role") == "caption"


def test_of_thousands_of_columns_few_are_shown_and_all_can_be_chosen(
    page, tmp_path, session, qtbot
):
    """As features come, a column a dimension: nothing is made for each column and each role."""
    names = ["image", "caption", *(f"f{number}" for number in range(2_000))]
    path = tmp_path / "wide.csv"
    rows = [[f"{row}.jpg", f"words {row}", *["0.1"] * 2_000] for row in range(4)]
    path.write_text("".join(",".join(each) + "\n" for each in [names, *rows]))
    page.folders.add(path, ["text"])
    row = page.folders.rows[0]
    row.options_button.click()
    form = row.options.columns
    qtbot.waitUntil(lambda: form.combos["text"].count() == 2_003, timeout=20_000)
    assert len({id(combo.model()) for combo in form.combos.values()}) == 1
    assert form.combos["text"].currentText() == "caption"
    assert form.rows.columnCount() == 41
    assert form.rows.horizontalHeaderItem(40).text() == "1,962 more columns"
    form.combos["label"].setCurrentText("f1999")
    assert session.project.settings.sources[0].columns.label == "f1999"


def test_numbered_captions_can_be_chosen_as_one(page, tmp_path, session, qtbot):
    path = tmp_path / "clotho.csv"
    path.write_text("file_name,caption_1,caption_2\na.wav,one,two\n")
    page.folders.add(path, ["text"])
    row = page.folders.rows[0]
    row.options_button.click()
    combo = row.options.columns.combos["text"]
    qtbot.waitUntil(lambda: combo.count() == 5, timeout=20_000)
    assert combo.currentText() == "caption_*"


def test_guessed_columns_are_chosen_at_first(page, captions, qtbot, session):
    page.folders.add(captions, ["text"])
    row = page.folders.rows[0]
    row.options_button.click()
    combos = row.options.columns.combos
    qtbot.waitUntil(lambda: combos["text"].count() == 3, timeout=20_000)
    chosen = {role: combo.currentText() for role, combo in combos.items()}
    assert chosen == {"text": "caption", "path": "image", "id": "—", "key": "—", "label": "—",
                      "language": "—"}  # fmt: skip
    assert row.options.columns.rows.rowCount() == 3
    assert not row.options.labels.isVisible()  # in a table a column is the label
    assert not row.options.include.isVisible()
    assert session.project.settings.sources[0].columns == Columns()


def test_a_table_that_lists_pictures(page, pictures, tmp_path, looked, scanned, monkeypatch):
    rows = [("pictures/cat.png", "pet"), ("pictures/emu.png", "bird"), ("no.png", "")]
    table = write_table(tmp_path / "list.csv", [("file", "label"), *rows])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    page.folders.ask_file("image")
    looked()
    overview = scanned()
    assert overview.items == {"image": 2}
    assert [(facts.items, facts.left_out) for facts in overview.sources] == [(2, 1)]
    assert "files from “file”" in overview.sources[0].kind


def test_names_as_texts(page, pictures, looked, session, monkeypatch):
    monkeypatch.setattr(file_dialogs, "choose_folder", lambda *_: pictures)
    page.folders.ask("image")
    page.folders.ask_names("file-name")
    outlook = looked()
    assert [s.text for s in session.project.settings.sources] == ["whole", "file-name"]
    assert outlook.pairs == {("image", "text"): 4}
    assert "file names as texts" in page.folders.rows[1]._facts.text()
    assert [item.text for item in outlook.sources[1].previews] == ["cat", "dog", "emu", "fox"]


def test_two_sources_of_a_modality_have_a_strip_and_a_count_each(
    page, pictures, tmp_path, scanned, looked
):
    more = write_pictures(tmp_path / "more", ["gnu"])
    (more / "torn.png").touch()
    page.folders.drop([pictures, more])
    looked()
    overview = scanned()
    assert [(facts.items, facts.left_out) for facts in overview.sources] == [(4, 0), (1, 1)]
    assert [strip.accessibleName() for strip in page.findings.strips] == [
        "Some of the images in pictures",
        "Some of the images in more",
    ]
    assert [len(strip._items) for strip in page.findings.strips] == [4, 1]
    assert not page.folders.rows[0].left_out_button.isVisible()
    assert page.folders.rows[1].left_out_button.text() == "1 left out"


def test_how_much_of_a_recording_is_taken(page, tmp_path, looked, session):
    page.folders.add(write_voices(tmp_path / "voices", seconds=2.5))
    assert looked().items == {"speech": 2}
    row = page.folders.rows[0]
    assert "at most 30 s" in row._facts.text()
    row.options_button.click()
    assert row.options.seconds.isVisible()
    row.options.seconds.setValue(1.5)
    assert Project.open(session.project.root).settings.sources[0].max_seconds == 1.5
    page.outlook = None
    looked()
    assert "at most 1.5 s" in row._facts.text()


def test_the_five_text_rules_of_a_folder(page, tmp_path, looked):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("one\ntwo", encoding="utf-8")
    page.folders.add(folder)
    looked()
    combo = page.folders.rows[0].options.text
    rules = [combo.itemData(number) for number in range(combo.count())]
    assert rules == ["whole", "first-line", "line:", "file-name", "folder-name"]
    page.outlook = None
    combo.setCurrentIndex(1)
    assert looked().sources[0].previews[0].text == "one"
    assert "first lines" in page.folders.rows[0]._facts.text()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_from_adding_to_scanning_by_keyboard(page, pictures, captions, qtbot, monkeypatch, looked):
    monkeypatch.setattr(file_dialogs, "choose_folder", lambda *_: pictures)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(captions), ""))
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.folders.add_button.setFocus()
    for keys in ("i", "f"):  # images; a file with a text a row
        qtbot.waitUntil(lambda: page.folders.add_button.hasFocus())
        # the button opens its menu and waits for it, so the key comes from a timer
        QTimer.singleShot(100, lambda keys=keys: QTest.keyClicks(page.folders.menu, keys))
        QTest.keyClick(page.folders.add_button, Qt.Key.Key_Space)
    looked()
    assert [row.source.modality for row in page.folders.rows] == ["image", "text"]
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(page.overview.pairs), timeout=20_000)
    assert page.overview.pairs == {("image", "text"): 3}


def test_tab_goes_through_the_page_as_it_is_read(page, pictures, captions, looked, scanned, qtbot):
    (pictures / "torn.png").touch()
    page.folders.drop([pictures, captions])
    looked()
    scanned()
    page.folders.rows[0].options_button.click()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    rows, pairs = page.folders.rows, page.pairing.rows["image", "text"]
    links = lambda: [each for each in page.findings.findChildren(Button) if each.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: len(links()) == 2)  # the items without a pair of both modalities
    page.scan_button.setFocus()
    seen = []
    for _ in range(40):
        seen.append(QApplication.focusWidget())
        QTest.keyClick(seen[-1], Qt.Key.Key_Tab)
    wanted = [
        page.scan_button, page.next_button, page.folders.add_button,
        rows[0].left_out_button, rows[0].options_button, rows[0].remove_button,
        rows[0].options.labels, rows[0].options.key, rows[0].options.include,
        rows[0].options.exclude, rows[1].options_button, rows[1].remove_button, pairs.choice,
        page.splitting.validation, page.splitting.test, page.splitting.seed,
        page.splitting.budget, page.splitting.counted, *links(), page.problems.filter,
        page.problems.table,
    ]  # fmt: skip
    assert seen[: len(wanted)] == wanted


@pytest.mark.parametrize("name", ["pictures", "captions"])
def test_what_is_there_already_is_not_added_again(page, name, request, session, qtbot):
    path = request.getfixturevalue(name)
    page.folders.add(path)
    qtbot.waitUntil(lambda: len(page.folders.rows) == 1, timeout=20_000)
    with qtbot.waitSignal(session.noticed, timeout=20_000) as notice:
        page.folders.add(path)
    assert "already" in notice.args[1]
    assert len(session.project.settings.sources) == 1
