"""Data sets whose pictures lie inside files: dropped, shown, heard and opened in the window."""

from pathlib import Path

import pytest
from worlds.inside import picture, recording, write_hub, write_shard

from workbench.errors import WorkbenchError
from workbench.gui import desktop
from workbench.gui.collecting.source_files import guess_modalities, guess_sources, read_head
from workbench.gui.items.opening import open_item
from workbench.gui.sounds import player
from workbench.jobs import Control, drain


def test_what_is_dropped_is_known_by_what_is_inside(tmp_path):
    hub = write_hub(tmp_path / "hub", 6, shards=2)
    voices = write_hub(tmp_path / "voices", 6, columns=("audio", "caption"))
    shard = write_shard(tmp_path / "tars/0.tar", range(3), "json")
    (tmp_path / "broken.tar").write_bytes(b"nonsense" * 200)
    paths = [hub, voices / "data/train-00000-of-00001.parquet", shard.parent, shard,
             tmp_path / "broken.tar"]  # fmt: skip
    found = drain(guess_sources(paths, Control()))
    assert [guess.modalities for guess in found] == [
        ["image", "text"], ["text", "speech"], ["image", "text"], ["image", "text"], [],
    ]  # fmt: skip
    assert "is not a readable .tar" in found[-1].sentence
    (hub / "a.png").write_bytes(picture(1))
    assert guess_modalities(hub) == ["image"]  # plain files win, as in a scan


def test_the_first_rows_say_what_is_inside(tmp_path):
    place = write_hub(tmp_path / "hub", 6) / "data/train-00000-of-00001.parquet"
    head = drain(read_head(place, "image"))
    assert head.rows[0] == ["(inside)", "thing 0"]
    assert head.guess.path == "image"


def test_a_dropped_data_set_is_scanned_and_shown(page, tmp_path, looked, scanned, session, qtbot):
    hub = write_hub(tmp_path / "hub", 8, shards=2)
    page.folders.drop([hub])
    outlook = looked()
    assert [source.modality for source in session.project.settings.sources] == ["image", "text"]
    assert outlook.items == {"image": 8, "text": 8}
    overview = scanned()
    assert overview.pairs == {("image", "text"): 8}
    assert [facts.items for facts in overview.sources] == [8, 8]
    qtbot.waitUntil(lambda: len(page.findings.strips[0]._contents) > 0, timeout=20_000)
    content = next(iter(page.findings.strips[0]._contents.values()))
    assert content.pixelColor(0, 0).blue() == 9


@pytest.fixture
def opened(monkeypatch):
    """Return what other programs were given."""
    found: list[Path] = []
    monkeypatch.setattr(desktop, "open_file", found.append)
    return found


def test_a_file_inside_a_file_is_opened_as_a_copy(session, tmp_path, opened):
    from workbench.project import Item

    shard = write_shard(tmp_path / "0.tar", [7])
    place = "000000007.png"
    item = Item("image", f"{shard}#{place}", "", "7", place=place, id=1)
    open_item(session, item)
    assert opened[0].suffix == ".png"
    assert opened[0].read_bytes() == picture(7)
    gone = Item("image", f"{shard}#8.png", "", "8", place="8.png", id=2)
    told = []
    session.noticed.connect(lambda *said: told.append(said))
    open_item(session, gone)
    assert "has no member “8.png”" in told[0][1]
    assert len(opened) == 1


def test_a_recording_inside_is_heard_here_or_elsewhere(tmp_path, monkeypatch):
    from workbench.project import Item

    shard = write_shard(tmp_path / "0.tar", [7], media="speech")
    place = "000000007.wav"
    item = Item("speech", f"{shard}#{place}", "", "7", place=place, id=1)
    monkeypatch.setattr(player, "sound_device", lambda: None)
    copy = drain(player._play_here(item, lambda: True))
    assert isinstance(copy, Path)
    assert copy.read_bytes() == recording(7)
    shard.unlink()
    with pytest.raises(WorkbenchError, match=r"0\.tar is missing"):
        drain(player._play_here(item, lambda: True))
