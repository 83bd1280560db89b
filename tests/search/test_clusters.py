"""Searching by clusters: exact where all are looked into, as good as was measured elsewhere."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from workbench.jobs import Control, Progress, drain
from workbench.search import (
    LEAST_RECALL,
    ClusteredRows,
    Clusters,
    NearestRows,
    cluster_rows,
    read_clusters,
    write_clusters,
)


def unit(seed, count, width=6):
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def drawn(seed, count, clusters, probes=1, width=6):
    """Divide rows at random, so that some clusters are empty and none means anything."""
    random = np.random.default_rng(seed)
    of = random.integers(0, clusters, count).astype(np.int32)
    return Clusters(unit(seed + 1, clusters, width), of, probes, 0.5, 3)


def grouped(seed, count, groups=20, width=16, spread=0.3):
    """Rows in groups far from each other."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(size=(groups, width))
    rows = middles[random.integers(0, groups, count)] + spread * random.normal(size=(count, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 80), st.integers(0, 99))
def test_all_clusters_together_are_exact(count, clusters, top, seed):
    rows, queries = unit(seed, count), unit(seed + 7, 3)
    divided = drawn(seed, count, clusters)
    search = ClusteredRows(rows, divided)
    expected = NearestRows(rows).search(queries, top)
    found = search.search(queries, top, probes=clusters)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0], atol=1e-6)
    np.testing.assert_allclose(search.scores(queries[0]), rows @ queries[0], atol=1e-6)
    some = np.arange(count)[::-2]
    np.testing.assert_array_equal(search.rows_at(some), rows[some])
    assert len(search) == len(NearestRows(rows)) == count


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 80), st.integers(0, 99))
def test_few_clusters_give_as_many_answers_as_were_asked_for(count, clusters, top, seed):
    rows, queries = unit(seed, count), unit(seed + 7, 3)
    scores, found = ClusteredRows(rows, drawn(seed, count, clusters)).search(queries, top)
    assert scores.shape == found.shape == (3, min(top, count))
    for query, some, each in zip(queries, scores, found, strict=True):
        assert len(set(each.tolist())) == len(each)
        np.testing.assert_allclose(some, rows[each] @ query, atol=1e-6)
        assert (np.diff(some) <= 0).all()


def test_equal_rows_come_in_their_order():
    rows = np.full((40, 4), 0.5, dtype=np.float32)  # products without rounding
    of = np.random.default_rng(0).integers(0, 5, 40).astype(np.int32)
    clusters = Clusters(unit(1, 5, 4), of, 5, 1.0, 3)
    for search in (NearestRows(rows), ClusteredRows(rows, clusters)):
        assert search.search(rows[:1], 7)[1].tolist() == [list(range(7))]


@pytest.mark.parametrize("queries", [1, 15, 16, 40])
def test_few_and_many_queries_are_answered_alike(queries):
    rows, asked = unit(0, 300), unit(1, queries)
    scores, found = NearestRows(rows).search(asked, 12)
    cosines = asked @ rows.T
    np.testing.assert_array_equal(found, np.argsort(-cosines, axis=1)[:, :12])
    np.testing.assert_allclose(scores, np.sort(cosines, axis=1)[:, ::-1][:, :12], atol=1e-6)


def test_no_rows_no_queries_and_no_answers():
    nothing = np.zeros((0, 6), dtype=np.float32)
    empty = Clusters(unit(0, 1), np.zeros(0, np.int32), 1, 1.0, 0)
    for search in (NearestRows(nothing), ClusteredRows(nothing, empty)):
        for queries, count in ((unit(1, 3), 4), (nothing, 4)):
            scores, found = search.search(queries, count)
            assert scores.shape == found.shape == (len(queries), 0)
            assert (scores.dtype, found.dtype) == (np.float32, np.int64)
    scores, found = NearestRows(unit(0, 9)).search(nothing, 4)
    assert scores.shape == found.shape == (0, 4)
    assert NearestRows(unit(0, 9)).search(unit(1, 2), 0)[1].shape == (2, 0)


def test_a_row_that_is_not_finite_comes_last():
    rows = unit(0, 20)
    rows[3] = np.nan
    scores, found = NearestRows(rows).search(unit(1, 1), 20)
    assert found[0, -1] == 3
    assert scores[0, -1] == -np.inf


def test_the_recall_told_is_the_recall_found():
    rows = grouped(0, 6000)
    questions = {"image": rows[:200], "text": grouped(5, 200, spread=0.6)}
    told = []
    clusters = drain(cluster_rows(rows, questions, own="image"), told.append)
    assert {event.message.split()[0] for event in told if isinstance(event, Progress)} == {
        "Finding", "Dividing", "Answering", "Measuring",
    }  # fmt: skip
    assert clusters.recall >= LEAST_RECALL
    assert 1 <= clusters.probes <= len(clusters.centres) / 8
    search, exact = ClusteredRows(rows, clusters), NearestRows(rows)
    shares = []
    for name, asked in questions.items():
        first = name == "image"  # each finds itself, which does not count
        truth = exact.search(asked, 11)[1][:, first : first + 10]
        found = search.search(asked, 11)[1]
        shares.append(np.mean([np.isin(t, f).mean() for t, f in zip(truth, found, strict=True)]))
    assert min(shares) == pytest.approx(clusters.recall)
    assert "6,000 rows in 155 clusters" in clusters.sentence()
    assert f"recall of the ten nearest {clusters.recall:.1%}" in clusters.sentence()
    again = drain(cluster_rows(rows, questions, own="image"))
    np.testing.assert_array_equal(again.cluster_of, clusters.cluster_of)


def test_rows_without_clusters_are_told_by_their_recall():
    """Directions without any order: an eighth of the clusters holds too few of the nearest."""
    rows = unit(0, 4000, 48)
    clusters = drain(cluster_rows(rows, {"text": unit(1, 100, 48)}))
    assert clusters.recall < LEAST_RECALL


@pytest.mark.parametrize("count", [1, 2, 11])
def test_few_rows_are_divided_too(count):
    rows = unit(0, count)
    clusters = drain(cluster_rows(rows, {"text": unit(1, 4)}))
    assert ClusteredRows(rows, clusters).search(rows, 99)[1].shape == (count, count)
    same = np.repeat(rows[:1], 50, axis=0)
    assert drain(cluster_rows(same, {"text": rows})).recall >= 0


@pytest.mark.parametrize("after", [0, 3, 9, 10, 12])
def test_a_stop_leaves_nothing(after):
    control = Control()
    told = []

    def listen(event):
        told.append(event)
        if len(told) > after:
            control.stop()

    if after == 0:
        control.stop()
    questions = {"image": grouped(1, 150), "text": grouped(2, 150)}
    assert drain(cluster_rows(grouped(0, 3000), questions, control), listen) is None


# --- on disk -------------------------------------------------------------------------------------


def kept(tmp_path):
    path = tmp_path / "x.safetensors"
    clusters = drawn(0, 30, 5, probes=2)
    write_clusters(clusters, "key", path)
    return path, clusters


def test_clusters_come_back_as_they_were(tmp_path):
    path, clusters = kept(tmp_path)
    back = read_clusters(path, "key", (30, 6))
    np.testing.assert_array_equal(back.centres, clusters.centres)
    np.testing.assert_array_equal(back.cluster_of, clusters.cluster_of)
    assert (back.probes, back.recall, back.questions) == (2, 0.5, 3)
    assert [each.name for each in tmp_path.iterdir()] == ["x.safetensors"]


def test_those_of_other_rows_count_as_none(tmp_path):
    path, _ = kept(tmp_path)
    assert read_clusters(path, "other", (30, 6)) is None
    assert read_clusters(path, "key", (31, 6)) is None
    assert read_clusters(path, "key", (30, 7)) is None
    assert read_clusters(tmp_path / "none", "key", (30, 6)) is None
    assert read_clusters(tmp_path, "key", (30, 6)) is None


def _file(**changes):
    clusters = drawn(0, 30, 5, probes=2)
    arrays = {"centres": clusters.centres, "cluster_of": clusters.cluster_of}
    facts = {"probes": 2, "recall": 0.5, "questions": 3}
    arrays.update({k: v for k, v in changes.items() if k in arrays})
    facts.update({k: v for k, v in changes.items() if k in facts})
    metadata = {"format": "gera-workbench search index 1", "key": "key"}
    metadata["facts"] = changes.get("words", json.dumps(facts))
    return save(arrays, metadata)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95pickle",
        b"IwFl" + bytes(200),  # an index of faiss's own
        _file()[:300],
        _file(words="no json"),
        _file(words="[]"),
        _file(probes=0),
        _file(probes=6),
        _file(probes="many"),
        _file(recall=7.0),
        _file(questions=-1),
        _file(centres=np.full((5, 6), np.inf, np.float32)),
        _file(centres=np.zeros((5, 6), np.float64)),
        _file(centres=np.zeros(30, np.float32)),
        _file(cluster_of=np.full(30, 5, np.int32)),
        _file(cluster_of=np.full(30, -1, np.int32)),
        _file(cluster_of=np.zeros(30, np.int64)),
        _file(cluster_of=np.zeros((30, 1), np.int32)),
    ],
)
def test_what_is_damaged_or_foreign_counts_as_none(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    assert read_clusters(path, "key", (30, 6)) is None


def test_the_file_made_here_is_sound(tmp_path):
    """So that the damages above are what makes them none."""
    path = tmp_path / "x.safetensors"
    path.write_bytes(_file())
    assert read_clusters(path, "key", (30, 6)) is not None


@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_of_equal_rows_the_lower_numbers_come_first(count):
    rows = np.repeat(unit(2, 4), [1, 1, 5, 1], axis=0)
    numbers = np.array([10, 9, 8, 3, 7, 2, 5, 1])
    clusters = Clusters(rows[[0, 2]], np.array([0, 0, 1, 1, 1, 1, 1, 0], np.int32), 2, 1.0, 0)
    for searched in (NearestRows(rows, numbers), ClusteredRows(rows, clusters, numbers)):
        found = numbers[searched.search(rows[2:3], count)[1][0]].tolist()
        assert found[:5] == [2, 3, 5, 7, 8][:count]


def test_the_rows_that_were_given_are_not_copied():
    rows = unit(4, 200)
    clusters = drain(cluster_rows(rows, {"text": unit(5, 4)}))
    searched = ClusteredRows(rows, clusters)
    assert np.shares_memory(searched._rows, rows)
    assert searched.bytes < rows.nbytes + clusters.centres.nbytes
