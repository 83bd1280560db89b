"""Parquet and arrow: what columns hold, and bytes at a place without reading what is around."""

import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.inside import hub_table, picture, recording, write_hub, write_saved

from workbench.errors import WorkbenchError
from workbench.media import (
    Columns,
    Inside,
    Record,
    SkippedRecord,
    column_names,
    media_columns,
    read_image,
    read_inside,
    read_records,
    read_rows,
    suggest_columns,
)
from workbench.media.inside import column_tables, copy_out, split_inside


def parquet(path, table, **options):
    pq.write_table(table, path, **options)
    return path


def feather(path, table):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    return path


def stream(path, table):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    return path


@pytest.mark.parametrize(("write", "name"), [(parquet, "a.parquet"), (feather, "a.arrow"),
                                         (stream, "a.arrow")])  # fmt: skip
def test_every_place_gives_its_bytes(tmp_path, write, name):
    path = write(tmp_path / name, hub_table(range(11), ("image", "audio", "caption"), "own"))
    found = {name: held.modality for name, held in media_columns(path).items()}
    assert found == {"image": "image", "audio": "speech"}
    for row in (0, 10, 3, 4, 2, 7):
        assert read_inside(Path(f"{path}#{row + 1}.image")) == picture(row)
        assert read_inside(Path(f"{path}#{row + 1}.audio")) == recording(row)
    assert read_image(Path(f"{path}#9.image")).getpixel((0, 0)) == (8, 0, 9)
    rows = list(read_rows(path))
    assert rows[3][1] == {"image": "3.png", "audio": "3.wav", "caption": "thing 3"}
    assert isinstance(rows[3][1]["image"], Inside)
    for place in ("0.image", "12.image", "x.image", "1.caption", "1.none", "1", "-1.image"):
        with pytest.raises(WorkbenchError, match="scan again"):
            read_inside(Path(f"{path}#{place}"))


@pytest.mark.parametrize(
    ("content", "modality"),
    [
        (picture(1), "image"),
        (recording(1), "speech"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='2' height='2'/>", "image"),
        (b"\0\0\0\x1cftypM4A \0\0", "speech"),
        (b"\0\0\0\x1cftypavif\0\0", "image"),
        (b"\x93NUMPY\1\0v\0{'descr'", None),
    ],
)
def test_bytes_are_known_by_their_beginning(tmp_path, content, modality):
    table = pa.table({"x": [None, content, b""], "text": ["a", "b", "c"]})
    path = parquet(tmp_path / "a.parquet", table)
    assert media_columns(path)["x"].modality == modality
    assert suggest_columns(path, "text").columns == Columns(text="text")
    assert suggest_columns(path, "image").columns.path == ("x" if modality == "image" else "")
    assert [cells["x"] for _, cells in read_rows(path)] == ["", "", ""]


def test_texts_that_are_written_as_bytes_are_texts(tmp_path):
    path = parquet(tmp_path / "a.parquet", pa.table({"text": [b"eins", "zw\xf6lf".encode()]}))
    assert media_columns(path) == {}
    found = [r.text for r in read_records(path, Columns(text="text")) if isinstance(r, Record)]
    assert found == ["eins", "zwölf"]


def test_a_picture_does_not_cost_its_row_group(tmp_path, monkeypatch):
    """Pictures that are read in order are decoded but once, a few at a time."""
    table = pa.table({"image": [np.random.default_rng(n).bytes(50_000) for n in range(300)]})
    noted = {"huggingface": '{"info": {"features": {"image": {"_type": "Image"}}}}'}
    table = table.replace_schema_metadata(noted)
    path = parquet(tmp_path / "a.parquet", table)
    decoded = []
    batches = pq.ParquetFile.iter_batches

    def counting(self, **options):
        for batch in batches(self, **options):
            decoded.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counting)
    read_inside(Path(f"{path}#1.image"))
    assert sum(decoded) <= 100
    for row in range(2, 301):
        read_inside(Path(f"{path}#{row}.image"))
    assert sum(decoded) <= 300 + 100  # the first rows once more, to say what the column holds
    assert max(decoded) * 50_000 <= column_tables._BYTES_AT_ONCE


def test_few_tables_stay_open_and_a_new_file_is_another(tmp_path):
    paths = [parquet(tmp_path / f"{n}.parquet", hub_table([n])) for n in range(9)]
    for _ in range(2):
        for number, path in enumerate(paths):
            assert read_inside(Path(f"{path}#1.image")) == picture(number)
    assert len(column_tables._open) <= column_tables._TABLES_KEPT_OPEN
    parquet(paths[8], hub_table([50, 51]))
    assert read_inside(Path(f"{paths[8]}#1.image")) == picture(50)


def test_any_thread_may_read(tmp_path):
    paths = [parquet(tmp_path / f"{n}.parquet", hub_table(range(20))) for n in range(6)]
    wrong = []

    def read(seed):
        for row in np.random.default_rng(seed).integers(0, 20, 40).tolist():
            path = paths[(row + seed) % 6]
            if read_inside(Path(f"{path}#{row + 1}.image")) != picture(row):
                wrong.append(row)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_name_with_a_hash_is_a_file_where_there_is_one(tmp_path):
    path = parquet(tmp_path / "a#1.parquet", hub_table([3]))
    assert split_inside(path) is None
    assert read_inside(Path(f"{path}#1.image")) == picture(3)
    plain = tmp_path / "b.tar#c.png"
    plain.write_bytes(picture(4))
    assert read_inside(plain) is None
    assert read_inside(tmp_path / "nothing.tar#1.png") is None


def test_a_copy_for_other_programs(tmp_path):
    path = parquet(tmp_path / "a.parquet", hub_table([3], ("image", "audio")))
    copy = copy_out(Path(f"{path}#1.audio"), tmp_path)
    assert copy == tmp_path / "a_1.audio.wav"
    assert copy.read_bytes() == recording(3)
    assert copy_out(path, tmp_path) is None


@settings(max_examples=50, deadline=None)
@given(st.data(), st.sampled_from(["parquet", "arrow"]))
def test_damage_ends_in_items_or_a_sentence(tmp_path_factory, data, kind):
    folder = tmp_path_factory.mktemp("t")
    if kind == "parquet":
        path = write_hub(folder, 6) / "data/train-00000-of-00001.parquet"
    else:
        path = write_saved(folder, 6) / "data-00000-of-00001.arrow"
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        names = column_names(path)
        for name in names:
            columns = Columns(path=name) if name in media_columns(path) else Columns(text=name)
            for record in read_records(path, columns):
                assert isinstance(record, Record | SkippedRecord)
                if isinstance(record, Record) and record.inside:
                    read_inside(Path(f"{path}#{record.place}"))
    except WorkbenchError as error:
        said = str(error)
    else:
        said = path.name
    assert path.name in said
