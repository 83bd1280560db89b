"""A regression table: what each method finds where the right matches are known.

The table is of held-out R@10, mean of both directions, in the world of `worlds.two_maps`: one
curved cloud seen through two random smooth maps, 100 pairs, 300 unpaired items a view, 200 test
items, so that chance is 5 %. Retrieval's standard error at 200 items is about 2 points; a row may
move by `TOLERANCE` on another machine, and a method that breaks falls far below it.
"""

import functools

import numpy as np
import pytest
from worlds.two_maps import two_maps

from workbench.alignment import AlignedSpace, LinearHead, fit, methods
from workbench.evaluation import retrieval

TOLERANCE = 0.06
CHANCE = 10 / 200

# Linear heads from a random start: a closed-form start would hide a loss that does nothing.
TRAINED = {
    "start": "random",
    "head": "linear",
    "mixing": 0.0,
    "steps": 100,
    "learning_rate": 1e-2,
    "whitening": None,
    "checkpoint": "best",
}

# method → settings, and R@10
KNOWN = {
    "gera": ({**TRAINED, "temperature": 0.1, "neighbours": 15, "alpha": 1.0}, 0.84),
    "contrastive": ({**TRAINED, "temperature": 0.1}, 0.865),
    "procrustes": ({}, 0.82),
    "asif": ({}, 0.93),
    "ridge": ({}, 0.93),
    "cca": ({}, 0.96),
    "structure": ({**TRAINED, "temperature": 0.1}, 0.76),
    "sotalign": (TRAINED, 0.82),
}

# what else a start is made of: settings of gera, 30 steps, and R@10
PARTS = {
    "as it is set": ({}, 0.97),
    "not coupled": ({"coupled": False}, 0.97),
    "not whitened": ({"whitening": None}, 0.98),
    "whitened": ({"whitening": 1.0}, 0.90),
}


@functools.cache
def world():
    return two_maps()


def recall(space, held_out) -> float:
    ((first, second), pairs) = next(iter(held_out.pairs.items()))
    scores = space.similarity(first, held_out.views[first], second, held_out.views[second])
    found = (retrieval(scores, pairs), retrieval(scores.T, pairs[:, ::-1]))
    return float(np.mean([each.recall[10] for each in found]))


@pytest.mark.parametrize("method", [entry.name for entry in methods()])
def test_methods_find_what_they_are_known_to_find(method):
    data = world()
    settings, expected = KNOWN.get(method, ({}, None))
    space = fit(method, data.views, data.pairs, settings=settings, validation=data.validation)
    found = recall(space, data.test)
    assert expected is not None, f"{method} finds {found:.3f} here: add a row to the table."
    assert found == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("part", PARTS)
def test_the_parts_of_a_start_find_what_they_are_known_to_find(part):
    data = world()
    settings, expected = PARTS[part]
    settings = {"steps": 30, "neighbours": 10, **settings}
    space = fit("gera", data.views, data.pairs, settings=settings)  # no pairs to validate by
    assert recall(space, data.test) == pytest.approx(expected, abs=TOLERANCE)


def test_random_heads_would_be_noticed():
    random = np.random.default_rng(0)
    heads = {
        view: LinearHead(
            rows.mean(axis=0),
            random.normal(size=(32, rows.shape[1])).astype(np.float32),
            np.zeros(32, dtype=np.float32),
        )
        for view, rows in world().views.items()
    }
    found = recall(AlignedSpace(heads), world().test)
    assert found < 4 * CHANCE
    assert found < min(expected for _, expected in KNOWN.values()) - 5 * TOLERANCE


def test_wrong_pairs_would_be_noticed():
    # a closed form that took no notice of who belongs to whom would pass on geometry alone
    ((relation, pairs),) = world().pairs.items()
    wrong = {relation: np.stack([pairs[:, 0], np.roll(pairs[:, 1], 7)], axis=1)}
    found = recall(fit("procrustes", world().views, wrong), world().test)
    assert found < 4 * CHANCE
