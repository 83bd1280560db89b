"""Coupled canonical correlations: unpaired items that count."""

import numpy as np

from workbench.alignment.closed_form.coupled import Side, beside, coupled_maps, coupling
from workbench.evaluation import retrieve


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_plan_has_uniform_marginals_and_finds_who_belongs_together():
    random = np.random.default_rng(0)
    first = unit(random.normal(size=(40, 8)))
    order = random.permutation(40)
    plan = coupling((first @ first[order].T).astype("f4"))
    np.testing.assert_allclose(plan.sum(axis=0), 1 / 40, rtol=1e-3)
    np.testing.assert_allclose(plan.sum(axis=1), 1 / 40, rtol=1e-3)
    assert (plan.argmax(axis=1) == np.argsort(order)).all()
    # it does not matter how wide similarities lie, nor where
    wider = coupling((3 + 50 * (first @ first[order].T)).astype("f4"))
    np.testing.assert_allclose(wider, plan, atol=1e-4)


def test_unpaired_items_bring_what_few_pairs_cannot():
    """Two views of the same things by other mixtures and noise; 25 pairs of 10 directions."""
    random = np.random.default_rng(1)
    things = random.normal(size=(700, 10))
    views = [
        (things @ random.normal(size=(10, 30)) + 1.5 * random.normal(size=(700, 30))).astype("f4")
        for _ in range(2)
    ]
    pairs, unpaired, held_out = np.arange(25), np.arange(25, 500), np.arange(500, 700)
    start = []
    for rows, other in (views, views[::-1]):
        # least squares from the pairs alone, each view onto the first principal ones of pairs
        solved = np.linalg.lstsq(
            np.concatenate([rows[pairs], np.eye(30)]),
            np.concatenate([other[pairs], np.zeros((30, 30))]), rcond=None,
        )[0]  # fmt: skip
        start.append(solved.T.astype("f4"))
    # (W x, x) and (y, V y), as ridge has it
    eye = np.eye(30, dtype="f4")
    maps = [np.concatenate([start[0], eye]), np.concatenate([eye, start[1]])]
    halves = np.array_split(unpaired, 2)  # no hidden pair is among them
    sides = [
        Side(view[pairs], view[half], each)
        for view, half, each in zip(views, halves, maps, strict=True)
    ]
    found = coupled_maps(sides[0], sides[1], 0.01, 10)

    def recall(each):
        ours, theirs = (
            unit(view[held_out] @ one.T).astype("f4") for view, one in zip(views, each, strict=True)
        )
        return retrieve(ours, theirs, np.stack([np.arange(200)] * 2, 1)).recall[1]

    assert recall(found) > recall(maps) + 0.05


def test_two_maps_beside_each_other_weigh_alike():
    rows = np.random.default_rng(2).normal(size=(50, 6)).astype("f4")
    both = beside(np.eye(6, dtype="f4"), 100 * np.eye(6, dtype="f4"), rows)
    lengths = [np.square(rows @ part.T).sum(axis=1).mean() for part in np.split(both, 2)]
    np.testing.assert_allclose(lengths, 0.5, rtol=1e-4)
