"""An index of a run: what it is of, when it counts, and that answers by it are right."""

import sys

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.search import ClusteredRows, NearestRows
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    Question,
    Searcher,
    align,
    build_search_index,
    encode,
    scan,
)

STATION = sys.modules["workbench.stations.searching.search_index"]


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 60, extra=4))
    drain(align(project, AlignRequest(method="ridge", name="p")))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.fixture(autouse=True)
def _any_recall_will_do(monkeypatch):
    """Let clusters of a few rows count, whatever they find."""
    monkeypatch.setattr(STATION, "LEAST_RECALL", 0.0)


def build(project, **options):
    told = []
    options.setdefault("least", 10)
    return drain(build_search_index(project, "p", **options), told.append), told


def files(project):
    return sorted(path.name for path in project.run("p").folder.glob("search-*"))


def kind(project, view="image"):
    return type(Searcher(project, "p").view(view).rows)


def test_searches_go_by_an_index_and_give_exact_scores(project):
    exact = Searcher(project, "p")
    assert kind(project) is NearestRows
    assert exact.how("image") == "64 rows, searched exactly"
    found, told = build(project)
    assert set(found) == {"image", "text"}
    assert files(project) == ["search-image.safetensors", "search-text.safetensors"]
    assert len([event for event in told if isinstance(event, Notice)]) == 2
    searcher = Searcher(project, "p")
    assert kind(project) is ClusteredRows
    assert "64 rows in 16 clusters" in searcher.how("image")
    assert searcher.how("image") in [n.text.removeprefix("image: ").rstrip(".") for n in told
                                     if isinstance(n, Notice)]  # fmt: skip
    for number in range(0, 60, 7):
        asked = Question(text=f"thing {number}")
        by_index, all_of_it = searcher.ask(asked, "image", 64), exact.ask(asked, "image", 64)
        assert [a.item.id for a in by_index] == [a.item.id for a in all_of_it]
        np.testing.assert_allclose(
            [a.score for a in by_index], [a.score for a in all_of_it], atol=1e-6
        )
        few = searcher.ask(asked, "image", 5)
        scores = {a.item.id: a.score for a in all_of_it}
        for answer in few:
            assert answer.score == pytest.approx(scores[answer.item.id], abs=1e-6)
    item = project.catalogue.items("text")[5].id
    np.testing.assert_allclose(searcher.place_of_item(item), exact.place_of_item(item))


def test_few_items_need_none(project):
    found, _ = build(project, least=65)
    assert found == {}
    assert files(project) == []


def test_it_is_made_once(project):
    build(project)
    path = project.run("p").folder / "search-image.safetensors"
    before = path.stat().st_mtime_ns
    found, told = build(project)
    assert set(found) == {"image", "text"}
    assert path.stat().st_mtime_ns == before
    assert not any("Finding" in getattr(event, "message", "") for event in told)


def test_one_that_finds_too_little_is_kept_but_not_used(project, monkeypatch):
    monkeypatch.setattr(STATION, "LEAST_RECALL", 1.1)
    found, told = build(project)
    assert found == {}
    assert any("too low, so the search stays exact" in e.text for e in told
               if isinstance(e, Notice))  # fmt: skip
    assert kind(project) is NearestRows
    again = build(project)[1]  # and is not made again each time
    assert not any("Finding" in getattr(event, "message", "") for event in again)


def other_heads(project, tmp_path):
    drain(align(project, AlignRequest(method="procrustes", name="q")))
    project.run("p").write_space(project.run("q").space())


def new_item(project, tmp_path):
    write_item(tmp_path / "image" / "kind-0", "image", 300)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image", "fake/image")))


def gone_item(project, tmp_path):
    next((tmp_path / "image" / "kind-0").glob("*.png")).unlink()
    drain(scan(project))


def damaged(project, tmp_path):
    path = project.run("p").folder / "search-image.safetensors"
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize("change", [other_heads, new_item, gone_item, damaged])
def test_one_of_what_there_was_before_is_thrown_away(project, tmp_path, change):
    build(project)
    change(project, tmp_path)
    assert kind(project) is NearestRows
    assert "search-image.safetensors" not in files(project)
    found, _ = build(project)
    assert "image" in found
    assert kind(project) is ClusteredRows


def test_it_goes_with_its_run(project):
    build(project)
    project.shelf.rename("p", "new")
    searcher = Searcher(project, "new")
    assert isinstance(searcher.view("image").rows, ClusteredRows)


def test_a_stop_keeps_what_is_finished(project):
    control = Control()

    def listen(event):
        if isinstance(event, Notice):
            control.stop()

    found = drain(build_search_index(project, "p", control, least=10), listen)
    assert set(found) == {"image"}
    assert files(project) == ["search-image.safetensors"]
    control = Control()
    control.stop()
    assert drain(build_search_index(project, "p", control, least=10)) == {}


def test_a_full_disk_is_a_sentence(project, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(STATION, "write_clusters", fail)
    with pytest.raises(WorkbenchError, match=r"cannot be saved at .*: No space left on device"):
        build(project)
    with pytest.raises(WorkbenchError, match="no run"):
        drain(build_search_index(project, "other"))
