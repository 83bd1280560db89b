import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.evaluation import chance_recall, partner_ranks, retrieval


def brute_force_ranks(similarity, pairs):
    ranks = []
    for query in sorted({q for q, _ in pairs}):
        correct = {c for q, c in pairs if q == query}
        best = max(similarity[query, c] for c in correct)
        wrong = [c for c in range(similarity.shape[1]) if c not in correct]
        ranks.append(1 + sum(similarity[query, c] >= best for c in wrong))
    return ranks


@st.composite
def cases(draw):
    queries, candidates = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    # few distinct scores, so that ties are common
    scores = draw(
        st.lists(st.integers(0, 3), min_size=queries * candidates, max_size=queries * candidates)
    )
    cell = st.tuples(st.integers(0, queries - 1), st.integers(0, candidates - 1))
    pairs = draw(st.lists(cell, min_size=1, max_size=12, unique=True))
    return np.array(scores, dtype=np.float32).reshape(queries, candidates), pairs


@settings(max_examples=200, deadline=None)
@given(cases())
def test_ranks_are_those_of_a_loop_with_pessimistic_ties(case):
    similarity, pairs = case
    assert partner_ranks(similarity, np.array(pairs)).tolist() == brute_force_ranks(
        similarity, pairs
    )


def test_a_constant_space_scores_chance_at_best():
    pairs = np.stack([np.arange(50)] * 2, axis=1)
    found = retrieval(np.ones((50, 50), dtype=np.float32), pairs)
    assert found.recall == {1: 0.0, 5: 0.0, 10: 0.0}
    assert found.median_rank == 50


def test_scores_that_are_no_numbers_count_as_the_worst():
    pairs = np.stack([np.arange(20)] * 2, axis=1)
    assert retrieval(np.full((20, 20), np.nan, dtype=np.float32), pairs).recall[10] == 0.0


def test_a_perfect_space_finds_everything_first():
    pairs = np.stack([np.arange(20)] * 2, axis=1)
    found = retrieval(np.eye(20, dtype=np.float32), pairs)
    assert found.recall == {1: 1.0, 5: 1.0, 10: 1.0}
    assert (found.median_rank, found.mrr) == (1.0, 1.0)


@pytest.mark.parametrize(("candidates", "correct"), [(20, 1), (20, 3), (8, 2)])
def test_chance_is_what_random_orders_score(candidates, correct):
    random = np.random.default_rng(0)
    for cutoff in (1, 5, 10):
        hits = [(random.permutation(candidates)[:correct] < cutoff).any() for _ in range(20_000)]
        assert chance_recall(np.array([correct]), candidates, cutoff) == pytest.approx(
            np.mean(hits), abs=0.02
        )


def test_plain_is_flat_and_has_chance_beside():
    pairs = np.stack([np.arange(20)] * 2, axis=1)
    plain = retrieval(np.eye(20, dtype=np.float32), pairs).plain()
    assert plain["recall@10"] == 1.0
    assert plain["chance"]["recall@10"] == pytest.approx(0.5)
    assert plain["candidates"] == 20
