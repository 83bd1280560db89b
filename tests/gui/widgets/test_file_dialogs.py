import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from workbench.gui.widgets.file_dialogs import (
    choose_file,
    choose_files,
    choose_folder,
    choose_new_file,
    last_place,
)


@pytest.fixture
def answers(monkeypatch):
    """Answer all dialogs with paths, and note where each began."""
    given, begun = [], []

    def answer(wrap):
        def asked(_parent, _title, start, *_):
            begun.append(start)
            return wrap(given.pop(0))

        return asked

    for name, wrap in (
        ("getExistingDirectory", str),
        ("getOpenFileName", lambda path: (path, "")),
        ("getSaveFileName", lambda path: (path, "")),
        ("getOpenFileNames", lambda path: ([path] if path else [], "")),
    ):
        monkeypatch.setattr(QFileDialog, name, answer(wrap))
    return given, begun


def test_a_dialog_begins_where_its_kind_was_used_last(qapp, answers, tmp_path):
    given, begun = answers
    pictures, tables = tmp_path / "pictures", tmp_path / "tables"
    pictures.mkdir()
    tables.mkdir()
    given += [str(pictures), str(tables / "a.csv"), str(tables / "b.csv"), "", str(tables / "c")]
    assert choose_folder(None, "", "data") == pictures
    assert choose_file(None, "", "table") == tables / "a.csv"
    assert choose_new_file(None, "", "save", tmp_path / "b.csv") == tables / "b.csv"
    assert choose_folder(None, "", "data") is None
    assert choose_files(None, "", "table") == [tables / "c"]
    # the first table is looked for where anything was chosen last; saving has a place of its own
    assert begun[1:] == [str(tmp_path), str(tmp_path / "b.csv"), str(tmp_path), str(tables)]
    given += [str(tmp_path / "d.csv")]
    choose_new_file(None, "", "save", tmp_path / "d.csv")
    assert begun[-1] == str(tables / "d.csv")


def test_a_place_that_is_gone_is_not_begun_at(qapp, answers, tmp_path):
    given, _ = answers
    gone = tmp_path / "gone"
    gone.mkdir()
    given.append(str(gone / "a.csv"))
    choose_file(None, "", "table")
    gone.rmdir()
    assert last_place("table", tmp_path) == tmp_path


def test_a_name_gets_the_end_of_its_kind_and_replaces_nothing_unasked(qapp, monkeypatch, tmp_path):
    kinds = "PNG (*.png);;SVG (*.svg)"
    chosen, asked = [tmp_path / "a", "SVG (*.svg)"], []

    def ask(box):
        asked.append(box.text())
        if len(asked) == 2:
            next(each for each in box.buttons() if each.text() == "Replace").click()

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen[0]), chosen[1]))
    monkeypatch.setattr(QMessageBox, "exec", ask)
    assert choose_new_file(None, "", "picture", tmp_path / "b.png", kinds) == tmp_path / "a.svg"
    (tmp_path / "a.svg").touch()
    assert choose_new_file(None, "", "picture", tmp_path / "b.png", kinds) is None
    assert choose_new_file(None, "", "picture", tmp_path / "b.png", kinds) == tmp_path / "a.svg"
    assert asked == 2 * ["a.svg is there already. Replace it?"]
    chosen[:] = [tmp_path / "a.pdf", "SVG (*.svg)"]
    assert choose_new_file(None, "", "picture", tmp_path / "b.png", kinds) == tmp_path / "a.pdf"
    chosen[:] = [tmp_path / "c", ""]
    assert choose_new_file(None, "", "picture", tmp_path / "b.png", kinds) == tmp_path / "c"
