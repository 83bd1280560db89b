"""Shards of .tar: every layout that tar knows, and those that are made to lead elsewhere."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.inside import add, picture, recording, write_shard

from workbench.errors import WorkbenchError
from workbench.media import (
    Assumed,
    Record,
    SkippedRecord,
    column_names,
    read_inside,
    read_records,
    read_speech,
    record_kind,
    speech_seconds,
    suggest_columns,
)
from workbench.media.inside import open_inside, tar_shards


def told(path, modality="image"):
    """Return the items of a shard, and the reasons of what is none."""
    found = list(read_records(path, suggest_columns(path, modality).columns))
    return [r.place for r in found if isinstance(r, Record)], [
        r.reason for r in found if isinstance(r, SkippedRecord)
    ]


def inside(path, name):
    return read_inside(Path(f"{path}#{name}"))


def test_columns_are_what_members_are(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        add(file, "./a/1.jpg", picture(1))
        add(file, "./a/1.json", b'{"caption": ["x", "y"], "image": "no", "lang": "de"}')
        add(file, "./a/1.cls", b"7")
        add(file, "./a/2.png", picture(2))
        add(file, "./a/2.left.png", picture(3))
        add(file, "./a/2.npy", b"\0\1")
    path = tmp_path / "a.tar"
    assert record_kind(path) == "table"
    assert column_names(path) == [
        *("__key__", "image", "label", "left.png", "caption", "lang"),
    ]
    found = list(read_records(path, suggest_columns(path, "text").columns))
    texts = [(r.row_name, r.text, r.language) for r in found if isinstance(r, Record)]
    assert texts == [("a/1", "x", "de"), ("a/1", "y", "de")]
    assert [r.sentence for r in found if isinstance(r, Assumed)] == [
        "1 member of kinds that are not read passed over (.npy 1)",
        "1 cell of “caption” with a list: each of their 2 texts is a text of its own",
    ]
    suggested = suggest_columns(path, "image")
    assert suggested.columns.path == "image"
    assert suggested.assumed == ("image items are those of “image”, not of “left.png”",)
    assert told(path)[0] == ["a/1.jpg", "a/2.png"]
    assert inside(path, "a/2.left.png") == picture(3)


@pytest.mark.parametrize("layout", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_other_scripts(tmp_path, layout):
    long = "/".join(["ordner" * 5] * 4) + "/Ärger-" + "x" * 60
    write_shard(tmp_path / "a.tar", range(2), name=long + "{}", layout=layout)
    assert told(tmp_path / "a.tar")[0] == [f"{long}{n}.png" for n in range(2)]
    assert inside(tmp_path / "a.tar", f"{long}1.png") == picture(1)


def test_what_leads_out_of_a_shard_is_refused(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture(99))
    path = tmp_path / "in/a.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as file:
        add(file, "good.png", picture(1))
        add(file, "../secret.png", picture(2))
        add(file, str(secret), picture(2))
        add(file, "C:/secret.png", picture(2))
        add(file, "link.png", b"", type=tarfile.SYMTYPE, linkname="../secret.png")
        add(file, "hard.png", b"", type=tarfile.LNKTYPE, linkname="../secret.png")
        add(file, "device.png", b"", type=tarfile.CHRTYPE)
        add(file, "pipe.png", b"", type=tarfile.FIFOTYPE)
        add(file, "empty.png", b"")
        add(file, "good.png", picture(3))
        add(file, "._good.png", b"mac")
        add(file, "__MACOSX/good.png", b"mac")
        add(file, "folder.png", b"", type=tarfile.DIRTYPE)
    before = sorted(tmp_path.rglob("*"))
    items, reasons = told(path)
    assert items == ["good.png"]
    assert len(reasons) == 9
    assert sum("leads out of the shard" in reason for reason in reasons) == 3
    assert sum("is a link" in reason for reason in reasons) == 2
    assert sum("is a device" in reason for reason in reasons) == 2
    assert inside(path, "good.png") == picture(1)
    for name in ("link.png", "../secret.png", str(secret), "device.png"):
        with pytest.raises(WorkbenchError, match="has no member"):
            inside(path, name)
    assert sorted(tmp_path.rglob("*")) == before


def test_sizes_that_are_not_there_are_told(tmp_path):
    """A head may declare what it likes: nothing of that size is ever asked for."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as file:
        add(file, "1.png", picture(1))
        huge = tarfile.TarInfo("2.png")
        huge.size = 1 << 50
        out.write(huge.tobuf(tarfile.GNU_FORMAT))
    (tmp_path / "a.tar").write_bytes(out.getvalue() + b"\0" * 1024)
    items, reasons = told(tmp_path / "a.tar")
    assert items == ["1.png"]
    assert "“2.png” should have 1,125,899,906,842,624 bytes" in reasons[0]


def test_notes_that_are_too_long_are_told(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as file:
        add(file, "1.png", picture(1))
        note = tarfile.TarInfo("././@LongLink")
        note.type, note.size = tarfile.GNUTYPE_LONGNAME, 5 << 20
        out.write(note.tobuf(tarfile.GNU_FORMAT) + b"x" * (5 << 20))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    items, reasons = told(tmp_path / "a.tar")
    assert items == ["1.png"]
    assert "5,242,880 bytes are noted" in reasons[0]


def test_compressed_shards_and_other_files_are_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w:gz") as file:
        add(file, "1.png", picture(1))
    with pytest.raises(WorkbenchError, match="is compressed"):
        column_names(tmp_path / "a.tar")
    (tmp_path / "b.tar").write_bytes(b"no tar at all " * 100)
    with pytest.raises(WorkbenchError, match=r"is not a readable \.tar"):
        column_names(tmp_path / "b.tar")


def test_a_member_too_large_is_a_sentence(tmp_path, monkeypatch):
    path = write_shard(tmp_path / "a.tar", range(1))
    monkeypatch.setattr(tar_shards, "MAX_MEMBER_BYTES", 10)
    with pytest.raises(WorkbenchError, match="too much for one item"):
        inside(path, "000000000.png")


def test_a_member_is_a_file_of_its_own(tmp_path):
    """Nothing before and behind it can be read, and its length is told without reading it."""
    path = write_shard(tmp_path / "a.tar", [4000, 5], media="speech")
    place = Path(f"{path}#000000005.wav")
    with open_inside(place) as file:
        assert file.seek(0, 2) == len(recording(5))
        assert file.read() == b""
        file.seek(-4, 1)
        assert file.read(100) == recording(5)[-4:]
        file.seek(4)
        assert file.read(8) == recording(5)[4:12]
        with pytest.raises(ValueError):
            file.seek(-1)
    read = []
    readinto = tar_shards._Window.readinto

    class Listening(tar_shards._Window):
        def readinto(self, buffer):
            read.append(readinto(self, buffer))
            return read[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tar_shards, "_Window", Listening)
        add_long(tmp_path / "b.tar")
        assert speech_seconds(Path(f"{tmp_path}/b.tar#long.wav")) == 200
    assert sum(read) < 1 << 18
    assert len(read_speech(place)) == 1005


def add_long(path):
    out = io.BytesIO()
    soundfile.write(out, np.zeros(200 * 16000, np.int16), 16000, format="WAV")
    with tarfile.open(path, "w") as file:
        add(file, "long.wav", out.getvalue())


def test_two_pictures_of_one_key_are_told(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        add(file, "1.png", picture(1))
        add(file, "1.webp", picture(2))
    assert told(tmp_path / "a.tar") == (
        ["1.png"], ["has a second image, “1.webp”: the first was taken"],
    )  # fmt: skip


def test_an_index_is_read_once_and_again_when_the_shard_changes(tmp_path, monkeypatch):
    path = write_shard(tmp_path / "a.tar", range(20))
    walked = []
    walk = tar_shards.walk
    monkeypatch.setattr(tar_shards, "walk", lambda *args: (walked.append(1), walk(*args))[1])
    for number in range(20):
        assert inside(path, f"{number:09}.png") == picture(number)
    assert len(walked) == 1
    write_shard(path, range(30, 33))
    assert inside(path, "000000031.png") == picture(31)
    assert len(walked) == 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_bytes_there_are_ends_in_items_or_a_sentence(tmp_path_factory, data):
    path = write_shard(tmp_path_factory.mktemp("t") / "a.tar", range(3), "txt+json")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        for modality in ("image", "text"):
            columns = suggest_columns(path, modality).columns
            for record in read_records(path, columns):
                if isinstance(record, Record) and record.inside:
                    inside(path, record.place)
    except WorkbenchError as error:
        said = str(error)
    else:
        said = path.name
    assert path.name in said
