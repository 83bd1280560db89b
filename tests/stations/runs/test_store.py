"""One store of a run's rows: read once for all who ask, bounded, and never out of date."""

import sys
import threading
import time

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Progress, drain
from workbench.project import load_embeddings
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    LoadedEncoders,
    Question,
    RunStore,
    Searcher,
    align,
    encode,
    inspector,
    kept_placer,
    make_map,
    read_run_space,
    scan,
    training_pairs,
)

COUNT = 24


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, COUNT, extra=2))
    drain(align(project, AlignRequest(method="ridge", name="p")))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.fixture
def reads(monkeypatch):
    """Note each time that embeddings are read to be mapped, which takes a while."""
    found, read = [], EmbeddingCache.read

    def slow(cache, *rows, stored=False):
        if not stored:
            found.append(cache.path.name)
            time.sleep(0.02)
        return read(cache, *rows, stored=stored)

    monkeypatch.setattr(EmbeddingCache, "read", slow)
    return found


def at_once(count, work):
    """Do the same in several threads that begin together; return what they found."""
    gate, found = threading.Barrier(count), [None] * count

    def run(place):
        gate.wait()
        found[place] = work()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return found


def write_copies(project, tmp_path):
    """Add copies of two texts, one of which comes before its original in no order of names."""
    for number, name in ((3, "zz"), (3, "aa"), (COUNT - 1, "mm")):
        write_item(tmp_path / "text" / name, "text", number)
    drain(scan(project))
    drain(encode(project, EncodeRequest("text", "fake/text")))


# --- one copy for all ----------------------------------------------------------------------------


def test_all_who_look_at_a_run_have_the_same_rows(project, reads):
    store = RunStore()
    look = drain(inspector(project, "p", store=store))
    before = len(reads)
    searcher = Searcher(project, "p", store=store)
    for view in ("image", "text"):
        rows = store.of(project, "p").all_rows(view)
        assert np.shares_memory(look.space.views[view].after, rows.joint)
        assert np.shares_memory(searcher.view(view).rows._rows, rows.joint)
    assert len(reads) == before  # all there since the first
    pairs = drain(training_pairs(project, "p", store=store))
    for halves in pairs._halves:
        for view, joint in halves.joint.items():
            assert np.shares_memory(joint, look.space.views[view].after)
    assert drain(training_pairs(project, "p", store=store)) is pairs
    assert drain(read_run_space(project, "p", store=store)) is look.space
    assert drain(inspector(project, "p", store=store)).space is look.space


def test_a_question_is_placed_among_rows_of_the_store(project, monkeypatch):
    def laid_out(rows, *_, **__):
        yield Progress(1, 1, "UMAP")
        return np.stack([np.arange(len(rows)), rows[:, 0]], axis=1).astype(np.float32)

    monkeypatch.setattr(sys.modules["workbench.stations.maps.map"], "umap_map", laid_out)
    store = RunStore()
    made = drain(make_map(project, "run:p", "umap"))
    place = Searcher(project, "p", store=store).embed(Question(text="thing 3"))
    placer = kept_placer(project, made, store)
    assert kept_placer(project, made, store) is placer
    stored = store.of(project, "p")
    for view, piece in zip(stored.encoders, placer._among._pieces, strict=True):
        assert np.shares_memory(piece, stored.all_rows(view).joint)
    item = project.catalogue.items("image")[5].id
    row = np.flatnonzero(made.ids == item)
    there = placer.place(Searcher(project, "p", store=store).place_of_item(item))
    np.testing.assert_allclose(there, made.positions[row], atol=1e-3)
    assert placer.place(place).shape == (1, 2)


def test_threads_that_ask_at_once_read_once(project, reads):
    store = RunStore()
    reads.clear()
    spaces = at_once(5, lambda: drain(read_run_space(project, "p", store=store)))
    assert len(set(reads)) == len(reads) == 2
    assert all(each is spaces[0] for each in spaces)
    reads.clear()
    answers = at_once(5, lambda: Searcher(project, "p", store=store).ask(Question(item=1)))
    assert not reads
    assert all(each == answers[0] for each in answers)


def test_first_questions_of_several_threads_load_one_encoder(project, reads, shelf, monkeypatch):
    loads, load = [], sys.modules["workbench.stations.searching.query"].load_encoder

    def slow(name, *rest, **options):
        loads.append(name)
        time.sleep(0.05)
        return load(name, *rest, **options)

    monkeypatch.setattr(sys.modules["workbench.stations.searching.query"], "load_encoder", slow)
    store, encoders = RunStore(), LoadedEncoders()
    reads.clear()

    def ask():
        searcher = Searcher(project, "p", store=store, encoders=encoders)
        return searcher.ask(Question(text="thing 4"))

    answers = at_once(5, ask)
    assert all(each == answers[0] for each in answers)
    assert loads == ["fake/text"]
    assert len(reads) == 2


def test_who_waits_for_another_thread_hears_a_stop(project, monkeypatch):
    stored = RunStore().of(project, "p")
    reading, go_on = threading.Event(), threading.Event()
    read = EmbeddingCache.read

    def held(cache, *rows, **options):
        reading.set()
        assert go_on.wait(60)
        return read(cache, *rows, **options)

    monkeypatch.setattr(EmbeddingCache, "read", held)
    found = []
    first = threading.Thread(target=lambda: found.append(stored.all_rows("image")))
    first.start()
    assert reading.wait(60)
    control = Control()
    control.stop()
    assert stored.rows("image", control) is None
    space = drain(stored.space(control))
    assert [len(view.ids) for view in space.views.values()] == [0, 0]
    go_on.set()
    first.join(60)
    assert stored.all_rows("image") is found[0]
    # what was stopped is not kept
    assert len(drain(stored.space()).views["image"].ids) == COUNT + 2


# --- rows ----------------------------------------------------------------------------------------


def test_rows_of_copies_come_behind_those_of_distinct_contents(project, tmp_path):
    write_copies(project, tmp_path)
    stored = RunStore().of(project, "p")
    rows, view = stored.all_rows("text"), drain(stored.space()).views["text"]
    ids, frozen = load_embeddings(project, "text", "fake/text")
    np.testing.assert_array_equal(np.sort(rows.ids), ids)
    np.testing.assert_array_equal(rows.ids[rows.rows_of(ids)], ids)
    np.testing.assert_array_equal(rows.rows_of(np.array([0, 10**9])), [-1, -1])
    expected = project.run("p").space().embed("text", frozen)
    np.testing.assert_allclose(rows.joint[rows.rows_of(ids)], expected, atol=1e-6)
    assert rows.listing.distinct == len(view.ids) == len(ids) - 3
    assert (np.diff(view.ids) > 0).all()
    np.testing.assert_array_equal(view.ids, rows.ids[: len(view.ids)])
    np.testing.assert_allclose(view.after[view.rows_of(ids)], expected, atol=1e-6)
    texts = {item.id: item.text for item in project.catalogue.items("text")}
    for item, row in zip(ids.tolist(), view.rows_of(ids).tolist(), strict=True):
        assert texts[item] == texts[int(view.ids[row])]


@pytest.mark.parametrize("top", [1, 2, 3, 5])
def test_of_copies_the_lower_ids_are_found_first(project, tmp_path, top):
    write_copies(project, tmp_path)
    searcher = Searcher(project, "p")
    whole = searcher.ask(Question(text="thing 3"), "text", 1000)
    texts = [answer.item.text for answer in whole[:3]]
    ids = [answer.item.id for answer in whole[:3]]
    assert (texts, ids) == (["thing 3"] * 3, sorted(ids))
    assert searcher.ask(Question(text="thing 3"), "text", top) == whole[:top]


def test_a_run_whose_items_are_gone_has_no_rows(project):
    project.catalogue.take([])
    space = drain(read_run_space(project, "p"))
    assert {name: view.after.shape[0] for name, view in space.views.items()} == {
        "image": 0, "text": 0,
    }  # fmt: skip
    assert Searcher(project, "p").view("image").ids.shape == (0,)


# --- nothing out of date -------------------------------------------------------------------------


def new_heads(project, tmp_path):
    drain(align(project, AlignRequest(method="procrustes", name="q")))
    project.run("p").write_space(project.run("q").space())


def new_item(project, tmp_path):
    write_item(tmp_path / "image" / "kind-0", "image", 300)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image", "fake/image")))


def gone_item(project, tmp_path):
    next((tmp_path / "image" / "kind-0").glob("*.png")).unlink()
    drain(scan(project))


def other_content(project, tmp_path):
    path = next((tmp_path / "image" / "kind-0").glob("*.png"))
    write_item(path.parent, "image", 301, path.stem)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image", "fake/image")))


def encoded_anew(project, tmp_path):
    with EmbeddingCache(project.cache_path("image", "fake/image"), "r+") as cache:
        rows = np.arange(len(cache.item_ids()))
        cache.write(rows, 1.001 * cache.read(), cache.contents())


def same(first, second):
    return first.shape == second.shape and np.array_equal(first, second)


@pytest.mark.parametrize("change", [new_heads, new_item, gone_item, other_content, encoded_anew])
def test_what_has_changed_is_read_again(project, tmp_path, change):
    store = RunStore()
    old = store.of(project, "p")
    space, rows = drain(old.space()), old.all_rows("image")
    change(project, tmp_path)
    new = store.of(project, "p")
    assert new is not old
    now = drain(new.space())
    assert now is not space
    assert new.all_rows("image") is not rows
    expected = drain(read_run_space(project, "p"))
    for view, its in expected.views.items():
        assert same(now.views[view].ids, its.ids)
        assert same(now.views[view].before, its.before)
        np.testing.assert_allclose(now.views[view].after, its.after, atol=1e-6)
    if change is not new_heads:
        assert new.heads.heads.keys() == old.heads.heads.keys()
        assert new.all_rows("text") is old.all_rows("text")  # that is as it was


def test_new_pairs_make_a_new_space_of_the_same_rows(project, reads):
    store = RunStore()
    old = drain(read_run_space(project, "p", store=store))
    reads.clear()
    project.catalogue.take_pairs([(1, int(old.views["text"].ids[0]))])
    new = drain(read_run_space(project, "p", store=store))
    assert new is not old
    assert {relation: len(rows) for relation, rows in new.pairs.items()} == {("image", "text"): 1}
    assert new.views["image"].after is not None
    assert np.shares_memory(new.views["image"].after, old.views["image"].after)
    assert not reads


def test_a_run_that_is_gone_or_lost_its_heads_is_a_sentence(project):
    store = RunStore()
    drain(read_run_space(project, "p", store=store))
    (project.run("p").folder / "heads.safetensors").unlink()
    with pytest.raises(WorkbenchError, match="has no heads yet"):
        store.of(project, "p")
    assert store.bytes == 0
    with pytest.raises(WorkbenchError, match="no run"):
        store.of(project, "q")


def test_projects_do_not_see_each_other(project, tmp_path):
    other = encode_all(make_project(tmp_path / "other", COUNT))
    drain(align(other, AlignRequest(method="ridge", name="p")))
    store = RunStore()
    first, second = store.of(project, "p"), store.of(other, "p")
    assert first is not second
    assert len(first.all_rows("image").ids) == COUNT + 2
    assert len(second.all_rows("image").ids) == COUNT


# --- within a bound ------------------------------------------------------------------------------


@pytest.fixture
def runs(project):
    """Return the names of runs beside each other, and the bytes that one of them takes."""
    names = ["p"]
    for number in range(4):
        names.append(f"p{number}")
        drain(align(project, AlignRequest(method="ridge", name=names[-1])))
    alone = RunStore()
    drain(read_run_space(project, "p", store=alone))
    return names, alone.bytes


def test_what_is_kept_stays_below_the_bound(project, runs):
    names, size = runs
    store = RunStore(int(2.5 * size))
    for name in names:
        drain(read_run_space(project, name, store=store))
        assert store.bytes <= store.most_bytes
    assert store.bytes > size  # two of them are kept, not one
    last, one_before = store.of(project, names[-1]), store.of(project, names[-2])
    assert last.bytes + one_before.bytes == store.bytes


def test_runs_asked_for_least_recently_go_first(project, runs, reads):
    names, size = runs
    store = RunStore(int(2.5 * size))
    first = drain(read_run_space(project, names[0], store=store))
    drain(read_run_space(project, names[1], store=store))
    assert drain(read_run_space(project, names[0], store=store)) is first
    drain(read_run_space(project, names[2], store=store))
    reads.clear()
    assert drain(read_run_space(project, names[0], store=store)) is first
    assert not reads
    drain(read_run_space(project, names[1], store=store))
    assert len(reads) == 2  # it had gone


def test_one_run_is_kept_however_large(project, runs):
    names, size = runs
    store = RunStore(1)
    space = drain(read_run_space(project, "p", store=store))
    assert drain(read_run_space(project, "p", store=store)) is space
    drain(read_run_space(project, names[1], store=store))
    assert store.bytes == pytest.approx(size, rel=0.01)


def test_what_somebody_works_with_lives_on(project, runs):
    names, _ = runs
    store = RunStore(1)
    searcher = Searcher(project, "p", store=store)
    before, view = searcher.ask(Question(text="thing 5")), searcher.view("image")
    for name in names[1:]:
        drain(read_run_space(project, name, store=store))
    assert view.rows.search(searcher.embed(Question(text="thing 5")), 3)[0].shape == (1, 3)
    assert searcher.ask(Question(text="thing 5")) == before  # read again, and counted again
    assert store.of(project, "p").bytes == store.bytes


def test_forgetting_leaves_nothing(project):
    store = RunStore()
    space = drain(read_run_space(project, "p", store=store))
    store.forget()
    assert store.bytes == 0
    assert drain(read_run_space(project, "p", store=store)) is not space
