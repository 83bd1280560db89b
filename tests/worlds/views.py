"""Small worlds with known truth for the tests of methods."""

import numpy as np

from workbench.alignment import HeldOut


def two_views(count: int = 160, pairs: int = 60, seed: int = 0):
    """Two views of one latent cloud, by two random linear maps and a little noise.

    Row k of one view belongs to row k of the other; the first `pairs` rows are told, the last 40
    are held out.
    """
    random = np.random.default_rng(seed)
    latent = random.normal(size=(count, 6))
    views = {
        name: (
            latent @ random.normal(size=(6, width)) + 0.05 * random.normal(size=(count, width))
        ).astype(np.float32)
        for name, width in (("image", 20), ("text", 12))
    }
    rows = np.arange(count - 40)
    training = {name: each[rows] for name, each in views.items()}
    held_out = HeldOut(
        {name: each[count - 40 :] for name, each in views.items()},
        {("image", "text"): np.stack([np.arange(40)] * 2, axis=1)},
    )
    told = np.stack([rows[:pairs]] * 2, axis=1)
    return training, {("image", "text"): told}, held_out


def three_views(count: int = 120, pairs: int = 60, seed: int = 0):
    """Return a third view beside, paired with the texts only."""
    random = np.random.default_rng(seed + 1)
    views, told, held_out = two_views(count + 40, pairs, seed)
    # the speech view is a turned and noisy copy of the text view
    turn = random.normal(size=(12, 16))
    views["speech"] = (views["text"] @ turn).astype(np.float32)
    held_out.views["speech"] = (held_out.views["text"] @ turn).astype(np.float32)
    told["text", "speech"] = told["image", "text"].copy()
    return views, told, held_out
