"""Sources whose pictures, recordings and texts lie inside other files: from the scan to vectors."""

import os
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from worlds.fakes import ENCODERS, encode_all, vector
from worlds.inside import (
    add,
    hub_table,
    picture,
    recording,
    write_hub,
    write_saved,
    write_shard,
)

from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.media import Columns
from workbench.project import KeyPairs, Project, ProjectSettings, Source, load_embeddings
from workbench.stations import Preview, scan

pytestmark = pytest.mark.usefixtures("shelf")


def scanned(root, told=None, **places):
    """Make a project of sources by modality, and scan it."""
    order = ["image", "text", "speech"]
    modalities = sorted(places, key=order.index)
    settings = ProjectSettings(
        sources=[
            place if isinstance(place, Source) else Source(modality=modality, path=str(place))
            for modality, place in places.items()
        ],
        pairings=[
            KeyPairs(between=(one, other))
            for number, one in enumerate(modalities)
            for other in modalities[number + 1 :]
        ],
    )
    project = Project.create(root / "project", settings)
    drain(scan(project), [].append if told is None else told.append)
    return project


def notices(told):
    return [each.text for each in told if isinstance(each, Notice)]


def check(project, count, modalities=("image", "text")):
    """All are there, those of one number are paired, and vectors are those of plain files."""
    assert project.catalogue.counts() == dict.fromkeys(modalities, count)
    encode_all(project)
    number_of = {}
    for modality in modalities:
        ids, rows = load_embeddings(project, modality, ENCODERS[modality])
        for item, row in zip(ids.tolist(), rows, strict=True):
            number_of[item] = next(
                n for n in range(count) if np.array_equal(row, vector(modality, n))
            )
        assert len({number_of[item] for item in ids.tolist()}) == count
    pairs = [pair for ids in project.catalogue.pairs().values() for pair in ids.tolist()]
    assert all(number_of[one] == number_of[other] for one, other in pairs)
    relations = len(modalities) * (len(modalities) - 1) // 2
    assert len(pairs) == relations * count
    assert not project.catalogue.all_problems()


# --- parquet and arrow ---


@pytest.mark.parametrize("paths", ["null", "same", "own"])
@pytest.mark.parametrize("as_folder", [True, False])
def test_a_data_set_of_the_hub(tmp_path, paths, as_folder):
    folder = write_hub(tmp_path / "things", 12, shards=3 if as_folder else 1, paths=paths)
    place = folder if as_folder else folder / "data/train-00000-of-00001.parquet"
    told = []
    project = scanned(tmp_path, told, image=place, text=place)
    check(project, 12)
    assert not project.catalogue.left_out()
    keys = {item.key for item in project.catalogue.items("image")}
    assert f"train-00000-of-0000{3 if as_folder else 1}#4" in keys
    said = any("items are those inside of 3 .parquet files" in each for each in notices(told))
    assert said is as_folder


def test_three_modalities_and_names_of_classes(tmp_path):
    columns = ("audio", "image", "label", "caption")
    folder = write_hub(tmp_path / "things", 8, shards=2, columns=columns)
    told = []
    project = scanned(tmp_path, told, image=folder, text=folder, speech=folder)
    check(project, 8, ("image", "text", "speech"))
    assert {item.label for item in project.catalogue.items("image")} == {"cat", "dog", "owl"}
    assert any("stand for the names of its classes" in each for each in notices(told))
    assert {item.seconds for item in project.catalogue.items("speech")} == {
        (1000 + n) / 16000 for n in range(8)
    }


def test_a_column_of_plain_bytes(tmp_path):
    table = {"jpg": [picture(n) for n in range(6)], "txt": [f"thing {n}" for n in range(6)],
             "embedding": [bytes([0, 1, n]) for n in range(6)]}  # fmt: skip
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    text = Source(modality="text", path=str(tmp_path / "a.parquet"), columns=Columns(text="txt"))
    check(scanned(tmp_path, image=tmp_path / "a.parquet", text=text), 6)


def test_rows_without_bytes_are_told_or_are_files(tmp_path):
    """Of {bytes, path} either may be null, in the same column."""
    (tmp_path / "1.png").write_bytes(picture(1))
    cells = [{"bytes": picture(0), "path": "0.png"}, {"bytes": None, "path": "1.png"}, None]
    table = pa.table({"image": cells, "caption": ["thing 0", "thing 1", "thing 2"]})
    pq.write_table(table, tmp_path / "a.parquet")
    project = scanned(tmp_path, image=tmp_path / "a.parquet", text=tmp_path / "a.parquet")
    assert project.catalogue.counts() == {"image": 2, "text": 3}
    assert [reason for _, reason in project.catalogue.left_out()] == [
        "It names no file in the column “image”."
    ]
    files = [Path(item.path).name for item in project.catalogue.items("image")]
    assert files == ["a.parquet#1.image", "1.png"]
    texts = {item.id: item.text for item in project.catalogue.items("text")}
    ((_, pairs),) = project.catalogue.pairs().items()
    assert sorted(texts[text] for _, text in pairs.tolist()) == ["thing 0", "thing 1"]


def test_lists_of_pictures_are_refused_with_a_sentence(tmp_path):
    cells = [[{"bytes": picture(n), "path": None}] * 2 for n in range(3)]
    table = pa.table({"images": cells, "caption": ["a", "b", "c"]})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(WorkbenchError, match=r"“images” of .* holds lists of pictures"):
        scanned(tmp_path, image=tmp_path / "a.parquet")
    project = scanned(tmp_path / "b", text=tmp_path / "a.parquet")
    assert [item.text for item in project.catalogue.items("text")] == ["a", "b", "c"]


def test_a_column_of_the_wrong_kind_is_refused(tmp_path):
    pq.write_table(hub_table(range(3)), tmp_path / "a.parquet")
    wrong = Source(modality="text", path=str(tmp_path / "a.parquet"), columns=Columns(text="image"))
    with pytest.raises(WorkbenchError, match=r"“image” of .* holds pictures, not texts"):
        scanned(tmp_path, text=wrong)


@pytest.mark.parametrize("splits", [("",), ("train", "test")])
def test_a_data_set_saved_to_disk(tmp_path, splits):
    folder = write_saved(tmp_path / "things", 10, splits, columns=("image", "caption", "label"))
    told = []
    project = scanned(tmp_path, told, image=folder, text=folder)
    check(project, 10)
    assert any("2 .arrow of steps in between" in each or "1 .arrow" in each
               for each in notices(told))  # fmt: skip
    keys = [item.key for item in project.catalogue.items("image")]
    assert keys[0].endswith("data-00000-of-00001#1")
    assert len(set(keys)) == 10


# --- shards of .tar ---


@pytest.mark.parametrize("texts", ["txt", "json", "txt+json"])
@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_shards_of_webdataset(tmp_path, texts, layout):
    for shard in range(2):
        numbers = range(6 * shard, 6 * shard + 6)
        write_shard(tmp_path / f"tars/{shard:05}.tar", numbers, texts, layout=layout)
        stats = {"key": [f"{n:09}" for n in numbers], "caption": ["no"] * 6}
        pq.write_table(pa.table(stats), tmp_path / f"tars/{shard:05}.parquet")
    told = []
    project = scanned(tmp_path, told, image=tmp_path / "tars", text=tmp_path / "tars")
    check(project, 12)
    assert not project.catalogue.left_out()
    assert {item.key for item in project.catalogue.items("image")} == {f"{n:09}" for n in range(12)}
    assert any("2 .tar files (2 .parquet passed over)" in each for each in notices(told))


def test_one_shard_with_folders_sounds_and_classes(tmp_path):
    write_shard(tmp_path / "a.tar", range(5), "txt+cls", "speech", name="dev/v1/{}")
    project = scanned(tmp_path, speech=tmp_path / "a.tar", text=tmp_path / "a.tar")
    check(project, 5, ("speech", "text"))
    items = project.catalogue.items("speech")
    assert [item.label for item in items] == ["0", "1", "2", "0", "1"]
    assert items[2].path == f"{tmp_path}/a.tar#dev/v1/2.wav"
    assert items[2].file == f"{tmp_path}/a.tar"


def test_keys_that_begin_anew_in_each_shard(tmp_path):
    """Equal keys of several shards do not pair crosswise."""
    for shard in range(3):
        with tarfile.open(tmp_path / f"s{shard}.tar", "w") as file:
            for key in range(4):
                add(file, f"{key}.png", picture(4 * shard + key))
                add(file, f"{key}.txt", f"thing {4 * shard + key}".encode())
    folder = Source(modality="image", path=str(tmp_path), include=["s*.tar"])
    texts = Source(modality="text", path=str(tmp_path), include=["s*.tar"])
    project = scanned(tmp_path, image=folder, text=texts)
    check(project, 12)
    assert {item.key for item in project.catalogue.items("text")} >= {"s0#0", "s2#3"}


def test_pictures_and_texts_in_shards_of_their_own(tmp_path):
    write_shard(tmp_path / "im/part-a.tar", range(4), "")
    write_shard(tmp_path / "im/part-b.tar", range(4, 8), "")
    write_shard(tmp_path / "tx/all.tar", range(8), "txt", media="")
    check(scanned(tmp_path, image=tmp_path / "im", text=tmp_path / "tx"), 8)


def test_a_damaged_shard_loses_no_other(tmp_path):
    folder = tmp_path / "tars"
    write_shard(folder / "0.tar", range(3), name="{}")
    write_shard(folder / "1.tar", range(3, 6), name="{}")
    (folder / "2.tar").write_bytes(b"nonsense" * 400)
    content = (folder / "1.tar").read_bytes()
    (folder / "1.tar").write_bytes(content[: 512 * 5 + 10])
    project = scanned(tmp_path, image=folder, text=folder)
    reasons = dict(project.catalogue.left_out())
    assert "is not a readable .tar" in reasons[str(folder / "2.tar")]
    assert any("is damaged" in reason and "4.png" in reason for reason in reasons.values())
    assert project.catalogue.counts() == {"image": 4, "text": 4}


# --- folders, scans and what is shown ---


def test_plain_folders_are_as_before(tmp_path):
    """An archive beside files is told, and not read."""
    folder = tmp_path / "plain"
    write_shard(folder / "backup.tar", range(5))
    (folder / "a.png").write_bytes(picture(1))
    (folder / "README.md").write_text("thing 1", "utf-8")
    (folder / "a.txt").write_text("thing 2", "utf-8")
    project = scanned(tmp_path, image=folder, text=folder)
    assert [item.path for item in project.catalogue.items("image")] == [str(folder / "a.png")]
    assert [Path(i.path).name for i in project.catalogue.items("text")] == ["README.md", "a.txt"]
    assert any(".tar 1" in reason for _, reason in project.catalogue.left_out())


@pytest.mark.parametrize("kind", ["parquet", "tar", "arrow"])
def test_an_unchanged_rescan_keeps_everything(tmp_path, kind, monkeypatch):
    folder = tmp_path / "things"
    if kind == "tar":
        write_shard(folder / "0.tar", range(6), media="speech")
    elif kind == "parquet":
        write_hub(folder, 6, columns=("audio", "caption"))
    else:
        write_saved(folder, 6, columns=("audio", "caption"))
    project = scanned(tmp_path, speech=folder, text=folder)
    before = project.catalogue.items()
    reader = __import__("sys").modules["workbench.stations.collecting.source_reader"]
    monkeypatch.setattr(reader, "speech_seconds", lambda _path: 1 / 0)  # nothing is read again
    report = drain(scan(project))
    assert (report.changes.new, report.changes.changed, report.changes.vanished) == (0, 0, 0)
    assert project.catalogue.items() == before
    monkeypatch.undo()
    file = Path(before[0].file)
    os.utime(file, ns=(1, 1))
    drain(scan(project))
    assert [item.id for item in project.catalogue.items()] == [item.id for item in before]


def test_a_preview_reads_no_bytes(tmp_path, monkeypatch):
    folder = write_hub(tmp_path / "things", 40, shards=2)
    settings = ProjectSettings(sources=[Source(modality="image", path=str(folder))])
    project = Project.create(tmp_path / "project", settings)
    asked = []
    batches = pq.ParquetFile.iter_batches

    def listening(self, **options):
        asked.append(options["columns"])
        return batches(self, **options)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", listening)
    report = drain(Preview(project.root).look(settings))
    assert report.items == {"image": 40}
    whole = [each for each in asked if each not in (["image"],)]
    assert whole == [["image.path"]] * 2


def test_a_picture_inside_is_shown(tmp_path):
    from workbench.gui.items.previews import read_preview
    from workbench.media import thumbnail, waveform

    folder = write_hub(tmp_path / "things", 12, columns=("image", "audio"))
    project = scanned(tmp_path, image=folder, speech=folder)
    image, sound = project.catalogue.items("image")[7], project.catalogue.items("speech")[9]
    assert thumbnail(Path(image.path), 64).getpixel((0, 0)) == (7, 0, 9)
    assert waveform(Path(sound.path), 5).shape == (5, 2)
    assert read_preview(image).pixelColor(0, 0).red() == 7
    assert read_preview(sound).shape[1] == 2


def test_equal_contents_are_encoded_once(tmp_path, shelf):
    """A picture inside a shard has the content of the same picture in a file."""
    from workbench.media import content_of

    write_shard(tmp_path / "tars/0.tar", range(3), "")
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(picture(number))
    inside = scanned(tmp_path / "a", image=tmp_path / "tars").catalogue.items("image")
    plain = Source(modality="image", path=str(tmp_path), include=["*.png"])
    files = scanned(tmp_path / "b", image=plain).catalogue.items("image")
    assert [content_of(item) for item in inside] == [content_of(item) for item in files]


def test_many_are_read_by_other_processes(tmp_path):
    folder = write_hub(tmp_path / "things", 120, shards=2)
    check(scanned(tmp_path, image=folder, text=folder), 120)


def test_a_shard_that_changed_is_told_while_encoding(tmp_path):
    path = write_shard(tmp_path / "tars/0.tar", range(4))
    project = scanned(tmp_path, image=tmp_path / "tars", text=tmp_path / "tars")
    write_shard(path, range(2))
    from workbench.stations.encoding.prefetch import Reader

    ids = [item.id for item in project.catalogue.items("image")]
    read = list(Reader(project.catalogue.path).read(ids))
    assert [bool(each.problem) for each in read] == [False, False, True, True]
    assert "has no member “000000002.png”" in read[2].problem


def test_recordings_of_plain_bytes(tmp_path):
    table = {"wav": [recording(n) for n in range(3)], "text": [f"thing {n}" for n in range(3)]}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    place = tmp_path / "a.parquet"
    check(scanned(tmp_path, speech=place, text=place), 3, ("speech", "text"))
