import csv

import numpy as np
import pytest
from PIL import Image

from workbench.gui.collecting.source_files import guess_modalities
from workbench.gui.pages.data import DataPage
from workbench.gui.widgets import file_dialogs
from workbench.project import KeyPairs, Project, TablePairs


@pytest.fixture
def folders(tmp_path):
    """Make three pictures and three texts, two of which share a name, and a damaged picture."""
    pictures, texts = tmp_path / "pictures" / "animals", tmp_path / "texts"
    pictures.mkdir(parents=True)
    texts.mkdir()
    for number, name in enumerate(("cat", "dog", "emu")):
        pixels = np.full((40, 60, 3), 40 * number, dtype=np.uint8)
        Image.fromarray(pixels).save(pictures / f"{name}.png")
    for name in ("cat", "dog", "fox"):
        (texts / f"{name}.txt").write_text(f"a {name}", encoding="utf-8")
    (pictures / "empty.png").touch()
    return tmp_path / "pictures", texts


@pytest.fixture
def page(session, shown, tmp_path):
    session.create_project(tmp_path / "project")
    return shown(DataPage)


def _scan(page, qtbot):
    page.scan_button.click()
    assert page.state() == "running"
    qtbot.waitUntil(lambda: page.state() != "running", timeout=20_000)
    qtbot.waitUntil(lambda: bool(page.overview.items), timeout=20_000)


def _add(page, folders):
    for folder, modality in zip(folders, ("image", "text"), strict=True):
        page.folders.add(folder, [modality])


def test_folders_are_added_scanned_and_shown(page, session, folders, qtbot, monkeypatch):
    assert page.state() == "ready"
    assert not page.scan_button.isEnabled()
    for folder, modality in zip(folders, ("image", "text"), strict=True):
        monkeypatch.setattr(file_dialogs, "choose_folder", lambda *_, folder=folder: folder)
        page.folders.ask(modality)
    settings = session.project.settings
    assert [(s.modality, s.path) for s in settings.sources] == [
        ("image", str(folders[0])),
        ("text", str(folders[1])),
    ]
    assert settings.pairings == [KeyPairs(between=("image", "text"))]
    assert page.state() == "attention"
    _scan(page, qtbot)
    assert page.overview.items == {"image": 3, "text": 3}
    assert page.overview.pairs == {("image", "text"): 2}
    assert page.overview.unpaired == {"image": 1, "text": 1}
    assert [facts.items for facts in page.overview.sources] == [3, 3]
    assert page.problems.isVisible()
    assert [row.place for row in page.problems.model.shown] == [
        str(folders[0] / "animals" / "empty.png")
    ]
    assert [strip.modality for strip in page.findings.strips] == ["image", "text"]
    qtbot.waitUntil(lambda: len(page.findings.strips[0].contents()) == 3, timeout=20_000)
    page.grab()


def test_options_are_taken_at_once_and_ask_for_a_scan(page, session, folders, qtbot):
    _add(page, folders)
    _scan(page, qtbot)
    options = page.folders.rows[0].options
    page.folders.rows[0].options_button.click()
    assert options.isVisible()
    assert not options.pattern.isVisible()
    options.labels.setChecked(False)
    options.include.setText("c*.png, d*.png")
    options.include.editingFinished.emit()
    source = session.project.settings.sources[0]
    assert source.label == "none"
    assert source.include == ["c*.png", "d*.png"]
    assert page.state() == "attention"
    options.key.setCurrentIndex(options.key.findData(""))
    assert options.pattern.isVisible()
    options.pattern.setText("(.*")
    options.pattern.editingFinished.emit()
    assert "regular expression" in options.complaint.text()
    assert session.project.settings.sources[0].key == "stem"
    options.pattern.setText("animals/(.*)[.]png")
    options.pattern.editingFinished.emit()
    assert options.complaint.text() == ""
    assert session.project.settings.sources[0].key == "animals/(.*)[.]png"
    _scan(page, qtbot)
    qtbot.waitUntil(lambda: page.overview.items == {"image": 2, "text": 3}, timeout=20_000)
    assert Project.open(session.project.root).settings.sources[0].include == ["c*.png", "d*.png"]


def test_a_text_rule_with_a_prefix(page, session, folders):
    page.folders.add(folders[1], ["text"])
    options = page.folders.rows[0].options
    options.show()
    options.text.setCurrentIndex(options.text.findData("line:"))
    assert session.project.settings.sources[0].text == "whole"  # half a rule is none
    options.prefix.setText("fr.utf8=")
    options.prefix.editingFinished.emit()
    assert session.project.settings.sources[0].text == "line:fr.utf8="


def test_a_folder_is_added_once_and_removed(page, session, folders, qtbot, tmp_path):
    page.folders.add(folders[0])  # what it holds is found out in the background
    qtbot.waitUntil(lambda: len(page.folders.rows) == 1, timeout=20_000)
    assert [source.modality for source in session.project.settings.sources] == ["image"]
    with qtbot.waitSignal(session.noticed, timeout=20_000) as notice:
        page.folders.add(folders[0])
    assert "already" in notice.args[1]
    (tmp_path / "nothing").mkdir()
    with qtbot.waitSignal(session.noticed, timeout=20_000) as notice:
        page.folders.add(tmp_path / "nothing")
    assert notice.args[0] == "warning"
    page.folders.rows[0].remove_button.click()
    assert session.project.settings.sources == []
    assert folders[0].exists()


def test_pairs_by_a_table(page, session, folders, qtbot, tmp_path):
    _add(page, folders)
    table = tmp_path / "pairs.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("who", "what"), ("emu", "fox"), ("cat", "dog")])
    row = page.pairing.rows["image", "text"]
    row.choice.setCurrentIndex(row.choice.findData("table"))
    assert session.project.settings.pairings == [KeyPairs(between=("image", "text"))]
    row.table.read(table)
    rule = TablePairs(between=("image", "text"), path=str(table), columns=("who", "what"))
    qtbot.waitUntil(lambda: session.project.settings.pairings == [rule], timeout=20_000)
    assert session.project.settings.pairings == [rule]
    _scan(page, qtbot)
    assert page.overview.pairs == {("image", "text"): 2}
    page.pairing.refresh()
    again = page.pairing.rows["image", "text"]
    assert again.table.rule() == rule
    again.choice.setCurrentIndex(again.choice.findData("none"))
    assert session.project.settings.pairings == []


def test_a_table_without_columns_is_named(page, session, folders, tmp_path, qtbot):
    _add(page, folders)
    table = page.pairing.rows["image", "text"].table
    (tmp_path / "one.csv").write_text("alone\n1\n", encoding="utf-8")
    table.read(tmp_path / "one.csv")
    qtbot.waitUntil(lambda: "two columns" in table.complaint.text(), timeout=20_000)
    table.read(tmp_path / "missing.csv")
    qtbot.waitUntil(lambda: "missing.csv" in table.complaint.text(), timeout=20_000)
    assert table.rule() is None


def test_the_split_is_kept(page, session):
    page.splitting.test.setValue(30)
    page.splitting.validation.setValue(5)
    page.splitting.seed.setValue(7)
    split = Project.open(session.project.root).settings.split
    assert (split.test, split.validation, split.seed) == (0.3, 0.05, 7)
    page.splitting.test.setValue(80)
    page.splitting.validation.setValue(50)
    assert page.splitting.validation.value() == 10  # something must be left to train with


def test_a_missing_folder_is_a_sentence(page, session, folders, qtbot, tmp_path):
    page.folders.add(folders[0], ["image"])
    folders[0].rename(tmp_path / "elsewhere")
    with qtbot.waitSignal(session.noticed, timeout=20_000) as notice:
        page.scan()
    assert str(folders[0]) in notice.args[1]
    qtbot.waitUntil(lambda: page.state() == "attention")
    page.refresh()
    facts = page.folders.rows[0]._facts
    qtbot.waitUntil(lambda: facts.property("role") == "bad", timeout=20_000)


def test_guessing(folders, tmp_path):
    assert guess_modalities(folders[0]) == ["image"]
    assert guess_modalities(tmp_path) == ["image", "text"]
    for number in range(200):
        (folders[0] / f"{number}.png").touch()
    (folders[0] / "README.md").touch()
    assert guess_modalities(folders[0]) == ["image"]


def test_a_folder_inside_the_project_is_written_relative(page, session):
    inside = session.project.root / "pictures"
    inside.mkdir()
    (inside / "a.png").touch()
    page.folders.add(inside, ["image"])
    assert session.project.settings.sources[0].path == "pictures"
