import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import label_ranking_average_precision_score, top_k_accuracy_score
from worlds.unit_rows import exact_rows, unit

from workbench.errors import WorkbenchError
from workbench.evaluation import (
    partner_ranks,
    rank_counting,
    rank_figures,
    retrieval,
    retrieve,
    retrieve_watched,
)
from workbench.jobs import Control, drain

blockwise = sys.modules["workbench.evaluation.blockwise_scores"]


def brute_force_ranks(similarity, pairs):
    ranks = []
    for query in sorted({q for q, _ in pairs}):
        correct = {c for q, c in pairs if q == query}
        best = max(similarity[query, c] for c in correct)
        wrong = [c for c in range(similarity.shape[1]) if c not in correct]
        ranks.append(1 + sum(similarity[query, c] >= best for c in wrong))
    return ranks


def brute_force_csls(queries, candidates, k):
    cosines = queries.astype(np.float64) @ candidates.T.astype(np.float64)
    near_x = np.array([np.sort(row)[::-1][:k].mean() for row in cosines])
    near_y = np.array([np.sort(row)[::-1][:k].mean() for row in cosines.T])
    return 2 * cosines - near_x[:, None] - near_y[None]


def one_to_one(count):
    return np.stack([np.arange(count)] * 2, axis=1)


@st.composite
def matrices(draw):
    queries, candidates = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    # few distinct scores, so that ties are common
    scores = draw(
        st.lists(st.integers(0, 3), min_size=queries * candidates, max_size=queries * candidates)
    )
    pairs = draw(pairs_of(queries, candidates))
    return np.array(scores, dtype=np.float32).reshape(queries, candidates), pairs


def pairs_of(queries, candidates):
    cell = st.tuples(st.integers(0, queries - 1), st.integers(0, candidates - 1))
    return st.lists(cell, min_size=1, max_size=12, unique=True)


@st.composite
def views(draw):
    """Two views whose scores tie often, and never by rounding."""
    queries, candidates = draw(exact_rows(8)), draw(exact_rows(12))
    return queries, candidates, draw(pairs_of(len(queries), len(candidates)))


@settings(max_examples=100, deadline=None)
@given(matrices())
def test_ranks_are_those_of_a_loop_with_pessimistic_ties(case):
    similarity, pairs = case
    expected = brute_force_ranks(similarity, pairs)
    assert partner_ranks(similarity, np.array(pairs)).tolist() == expected
    assert retrieval(similarity, np.array(pairs)).ranks.tolist() == expected


@settings(max_examples=100, deadline=None)
@given(views(), st.sampled_from([1, 3, 512]), st.sampled_from([0.0, 0.02, 1.0]))
def test_streamed_ranks_are_those_of_a_loop(case, queries_at_once, most_doubts):
    queries, candidates, pairs = case
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(rank_counting, "_QUERIES_AT_ONCE", queries_at_once)
        monkeypatch.setattr(rank_counting, "_CANDIDATES_AT_ONCE", 5)
        monkeypatch.setattr(rank_counting, "_PAIRS_AT_ONCE", 3)
        monkeypatch.setattr(rank_counting, "_MOST_DOUBTS", most_doubts)
        found = retrieve(queries, candidates, np.array(pairs))
    assert found.ranks.tolist() == brute_force_ranks(queries @ candidates.T, pairs)
    assert found.query_rows.tolist() == sorted({query for query, _ in pairs})


@pytest.mark.parametrize("most_doubts", [0.0, 0.02, 1.0])
def test_scores_that_differ_in_the_last_digits_are_told_apart(monkeypatch, most_doubts):
    """Candidates as near to the partner as float32 can say, beyond the error of its products."""
    monkeypatch.setattr(rank_counting, "_MOST_DOUBTS", most_doubts)
    queries, partner, random = unit(0, 40, 96), unit(1, 1, 96), np.random.default_rng(2)
    steps = random.integers(-3, 4, (300, 96)) * np.spacing(partner)
    candidates = np.concatenate([partner, (partner + steps).astype(np.float32), unit(3, 50, 96)])
    pairs = np.stack([np.arange(40), np.zeros(40, np.int64)], axis=1)
    scores = (queries.astype(np.float64) @ candidates.T.astype(np.float64)).astype(np.float32)
    found = retrieve(queries, candidates, pairs).ranks
    assert found.tolist() == brute_force_ranks(scores, pairs.tolist())
    assert len(set(found.tolist())) > 20


@pytest.mark.parametrize("most_doubts", [0.0, 0.02, 1.0])
@pytest.mark.parametrize("size", [1e-25, 1e-20, 1.0, 1e12, 1e19, 3e38])
def test_rows_of_any_size_and_those_that_are_no_numbers_rank_as_their_scores(
    monkeypatch, size, most_doubts
):
    monkeypatch.setattr(rank_counting, "_MOST_DOUBTS", most_doubts)
    monkeypatch.setattr(rank_counting, "_CANDIDATES_AT_ONCE", 40)
    monkeypatch.setattr(rank_counting, "_QUERIES_AT_ONCE", 16)
    queries, candidates = unit(0, 60, 24), unit(1, 100, 24)
    candidates[50:90:2] = candidates[20]  # ties
    queries = (queries * np.float64(size)).astype(np.float32)
    candidates = (candidates * np.float64(min(size, 1e19))).astype(np.float32)
    queries[3], candidates[7] = np.nan, np.nan
    queries[5, 2], candidates[9, 4], candidates[11] = np.inf, -np.inf, 0
    pairs = np.stack([np.arange(60), np.arange(60) * 3 % 100], axis=1)
    with np.errstate(all="ignore"):
        scores = (queries.astype(np.float64) @ candidates.T.astype(np.float64)).astype(np.float32)
    scores[np.isnan(scores)] = -np.inf
    found = retrieve(queries, candidates, pairs).ranks
    assert found.tolist() == brute_force_ranks(scores, pairs.tolist())


@pytest.mark.parametrize("dtype", [np.float16, np.int8, np.float64])
def test_rows_of_any_type_rank_as_their_scores(dtype):
    queries, candidates = ((8 * unit(seed, 30, 12)).astype(dtype) for seed in (0, 1))
    pairs = one_to_one(30)
    scores = (queries.astype(np.float64) @ candidates.T.astype(np.float64)).astype(np.float32)
    assert retrieve(queries, candidates, pairs).ranks.tolist() == brute_force_ranks(
        scores, pairs.tolist()
    )


def test_a_stop_is_heard_before_anything_is_computed(monkeypatch):
    control, rows = Control(), unit(0, 20)
    control.stop()
    module = sys.modules["workbench.evaluation.retrieval"]
    for name in ("mean_similarity_to_nearest", "scores_of_pairs"):
        monkeypatch.setattr(module, name, None)
    for csls in (None, 3):
        assert drain(retrieve_watched(rows, rows, one_to_one(20), control, csls=csls)) is None


def test_a_stop_is_heard_between_queries(monkeypatch):
    monkeypatch.setattr(rank_counting, "_QUERIES_AT_ONCE", 4)
    control, told = Control(), []

    def stop(event):
        told.append((event.done, event.total))
        control.stop()

    rows = unit(0, 20)
    job = retrieve_watched(rows, rows, one_to_one(20), control)
    assert drain(job, stop) is None
    assert told == [(4, 20)]


@settings(max_examples=100, deadline=None)
@given(views(), st.sampled_from([1, 2, 4]))
def test_csls_ranks_are_those_of_the_formula(case, k):
    # k is a power of 2: then means are exact too, and ties stay ties
    queries, candidates, pairs = case
    k = min(k, 1 << (min(len(queries), len(candidates)).bit_length() - 1))
    found = retrieve(queries, candidates, np.array(pairs), csls=k)
    assert found.ranks.tolist() == brute_force_ranks(
        brute_force_csls(queries, candidates, k), pairs
    )


def test_csls_of_drawn_rows_is_the_formula_and_not_the_cosine(monkeypatch):
    monkeypatch.setattr(blockwise, "_SCORES_AT_ONCE", 7 * 90)
    monkeypatch.setattr(blockwise, "_FEWEST_QUERIES", 1)
    queries, candidates = unit(0, 80, 20), unit(1, 90, 20)
    candidates[:3] = unit(2, 1, 20)  # equal rows tie
    pairs = np.stack([np.arange(80), np.arange(80) % 45], axis=1)
    found = retrieve(queries, candidates, pairs, csls=10)
    scores = np.round(brute_force_csls(queries, candidates, 10), 9)
    assert found.ranks.tolist() == brute_force_ranks(scores, pairs.tolist())
    assert found.ranks.tolist() != retrieve(queries, candidates, pairs).ranks.tolist()


def test_csls_finds_what_a_hub_hides():
    """A candidate near to all queries comes first by cosine, not when that is accounted for."""
    axes = np.eye(4, dtype=np.float32)
    queries = (axes[3] + 0.8 * axes[:3]) / np.sqrt(np.float32(1.64))
    # row 3 is the hub: its cosine to each query is 0.78, that of the partner 0.62
    assert retrieve(queries, axes, one_to_one(3)).recall[1] == 0.0
    assert retrieve(queries, axes, one_to_one(3), csls=2).recall[1] == 1.0


@pytest.mark.parametrize("csls", [None, 5])
@pytest.mark.parametrize(("count", "width"), [(1003, 384), (300, 384), (65, 7)])
def test_candidates_that_coincide_tie_to_the_last_digit(csls, count, width):
    # a float32 product gives equal rows scores that differ by their place in a block
    candidates = np.repeat(unit(0, 1, width), count, axis=0)
    found = retrieve(unit(1, count, width), candidates, one_to_one(count), csls=csls)
    assert (found.ranks == count).all()


def test_a_constant_space_scores_chance_at_best():
    found = retrieval(np.ones((50, 50), dtype=np.float32), one_to_one(50))
    assert found.recall == {1: 0.0, 5: 0.0, 10: 0.0}
    assert found.median_rank == 50


def test_scores_that_are_no_numbers_count_as_the_worst():
    assert retrieval(np.full((20, 20), np.nan, np.float32), one_to_one(20)).recall[10] == 0.0
    rows = unit(0, 20)
    candidates = rows.copy()
    candidates[4] = np.nan
    for csls in (None, 3):
        found = retrieve(rows, candidates, one_to_one(20), csls=csls)
        assert found.ranks[4] == 20
        assert (np.delete(found.ranks, 4) == 1).all()
    rows[7] = np.nan
    for csls in (None, 3):
        found = retrieve(rows, candidates, one_to_one(20), csls=csls)
        assert found.ranks[[4, 7]].tolist() == [20, 20]
        assert (np.delete(found.ranks, [4, 7]) == 1).all()


def test_recall_and_mrr_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    queries, candidates = unit(0, 200, 8), unit(1, 30, 8)
    own = random.integers(30, size=200)
    found = retrieve(queries, candidates, np.stack([np.arange(200), own], axis=1))
    scores = queries @ candidates.T
    for k in (1, 5, 10):
        expected = top_k_accuracy_score(own, scores, k=k, labels=np.arange(30))
        assert found.recall[k] == pytest.approx(expected)
    truth = np.arange(30) == own[:, None]
    expected = label_ranking_average_precision_score(truth, scores)
    assert found.mrr == pytest.approx(expected)


def test_a_perfect_space_finds_everything_first():
    found = retrieve(unit(0, 20), unit(0, 20), one_to_one(20))
    assert found.recall == {1: 1.0, 5: 1.0, 10: 1.0}
    assert (found.median_rank, found.mrr) == (1.0, 1.0)


def test_the_matrix_form_agrees():
    queries, candidates = unit(0, 40), unit(1, 50)
    pairs = np.stack([np.arange(40), np.arange(40) + 5], axis=1)
    # several partners, and pairs that come twice
    pairs = np.concatenate([pairs, pairs[:9] + np.array([0, 3]), pairs[:4]])
    streamed = retrieve(queries, candidates, pairs)
    assert streamed == retrieval(queries @ candidates.T, pairs)
    assert streamed.plain()["queries"] == 40
    assert rank_figures(streamed.ranks)["mrr"] == streamed.mrr


def test_plain_is_flat_and_has_chance_beside():
    plain = retrieval(np.eye(20, dtype=np.float32), one_to_one(20)).plain()
    assert plain["recall@10"] == 1.0
    assert plain["chance"]["recall@10"] == pytest.approx(0.5)
    assert plain["candidates"] == 20
    assert "ranks" not in plain


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (np.zeros((0, 2), int), "no pairs"),
        (np.zeros((3, 3), int), r"shape \(p, 2\)"),
        (np.zeros((3, 2)), "whole numbers"),
        (np.array([[0, 50]]), "points outside the 40 queries and 50 candidates"),
        (np.array([[-1, 0]]), "points outside"),
    ],
)
def test_wrong_pairs_are_told(pairs, words):
    with pytest.raises(WorkbenchError, match=words):
        retrieve(unit(0, 40), unit(1, 50), pairs)
    with pytest.raises(WorkbenchError, match=words):
        retrieval(unit(0, 40) @ unit(1, 50).T, pairs)


def test_wrong_widths_and_neighbours_are_told():
    with pytest.raises(WorkbenchError, match="widths differ"):
        retrieve(unit(0, 4, 5), unit(1, 4, 6), one_to_one(4))
    with pytest.raises(WorkbenchError, match="at least one neighbour"):
        retrieve(unit(0, 4), unit(1, 4), one_to_one(4), csls=0)
