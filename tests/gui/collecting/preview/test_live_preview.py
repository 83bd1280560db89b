"""The live preview answers to the rules as they are, and writes nothing."""

import hashlib

import pytest

from workbench.gui.collecting.preview import live_preview
from workbench.project import Project, SidecarPairs

from ..conftest import write_pictures, write_table, write_voices


def _choose(row, kind):
    row.choice.setCurrentIndex(row.choice.findData(kind))


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("cat", "dog", "owl"):
        (folder / f"{name}.txt").write_text(f"a {name}", encoding="utf-8")
    return folder


def test_folders_tell_what_they_hold_before_a_scan(page, pictures, texts, looked, session):
    page.folders.drop([pictures, texts])
    outlook = looked()
    assert outlook.items == {"image": 4, "text": 3}
    assert not outlook.scanned
    said = [row._facts.text() for row in page.folders.rows]
    assert said[0].startswith("4 images, not scanned yet")
    assert said[1].startswith("3 texts, not scanned yet")
    assert page.findings.isVisible()
    assert not page.nothing.isVisible()
    line = page.pairing.rows["image", "text"].line.text()
    assert line == "2 image–text pairs; 2 images without text; 1 text without image"
    pairs = [[item.key for item in pair] for pair in page.findings.pairs.pairs()]
    assert pairs == [["cat", "cat"], ["dog", "dog"]]
    assert session.project.catalogue.counts() == {}
    assert page.state() == "attention"


def test_another_rule_another_answer_and_nothing_is_written(
    page, pictures, texts, looked, scanned, session, qtbot
):
    (pictures / "emu.txt").write_text("an emu", encoding="utf-8")
    page.folders.add(pictures, ["image", "text"])
    page.folders.add(texts, ["text"])
    looked()
    scanned()
    catalogue = session.project.catalogue
    row = page.pairing.rows["image", "text"]
    qtbot.waitUntil(lambda: row.line.text().startswith("3 image–text pairs"))
    before = hashlib.sha256(catalogue.path.read_bytes()).hexdigest()
    _choose(row, "sidecar")
    looked()
    assert session.project.settings.pairings == [SidecarPairs(between=("image", "text"))]
    assert row.line.text().startswith("1 image–text pair")
    assert page.findings.news.property("role") == "warning"
    assert [image.key for image, _ in page.findings.pairs.pairs()] == ["emu"]
    _choose(row, "none")
    looked()
    assert page.findings.pairs.pairs() == []
    assert row.line.text() == ""
    assert page.outlook.pairs == {}
    assert hashlib.sha256(catalogue.path.read_bytes()).hexdigest() == before
    assert Project.open(session.project.root).settings.pairings == []


def test_a_rule_that_cannot_be_followed_says_so_in_its_line(
    page, pictures, texts, tmp_path, looked, session, qtbot
):
    write_voices(tmp_path / "voices")
    page.folders.drop([pictures, texts, tmp_path / "voices"])
    looked()
    table = write_table(tmp_path / "pairs.csv", [("who", "what"), ("cat", "dog"), ("yak", "owl")])
    row = page.pairing.rows["image", "text"]
    _choose(row, "table")
    row.table.read(table)
    qtbot.waitUntil(lambda: session.project.settings.pairings[-1].kind == "table")
    outlook = looked()
    assert row.line.text().startswith("1 image–text pair")
    assert "1 row left out" in row.line.text()
    assert "yak" in row.odd.text()
    assert any("yak" in each.reason for each in outlook.left_out)
    table.unlink()
    page.live.look()
    looked()
    assert row.line.property("role") == "bad"
    assert "pairs.csv" in row.line.text()
    other = page.pairing.rows["image", "speech"]
    assert other.line.text().startswith("2 image–speech pairs")  # one bad rule hides no other
    assert other.line.property("role") == "caption"


def test_a_missing_folder_hides_no_other(page, pictures, texts, looked, tmp_path):
    page.folders.drop([pictures, texts])
    looked()
    texts.rename(tmp_path / "elsewhere")
    page.live.stop(forget=True)
    page.outlook = None
    page.live.look()
    outlook = looked()
    assert outlook.items == {"image": 4}
    assert page.folders.rows[1]._facts.property("role") == "bad"
    assert "no longer exists" in page.folders.rows[1]._facts.text()
    assert page.folders.rows[0]._facts.text().startswith("4 images")


def test_quick_changes_make_one_look(page, pictures, texts, looked, monkeypatch, qtbot):
    looks = []
    original = live_preview.look_ahead

    def count(*arguments):
        looks.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(live_preview, "look_ahead", count)
    page.folders.add(pictures, ["image"])
    page.folders.add(texts, ["text"])
    row = page.pairing.rows["image", "text"]
    for kind in ("sidecar", "none", "key"):
        _choose(row, kind)
    looked()
    assert len(looks) == 1
    assert row.line.text().startswith("2 image–text pairs")


def test_the_last_source_taken_away_leaves_nothing(page, pictures, looked):
    page.folders.drop([pictures])
    looked()
    page.folders.rows[0].remove_button.click()
    assert not page.live.busy
    assert page.nothing.isVisible()
    assert page.nothing.title.text() == "Drop folders here"
    assert not page.findings.isVisible()


def test_a_small_picture_is_made_once(page, pictures, looked, tmp_path, qtbot, monkeypatch):
    from workbench.gui.collecting.preview import overview

    made = []
    original = overview.picture
    monkeypatch.setattr(
        overview, "picture", lambda path, size: made.append(path) or original(path, size)
    )
    page.folders.drop([pictures])
    looked()
    qtbot.waitUntil(lambda: len(page.findings.made()) == 4, timeout=20_000)
    write_pictures(tmp_path / "more", ["gnu"])
    page.outlook = None
    page.folders.drop([tmp_path / "more"])
    qtbot.waitUntil(lambda: len(page.findings.strips) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: len(page.findings.made()) == 5, timeout=20_000)
    assert len(made) == 5
