import pickle
import sys
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.encoders import embedding_files
from workbench.encoders.precision import in_half_precision
from workbench.encoders.precomputed import PREFIX, Precomputed, item_names
from workbench.errors import WorkbenchError
from workbench.media import plain_path

TABLE = np.random.default_rng(0).normal(size=(7, 5)).astype("f4")
IDS = ["/data/a/1.jpg", "a/2.jpg", "3.jpg", "4", "fünf.jpg", "6 ", "7"]
KINDS = ["npy", "npz", "h5", "hdf5", "parquet"]


def write(path: Path, table: np.ndarray, ids=None) -> Path:
    """Write a table as people write it in each format."""
    named = {} if ids is None else {"ids": np.array(ids)}
    if path.suffix == ".npy":
        np.save(path, table)
        if ids is not None:
            path.with_suffix(".ids.txt").write_text("\n".join(map(str, ids)) + "\n", "utf-8")
    elif path.suffix == ".npz":
        np.savez_compressed(path, embeddings=table, **named)
    elif path.suffix == ".parquet":
        columns = {"embedding": list(table)} | ({} if ids is None else {"id": ids})
        pq.write_table(pa.table(columns), path, row_group_size=3)
    else:
        with h5py.File(path, "w") as file:
            file["embeddings"] = table
            if ids is not None:
                file["ids"] = ids
    return path


def load(path: Path, modality="image") -> Precomputed:
    return Precomputed(f"{PREFIX}{path}", str(path), modality)


@pytest.mark.parametrize("kind", KINDS)
def test_rows(tmp_path, kind):
    path = write(tmp_path / f"vectors.{kind}", TABLE)
    encoder = load(path)
    assert (encoder.takes, encoder.rows) == ("rows", 7)
    assert np.array_equal(encoder.encode([0, 6, 3, 3]), TABLE[[0, 6, 3, 3]])
    assert np.array_equal(encoder.encode(range(2, 5)), TABLE[2:5])
    assert encoder.encode([]).shape == (0, 5)
    assert encoder.encode([1]).dtype == np.float32
    for row in (-1, 7):
        with pytest.raises(WorkbenchError, match="has 7 rows and no ids"):
            encoder.encode([row])
    card = encoder.card
    assert (card.modality, card.width, card.dtype) == ("image", 5, "float32")
    assert card.preprocessing == "computed elsewhere"
    assert card.revision.startswith("sha256:")


@pytest.mark.parametrize("kind", KINDS)
def test_names(tmp_path, kind):
    encoder = load(write(tmp_path / f"vectors.{kind}", TABLE, IDS), "speech")
    assert (encoder.takes, encoder.rows, encoder.card.modality) == ("names", 7, "speech")
    batch = [
        ("/data/a/1.jpg", "a/1.jpg", "1.jpg", "1"),
        ("/data/a/2.jpg", "a/2.jpg", "2.jpg", "2"),
        ("/data/a/3.jpg", "a/3.jpg", "3.jpg", "3"),
        ("/data/a/4.jpg", "a/4.jpg", "4.jpg", "4"),
        ("/data/b/9.jpg", "b/9.jpg", "9.jpg", "9"),
        ("/data/fünf.jpg", "fünf.jpg", "fünf"),
        ("6",),
    ]
    vectors = encoder.encode(batch)
    assert np.array_equal(vectors[[0, 1, 2, 3, 5, 6]], TABLE[[0, 1, 2, 3, 4, 5]])
    assert np.isnan(vectors[4]).all()
    assert [encoder.row_of(names) for names in batch] == [0, 1, 2, 3, None, 4, 5]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_as_ids(tmp_path, kind):
    encoder = load(write(tmp_path / f"vectors.{kind}", TABLE, [10, 20, 30, 40, 50, 60, 70]))
    assert np.array_equal(encoder.encode([("30",), ("a", "10")]), TABLE[[2, 0]])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["f2", "f8", "i1", "i4"])
def test_types(tmp_path, kind, dtype):
    table = (TABLE * 10).astype(dtype)
    encoder = load(write(tmp_path / f"vectors.{kind}", table))
    assert encoder.card.dtype == str(np.dtype(dtype))
    assert np.array_equal(encoder.encode(range(7)), table.astype("f4"))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_are_no_numbers_come_through(tmp_path, kind):
    table = TABLE.astype("f8")
    table[1, 2], table[3, 0], table[5, 4] = np.nan, np.inf, 1e300
    vectors = load(write(tmp_path / f"vectors.{kind}", table)).encode(range(7))
    assert np.isfinite(vectors).all(axis=1).tolist() == [
        True,
        False,
        True,
        False,
        True,
        False,
        True,
    ]


def test_another_file_has_another_revision(tmp_path):
    seen = {load(write(tmp_path / "a.npy", TABLE, IDS)).card.revision}
    seen.add(load(write(tmp_path / "a.npy", TABLE, IDS[::-1])).card.revision)
    seen.add(load(write(tmp_path / "a.npy", TABLE + 1, IDS[::-1])).card.revision)
    assert len(seen) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        (IDS[:6], "7 rows, but 6 ids|could not|cannot be read"),
        ([*IDS[:6], "3.jpg"], r"“3\.jpg” occurs more than once .* \(rows 3 and 7\)"),
    ],
)
def test_wrong_ids(tmp_path, kind, ids, sentence):
    if kind == "parquet" and len(ids) < 7:
        pytest.skip("columns of parquet are of one length")
    with pytest.raises(WorkbenchError, match=sentence):
        load(write(tmp_path / f"vectors.{kind}", TABLE, ids))


@pytest.mark.parametrize("kind", ["npy", "npz", "h5"])
def test_wrong_tables(tmp_path, kind):
    for table, sentence in (
        (TABLE[0], r"shape \(5,\)"),
        (TABLE[None], r"shape \(1, 7, 5\)"),
        (np.empty((0, 5), "f4"), "holds no vectors"),
        (np.array([[True, False]]), "must hold numbers"),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            load(write(tmp_path / f"vectors.{kind}", table))


def test_columns_of_parquet(tmp_path):
    path = tmp_path / "a.parquet"

    def saved(**columns) -> Path:
        pq.write_table(pa.table(columns), path, row_group_size=2)
        return path

    lists = pa.array([[1.0, 2.0], None, [3.0, None], [5.0, 6.0]], pa.list_(pa.float32()))
    vectors = load(saved(anything=lists)).encode(range(4))
    assert np.array_equal(vectors[[0, 3]], [[1, 2], [5, 6]])
    assert np.isnan(vectors[1]).all()
    assert np.isnan(vectors[2]).tolist() == [False, True]
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6, dtype="f4")), 3)
    names = pa.array(["a", "b"]).dictionary_encode()
    assert np.array_equal(
        load(saved(file=names, vector=fixed)).encode([("b",), ("a",)]), [[3, 4, 5], [0, 1, 2]]
    )
    for columns, sentence in (
        ({"a": [[1.0], [1.0, 2.0]]}, "row 2 has 2 numbers and those before it 1"),
        ({"a": [1.0]}, "has none"),
        ({"a": [[1.0]], "b": [[1.0]]}, r"has 2 \(a, b\)"),
        ({"a": [["words"]]}, "has none"),
        ({"a": [[1.0]], "id": [0.5]}, "ids must be texts or whole numbers"),
        ({"a": pa.array([None, None], pa.list_(pa.float32()))}, "holds no vectors"),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            load(saved(**columns))


def test_a_picture_beside_its_name_is_passed_over(tmp_path):
    """As the datasets library saves a table of pictures."""
    picture = pa.array([{"bytes": b"x", "path": None}] * 7)
    columns = {"image": picture, "score": [0.5] * 7, "embedding": list(TABLE)}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns | {"file_name": IDS}), path)
    assert np.array_equal(load(path).encode([("3.jpg",)]), TABLE[[2]])
    for more in ({}, {"label": range(7)}):
        pq.write_table(pa.table(columns | more), path)
        with pytest.raises(WorkbenchError, match=r"“image” .* ids must be texts or whole numbers"):
            load(path)


def test_a_large_parquet_file_goes_to_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(embedding_files, "_IN_MEMORY", 16)
    encoder = load(write(tmp_path / "a.parquet", TABLE, IDS))
    assert np.array_equal(encoder.encode([("7",), ("3.jpg",)]), TABLE[[6, 2]])


def test_which_arrays_are_taken(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(
        path, labels=np.arange(7), anything=TABLE, names=np.array([name.encode() for name in IDS])
    )
    assert np.array_equal(load(path).encode([("3.jpg",)]), TABLE[[2]])
    np.savez(path, one=TABLE, two=TABLE)
    with pytest.raises(WorkbenchError, match=r"has 2 \(one, two\): name it “embeddings”"):
        load(path)
    np.savez(path, one=TABLE, two=TABLE, features=TABLE + 1)
    assert np.array_equal(load(path).encode([2]), TABLE[[2]] + 1)
    np.savez(path, embeddings=TABLE, ids=TABLE)
    with pytest.raises(WorkbenchError, match="save one a row"):
        load(path)
    np.savez(path, embeddings=TABLE, ids=TABLE[:, 0])
    with pytest.raises(WorkbenchError, match="save texts or whole numbers"):
        load(path)


def test_ids_beside_a_npy_file(tmp_path):
    path = write(tmp_path / "a.npy", TABLE)
    (tmp_path / "a.txt").write_bytes("\ufeff".encode() + "\r\n".join(IDS).encode())
    assert np.array_equal(load(path).encode([(IDS[0],), (IDS[6],)]), TABLE[[0, 6]])
    (tmp_path / "a.ids.txt").write_text("\n".join("abcdefg"))
    assert np.array_equal(load(path).encode([("b",)]), TABLE[[1]])


@pytest.mark.parametrize("ending", ["_names.txt", "_paths.txt", "_filenames.txt"])
def test_names_beside_a_npy_file(tmp_path, ending):
    path = write(tmp_path / "a.npy", TABLE)
    (tmp_path / f"a{ending}").write_text("\n".join(IDS), "utf-8")
    assert np.array_equal(load(path).encode([("3.jpg",)]), TABLE[[2]])


@pytest.mark.parametrize("ending", ["_ids", "_names", "_filenames"])
def test_an_array_of_ids_beside_a_npy_file(tmp_path, ending):
    path = write(tmp_path / "vec.npy", TABLE)
    np.save(tmp_path / f"vec{ending}.npy", np.array(IDS))
    assert np.array_equal(load(path).encode([("3.jpg",)]), TABLE[[2]])


@pytest.mark.skipif(sys.platform == "win32", reason="a file with a hole takes its whole room there")
def test_a_npy_file_is_not_read_whole(tmp_path):
    """Of a file of 80 GB, mostly hole, two rows come at once."""
    path = tmp_path / "a.npy"
    rows, width = 20_000_000, 1024
    head = {"descr": "<f4", "fortran_order": False, "shape": (rows, width)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        start = file.tell()
        file.truncate(start + rows * width * 4)
        file.seek(start + (rows - 1) * width * 4)
        file.write(np.ones(width, dtype="f4").tobytes())
    vectors = load(path).encode([0, rows - 1])
    assert vectors.sum(axis=1).tolist() == [0, width]


class Trap:
    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return (Path.touch, (self.place,))


def test_nothing_pickled_is_read(tmp_path):
    sprung = tmp_path / "sprung"
    objects = np.array([Trap(sprung), "b"], dtype=object)
    np.save(tmp_path / "a.npy", objects)
    np.savez(tmp_path / "a.npz", embeddings=TABLE[:2], ids=objects)
    np.savez(tmp_path / "b.npz", embeddings=objects)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Trap(sprung)))
    for name in ("a.npy", "b.npy", "a.npz", "b.npz"):
        with pytest.raises(WorkbenchError, match="pickled Python objects"):
            load(tmp_path / name)
    assert not sprung.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(tmp_path, kind):
    path = write(tmp_path / f"a.{kind}", np.repeat(TABLE, 50, axis=0))
    whole = path.read_bytes()
    for content in (b"", whole[:40], whole[: len(whole) // 2], b"\x93NUMPY garbage", b"PK\3\4"):
        path.write_bytes(content)
        with pytest.raises(WorkbenchError, match=r"cannot be read|pickled"):
            load(path)
    path.unlink()
    with pytest.raises(WorkbenchError, match=r"The file .* does not exist"):
        load(path)


def external_link(file, secret):
    file["embeddings"] = h5py.ExternalLink(str(secret), "embeddings")


def link_within(file, secret):
    file["out"] = h5py.ExternalLink(str(secret), "/")
    file["embeddings"] = h5py.SoftLink("/out/embeddings")


def virtual(file, secret):
    layout = h5py.VirtualLayout(TABLE.shape, TABLE.dtype)
    layout[...] = h5py.VirtualSource(secret, "embeddings", TABLE.shape)
    file.create_virtual_dataset("embeddings", layout)


def external_bytes(file, secret):
    file.create_dataset("embeddings", TABLE.shape, "f4", external=[(str(secret), 0, TABLE.nbytes)])


def only_claimed(file, _):
    file.create_dataset("embeddings", (10**9, 5), "f4", chunks=True)


@pytest.mark.parametrize("put", [external_link, link_within, virtual, external_bytes, only_claimed])
def test_numbers_of_other_files_are_not_read(tmp_path, put):
    secret = write(tmp_path / "secret.h5", TABLE)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        put(file, secret)
    with pytest.raises(WorkbenchError, match=r"is a link|other files|holds less"):
        load(tmp_path / "a.h5")


def test_other_files(tmp_path):
    with pytest.raises(WorkbenchError, match=r"save them as \.npy"):
        load(tmp_path / "a.pkl")


def test_it_computes_nothing_in_half_precision(tmp_path):
    encoder = load(write(tmp_path / "a.npy", TABLE))
    assert in_half_precision(encoder, "cpu") is encoder


def test_names_of_items():
    items = [
        ("/data/x/a/1.jpg", "/data/x", "", ""),
        ("/data/x/b/1.jpg", "/data/x", "", ""),
        ("/data/x/b/2.jpg", "/data/x", "", ""),
        ("/data/x/b/2.png", "/data/x", "", ""),
        ("/data/t.csv#row 7", "/data/t.csv", "row 7", "a dog"),
    ]
    found = item_names(items)
    assert found[0] == ("/data/x/a/1.jpg", "a/1.jpg", "data/x/a/1.jpg", "x/a/1.jpg")
    assert found[2] == ("/data/x/b/2.jpg", "b/2.jpg", "data/x/b/2.jpg", "x/b/2.jpg", "2.jpg")
    assert found[4][-3:] == ("t.csv#row 7", "row 7", "a dog")
    assert not {"1.jpg", "1", "2"} & set().union(*found)  # which of the two would be meant


WAYS = {
    "below the folder": "{below}",
    "with the folder": "x/{below}",
    "of another machine": "/home/someone/data/x/{below}",
    "of Windows": "C:\\data\\x\\{back}",
    "from here": "./x/{below}",
    "with blanks": " {below} ",
    "an address": "file:///data/x/{below}",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("column", ["filename", "image_path", "key", "whatever"])
def test_vectors_are_found_by_any_column_of_names_however_spelt(tmp_path, way, column):
    order = np.random.default_rng(0).permutation(7)
    below = [f"{'ab'[k % 2]}/é{k // 2}.jpg" for k in range(7)]
    ids = [WAYS[way].format(below=below[k], back=below[k].replace("/", "\\")) for k in order]
    path = tmp_path / "a.parquet"
    columns = {"number": range(7), column: ids, "embedding": list(TABLE[order])}
    pq.write_table(pa.table(columns), path)
    encoder = load(path)
    names = item_names((f"/data/x/{each}", "/data/x", "", "") for each in below)
    assert encoder.match(names, numbered=False) == (
        f"vectors are found by “{column}”: 7 of 7 image items have one"
    )
    assert np.array_equal(encoder.encode(names), TABLE)


def test_names_that_are_none_of_the_items_are_refused_and_shown(tmp_path):
    encoder = load(write(tmp_path / "a.npz", TABLE, [f"other{k}.jpg" for k in range(7)]))
    names = item_names((f"/data/x/{k}.jpg", "/data/x", "", "") for k in range(7))
    with pytest.raises(WorkbenchError, match=r"names none of 7 .*“other0.jpg”.*“0.jpg”, “1.jpg”"):
        encoder.match(names, numbered=False)


def saved(path, **columns):
    pq.write_table(pa.table(columns | {"embedding": list(TABLE)}), path)
    return load(path)


def files(names):
    return item_names((f"/data/x/{name}", "/data/x", "", "") for name in names)


@pytest.mark.parametrize("column", ["id", "index", "image_id", "whatever"])
def test_numbers_that_only_count_are_not_those_of_files_that_count_otherwise(tmp_path, column):
    """Files from 1, and row numbers of pandas from 0: each would get its neighbour's vector."""
    names = files(f"{k}.jpg" for k in range(1, 8))
    with pytest.raises(WorkbenchError, match=f"“{column}” of .* names 6 of 7 image items"):
        saved(tmp_path / "a.parquet", **{column: range(7)}).match(names, numbered=False)
    beside = saved(tmp_path / "b.parquet", **{column: range(7)},
                   text=[f"{k}.jpg" for k in range(1, 8)])  # fmt: skip
    assert beside.match(names, numbered=False).startswith("vectors are found by “text”: 7 of 7")
    assert np.array_equal(beside.encode(names), TABLE)
    same = saved(tmp_path / "c.parquet", **{column: range(1, 8)})
    assert same.match(names, numbered=False).startswith(f"vectors are found by “{column}”: 7 of 7")


def test_columns_that_give_items_different_vectors_are_refused(tmp_path):
    names = files(f"img{k}.jpg" for k in range(7))
    stems = [f"img{k}" for k in range(7)]
    encoder = saved(tmp_path / "a.parquet", file=stems, other=stems[::-1])
    with pytest.raises(WorkbenchError, match=r"“file” and “other” .* give them different vectors"):
        encoder.match(names, numbered=False)
    agreed = saved(tmp_path / "b.parquet", file=stems, other=[f"{s}.jpg" for s in stems])
    assert agreed.match(names, numbered=False).startswith("vectors are found by “file”: 7 of 7")


@pytest.mark.parametrize("column", ["image_name", "photoId", "clip file", "media_urls", "imgKey"])
def test_a_column_that_is_called_as_names_is_never_passed_over(tmp_path, column):
    encoder = saved(tmp_path / "a.parquet", **{column: [f"OTHER{k}" for k in range(7)]})
    with pytest.raises(WorkbenchError, match=f"“{column}” of .* names none of 7 image items"):
        encoder.match(files(f"img{k}.jpg" for k in range(7)), numbered=False)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [(["img0.jpg", *(f"img{k}.jpg" for k in range(6))], "“img0.jpg” occurs more than once"),
     ([None, None, *(f"img{k}.jpg" for k in range(5))], "“” occurs more than once"),
     ([f"img{k}.jpg".encode() for k in range(7)], "holds binary: ids must be texts"),
     ([float(k) for k in range(7)], "holds double: ids must be texts")],
)  # fmt: skip
def test_names_that_are_of_no_use_are_refused(tmp_path, cells, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        saved(tmp_path / "a.parquet", image_name=cells)
    saved(tmp_path / "b.parquet", class_name=["a", "b"] * 3 + ["a"])  # rows share it


def test_a_column_of_something_else_is_passed_over(tmp_path):
    encoder = saved(tmp_path / "a.parquet", valid=[f"word {k}" for k in range(7)])
    assert encoder.match(files(f"img{k}.jpg" for k in range(7)), numbered=False) == ""


@pytest.mark.parametrize("numbers", [[3, 1, 2, 0, 5, 4, 6], [1, 2, 3, 4, 5, 6, 8]])
@pytest.mark.parametrize("column", ["id", "index", "__index_level_0__", "Unnamed: 0"])
def test_row_numbers_in_another_order_name_no_row_of_a_table(tmp_path, numbers, column):
    names = item_names((f"/t.csv#{k + 2}", "/t.csv", str(k + 1), f"text {k}") for k in range(7))
    with pytest.raises(WorkbenchError, match=f"“{column}” of .* numbers rows in another order"):
        saved(tmp_path / "a.parquet", **{column: numbers}).match(names, numbered=True)


def test_a_column_that_counts_rows_names_no_row_of_a_table(tmp_path):
    path = write(tmp_path / "a.parquet", TABLE, list(range(7)))
    names = item_names((f"/t.csv#{k + 2}", "/t.csv", str(k + 2), f"text {k}") for k in range(7))
    encoder = load(path)
    assert encoder.match(names, numbered=True) == ""
    assert encoder.takes == "rows"


@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 9), st.integers(1, 5)), elements=st.floats(width=32)
    ),
    st.sampled_from(KINDS),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_any_table_any_order(tmp_path_factory, table, kind, data):
    path = tmp_path_factory.mktemp("any") / f"a.{kind}"
    words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6)
    ids = data.draw(st.lists(words, min_size=len(table), max_size=len(table), unique_by=plain_path))
    order = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=12))
    by_name = load(write(path, table, ids))
    found = by_name.encode([("no such name", plain_path(ids[row])) for row in order])
    assert np.array_equal(found, table[order], equal_nan=True)
