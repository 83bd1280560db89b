import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.exports import (
    ENCODERS,
    HAS_ONNX,
    HEADS,
    WIDTHS,
    by_onnx,
    by_torch,
    random_rows,
    space_of,
    write,
)
from worlds.fakes import FakeShelf, encode_all, make_project, tree

from workbench.alignment import find_method, methods
from workbench.assets import resource
from workbench.errors import WorkbenchError
from workbench.export import bundle, load
from workbench.jobs import drain
from workbench.stations import AlignRequest, align, evaluate, export

READER = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, str(Path(sys.argv[1]) / "0"))
from load_heads import load_heads
for folder in Path(sys.argv[1]).iterdir():
    heads = load_heads(folder)
    views = dict(np.load(sys.argv[2]))
    assert set(heads.views) == set(views)
    of_both = heads.similarity("image", views["image"], "text", views["text"])
    np.savez(Path(sys.argv[3]) / (folder.name + ".npz"), similarity=of_both,
             **{view: heads.embed(view, rows) for view, rows in views.items()})
foreign = {name.split(".")[0] for name in sys.modules} & {
    "workbench", "torch", "h5py", "pydantic", "scipy", "sklearn", "faiss", "PySide6"}
assert not foreign, foreign
"""


def test_bundles_alone_give_the_same_vectors(tmp_path):
    spaces = [space_of(kind) for kind in HEADS]
    for number, space in enumerate(spaces):
        write(tmp_path / "bundles" / str(number), space)
    assert sorted(tree(tmp_path / "bundles" / "0")) == [
        "README.md", "config.json", "example.py", "heads.safetensors", "load_heads.py",
    ]  # fmt: skip
    views = {view: random_rows(50, width, seed=5) for view, width in WIDTHS.items()}
    views["image"][3] = spaces[0].heads["image"].centre  # a row that is nothing once it is centred
    np.savez(tmp_path / "rows.npz", **views)
    (tmp_path / "found").mkdir()
    script = tmp_path / "reader.py"
    script.write_text(READER)
    command = [
        sys.executable, "-I", str(script), str(tmp_path / "bundles"), str(tmp_path / "rows.npz"),
        str(tmp_path / "found"),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=tmp_path, timeout=60)
    for number, (kind, space) in enumerate(zip(HEADS, spaces, strict=True)):
        found = np.load(tmp_path / "found" / f"{number}.npz")
        back = load(tmp_path / "bundles" / str(number)).space
        for view, rows in views.items():
            assert found[view].dtype == np.float32
            known = space.embed(view, rows)
            np.testing.assert_allclose(found[view], known, rtol=0, atol=1e-6, err_msg=kind)
            np.testing.assert_array_equal(back.embed(view, rows), known)
        expected = space.similarity("image", views["image"], "text", views["text"])
        np.testing.assert_allclose(found["similarity"], expected, rtol=0, atol=3e-6)


def test_the_words_beside(tmp_path):
    write(tmp_path / "b", space_of("linear"))
    readme = (tmp_path / "b" / "README.md").read_text(encoding="utf-8")
    assert "| image | fake/image |  | 1 | 9 |  |" in readme
    configuration = json.loads((tmp_path / "b" / "config.json").read_text(encoding="utf-8"))
    assert configuration["encoders"] == ENCODERS
    assert configuration["views"]["image"] == {"kind": "linear"}


def test_an_earlier_bundle_is_replaced_and_nothing_else(tmp_path):
    folder = tmp_path / "b"
    write(folder, space_of("linear"))
    write(folder, space_of("anchors"))
    assert load(folder).space.configuration()["views"]["text"]["kind"] == "anchors"
    for name, content in (("notes.txt", "mine"), ("config.json", '{"model_type": "vit"}'),
                          ("config.json", "{"), ("config.json", "[]")):  # fmt: skip
        other = tmp_path / f"other {name} {len(content)}"
        other.mkdir()
        (other / name).write_text(content)
        with pytest.raises(WorkbenchError, match="is not empty and is not an exported folder"):
            write(other, space_of("linear"))
        assert tree(other) == {name: content.encode()}


@pytest.mark.parametrize("exchanged", [True, False])
def test_an_earlier_bundle_is_replaced_in_one_step(tmp_path, monkeypatch, exchanged):
    if not exchanged:  # as on a system that cannot do it
        monkeypatch.setattr("workbench.export.taking_place._exchanged", lambda *_: False)
    folder = tmp_path / "b"
    write(folder, space_of("linear"))
    before = tree(folder)
    seen = []
    fill = bundle._write_files

    def filled(*parts):
        yield from fill(*parts)
        seen.append(tree(folder))

    monkeypatch.setattr(bundle, "_write_files", filled)
    write(folder, space_of("anchors"))
    assert seen == [before]
    assert load(folder).space.configuration()["views"]["text"]["kind"] == "anchors"
    assert list(tmp_path.iterdir()) == [folder]


def test_where_the_new_one_cannot_take_the_place_the_earlier_one_has_it_again(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("workbench.export.taking_place._exchanged", lambda *_: False)
    folder, rename = tmp_path / "b", Path.rename
    write(folder, space_of("linear"))
    left = tmp_path / ".b.before"  # by one that was killed
    left.mkdir()
    (left / "heads.safetensors").touch()
    before = tree(folder)

    def refused(path, target):
        if path.suffix == ".new":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        with pytest.raises(WorkbenchError, match="Permission denied"):
            write(folder, space_of("anchors"))
    assert tree(folder) == before
    write(folder, space_of("anchors"))
    assert load(folder).space.configuration()["views"]["text"]["kind"] == "anchors"
    assert sorted(tmp_path.iterdir()) == [left, folder]


def test_a_full_disk_leaves_the_earlier_bundle(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    folder = tmp_path / "b"
    write(folder, space_of("linear"))
    for other in (None, "notes.txt"):
        if other:
            (folder / other).write_text("mine")
        before = tree(folder)
        with monkeypatch.context() as patch:
            patch.setattr(bundle, "readme", full)  # the last thing to be written
            with pytest.raises(WorkbenchError, match="No space left on device"):
                write(folder, space_of("anchors"))
            with pytest.raises(WorkbenchError, match="No space left on device"):
                write(tmp_path / "new", space_of("anchors"))
        assert tree(folder) == before
        assert list(tmp_path.iterdir()) == [folder]
        write(folder, space_of("anchors"))


def test_other_files_in_it_stay(tmp_path):
    folder = tmp_path / "b"
    write(folder, space_of("linear"))
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("mine")
    write(folder, space_of("anchors"))
    assert load(folder).space.configuration()["views"]["text"]["kind"] == "anchors"
    assert (folder / ".git" / "config").read_text() == "mine"
    assert len(tree(folder)) == 6


@pytest.mark.parametrize(
    "left",
    [{"config.json": b""}, {"config.json": b'{\n  "format": "gera-workbench heads 1",\n  "vie'},
     {"heads.safetensors": b"", "config.json": b""}, {"README.md": b""},
     {"heads.safetensors": None}],
    ids=str,
)  # fmt: skip
def test_what_was_cut_off_can_be_exported_over(tmp_path, left):
    folder = tmp_path / "b"
    folder.mkdir()
    whole = write(tmp_path / "whole", space_of("linear"))
    heads = (whole / "heads.safetensors").read_bytes()
    for name, content in left.items():
        (folder / name).write_bytes(heads if content is None else content)
    write(folder, space_of("anchors"))
    assert load(folder).space.configuration()["views"]["text"]["kind"] == "anchors"


def test_the_folder_of_a_run_is_no_bundle(tmp_path):
    (folder := tmp_path / "run").mkdir()
    whole = write(tmp_path / "whole", space_of("linear"))
    for name in ("heads.safetensors", "recipe.json"):
        (folder / name).write_bytes((whole / "heads.safetensors").read_bytes())
    before = tree(folder)
    with pytest.raises(WorkbenchError, match="is not an exported folder"):
        write(folder, space_of("anchors"))
    assert tree(folder) == before


def test_heads_of_another_run_than_the_words_beside_are_refused(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write(first, space_of("linear"))
    write(second, space_of("residual"))
    (first / "heads.safetensors").write_bytes((second / "heads.safetensors").read_bytes())
    with pytest.raises(WorkbenchError, match=r"config\.json of other heads"):
        load(first)
    with pytest.raises(ValueError, match=r"config\.json is of other heads"):
        the_loader().load_heads(first)
    for older in ({"format": "gera-workbench heads 1"}, None):  # no digest yet; or deleted
        if older is None:
            (first / "config.json").unlink()
        else:
            (first / "config.json").write_text(json.dumps(older))
        assert load(first).space.views == the_loader().load_heads(first).views


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
@pytest.mark.parametrize("alone", [True, False])
def test_nothing_is_written_through_links_in_it(tmp_path, alone):
    folder, precious = tmp_path / "b", tmp_path / "precious"
    precious.write_text("content")
    write(folder, space_of("linear"))
    for path in list(folder.iterdir()):
        if path.name != "config.json":
            path.unlink()
            path.symlink_to(precious)
    if not alone:
        (folder / "notes.txt").write_text("mine")
    write(folder, space_of("anchors"))
    assert precious.read_text() == "content"
    assert not any(path.is_symlink() for path in folder.iterdir())
    (tmp_path / "link").symlink_to(folder)  # but where the user says so
    write(tmp_path / "link", space_of("linear"))
    assert load(folder).space.configuration()["views"]["text"]["kind"] == "linear"
    assert (tmp_path / "link").is_symlink()


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(WorkbenchError, match="cannot be written"):
            write(place, space_of("linear"))


@pytest.mark.parametrize("method", [entry.name for entry in methods()])
def test_what_every_method_makes_is_reproduced_elsewhere(tmp_path, monkeypatch, method):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 30))
    settings = {"steps": 4} if find_method(method).trains else {}
    run = drain(align(project, AlignRequest(method=method, settings=settings, name="r")))
    folder = drain(export(project, "r", tmp_path / "out"))
    spec = importlib.util.spec_from_file_location("load_heads", folder / "load_heads.py")
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    heads, space = loader.load_heads(folder), run.space()
    for view in space.views:
        rows = random_rows(40, space.width(view), seed=3)
        known = space.embed(view, rows)
        np.testing.assert_allclose(heads.embed(view, rows), known, atol=2e-6)
        np.testing.assert_allclose(by_torch(space.heads[view], rows), known, atol=2e-6)
        if HAS_ONNX:
            np.testing.assert_allclose(by_onnx(space.heads[view], rows), known, atol=2e-6)


@pytest.mark.parametrize("method", ["procrustes", "asif"])
def test_the_station(tmp_path, monkeypatch, method):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 30))
    run = drain(align(project, AlignRequest(method=method, name="r")))
    report = drain(evaluate(project, "r"))
    folder = drain(export(project, "r", tmp_path / "out" / "deep"))
    assert (folder / "heads.safetensors").read_bytes() == (
        run.folder / "heads.safetensors"
    ).read_bytes()
    configuration = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert configuration["report"] == report
    assert configuration["recipe"]["method"] == method
    assert configuration["encoders"]["text"]["name"] == "fake/text"
    assert drain(export(project, "r", folder)) == folder
    with pytest.raises(WorkbenchError, match="has no run"):
        drain(export(project, "other", tmp_path / "never"))
    with pytest.raises(WorkbenchError, match="is not empty"):
        drain(export(project, "r", project.root))
    (run.folder / "heads.safetensors").unlink()
    with pytest.raises(WorkbenchError, match="has no heads"):
        drain(export(project, "r", tmp_path / "never"))
    assert not (tmp_path / "never").exists()


def the_loader():
    spec = importlib.util.spec_from_file_location("load_heads", resource("export", "load_heads.py"))
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    return loader


def test_many_rows_are_mapped_in_blocks_to_the_same(monkeypatch):
    loader, space = the_loader(), space_of("residual")
    heads = loader.Heads(space.configuration(), space.tensors())
    rows = random_rows(50, 9)
    whole = heads.embed("image", rows)
    monkeypatch.setattr(loader, "BLOCK", 8)
    np.testing.assert_allclose(heads.embed("image", rows), whole, rtol=0, atol=1e-6)


def test_the_loader_names_what_it_has_and_takes():
    loader = the_loader()
    heads = loader.Heads(
        {"views": {"text": {"kind": "linear"}}}, {"text.centre": np.zeros(3, dtype=np.float32)}
    )
    with pytest.raises(ValueError, match="no head for 'txet'; there are: text"):
        heads.embed("txet", np.ones((1, 3)))
    with pytest.raises(ValueError, match="expects embeddings of width 3, not 5"):
        heads.embed("text", np.ones((1, 5)))


@pytest.mark.parametrize("there", [True, False])
def test_what_is_put_there_meanwhile_stays(tmp_path, monkeypatch, there):
    """An export with encoders takes minutes; the folder does not wait for it."""
    folder = tmp_path / "b"
    if there:
        write(folder, space_of("linear"))
    fill = bundle._write_files

    def filled(*parts):
        yield from fill(*parts)
        folder.mkdir(exist_ok=True)
        (folder / "notes.txt").write_text("mine")

    monkeypatch.setattr(bundle, "_write_files", filled)
    if there:
        write(folder, space_of("anchors"))
        assert load(folder).space.configuration()["views"]["text"]["kind"] == "anchors"
    else:
        with pytest.raises(WorkbenchError, match="is not empty and is not an exported folder"):
            write(folder, space_of("anchors"))
    assert (folder / "notes.txt").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [folder]
