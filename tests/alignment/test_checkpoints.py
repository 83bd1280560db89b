"""Which heads a training keeps, by each rule."""

import numpy as np
import pytest

from workbench.alignment.training.checkpoints import Checkpoints, finds_as_well
from workbench.alignment.training.trainable_heads import PlainMap
from workbench.alignment.training.validation import Look

QUERIES = 200


def look(found, kept, noise=0.0):
    """Return what heads score that find so well and keep so much; `noise` differs by query."""
    random = np.random.default_rng(3)
    ranks = found + noise * random.normal(size=QUERIES)
    return Look({"mrr": float(ranks.mean()), "preservation/image": kept}, ranks)


def maps(number):
    return lambda: {"image": PlainMap(np.full((1, 1), number, "f4"), np.zeros(1, "f4"))}


def collect(rule, looks, **options):
    checkpoints = Checkpoints(rule, **options)
    for step, each in enumerate(looks):
        checkpoints.judge(step, each, maps(step))
    return checkpoints


HARD = np.random.default_rng(7).random(QUERIES)  # the same queries are hard for all heads


def of_ranks(ranks, kept):
    return Look({"mrr": float(ranks.mean()), "preservation/image": kept}, ranks)


def test_of_heads_that_find_alike_those_are_kept_that_keep_most_neighbours():
    jitter = np.random.default_rng(1).normal(0, 0.05, (3, QUERIES))
    jitter -= jitter.mean(axis=1, keepdims=True)
    looks = [
        of_ranks(HARD + jitter[0], 0.70),
        of_ranks(HARD + jitter[1] + 0.002, 0.60),  # the best, by less than its error
        of_ranks(HARD + jitter[2] - 0.2, 0.99),  # finds far less
    ]
    kept, chosen = collect("auto", looks).chosen(2, moved=False)
    assert (kept.step, kept.rule) == (0, "neighbours")
    assert "step 1" in kept.why
    assert chosen["image"].weight[0, 0] == 0
    assert kept.figures == looks[0].figures


def test_what_is_far_better_is_kept_whatever_it_keeps():
    looks = [of_ranks(HARD, 0.9), of_ranks(HARD + 0.3, 0.2)]
    kept, _ = collect("auto", looks).chosen(1, moved=False)
    assert (kept.step, kept.rule) == (1, "best")


def test_the_error_is_that_of_the_differences_query_by_query():
    # all queries a little worse: certain, however different the queries are
    assert not finds_as_well(of_ranks(HARD - 0.01, 0.5), of_ranks(HARD, 0.5))
    # as much worse in the mean, by a few queries: not certain
    uneven = HARD.copy()
    uneven[:2] += (-3.0, 1.0)
    assert finds_as_well(of_ranks(uneven, 0.5), of_ranks(HARD, 0.5))


def test_alpha_moved_by_hand_keeps_the_last():
    kept, chosen = collect("auto", [look(0.5, 0.5), look(0.2, 0.1)]).chosen(9, moved=True)
    assert (kept.step, kept.rule, chosen) == (9, "last", None)
    assert "moved" in kept.why
    kept, _ = collect("best", [look(0.5, 0.5), look(0.2, 0.1)]).chosen(9, moved=True)
    assert (kept.step, kept.rule) == (0, "best")  # it was asked for


@pytest.mark.parametrize("rule", ["auto", "best", "last"])
def test_without_validation_pairs_the_last_are_kept(rule):
    kept, chosen = Checkpoints(rule).chosen(40, moved=False)
    assert (kept.step, kept.rule, chosen) == (40, "last", None)


def test_a_step_that_is_asked_for_ends_the_training():
    checkpoints = Checkpoints("step", step=7)
    assert [checkpoints.wants(step) for step in (6, 7, 8)] == [False, True, False]
    assert checkpoints.chosen(7, moved=False)[0].rule == "step"
    kept, _ = checkpoints.chosen(5, moved=False)
    assert kept.rule == "last"
    assert "was not reached" in kept.why


def test_heads_that_others_beat_in_both_are_not_held():
    checkpoints = collect("auto", [look(0.5, k / 10, noise=0.1) for k in range(6)])
    assert [each.step for each in checkpoints.candidates] == [5]
