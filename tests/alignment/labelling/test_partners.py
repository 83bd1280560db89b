"""Who may be the partner of an item."""

import numpy as np

from workbench.alignment.labelling.partners import likely_partners
from workbench.evaluation import mean_similarity_to_nearest
from workbench.geometry import unit_rows


def random_rows(count, width=8, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return unit_rows(rows.astype(np.float32))


def test_partners_are_ordered_by_the_cosine_corrected_for_hubs():
    queries, candidates = random_rows(30), random_rows(40, seed=1)
    found = likely_partners(queries, candidates, 5)
    expected = (
        2 * queries @ candidates.T
        - mean_similarity_to_nearest(queries, candidates, 10)[:, None]
        - mean_similarity_to_nearest(candidates, queries, 10)
    )
    order = np.argsort(-expected, axis=1)[:, :5]
    assert np.array_equal(found.rows, order)
    assert np.allclose(found.scores, np.take_along_axis(expected, order, axis=1), atol=1e-5)
    assert np.allclose(found.margins, found.scores[:, 0] - found.scores[:, 1])


def test_a_hub_is_not_offered_to_everybody():
    queries = random_rows(60)
    hub = queries.mean(axis=0, keepdims=True)
    candidates = unit_rows(np.concatenate([queries + 0.9 * random_rows(60, seed=2), 3 * hub]))
    plain = (queries @ candidates.T).argmax(axis=1)
    corrected = likely_partners(queries, candidates, 1).rows[:, 0]
    own = np.arange(60)
    assert (corrected == own).sum() >= (plain == own).sum()
    assert (corrected == 60).sum() <= (plain == 60).sum()


def test_refused_partners_come_last_and_leave_no_margin_behind():
    queries, candidates = random_rows(4), random_rows(3, seed=1)
    first = likely_partners(queries, candidates, 3)
    refused = np.array([[2, first.rows[2, 0]], [0, first.rows[0, 0]]])
    found = likely_partners(queries, candidates, 3, excluded=refused)
    assert found.rows[2].tolist() == [*first.rows[2, 1:], first.rows[2, 0]]
    assert found.scores[2, 2] == -np.inf
    assert np.array_equal(found.rows[1], first.rows[1])
    everything = np.array([[1, 0], [1, 1], [1, 2]])
    alone = likely_partners(queries, candidates, 2, excluded=everything)
    assert alone.margins[1] == np.inf  # nothing to be unsure about


def test_few_or_no_candidates():
    queries = random_rows(4)
    assert likely_partners(queries, random_rows(2, seed=1), 9).rows.shape == (4, 2)
    assert likely_partners(queries, random_rows(2, seed=1), 0).rows.shape == (4, 0)
    assert likely_partners(queries, random_rows(1, seed=1), 2).margins.tolist() == [np.inf] * 4
    assert likely_partners(queries[:0], random_rows(2, seed=1), 2).rows.shape == (0, 2)
