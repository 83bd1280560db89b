"""A project with links in it, as somebody may send one: nothing outside of it is changed."""

import os
import sys

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, tree, write_item

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project, Recipe, read_selections, save_selection
from workbench.stations import (
    EncodeRequest,
    delete_cache,
    encode,
    export_selection,
    make_map,
    read_map,
    scan,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs links")


@pytest.fixture
def project(tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 12))
    save_selection(project, "mine", np.array([1]))
    run = project.new_run("run", Recipe(method="gera"))
    run.write_report({"retrieval": {}})
    run.write_curves([{"step": 1, "loss": 0.5}])
    drain(make_map(project, "image"))
    drain(export_selection(project, [1], tmp_path / "out" / "items.csv"))
    return project


def lead_outside(folder, outside):
    """Let every file of a folder, and every draft it might get, be a link to a file elsewhere."""
    outside.mkdir()
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if not path.is_file() or path.suffix in (".sqlite", ".lock") or path.name == "recipe.json":
            continue
        there = outside / f"{number} {path.name}"
        path.rename(there)
        for name in (path.name, f"{path.name}.new", f"{path.name}.user"):
            if not os.path.lexists(path.with_name(name)):
                path.with_name(name).symlink_to(there)


def test_no_file_is_written_through_a_link(project, tmp_path):
    lead_outside(project.root, tmp_path / "outside")
    lead_outside(tmp_path / "out", tmp_path / "outside too")
    before = tree(tmp_path / "outside"), tree(tmp_path / "outside too")
    again = Project.open(project.root)
    again.change(name="other")
    save_selection(again, "more", np.array([2]))
    run = again.run("run")
    run.write_report({"retrieval": {}, "seconds": 1.0})
    run.add_to_curves([{"step": 2, "loss": 0.4}])
    again.shelf.note("run", "good")
    drain(make_map(again, "image", anew=True))
    write_item(tmp_path / "text", "text", 50)
    drain(scan(again))
    assert drain(encode(again, EncodeRequest("text", "fake/text"))).complete
    drain(export_selection(again, [1, 2], tmp_path / "out" / "items.csv", replace=True))
    assert (tree(tmp_path / "outside"), tree(tmp_path / "outside too")) == before
    # and what was asked for is done
    assert Project.open(project.root).settings.name == "other"
    assert set(read_selections(again)) == {"mine", "more"}
    assert [row["step"] for row in run.curves()] == [1, 2]
    with EmbeddingCache(again.cache_path("text", "fake/text")) as cache:
        assert cache.header().encoded == 13
    assert read_map(again, "image", "pca") is not None


def test_a_cache_that_is_a_link_is_read_and_made_ones_own(project, tmp_path):
    path = project.cache_path("text", "fake/text")
    there = tmp_path / "there.h5"
    path.rename(there)
    path.symlink_to(there)
    before = there.read_bytes()
    with EmbeddingCache(path) as cache:
        assert cache.header().encoded == 12
    with pytest.raises(WorkbenchError, match="is a link to another place"):
        EmbeddingCache(path, "r+")
    assert drain(encode(project, EncodeRequest("text", "fake/text"))).kept == 12
    assert not path.is_symlink()
    assert there.read_bytes() == before
    path.unlink()
    path.symlink_to(there)
    delete_cache(project, "text", "fake/text")
    assert not os.path.lexists(path)
    assert there.read_bytes() == before


def test_folders_that_the_user_keeps_elsewhere_are_used(project, tmp_path):
    big = tmp_path / "big disk"
    big.mkdir()
    for name in ("embeddings", "maps", "runs"):
        (project.root / name).rename(big / name)
        (project.root / name).symlink_to(big / name)
    (tmp_path / "link").symlink_to(project.root)
    again = Project.open(tmp_path / "link")
    write_item(tmp_path / "text", "text", 50)
    drain(scan(again))
    assert drain(encode(again, EncodeRequest("text", "fake/text"))).complete
    assert drain(make_map(again, "text")) is not None
    again.shelf.rename("run", "other")
    again.shelf.restore(again.shelf.delete("other"))
    assert again.run("other").report() is not None
    assert sorted(path.name for path in (big / "embeddings").glob("*")) == [
        "image--fake-image.h5", "text--fake-text.h5",
    ]  # fmt: skip
