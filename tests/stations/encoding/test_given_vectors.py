"""Vectors computed elsewhere find their own items, or it is refused, or it is said how."""

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from worlds.inside import write_hub, write_shard

from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.media import read_image
from workbench.project import Project, ProjectSettings, Source, load_embeddings
from workbench.stations import EncodeRequest, OrderOpen, encode, scan

COUNT = 25


def vectors_of(project, modality):
    """Return which row each item got, by its words or its file name."""
    name = project.settings.encoders[modality]
    ids, rows = load_embeddings(project, modality, name)
    items = {item.id: item for item in project.catalogue.items(modality)}
    return {
        items[each].text or Path(items[each].path).name: int(np.argmax(row))
        for each, row in zip(ids.tolist(), rows, strict=True)
    }


def run(project, modality, file):
    told = []
    report = drain(encode(project, EncodeRequest(modality, f"precomputed/{file}")), told.append)
    return report, [each.text for each in told if isinstance(each, Notice)]


def made(tmp_path, *sources):
    project = Project.create(tmp_path / "project", ProjectSettings(sources=list(sources)))
    drain(scan(project))
    return project


def texts_of(path):
    return Source(modality="text", path=str(path))


def pictures(folder, names):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(b"not looked at")
    return Source(modality="image", path=str(folder))


def captions(tmp_path, kind):
    rows = [f"caption {k}" for k in range(COUNT)]
    if kind == "txt":
        path = tmp_path / "t.txt"
        path.write_text("".join(f"{text}\n" for text in rows))
    elif kind == "parquet":
        path = tmp_path / "t.parquet"
        pq.write_table(
            pa.table({"image": [f"{k}.jpg" for k in range(COUNT)], "caption": rows}), path
        )
    else:
        head = "image,caption\n" if kind == "csv" else "image,caption,id\n"
        path = tmp_path / "t.csv"
        path.write_text(head + "".join(
            f"{k}.jpg,{text}" + ("" if kind == "csv" else f",x{k:x}") + "\n"
            for k, text in enumerate(rows)
        ))  # fmt: skip
    return path


@pytest.mark.parametrize("kind", ["csv", "txt", "parquet", "with ids"])
@pytest.mark.parametrize("pandas", [False, True])
def test_row_by_row_of_a_table(tmp_path, kind, pandas):
    """Also where pandas has written its row numbers as ids, which are no line numbers."""
    project = made(tmp_path, texts_of(captions(tmp_path, kind)))
    rows = np.eye(COUNT, dtype="f4")
    if pandas:
        file = tmp_path / "v.parquet"
        pq.write_table(pa.table({"id": range(COUNT), "embedding": rows.tolist()}), file)
    else:
        file = tmp_path / "v.npy"
        np.save(file, rows)
    if pandas and kind == "with ids":
        with pytest.raises(WorkbenchError, match="so nobody can tell which vector"):
            run(project, "text", file)
        return
    report, told = run(project, "text", file)
    assert report.encoded == COUNT
    assert vectors_of(project, "text") == {f"caption {k}": k for k in range(COUNT)}
    assert any("in the order of the table’s rows; row 1 is “caption 0”" in each for each in told)


def test_rows_that_are_no_items_have_vectors_all_the_same(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("image,caption\n0.jpg,zero\n1.jpg,\n2.jpg,two\n")
    project = made(tmp_path, texts_of(path))
    np.save(tmp_path / "v.npy", np.eye(3, dtype="f4"))
    run(project, "text", tmp_path / "v.npy")
    assert vectors_of(project, "text") == {"zero": 0, "two": 2}
    np.save(tmp_path / "v.npy", np.eye(2, dtype="f4"))
    other = made(tmp_path / "other", texts_of(path))
    run(other, "text", tmp_path / "v.npy")
    assert vectors_of(other, "text") == {"zero": 0, "two": 1}


@pytest.mark.parametrize("ending", ["csv", "txt"])
def test_rows_of_a_table_of_files_have_its_order(tmp_path, ending):
    order = [3, 1, 2, 0, 5, 4]
    pictures(tmp_path / "p", [f"i{k}.png" for k in order])
    head = "image,split\n" if ending == "csv" else ""
    rows = "".join(f"p/i{k}.png{',train' if head else ''}\n" for k in order)
    (tmp_path / f"t.{ending}").write_text(head + rows)
    project = made(tmp_path, Source(modality="image", path=str(tmp_path / f"t.{ending}")))
    np.save(tmp_path / "v.npy", np.eye(6, dtype="f4"))
    _, told = run(project, "image", tmp_path / "v.npy")
    assert vectors_of(project, "image") == {f"i{k}.png": row for row, k in enumerate(order)}
    assert any("in the order of the table’s rows; row 1 is “i3.png”" in each for each in told)


def test_a_table_of_files_beside_a_folder(tmp_path):
    folder = pictures(tmp_path / "a", ["z.png", "y.png"])
    pictures(tmp_path / "p", ["1.png", "2.png"])
    (tmp_path / "t.csv").write_text("image,split\np/2.png,train\np/1.png,train\n")
    project = made(tmp_path, Source(modality="image", path=str(tmp_path / "t.csv")), folder)
    np.save(tmp_path / "v.npy", np.eye(4, dtype="f4"))
    run(project, "image", tmp_path / "v.npy")
    assert vectors_of(project, "image") == {"2.png": 0, "1.png": 1, "y.png": 2, "z.png": 3}


def test_texts_are_found_by_their_words_and_by_their_pictures(tmp_path):
    project = made(tmp_path, texts_of(captions(tmp_path, "csv")))
    order = np.random.default_rng(0).permutation(COUNT)
    for number, column in enumerate(("caption", "filename")):
        names = [f"caption {k}" if column == "caption" else f"/a/{k}.jpg" for k in order]
        file = tmp_path / f"{number}.parquet"
        rows = np.eye(COUNT, dtype="f4")[order]
        pq.write_table(pa.table({column: names, "embedding": rows.tolist()}), file)
        _, told = run(project, "text", file)
        assert vectors_of(project, "text") == {f"caption {k}": k for k in range(COUNT)}
        assert any(f"found by “{column}”: 25 of 25" in each for each in told)


def test_numbered_files_are_asked_for_their_order(tmp_path):
    names = [f"{k}.png" for k in range(12)]
    project = made(tmp_path, pictures(tmp_path / "p", names))
    file = tmp_path / "v.npy"
    np.save(file, np.eye(12, dtype="f4"))
    with pytest.raises(WorkbenchError, match=r"by letters row 3 is “10.png”, by numbers .*“2.png”"):
        run(project, "image", file)
    run(project, "image", f"{file}@order=numbers")
    assert vectors_of(project, "image") == {name: k for k, name in enumerate(names)}
    _, told = run(project, "image", f"{file}@order=words")
    assert vectors_of(project, "image") == {name: k for k, name in enumerate(sorted(names))}
    assert any("row 1 is “0.png”, row 2 is “1.png”, row 12 is “9.png”" in each for each in told)
    with pytest.raises(WorkbenchError, match="must be one of words, numbers"):
        run(project, "image", f"{file}@order=backwards")


def test_folders_come_in_the_order_of_the_project(tmp_path):
    second = pictures(tmp_path / "b", ["x.png", "y.png"])
    first = pictures(tmp_path / "a", ["z.png"])
    project = made(tmp_path, second, first)
    np.save(tmp_path / "v.npy", np.eye(3, dtype="f4"))
    run(project, "image", tmp_path / "v.npy")
    assert vectors_of(project, "image") == {"x.png": 0, "y.png": 1, "z.png": 2}


def test_too_few_rows_and_names_of_others_are_refused_before_anything_is_written(tmp_path):
    project = made(tmp_path, pictures(tmp_path / "p", ["a.png", "b.png", "c.png"]))
    np.save(tmp_path / "v.npy", np.eye(4, dtype="f4"))
    with pytest.raises(WorkbenchError, match=r"holds 4 vectors .* has 3 image items"):
        run(project, "image", tmp_path / "v.npy")
    np.savez(tmp_path / "v.npz", embeddings=np.eye(3, dtype="f4"), ids=np.array(["x", "y", "z"]))
    with pytest.raises(WorkbenchError, match="names none of 3 image items"):
        run(project, "image", tmp_path / "v.npz")
    assert project.settings.encoders == {}
    assert not list(project.root.glob("embeddings/*"))


def test_some_names_without_an_item_and_items_without_a_name(tmp_path):
    names = [f"item{k:02}.png" for k in range(20)]
    project = made(tmp_path, pictures(tmp_path / "p", names))
    known = [*names[:0:-1], "other.png"]
    file = tmp_path / "v.npz"
    np.savez(file, embeddings=np.eye(20, dtype="f4"), files=np.array(known))
    report, told = run(project, "image", file)
    assert (report.encoded, report.failed) == (19, 1)
    assert vectors_of(project, "image") == {n: k for k, n in enumerate(known[:-1])}
    assert any("found by “files”: 19 of 20 image items" in each for each in told)


def test_a_file_inside_a_project_moves_with_it(tmp_path, monkeypatch):
    project = made(tmp_path, pictures(tmp_path / "project" / "p", ["a.png", "b.png"]))
    np.save(project.root / "v.npy", np.eye(2, dtype="f4"))
    monkeypatch.chdir(project.root)
    run(project, "image", "v.npy")
    assert project.settings.encoders["image"] == "precomputed/v.npy"
    monkeypatch.chdir("/")
    shutil.move(project.root, tmp_path / "moved")
    moved = Project.open(tmp_path / "moved")
    report = drain(encode(moved, EncodeRequest("image")))
    assert report.complete


def test_a_relative_path_outside_is_kept_whole(tmp_path, monkeypatch):
    project = made(tmp_path, pictures(tmp_path / "p", ["a.png", "b.png"]))
    np.save(tmp_path / "v.npy", np.eye(2, dtype="f4"))
    monkeypatch.chdir(tmp_path)
    run(project, "image", "v.npy")
    assert project.settings.encoders["image"] == f"precomputed/{tmp_path}{os.sep}v.npy"


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("kind", ["parquet", "tar"])
def test_vectors_of_what_lies_inside_shards(tmp_path, kind, named):
    """By the keys of a shard, as clip-retrieval keeps them; else in the order of the rows."""
    folder = tmp_path / "things"
    if kind == "tar":
        for shard in range(2):
            write_shard(
                folder / f"{shard:05}.tar", range(12 * shard, 12 * shard + 12), name="{:05}"
            )
    else:
        write_hub(folder, 24, shards=2)
    project = made(tmp_path, Source(modality="image", path=str(folder)))
    items = project.catalogue.items("image")
    numbers = [int(read_image(Path(item.path)).getpixel((0, 0))[0]) for item in items]
    order = np.random.default_rng(1).permutation(24) if named else np.arange(24)
    keys = {number: item.key for number, item in zip(numbers, items, strict=True)}
    vectors = np.eye(24, dtype=np.float32)[order]
    file = tmp_path / ("v.npz" if named else "v.npy")
    if named:
        np.savez(file, embeddings=vectors, ids=np.array([keys[number] for number in order]))
    else:
        np.save(file, vectors)
    run(project, "image", file)
    ids, rows = load_embeddings(project, "image", project.settings.encoders["image"])
    number_of = dict(zip((item.id for item in items), numbers, strict=True))
    assert [number_of[each] for each in ids.tolist()] == rows.argmax(axis=1).tolist()


def test_the_open_order_is_told_from_process_to_process():
    told = OrderOpen("precomputed/v.npy", 3, "“10.txt”", "“2.txt”")
    heard = pickle.loads(pickle.dumps(told))  # noqa: S301 - as multiprocessing does
    assert (heard.row, heard.words, heard.numbers) == (3, "“10.txt”", "“2.txt”")
    assert str(heard) == str(told)
    assert "by letters row 3 is “10.txt”, by numbers it is “2.txt”" in str(heard)
