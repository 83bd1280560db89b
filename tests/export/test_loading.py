"""Exports read by the workbench: what is damaged, changed, newer or hostile is refused."""

import io
import json
import pickle
import sys

import numpy as np
import pytest
from worlds.exports import TEXT_WIDTH, contents, random_rows, space_of

from workbench.errors import WorkbenchError
from workbench.export import ViewItems, find_parts, load, write_bundle
from workbench.export.bundle import digest
from workbench.jobs import drain

SPACE = space_of("blocks")


def items(view):
    rows = SPACE.embed(view, random_rows(7, SPACE.width(view), seed=8))
    first = 1 if view == "image" else 101
    texts = [f"text {n}" if view == "text" else "" for n in range(7)]
    return ViewItems(
        np.arange(first, first + 7), rows, [f"/data/{view}/{n}" for n in range(7)], texts,
        ["even", "odd"] * 3 + [""], ["test"] * 6 + [""],
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    made = contents(SPACE, items=items, counts={"image": 7, "text": 7})
    return drain(write_bundle(tmp_path / "bundle", made, find_parts(["vectors", "index"])))


def change(folder, **values):
    """Change what the configuration says."""
    told = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(told | values), "utf-8")


def sign(folder):
    """Let the configuration have the digests of the vectors as they are."""
    told = json.loads((folder / "config.json").read_text("utf-8"))
    for name, file in told["parts"]["vectors"]["files"].items():
        file["sha256"] = digest(folder / "vectors" / name)
    change(folder, parts=told["parts"])


def test_the_vectors_are_read_by_others(folder):
    import faiss
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "vectors" / "items.parquet")
    assert table.column_names == ["id", "modality", "path", "text", "label", "split", "vector"]
    assert table["id"].to_pylist() == [*range(1, 8), *range(101, 108)]
    assert table["text"].to_pylist()[6:8] == [None, "text 0"]
    assert table["split"].to_pylist()[5:7] == ["test", None]
    rows = np.stack([items(view).rows for view in ("image", "text")]).reshape(14, -1)
    np.testing.assert_array_equal(np.stack(table["vector"].to_numpy()), rows)
    np.testing.assert_array_equal(np.load(folder / "vectors" / "vectors.npy"), rows)
    assert np.load(folder / "vectors" / "ids.npy").tolist() == table["id"].to_pylist()
    for view in ("image", "text"):
        index = faiss.read_index(str(folder / "index" / f"{view}.faiss"))
        scores, ids = index.search(items(view).rows, 1)
        assert ids[:, 0].tolist() == items(view).ids.tolist()
        np.testing.assert_allclose(scores[:, 0], 1, atol=1e-5)


def test_what_is_nearest(folder):
    bundle = load(folder)
    assert (bundle.name, bundle.views) == ("r", ("image", "text"))
    row = items("text").rows[3]
    best, second = bundle.nearest(row, "text", 2)
    assert (best.rank, best.id, best.text, best.label) == (1, 104, "text 3", "odd")
    assert best.score == pytest.approx(1, abs=1e-5)
    assert second.score < best.score
    assert {found.modality for found in bundle.nearest(row, top=99)} == {"image", "text"}
    assert bundle.nearest(row, "text", 1, without=[104])[0].id == second.id
    np.testing.assert_array_equal(bundle.row_of(104), row[None])
    with pytest.raises(WorkbenchError, match="no item 5000"):
        bundle.row_of(5000)
    with pytest.raises(WorkbenchError, match=r"no speech items\. It has: image, text"):
        bundle.nearest(row, "speech")


def test_the_encoder_must_be_that_of_the_heads(folder, monkeypatch):
    from worlds.fakes import FakeEncoder

    loading = sys.modules["workbench.export.loading"]
    card = FakeEncoder("text").card.model_dump(mode="json")
    change(folder, encoders={"text": card | {"name": "fake/text"}})
    monkeypatch.setattr(loading, "load_encoder", lambda name, view, **_: FakeEncoder(view, name))
    bundle = load(folder)
    assert bundle.encoder("text") is bundle.encoder("text")
    with pytest.raises(WorkbenchError, match="names no encoder for “image”"):
        bundle.encoder("image")
    change(folder, encoders={"text": card | {"revision": "2"}})
    with pytest.raises(WorkbenchError, match="revision was 2, is 1"):
        load(folder).encode("text", ["thing 1"])


def test_of_vectors_that_were_computed_elsewhere_nothing_new_is_encoded(folder, tmp_path):
    np.save(tmp_path / "rows.npy", random_rows(3, 4))
    change(folder, encoders={"text": {"name": f"precomputed/{tmp_path / 'rows.npy'}"}})
    with pytest.raises(WorkbenchError, match="were computed elsewhere"):
        load(folder).encode("text", ["words"])


@pytest.mark.parametrize("version", [3, "x", 1e9, None])
def test_a_later_version_is_refused(folder, version):
    change(folder, schema_version=version)
    with pytest.raises(WorkbenchError, match=r"later version|not of an exported folder"):
        load(folder)


@pytest.mark.parametrize("words", [b"[]", b"{", b"\xff", b"[" * 100_000, b"", b"3"])
def test_a_damaged_configuration_is_refused(folder, words):
    (folder / "config.json").write_bytes(words)
    with pytest.raises(WorkbenchError):
        load(folder)


def test_heads_without_words_beside_are_heads_still(folder):
    (folder / "config.json").unlink()
    bundle = load(folder)
    assert bundle.name == "bundle"
    with pytest.raises(WorkbenchError, match="no vectors"):
        bundle.items  # noqa: B018
    with pytest.raises(WorkbenchError, match="names no encoder"):
        bundle.encoder("text")


@pytest.mark.parametrize("kind", ["cut", "changed", "pickle", "gone", "other"])
@pytest.mark.parametrize("name", ["items.parquet", "vectors.npy", "ids.npy"])
def test_vectors_that_are_not_as_they_were_are_refused(folder, tmp_path, name, kind):
    path, ran = folder / "vectors" / name, tmp_path / "ran"
    whole = path.read_bytes()

    class Evil:
        def __reduce__(self):
            return ran.touch, ()

    if kind == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "changed":
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif kind == "pickle":
        np.save(path.open("wb"), np.array([Evil()], dtype=object), allow_pickle=True)
    elif kind == "gone":
        path.unlink()
    else:  # a program of this kind wrote it, with the digest that belongs to it
        path.write_bytes(pickle.dumps(Evil()))
        sign(folder)
    with pytest.raises(WorkbenchError):
        load(folder).items  # noqa: B018
    assert not ran.exists()


def array_file(header):
    words = header.encode().ljust(53) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words


def zipped():
    np.savez(archive := io.BytesIO(), rows=np.zeros(3))
    return archive.getvalue()


@pytest.mark.parametrize("name", ["vectors.npy", "ids.npy"])
@pytest.mark.parametrize(
    "content",
    [b"", zipped(), array_file("{'descr': '<i8', 'fortran_order': False, 'shape': (9e99"),
     array_file("{'descr':'<i8','fortran_order':False,'shape':(10000000000000,)}"),
     array_file("-" * 9000 + "1")],
    ids=["empty", "archive", "open bracket", "larger than a disk", "deep"],
)  # fmt: skip
def test_arrays_that_a_stranger_wrote(folder, name, content):
    (folder / "vectors" / name).write_bytes(content)
    sign(folder)
    with pytest.raises(WorkbenchError, match="The vectors of the bundle"):
        load(folder).items  # noqa: B018


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [("modality", list(range(14)), "other columns"), ("modality", [None] * 14, "other columns"),
     ("modality", [*["image"] * 13, None], "of no modality"), ("path", [b"\xff"] * 14, "other col"),
     ("modality", [*["image"] * 13, "\x1b[2J"], "of no modality"), ("id", ["x"] * 14, "other col"),
     ("id", list(range(14)), "other ids"), ("id", [None, *range(13)], "without an id"),
     ("text", [{"a": 1}] * 14, "other columns"), ("text", None, "other columns")],
)  # fmt: skip
def test_tables_that_a_stranger_wrote(folder, column, values, said):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "vectors" / "items.parquet"
    table = pq.read_table(path)
    if values is None:
        table = table.drop_columns([column])
    else:
        table = table.set_column(table.column_names.index(column), column, pa.array(values))
    pq.write_table(table, path)
    sign(folder)
    with pytest.raises(WorkbenchError, match=said):
        load(folder).items  # noqa: B018


@pytest.mark.parametrize("value", [np.nan, np.inf, -2.0])
def test_rows_that_are_no_unit_rows_are_refused(folder, value):
    rows = np.load(folder / "vectors" / "vectors.npy")
    rows[3, 2] = value
    np.save(folder / "vectors" / "vectors.npy", rows)
    sign(folder)
    with pytest.raises(WorkbenchError, match="not of unit length"):
        load(folder).items  # noqa: B018


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
@pytest.mark.parametrize("place", ["vectors", "vectors/ids.npy"])
def test_no_link_leads_out_of_the_folder(folder, tmp_path, place):
    (folder / place).rename(tmp_path / "elsewhere")
    (folder / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WorkbenchError, match="is a link to another place"):
        load(folder).items  # noqa: B018


def test_names_in_the_configuration_are_no_paths(folder, tmp_path):
    """Whatever a hostile bundle calls its files, an export over it removes none outside."""
    precious = tmp_path / "precious"
    precious.write_text("content")
    named = {"../precious": {}, str(precious): {}, "../../precious": {}}
    change(folder, parts={"vectors": {"files": named}, "..": {"files": {"precious": {}}}})
    with pytest.raises(WorkbenchError, match="does not tell of"):
        load(folder).items  # noqa: B018
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(WorkbenchError, match="is in the way, and no export has written it"):
        drain(write_bundle(folder, contents(SPACE, items=items), find_parts(["vectors"])))
    drain(write_bundle(folder, contents(SPACE)))
    assert precious.read_text() == "content"
    assert (folder / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "parts", [None, 3, [], {"vectors": 3}, {"vectors": {}}, {"vectors": {"files": 3}},
              {"vectors": {"files": {"ids.npy": 3}}}],
    ids=str,
)  # fmt: skip
def test_parts_that_make_no_sense(folder, parts):
    change(folder, parts=parts)
    with pytest.raises(WorkbenchError):
        load(folder).items  # noqa: B018


def test_encoders_that_make_no_sense(folder):
    for encoders in (None, 3, [], {"text": 3}, {"text": {"name": 3}}, {"text": {}}):
        change(folder, encoders=encoders)
        with pytest.raises(WorkbenchError, match="names no encoder"):
            load(folder).encoder("text")


def test_no_bundle(tmp_path):
    for place in (tmp_path, tmp_path / "nothing", tmp_path / "file"):
        (tmp_path / "file").touch()
        with pytest.raises(WorkbenchError, match="is no exported folder"):
            load(place)


def test_a_name_that_no_disk_has(tmp_path):
    with pytest.raises(WorkbenchError, match="cannot be read"):
        load(tmp_path / ("x" * 300))


def test_rows_of_one_width_are_taken(folder):
    bundle = load(folder)
    assert bundle.embed("text", random_rows(2, TEXT_WIDTH)).shape == (2, 12)
    with pytest.raises(WorkbenchError, match=f"width {TEXT_WIDTH}, not 5"):
        bundle.embed("text", random_rows(2, 5))
