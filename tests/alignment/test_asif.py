import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.alignment.closed_form.procrustes_asif import asif
from workbench.alignment.data import prepare
from workbench.alignment.settings.solved_settings import AsifSettings


def by_a_loop(row, anchors, kept, power):
    """Norelli et al. 2023, item by item in float64."""
    cosines = [sum(a * b for a, b in zip(row, anchor, strict=True)) for anchor in anchors]
    nearest = sorted(range(len(anchors)), key=lambda k: -cosines[k])[:kept]
    described = [max(cosines[k], 0) ** power if k in nearest else 0.0 for k in range(len(anchors))]
    length = sum(value**2 for value in described) ** 0.5
    return [value / length if length else 0.0 for value in described]


@given(
    seed=st.integers(0, 500),
    pairs=st.integers(2, 15),
    kept=st.integers(1, 20),
    power=st.sampled_from([0.5, 1.0, 2.0, 8.0]),
)
@settings(deadline=None, max_examples=50)
def test_it_is_the_loop_over_items(seed, pairs, kept, power):
    random = np.random.default_rng(seed)
    views = {
        name: random.normal(size=(25, width)).astype(np.float32)
        for name, width in (("a", 6), ("b", 4))
    }
    told = np.stack([random.permutation(25)[:pairs] for _ in range(2)], axis=1)
    data = prepare(views, {("a", "b"): told})
    space = asif(data, AsifSettings(kept=kept, power=power))
    described = {}
    for side, view in enumerate(("a", "b")):
        rows = np.asarray(data.views[view], dtype=float)
        anchors = rows[data.pairs["a", "b"][:, side]]
        described[view] = np.array([by_a_loop(row, anchors, kept, power) for row in rows])
        assert np.abs(space.embed(view, views[view]) - described[view]).max() < 1e-4
    expected = described["a"] @ described["b"].T
    assert np.abs(space.similarity("a", views["a"], "b", views["b"]) - expected).max() < 1e-4


def test_more_anchors_than_pairs_are_all_pairs():
    random = np.random.default_rng(0)
    views = {name: random.normal(size=(30, 5)).astype(np.float32) for name in "ab"}
    data = prepare(views, {("a", "b"): np.stack([np.arange(12)] * 2, axis=1)})
    many, all_ = (asif(data, AsifSettings(kept=kept)) for kept in (500, 12))
    assert many.heads["a"].kept == 12
    assert (many.embed("a", views["a"]) == all_.embed("a", views["a"])).all()


def test_an_item_unlike_every_anchor_is_nowhere():
    views = {
        "a": np.array([[1, 0], [1, 0.1], [-1, 0], [-1, -0.1]], dtype=np.float32),
        "b": np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float32),
    }
    data = prepare(views, {("a", "b"): np.array([[0, 0], [1, 1]])})
    space = asif(data, AsifSettings())
    embedded = space.embed("a", views["a"])
    assert np.abs(np.linalg.norm(embedded[:2], axis=1) - 1).max() < 1e-5
    # no positive cosine: zero, and no number that is not one
    assert not embedded[2:].any()


@pytest.mark.parametrize("power", [16.0, 64.0])
def test_paired_items_find_each_other_by_their_own_anchor(power):
    random = np.random.default_rng(0)
    views = {name: random.normal(size=(60, 20)).astype(np.float32) for name in "ab"}
    data = prepare(views, {("a", "b"): np.stack([np.arange(40)] * 2, axis=1)})
    scores = asif(data, AsifSettings(power=power)).similarity("a", views["a"], "b", views["b"])
    # an anchor's own axis is its largest in both views
    assert (scores[:40, :40].argmax(axis=1) == np.arange(40)).mean() > 0.9
