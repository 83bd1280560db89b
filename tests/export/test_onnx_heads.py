"""Heads as graphs of ONNX and as modules of torch: the rows of numpy, also of odd embeddings."""

import numpy as np
import pytest
from worlds.exports import HAS_ONNX, HEADS, by_onnx, by_torch, random_rows

WIDTH = 9
WAYS = [by_torch, pytest.param(by_onnx, marks=pytest.mark.skipif(
    not HAS_ONNX, reason="the extra “onnx” is not installed"))]  # fmt: skip


def odd_rows(head):
    """Return the head's own centre, zeros, and rows far and near."""
    rows = random_rows(6, WIDTH, seed=5)
    rows[0] = head.centre
    rows[1] = 0
    rows[2] *= 1e30
    rows[3] = head.centre + rows[3] * 1e-6
    rows[4] = np.abs(rows[4])
    return rows


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", HEADS)
def test_rows_are_those_of_numpy(kind, way):
    head = HEADS[kind](WIDTH)
    for rows in (random_rows(50, WIDTH, seed=6), random_rows(1, WIDTH, seed=7), odd_rows(head)):
        with np.errstate(over="ignore"):
            known = head.embed(rows)
        found = way(head, rows)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, known, rtol=0, atol=1e-5)


@pytest.mark.skipif(not HAS_ONNX, reason="the extra “onnx” is not installed")
@pytest.mark.parametrize("kind", HEADS)
def test_a_graph_is_what_the_standard_has(kind):
    import onnx

    from workbench.export.onnx_heads import head_model

    model = head_model(HEADS[kind](WIDTH))
    onnx.checker.check_model(model, full_check=True)
    (given,), (made,) = model.graph.input, model.graph.output
    assert given.type.tensor_type.shape.dim[0].dim_param == "items"
    assert made.type.tensor_type.shape.dim[0].dim_param == "items"
