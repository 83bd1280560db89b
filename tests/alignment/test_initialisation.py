import hashlib
import subprocess
import sys

import numpy as np
import pytest
from worlds.views import three_views, two_views

from workbench.alignment.closed_form.procrustes_maps import procrustes_maps, shared_width
from workbench.alignment.data import prepare
from workbench.alignment.training.initialisation import random_maps


@pytest.mark.parametrize("pairs", [3, 8, 60])
@pytest.mark.parametrize("world", [two_views, three_views])
def test_maps_are_semi_orthogonal_however_few_the_pairs(world, pairs):
    views, told, _ = world(pairs=pairs)
    data = prepare(views, told)
    width = shared_width(data, None)
    assert width == 12
    for view, weight in procrustes_maps(data, width).items():
        assert weight.shape == (12, views[view].shape[1])
        assert np.abs(weight @ weight.T - np.eye(12)).max() < 1e-5


def test_a_wide_space_leaves_narrow_views_their_own_directions():
    views, told, _ = two_views()
    maps = procrustes_maps(prepare(views, told), 16)
    assert np.abs(maps["text"].T @ maps["text"] - np.eye(12)).max() < 1e-5
    assert not maps["text"][12:].any()


def test_directions_the_pairs_leave_open_hold_the_variance_that_is_left():
    views, told, _ = two_views(pairs=3)
    data = prepare(views, told)
    rows = data.views["image"]
    kept = np.square(rows @ procrustes_maps(data, 12)["image"].T).sum()
    # 3 directions from the pairs and the 9 best of the rest keep nearly everything: 6 latent axes
    assert kept > 0.99 * np.square(rows).sum()


def test_random_maps_follow_the_seed():
    first, again, other = (random_maps({"image": 20}, 12, seed)["image"] for seed in (0, 0, 1))
    assert first.shape == (12, 20)
    assert (first == again).all()
    assert (first != other).any()


def test_another_process_trains_the_same_heads_to_the_bit(capsys):
    script = """
import hashlib
import numpy as np
from workbench.alignment import fit
random = np.random.default_rng(0)
views = {name: random.normal(size=(200, width)) for name, width in (("a", 48), ("b", 32))}
pairs = {("a", "b"): np.stack([np.arange(50)] * 2, axis=1)}
space = fit("gera", views, pairs, settings={"steps": 5, "neighbours": 20})
print(hashlib.sha256(b"".join(array.tobytes() for array in space.tensors().values())).hexdigest())
"""
    exec(script, {})  # noqa: S102 - the words above
    here = capsys.readouterr().out
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=200
    )
    assert here == other.stdout
    assert len(here.strip()) == hashlib.sha256().digest_size * 2
