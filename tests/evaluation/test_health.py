import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import skew
from sklearn.neighbors import NearestNeighbors
from worlds.unit_rows import unit

from workbench.evaluation import (
    alignment,
    blockwise_scores,
    effective_rank,
    health,
    mean_cosine,
    modality_gap,
    occurrences,
    relation_health,
    skewness,
    uniformity,
    view_health,
)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """Let the sums run over several blocks."""
    monkeypatch.setattr(health, "_ROWS_AT_ONCE", 17)
    monkeypatch.setattr(blockwise_scores, "_SCORES_AT_ONCE", 1000)
    monkeypatch.setattr(blockwise_scores, "_FEWEST_QUERIES", 1)


def test_gap_and_alignment_of_known_places():
    axes = np.eye(3, dtype=np.float32)
    assert modality_gap(axes[:1], -axes[:1]) == 2.0
    assert modality_gap(axes, axes[::-1]) == pytest.approx(0)
    pairs = np.array([[0, 0], [1, 2], [2, 2], [1, 0]])
    assert alignment(axes, axes, pairs) == pytest.approx((0 + 2 + 0 + 2) / 4)
    first, second = unit(0, 50), unit(1, 50)
    pairs = np.stack([np.arange(50), np.arange(50)], axis=1)
    assert alignment(first, second, pairs) == pytest.approx(
        np.mean(np.linalg.norm(first - second, axis=1) ** 2), rel=1e-5
    )


def test_uniformity_is_that_of_all_pairs():
    rows = unit(0, 70, 6)
    assert uniformity(rows) == pytest.approx(
        np.log(np.mean(np.exp(-2 * pdist(rows.astype(np.float64)) ** 2))), rel=1e-6
    )
    assert uniformity(np.repeat(rows[:1], 5, axis=0)) == pytest.approx(0, abs=1e-6)
    opposite = np.array([[1, 0], [-1, 0]], dtype=np.float32)
    assert uniformity(opposite) == pytest.approx(-8)
    assert uniformity(unit(0, 500, 200)) == pytest.approx(-4, abs=0.05)


def test_mean_cosine_leaves_the_diagonal_out():
    rows = unit(0, 70, 6)
    cosines = rows.astype(np.float64) @ rows.T
    assert mean_cosine(rows) == pytest.approx(np.mean(cosines[~np.eye(70, dtype=bool)]), abs=1e-7)
    assert mean_cosine(np.repeat(rows[:1], 40, axis=0)) == pytest.approx(1, abs=1e-6)
    assert mean_cosine(np.eye(4, dtype=np.float32)) == pytest.approx(0)


@pytest.mark.parametrize(("count", "width"), [(70, 6), (6, 70), (40, 40)])
def test_effective_rank_is_the_entropy_of_singular_values(count, width):
    rows = unit(0, count, width)
    singular = np.linalg.svd(rows.astype(np.float64), compute_uv=False)
    share = singular / singular.sum()
    assert effective_rank(rows) == pytest.approx(np.exp(-np.sum(share * np.log(share))), rel=1e-6)


def test_effective_rank_of_known_spaces():
    assert effective_rank(np.eye(30, dtype=np.float32)) == pytest.approx(30)
    assert effective_rank(np.tile(np.eye(3, 9, dtype=np.float32), (20, 1))) == pytest.approx(3)
    assert effective_rank(np.repeat(unit(0, 1, 9), 50, axis=0)) == pytest.approx(1, abs=1e-6)
    assert effective_rank(np.zeros((5, 3), dtype=np.float32)) == 0.0
    planar = unit(0, 200, 2) @ unit(1, 2, 300)  # rounding noise is no third direction
    assert 1 < effective_rank(planar.astype(np.float64)) <= 2


def test_the_widest_spaces_are_sampled(monkeypatch):
    monkeypatch.setattr(health, "_WIDEST_GRAM", 50)
    rows = np.tile(np.eye(3, 60, dtype=np.float32), (100, 1))
    assert effective_rank(rows) == pytest.approx(3, rel=0.02)


def test_hubness_counts_how_often_an_item_is_near():
    queries, candidates = unit(0, 90, 8), unit(1, 40, 8)
    found = NearestNeighbors(n_neighbors=10).fit(candidates).kneighbors(queries)[1]
    expected = np.bincount(found.ravel(), minlength=40)
    assert occurrences(queries, candidates, 10).tolist() == expected.tolist()
    assert skewness(expected) == pytest.approx(skew(expected))
    assert skewness(np.full(9, 4)) == 0.0
    hub = np.array([1.0, 0, 0], dtype=np.float32)
    crowd = unit(2, 100, 3)
    crowd[:, 0] = np.abs(crowd[:, 0]) + 2
    crowd /= np.linalg.norm(crowd, axis=1, keepdims=True)
    others = np.concatenate([hub[None], -unit(3, 99, 3) * [[-1, 1, 1]]]).astype(np.float32)
    others[1:, 0] = -np.abs(others[1:, 0])
    counts = occurrences(crowd, others, 1)
    assert counts.tolist() == [100] + [0] * 99
    assert skewness(counts) > 5


def test_both_sides_and_samples_are_said():
    first, second = unit(0, 300, 6), unit(1, 80, 6)
    pairs = np.stack([np.arange(80)] * 2, axis=1)
    every, some = relation_health(first, second, pairs), relation_health(
        first, second, pairs, sample=100
    )  # fmt: skip
    assert (every.sampled_first, every.sampled_second) == (300, 80)
    assert (some.sampled_first, some.sampled_second) == (100, 80)
    assert every.hubness_first == skewness(occurrences(second, first, 10))
    assert every.hubness_second == skewness(occurrences(first, second, 10))
    assert (some.modality_gap, some.alignment) == (every.modality_gap, every.alignment)
    assert some == relation_health(first, second, pairs, sample=100)
    whole, part = view_health(first), view_health(first, sample=150)
    assert (whole.items, whole.sampled, part.items, part.sampled) == (300, 300, 300, 150)
    assert part.uniformity == pytest.approx(whole.uniformity, abs=0.1)
    assert part.mean_cosine == whole.mean_cosine
    alone = view_health(first[:1])
    assert (alone.mean_cosine, alone.uniformity) == (None, None)
    assert alone.effective_rank == pytest.approx(1)
