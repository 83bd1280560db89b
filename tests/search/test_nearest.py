import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.search import NearestRows


def unit(random, count, width=5):
    rows = random.normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 99))
def test_as_brute_force(count, top, seed):
    random = np.random.default_rng(seed)
    rows, queries = unit(random, count), unit(random, 4)
    scores, found = NearestRows(rows).search(queries, top)
    cosines = queries @ rows.T
    order = np.argsort(-cosines, axis=1)[:, :top]
    np.testing.assert_array_equal(found, order)
    np.testing.assert_allclose(scores, np.take_along_axis(cosines, order, axis=1), atol=1e-6)


@pytest.mark.parametrize(
    "layout", [np.asfortranarray, lambda rows: np.repeat(rows, 2, axis=1)[:, ::2]]
)
def test_any_layout_of_memory(layout):
    rows = unit(np.random.default_rng(0), 20)
    scores, found = NearestRows(layout(rows)).search(layout(rows), 1)
    np.testing.assert_array_equal(found[:, 0], np.arange(20))
    np.testing.assert_allclose(scores, 1, atol=1e-6)


def test_no_rows():
    scores, found = NearestRows(np.zeros((0, 5), dtype=np.float32)).search(
        np.ones((3, 5), dtype=np.float32), 4
    )
    assert scores.shape == found.shape == (3, 0)
    assert found.dtype == np.int64
