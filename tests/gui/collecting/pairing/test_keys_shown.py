"""Why a pattern pairs nothing is seen while it is written."""

import pytest

from workbench.gui.collecting.preview.overview import findings_of
from workbench.project import KeyPairs, ProjectSettings, SidecarPairs, Source


@pytest.fixture
def folders(tmp_path):
    for name in ("dog", "cat"):
        for view, path in (("text", f"{name}.txt"), ("image", f"animals/{name}_fr.png")):
            file = tmp_path / view / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x")
    return tmp_path


def test_a_pattern_that_pairs_nothing_shows_the_keys_of_both_sides(page, session, folders, qtbot):
    page.folders.add(folders / "image", ["image"])
    page.folders.add(folders / "text", ["text"])
    qtbot.waitUntil(lambda: not page.live.busy, timeout=20_000)
    options = page.folders.rows[0].options
    page.folders.rows[0].options_button.click()
    options.key.setCurrentIndex(options.key.findData(""))
    options.pattern.setText("(.*)_fr[.]png")  # not taken yet
    assert "animals/cat_fr.png → animals/cat" in options.keys.text()
    options.pattern.editingFinished.emit()
    (row,) = page.pairing.rows.values()
    qtbot.waitUntil(lambda: "“animals/cat”" in row.keys.text(), timeout=20_000)
    assert row.keys.isVisible()
    assert "0 image–text pairs" in row.line.text()
    assert "text keys “cat”" in row.keys.text()
    options.pattern.setText("(?:.*/)?(.*)_fr[.]png")
    assert "animals/cat_fr.png → cat" in options.keys.text()
    options.pattern.editingFinished.emit()
    (row,) = page.pairing.rows.values()  # a change of folders makes them anew
    qtbot.waitUntil(lambda: "2 image–text pairs" in row.line.text(), timeout=20_000)
    assert not row.keys.isVisible()


def test_what_was_scanned_tells_lone_keys_where_keys_pair(session, folders):
    from workbench.jobs import drain
    from workbench.stations import scan

    sources = [Source(modality=view, path=str(folders / view)) for view in ("image", "text")]
    for rule, told in (
        (KeyPairs(between=("image", "text")), "“cat_fr”"),
        (SidecarPairs(between=("image", "text")), ""),
    ):
        settings = ProjectSettings(sources=sources, pairings=[rule])
        session.create_project(folders / f"by {rule.kind}", settings)
        report = drain(scan(session.project))
        items = session.project.catalogue.items()
        found = findings_of(("image", "text"), None, {"image": 2, "text": 2}, items, settings)
        assert told in found.keys_in_words()
        assert bool(found.keys_in_words()) == bool(told)
        assert report.relations[0].lone_keys == found.lone_keys
        assert any("Without partner" in line for line in report.sentences()) == bool(told)
