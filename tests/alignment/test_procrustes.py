import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from workbench.alignment.closed_form.procrustes_asif import procrustes
from workbench.alignment.data import prepare
from workbench.alignment.settings.solved_settings import ProcrustesSettings


def world(width, other, pairs=60, seed=0):
    random = np.random.default_rng(seed)
    latent = random.normal(size=(120, 4))
    views = {
        name: latent @ random.normal(size=(4, each)) + 0.5 * random.normal(size=(120, each))
        for name, each in (("a", width), ("b", other))
    }
    return views, prepare(views, {("a", "b"): np.stack([np.arange(pairs)] * 2, axis=1)})


@pytest.mark.parametrize(("width", "other"), [(7, 7), (11, 6), (5, 9)])
def test_it_is_scipys_rotation_the_narrower_view_padded_with_zeros(width, other):
    views, data = world(width, other)
    space = procrustes(data, ProcrustesSettings())
    wide = max(width, other)
    x, y = (
        np.pad(data.views[name], ((0, 0), (0, wide - data.views[name].shape[1]))) for name in "ab"
    )
    rotation, _ = orthogonal_procrustes(x[:60], y[:60])
    # ours are unit rows: compare cosines; the part of the wider view that nothing meets drops out
    left = data.views["a"] @ space.heads["a"].weight.T
    right = data.views["b"] @ space.heads["b"].weight.T
    assert np.abs(left @ right.T - x @ rotation @ y.T).max() < 1e-5
    lengths = np.outer(np.linalg.norm(left, axis=1), np.linalg.norm(right, axis=1))
    found = space.similarity("a", views["a"], "b", views["b"])
    assert np.abs(found - left @ right.T / lengths).max() < 1e-5


def test_a_rotated_copy_is_turned_back():
    random = np.random.default_rng(0)
    rows = random.normal(size=(80, 6))
    turn, _ = np.linalg.qr(random.normal(size=(6, 6)))
    views = {"a": rows, "b": rows @ turn}
    data = prepare(views, {("a", "b"): np.stack([np.arange(20)] * 2, axis=1)})
    space = procrustes(data, ProcrustesSettings())
    assert np.abs(space.embed("a", views["a"]) - space.embed("b", views["b"])).max() < 1e-5


@pytest.mark.parametrize("width", [2, 4])
def test_a_narrower_space_keeps_the_directions_most_in_common(width):
    _, data = world(7, 7)
    wide, narrow = (procrustes(data, ProcrustesSettings(width=each)) for each in (None, width))
    for view in "ab":
        assert np.abs(wide.heads[view].weight[:width] - narrow.heads[view].weight).max() < 1e-6
