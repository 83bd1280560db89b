"""Rows of any size: what is made of them does not depend on it."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.exports import HAS_ONNX, by_onnx, by_torch, write

from workbench.alignment import fit, methods, standardise
from workbench.geometry import common_scale, of_usual_size, unit_differences
from workbench.maps import PlacesAmong, principal_plane

SIZES = [1e30, 1e-30, 1e37, 3e-42]
RANDOM = np.random.default_rng(0)
HIDDEN = RANDOM.normal(size=(60, 4))
VIEWS = {
    view: HIDDEN @ RANDOM.normal(size=(4, width)) + 0.05 * RANDOM.normal(size=(60, width))
    for view, width in (("image", 10), ("text", 8))
}
PAIRS = {("image", "text"): np.stack([np.arange(40)] * 2, axis=1)}


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def sized(size):
    """Return the views times a size, and as float32 they have not lost more than digits."""
    return {view: (rows * size).astype(np.float32) for view, rows in VIEWS.items()}


def test_rows_of_usual_size_are_as_they_were_to_the_bit():
    rows = VIEWS["image"].astype(np.float32)
    centre = rows.mean(axis=0)
    plain = rows - centre
    lengths = np.linalg.norm(plain, axis=1, keepdims=True)
    np.testing.assert_array_equal(standardise(rows, centre), plain / lengths)
    assert of_usual_size(rows) is rows
    assert common_scale(rows) == 1


@given(st.floats(-44, 38).map(lambda power: 10.0**power), st.integers(0, 5))
def test_directions_do_not_depend_on_the_size(size, seed):
    rows = np.random.default_rng(seed).uniform(-1, 1, (6, 5))
    rows[2] = 0
    some = (rows * size).astype(np.float32)
    units = unit_differences(some, np.zeros(5, np.float32))
    exact = some.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    wanted = exact / np.where(lengths > 0, lengths, 1)
    np.testing.assert_allclose(units, wanted, atol=1e-6)
    assert not units[2].any()
    usual = of_usual_size(some)
    assert np.square(usual).sum(axis=1).max() < np.inf
    np.testing.assert_allclose(unit_differences(usual, np.zeros(5, np.float32)), wanted, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("method", [entry.name for entry in methods()])
def test_a_method_finds_the_same_partners_at_any_size(method, size):
    settings = {"steps": 3} if method in ("gera", "contrastive", "structure", "sotalign") else {}
    found = {}
    for each in (1.0, size):
        views = sized(each)
        space = fit(method, views, PAIRS, settings=settings)
        joint = {view: space.embed(view, rows) for view, rows in views.items()}
        assert np.isfinite(joint["image"]).all()
        found[each] = joint["image"] @ joint["text"].T
    if size > 1e-40:  # there float32 has few digits left
        np.testing.assert_allclose(found[size], found[1.0], atol=2e-3)


@pytest.mark.parametrize("size", SIZES[:3])
def test_maps_and_places_on_them_are_the_same_but_for_their_size(size):
    usual, odd = sized(1.0)["image"], sized(size)["image"]
    plain, other = (principal_plane(rows).place(rows) for rows in (usual, odd))
    np.testing.assert_allclose(other / np.ptp(other), plain / np.ptp(plain), atol=1e-4)
    assert 0.1 < np.ptp(other) < 100
    for metric in ("cosine", "correlation", "euclidean"):
        first, second = (
            PlacesAmong(rows[:40], plain[:40], metric).place(rows[40:]) for rows in (usual, odd)
        )
        np.testing.assert_allclose(second, first, atol=1e-3)


def test_the_exported_loader_does_the_same(tmp_path):
    import sys

    space = fit("ridge", sized(1e30), PAIRS)
    write(tmp_path / "bundle", space)
    sys.path.insert(0, str(tmp_path / "bundle"))
    try:
        from load_heads import load_heads

        heads = load_heads(tmp_path / "bundle")
        for view, rows in sized(1e30).items():
            known, plain = space.embed(view, rows), rows.astype(np.float32)
            np.testing.assert_allclose(heads.embed(view, rows), known, atol=1e-6)
            np.testing.assert_allclose(by_torch(space.heads[view], plain), known, atol=1e-6)
            if HAS_ONNX:
                np.testing.assert_allclose(by_onnx(space.heads[view], plain), known, atol=1e-6)
    finally:
        sys.path.remove(str(tmp_path / "bundle"))
        sys.modules.pop("load_heads", None)
