"""A ladder: each rung as a training of its own, what lies between rungs, and the knee."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.views import two_views

from workbench.alignment import (
    AlignedSpace,
    AlphaSweep,
    AnchorHead,
    LinearHead,
    NeighboursFound,
    Rung,
    Snapshot,
    SweepReport,
    check_alphas,
    train,
    train_sweep,
)
from workbench.alignment.sweep.alpha_sweep import blended, half_way, rung_place
from workbench.alignment.training import losses
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain

SETTINGS = {"steps": 8, "neighbours": 6, "anchors": 8, "validate_every": 4, "checkpoint": "last"}
ALPHAS = (0.0, 1.0, 30.0)


def climb(alphas=ALPHAS, settings=None, listen=None, with_validation=True, **options):
    views, pairs, held_out = two_views()
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    job = train_sweep(
        views, pairs, alphas, settings=SETTINGS | (settings or {}),
        validation=held_out if with_validation else None, **options,
    )  # fmt: skip
    return drain(job, take), told


def alone(alpha, settings=None, **options):
    views, pairs, held_out = two_views()
    wanted = SETTINGS | {"alpha": alpha} | (settings or {})
    told = []
    space = drain(
        train("gera", views, pairs, settings=wanted, validation=held_out, **options), told.append
    )
    return space, [event for event in told if hasattr(event, "losses")]


# ------------------------------------------------------------------------------ rungs


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"head": "linear", "start": "random", "epsilon": "frozen"},
        {"head": "mlp", "hidden": 20},
        {"clip": 0.05, "mixing": 0.0, "start": "procrustes"},
        {"unpaired": "none", "checkpoint": "best"},
    ],
)
def test_each_rung_is_a_training_of_its_own(settings):
    ladder, told = climb(settings=settings)
    reports = [event for event in told if isinstance(event, SweepReport)]
    assert [report.step for report in reports] == list(range(1, 9))
    for number, alpha in enumerate(ALPHAS):
        space, steps = alone(alpha, settings)
        for name, array in space.tensors().items():
            np.testing.assert_allclose(ladder.rungs[number].space.tensors()[name], array, atol=2e-5)
        for mine, its in zip(reports, steps, strict=True):
            rung = mine.rungs[number]
            assert rung.losses["contrastive"] == pytest.approx(its.losses["contrastive"], rel=1e-3)
            assert rung.losses.keys() == its.losses.keys()
            for name, value in its.losses.items():
                assert rung.losses[name] == pytest.approx(value, rel=1e-3, abs=1e-6)
            assert rung.gradient_norm == pytest.approx(its.gradient_norm, rel=1e-2, abs=1e-4)
            assert rung.effective_rank == pytest.approx(its.effective_rank, rel=1e-3)
            assert (rung.validation is None) == (its.validation is None)
            assert rung.learning_rate == its.learning_rate
            assert set(rung.alpha.values()) == {alpha}


def test_rungs_differ_and_begin_alike():
    ladder, told = climb()
    first = next(event for event in told if isinstance(event, SweepReport))
    assert len({report.losses["contrastive"] for report in first.rungs}) == 1
    for low, high in pairwise(ladder.rungs):
        assert not np.allclose(
            low.space.heads["image"].weight, high.space.heads["image"].weight, atol=1e-5
        )
    assert {event.view for event in told if isinstance(event, NeighboursFound)} == {"image", "text"}


def test_the_same_seed_gives_the_same_ladder():
    (first, _), (again, _), (other, _) = climb(seed=1), climb(seed=1), climb(seed=2)
    for rung, twin in zip(first.rungs, again.rungs, strict=True):
        for name, array in rung.space.tensors().items():
            np.testing.assert_array_equal(twin.space.tensors()[name], array)
    assert not np.array_equal(
        first.rungs[1].space.heads["text"].weight, other.rungs[1].space.heads["text"].weight
    )


def test_a_rung_that_falls_leaves_the_others_as_they_are(monkeypatch):
    calm, _ = climb()
    real, calls = losses.contrastive_loss, []

    def breaking(*arguments):
        calls.append(1)  # one a rung and step
        loss = real(*arguments)
        return loss * float("nan") if len(calls) > 9 and len(calls) % 3 == 2 else loss

    monkeypatch.setattr(losses, "contrastive_loss", breaking)
    ladder, told = climb()
    warnings = [event.text for event in told if isinstance(event, Notice)]
    assert len(warnings) == 1
    assert "α = 1 diverged at step 4" in warnings[0]
    monkeypatch.setattr(losses, "contrastive_loss", real)
    stopped, _ = climb(stop_after=3)
    for number, expected in ((0, calm), (1, stopped), (2, calm)):
        for name, array in expected.rungs[number].space.tensors().items():
            np.testing.assert_array_equal(ladder.rungs[number].space.tensors()[name], array)


def test_when_all_have_fallen_it_ends(monkeypatch):
    monkeypatch.setattr(losses, "contrastive_loss", lambda first, *_: first.sum() * np.nan)
    ladder, told = climb()
    assert len([event for event in told if isinstance(event, SweepReport)]) == 1
    assert all(np.isfinite(a).all() for r in ladder.rungs for a in r.space.tensors().values())


def test_a_stop_keeps_what_there_is():
    control = Control()
    ladder, told = climb(
        control=control,
        listen=lambda e: control.stop() if getattr(e, "step", 0) == 3 else None,
    )
    steps = [event.step for event in told if isinstance(event, SweepReport)]
    assert steps == [1, 2, 3]
    expected, _ = alone(30.0, stop_after=3)
    for name, array in expected.tensors().items():
        np.testing.assert_allclose(ladder.rungs[2].space.tensors()[name], array, atol=1e-5)


def test_live_values_move_all_rungs_and_are_told():
    control = Control()

    def warm(event):
        if isinstance(event, SweepReport) and event.step == 2:
            control.set("temperature", 0.2)
            control.set("alpha", 7.0)  # chooses what is shown, and is no change

    _, told = climb(control=control, listen=warm)
    reports = [event for event in told if isinstance(event, SweepReport)]
    assert [(c.step, c.name, c.value) for r in reports for c in r.changes] == [
        (3, "temperature", 0.2)
    ]
    assert {rung.temperature for rung in reports[2].rungs} == {0.2}


def test_glimpses_are_of_the_rung_nearest_to_the_slider():
    _, _, held_out = two_views()
    control = Control()
    control.set("alpha", 900.0)
    ladder, told = climb(control=control, shown=held_out.views)
    last = [event for event in told if isinstance(event, Snapshot)][-1]
    assert last.step == 8
    for view, rows in held_out.views.items():
        np.testing.assert_allclose(
            last.mapped[view], ladder.rungs[2].space.embed(view, rows), atol=1e-5
        )


def test_out_of_patience_a_rung_keeps_its_best_as_it_would_alone():
    settings = {"steps": 30, "patience": 4, "checkpoint": "best", "validate_every": 2}
    ladder, _ = climb(settings=settings)
    for rung in ladder.rungs:
        space, _ = alone(rung.alpha, settings)
        for name, array in space.tensors().items():
            np.testing.assert_allclose(rung.space.tensors()[name], array, atol=5e-4)


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize("alphas", [(), (1.0,), (1.0, 1.0), tuple(range(33))])
def test_too_few_or_too_many_rungs(alphas):
    with pytest.raises(WorkbenchError, match="from 2 to 32 different values"):
        climb(alphas=alphas)


@pytest.mark.parametrize("alphas", [(-1.0, 1.0), (0.0, 1001.0), (0.0, float("nan")), (0, 1e-9)])
def test_an_alpha_out_of_range(alphas):
    with pytest.raises(WorkbenchError, match=r"from 0\.001 to 1000"):
        climb(alphas=alphas)


def test_a_learned_temperature_is_refused():
    with pytest.raises(WorkbenchError, match="share one temperature"):
        climb(settings={"learn_temperature": True})


# ------------------------------------------------------------------------------ between


def test_what_lies_between_is_looked_at():
    ladder, _ = climb()
    assert len(ladder.between) == 2
    _, _, held_out = two_views()
    assert ladder.pairs == len(held_out.pairs[("image", "text")])
    middle = half_way(ladder.rungs[0], ladder.rungs[1])
    weights = [rung.space.heads["text"].weight for rung in ladder.rungs]
    np.testing.assert_allclose(
        middle.heads["text"].weight, (weights[0] + weights[1]) / 2, atol=1e-7
    )


def test_without_validation_nothing_is_joined():
    ladder, _ = climb(with_validation=False)
    assert ladder.joined == [False, False]
    assert ladder.knee() is None
    assert ladder.at(2.0) is ladder.rungs[1]


def linear(weight):
    """Return a space of one view with a weight all over."""
    return AlignedSpace({"image": LinearHead(
        np.zeros(3, "f4"), np.full((2, 3), weight, "f4"), np.zeros(2, "f4"),
    )})  # fmt: skip


def made(recalls, kept, between):
    alphas = (0.0, 1.0, 10.0, 100.0)
    rungs = [
        Rung(a, linear(a), {"recall@10": r, "mrr": r / 2, "preservation/image": k})
        for a, r, k in zip(alphas, recalls, kept, strict=False)
    ]
    figures = [{"recall@10": 0.0, "mrr": m, "preservation/image": k} for m, k in between]
    return AlphaSweep(tuple(rungs), tuple(figures), 100)


def test_heads_between_must_be_as_good_as_the_worse_rung():
    ladder = made((0.6, 0.5, 0.4), (0.5, 0.6, 0.7), [(0.246, 0.5), (0.25, 0.58)])
    assert ladder.joined == [True, False]
    assert not made((0.6, 0.5), (0.5, 0.6), [(0.244, 0.5)]).joined[0]
    half = ladder.at(0.5)
    assert half.alpha == 0.5
    assert half.figures == {}
    np.testing.assert_allclose(half.space.heads["image"].weight, 0.5)
    for alpha, rung in ((3.0, 1), (4.0, 2), (10.0, 2), (1.0, 1), (0.0, 0), (5000.0, 2)):
        assert ladder.at(alpha) is ladder.rungs[rung]
        assert ladder.nearest(alpha) == rung


def test_the_knee_is_the_most_geometry_that_costs_no_recall():
    # one standard error of 60 % of 100 pairs is 4.9 points
    ladder = made((0.60, 0.58, 0.56, 0.50), (0.5, 0.6, 0.7, 0.8), [(0, 0)] * 3)
    assert ladder.standard_error() == pytest.approx(0.049, abs=1e-4)
    assert ladder.knee() is ladder.rungs[2]
    assert made((0.60, 0.50, 0.59), (0.5,) * 3, [(0, 0)] * 2).knee().alpha == 10.0


def test_heads_of_different_kinds_are_not_mixed():
    other = AlignedSpace({"image": AnchorHead(np.zeros(3, "f4"), np.eye(3, dtype="f4"), 2, 1.0)})
    with pytest.raises(WorkbenchError, match="different kinds"):
        blended(linear(1.0), other, 0.5)


RUNGS = st.just(0.0) | st.floats(0.001, 1000)


@given(st.lists(RUNGS, min_size=2, max_size=9, unique_by="{:.6g}".format), st.data())
def test_places_among_rungs_keep_their_order(alphas, data):
    alphas = check_alphas(alphas)
    for number, alpha in enumerate(alphas):
        assert rung_place(alpha, alphas) == pytest.approx(number, abs=1e-4)
    low, high = sorted(data.draw(st.tuples(st.floats(0, 1000), st.floats(0, 1000))))
    assert 0 <= rung_place(low, alphas) <= rung_place(high, alphas) <= len(alphas) - 1
