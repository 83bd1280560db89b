"""Spherical k-means: found groups, determinism, stops, and ties."""

import numpy as np
import pytest

from workbench.jobs import Control, Progress, drain
from workbench.search import nearest_centres, spherical_means


def groups(count=4, size=50, width=8, seed=0):
    """Return unit rows around unit middles far from each other, and the middle of each."""
    random = np.random.default_rng(seed)
    middles = np.linalg.qr(random.normal(size=(width, width)))[0][:count]
    rows = np.repeat(middles, size, axis=0) + 0.05 * random.normal(size=(count * size, width))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), np.repeat(np.arange(count), size)


def test_groups_are_found_from_one_row_of_each():
    rows, group = groups()
    told = []
    centres = drain(spherical_means(rows, rows[::50], 25), told.append)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)
    nearest, cosine = nearest_centres(rows, centres)
    np.testing.assert_array_equal(nearest, group)
    for number in range(4):
        mean = rows[group == number].mean(axis=0)
        np.testing.assert_allclose(centres[number], mean / np.linalg.norm(mean), atol=1e-5)
    np.testing.assert_allclose(cosine, np.einsum("nw,nw->n", rows, centres[nearest]), atol=1e-6)
    assert {event.total for event in told if isinstance(event, Progress)} == {25}
    assert len(told) < 6  # nothing moved any more, long before the last round


def test_it_is_the_same_each_time():
    rows = groups(seed=3)[0]
    first = drain(spherical_means(rows, rows[:30], 5, seed=7))
    np.testing.assert_array_equal(drain(spherical_means(rows, rows[:30], 5, seed=7)), first)


@pytest.mark.parametrize("after", [0, 2])
def test_a_stop_leaves_the_centres_of_the_last_round(after):
    rows = groups(seed=5)[0]
    control, told = Control(), []

    def listen(event):
        told.append(event)
        if event.done == after:
            control.stop()

    centres = drain(spherical_means(rows, rows[:40], 25, control), listen)
    assert len(told) == after + 1
    np.testing.assert_array_equal(
        centres, rows[:40] if after == 0 else drain(spherical_means(rows, rows[:40], after))
    )


def test_of_equal_centres_the_first_is_nearest():
    rows, _ = groups()
    centres = rows[[10, 10, 60, 60, 110]]
    nearest, _ = nearest_centres(rows, centres)
    assert set(nearest.tolist()) == {0, 2, 4}
    assert nearest_centres(rows[:0], centres)[0].shape == (0,)


def test_blocks_of_rows_change_nothing(monkeypatch):
    rows = groups(seed=9)[0]
    whole = nearest_centres(rows, rows[::20])
    monkeypatch.setattr("workbench.search.means._SCORES_AT_ONCE", 33)
    parts = nearest_centres(rows, rows[::20])
    np.testing.assert_array_equal(parts[0], whole[0])
    np.testing.assert_allclose(parts[1], whole[1], atol=1e-6)
