from itertools import pairwise

import numpy as np
import pytest
from worlds.views import two_views

from workbench.alignment import (
    LiveChange,
    StepReport,
    TrainingState,
    fit,
    standardise,
    train,
    train_sweep,
)
from workbench.errors import WorkbenchError
from workbench.evaluation import neighbour_overlap, retrieval
from workbench.jobs import Control, Notice, drain

SETTINGS = {"steps": 30, "neighbours": 10, "anchors": 16, "validate_every": 10, "alpha": 3.0}
LAST = {"checkpoint": "last"}


def run(method="gera", control=None, listen=None, world=None, settings=None, **options):
    views, pairs, held_out = world or two_views()
    told: list[StepReport | Notice] = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    job = train(
        method,
        views,
        pairs,
        settings={**SETTINGS, **(settings or {})} if method == "gera" else settings,
        validation=held_out,
        control=control,
        **options,
    )
    space = drain(job, take)
    return space, [event for event in told if isinstance(event, StepReport)], told


def tensors_equal(first, second) -> bool:
    return all((second.tensors()[name] == array).all() for name, array in first.tensors().items())


def test_the_same_seed_gives_the_same_heads_and_another_seed_others():
    first, again, other = (run(seed=seed, settings=LAST)[0] for seed in (3, 3, 4))
    assert tensors_equal(first, again)
    assert not tensors_equal(first, other)


def test_reports_carry_every_step():
    _, reports, _ = run()
    assert [report.step for report in reports] == list(range(1, 31))
    first = reports[0]
    assert first.losses.keys() == {"contrastive", "geometric/image", "geometric/text"}
    assert first.loss == pytest.approx(
        first.losses["contrastive"]
        + 3 * (first.losses["geometric/image"] + first.losses["geometric/text"]),
        rel=1e-4,
    )
    assert [r.step for r in reports if r.validation] == [1, 10, 20, 30]
    assert {"recall@1", "recall@10", "mrr", "preservation/image"} <= first.validation.keys()
    assert {"step", "loss", "alpha/image", "recall@10"} <= first.row().keys()


def test_alpha_zero_is_the_contrastive_baseline_to_the_bit():
    gera, reports, _ = run(settings={"alpha": 0.0, **LAST})
    contrastive, _, _ = run("contrastive", settings={"steps": 30, "validate_every": 10, **LAST})
    assert tensors_equal(gera, contrastive)
    assert "geometric/image" not in reports[0].losses


def test_a_live_change_acts_on_the_next_step_and_can_be_repeated():
    control = Control()

    def move(event):
        if isinstance(event, StepReport) and event.step == 10:
            control.set("alpha", 50.0)
            control.set("temperature", 0.1)

    moved, reports, _ = run(control=control, listen=move, settings=LAST)
    assert [report.alpha["image"] for report in reports[9:11]] == [3.0, 50.0]
    assert reports[10].temperature == 0.1
    changes = [change for report in reports for change in report.changes]
    assert {(c.step, c.name, c.value) for c in changes} == {
        (11, "alpha/image", 50.0), (11, "alpha/text", 50.0), (11, "temperature", 0.1)
    }  # fmt: skip
    repeated, _, _ = run(changes=changes, settings=LAST)
    plain, _, _ = run(settings=LAST)
    assert tensors_equal(moved, repeated)
    assert not tensors_equal(moved, plain)


def test_wild_wishes_are_brought_inside_and_nonsense_is_left_alone():
    control = Control()
    for name, value in (
        ("alpha/image", -3.0), ("temperature", 1e-4), ("learning_rate", float("nan")),
        ("nonsense", 1.0), ("alpha/text", float("inf")),
    ):  # fmt: skip
        control.set(name, value)
    _, reports, _ = run(control=control)
    assert {(c.name, c.value) for r in reports for c in r.changes} == {
        ("alpha/image", 0.0), ("temperature", 0.005)
    }  # fmt: skip
    assert reports[-1].alpha == {"image": 0.0, "text": 3.0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"settings": {"alpha": {"imgae": 5.0}}}, "alpha names “imgae”"),
        ({"changes": [LiveChange(step=5, name="alhpa", value=1)]}, "a change is of “alhpa”"),
    ],
)
def test_names_that_are_not_there_end_in_a_sentence(options, words):
    with pytest.raises(WorkbenchError, match=words):
        run(**options)


def test_a_change_of_alpha_is_replayed_for_all_views():
    _, reports, _ = run(changes=[LiveChange(step=5, name="alpha", value=9)])
    assert reports[3].alpha == {"image": 3.0, "text": 3.0}
    assert reports[4].alpha == {"image": 9.0, "text": 9.0}


def test_one_view_can_have_its_own_alpha():
    _, reports, _ = run(settings={"alpha": {"image": 2.0, "text": 0.0}})
    assert "geometric/image" in reports[0].losses
    assert "geometric/text" not in reports[0].losses


def test_stop_keeps_the_heads_trained_so_far_and_can_be_repeated():
    control = Control()

    def stop(event):
        if isinstance(event, StepReport) and event.step == 12:
            control.stop()

    stopped, reports, _ = run(control=control, listen=stop, settings=LAST)
    assert reports[-1].step == 12
    repeated, again, _ = run(stop_after=12, settings=LAST)
    assert again[-1].step == 12
    assert tensors_equal(stopped, repeated)


def test_more_alpha_keeps_more_of_the_neighbourhoods():
    # from a random start the heads squeeze 20 axes into 12, so there is something to keep
    settings = {"start": "random", "steps": 150, "checkpoint": "last"}
    _, free, _ = run(settings={**settings, "alpha": 0.0})
    _, held, _ = run(settings={**settings, "alpha": 100.0})
    assert (
        held[-1].validation["preservation/image"] > free[-1].validation["preservation/image"] + 0.02
    )


def test_without_unpaired_items_nothing_of_them_reaches_the_heads():
    views, pairs, held_out = two_views()
    others = {view: rows.copy() for view, rows in views.items()}
    for rows in others.values():
        rows[60:] = np.random.default_rng(9).normal(size=rows[60:].shape)  # all that is unpaired
    for unpaired, same in (("all", False), ("neighbours", False), ("none", True)):
        settings = {"unpaired": unpaired, "checkpoint": "last"}
        first, _, _ = run(world=(views, pairs, held_out), settings=settings)
        second, _, _ = run(world=(others, pairs, held_out), settings=settings)
        assert tensors_equal(first, second) is same, unpaired


def test_the_best_checkpoint_is_the_one_that_is_returned():
    _, _, held_out = two_views()
    space, reports, _ = run(
        settings={"start": "random", "steps": 60, "learning_rate": 0.03, "checkpoint": "best"}
    )
    validated = [report for report in reports if report.validation]
    best = max(validated, key=lambda report: report.validation["mrr"])
    assert [report for report in validated if report.best][-1] is best
    scores = space.similarity("image", held_out.views["image"], "text", held_out.views["text"])
    rows = held_out.pairs["image", "text"]
    found = (retrieval(scores, rows).mrr + retrieval(scores.T, rows[:, ::-1]).mrr) / 2
    assert found == pytest.approx(best.validation["mrr"])


def test_the_learning_rate_warms_up_and_cools_down_but_not_to_nothing():
    _, reports, _ = run(settings={"steps": 40, "warm_up": 0.25, "learning_rate": 1e-3})
    rates = [report.learning_rate for report in reports]
    assert rates[:10] == pytest.approx([1e-3 * step / 10 for step in range(1, 11)])
    assert all(a > b > 0 for a, b in pairwise(rates[10:]))
    assert rates[-1] < 0.01 * rates[9]


def test_until_it_is_stopped_it_goes_on_at_a_steady_rate():
    control = Control()

    def stop(event):
        if isinstance(event, StepReport) and event.step == 45:
            control.stop()

    endless = {"steps": 20, "until_stopped": True, "warm_up": 0.25, **LAST}
    space, reports, told = run(control=control, listen=stop, settings=endless)
    assert [report.step for report in reports] == list(range(1, 46))
    assert {report.steps for report in reports} == {0}
    assert len({report.learning_rate for report in reports[4:]}) == 1
    state = next(event for event in told if isinstance(event, TrainingState))
    on, longer, _ = run(settings=endless, state=state, stop_after=50)
    whole, _, _ = run(settings=endless, stop_after=50)
    assert [report.step for report in longer] == list(range(46, 51))
    assert tensors_equal(on, whole)
    assert not tensors_equal(on, space)
    with pytest.raises(WorkbenchError, match="A sweep ends at its steps"):
        drain(train_sweep(*two_views()[:2], settings=endless))


def test_without_validation_pairs_one_still_sees_what_is_kept():
    views, pairs, _ = two_views()
    _, reports, _ = run(world=(views, pairs, None))
    seen = [report for report in reports if report.validation]
    assert [report.step for report in seen] == [1, 10, 20, 30]
    assert {tuple(report.validation) for report in seen} == {
        ("preservation/image", "preservation/text")
    }
    assert not any(report.best for report in reports)
    assert all(0 < share < 1 for share in seen[-1].validation.values())


def test_runs_that_differ_in_alpha_see_the_same_pairs():
    settings = {"batch_pairs": 8, "learning_rate": 1e-12}  # heads stay: losses show the batches
    _, without, _ = run(settings={**settings, "alpha": 0.0})
    _, with_, _ = run(settings={**settings, "alpha": 5.0})
    losses = [[report.losses["contrastive"] for report in each] for each in (without, with_)]
    assert losses[0] == pytest.approx(losses[1])
    assert len(set(np.round(losses[0], 6))) > 20


def test_one_item_that_all_pairs_share_has_no_geometry_and_breaks_nothing():
    views, _, _ = two_views()
    captions = np.stack([np.zeros(30, np.int64), np.arange(30)], axis=1)
    settings = {"unpaired": "none", "steps": 3, "start": "procrustes"}
    views["image"] = views["image"][:2]
    told = []
    job = train("gera", views, {("image", "text"): captions}, settings={**SETTINGS, **settings})
    drain(job, told.append)
    reports = [each for each in told if isinstance(each, StepReport)]
    assert len(reports) == 3
    assert all("geometric/image" not in each.losses for each in reports)
    assert all("geometric/text" in each.losses for each in reports)


def test_a_start_from_pairs_that_say_nothing_ends_in_a_sentence():
    views, _, _ = two_views()
    captions = np.stack([np.zeros(30, np.int64), np.arange(30)], axis=1)
    for unpaired in ("all", "none"):
        job = train("gera", views, {("image", "text"): captions}, settings={"unpaired": unpaired})
        with pytest.raises(WorkbenchError, match="have equal rows of “image”"):
            next(job)


def test_a_loss_that_is_no_number_ends_in_a_sentence_and_keeps_good_heads(monkeypatch):
    from workbench.alignment.training import losses as matching

    good = matching.contrastive_loss
    calls = []

    def breaking(*arguments):
        calls.append(1)
        return good(*arguments) * (float("nan") if len(calls) > 15 else 1)

    monkeypatch.setattr(matching, "contrastive_loss", breaking)
    expected, _, _ = run(stop_after=15, settings=LAST)
    calls.clear()
    space, reports, told = run(settings=LAST)
    assert tensors_equal(space, expected)
    assert reports[-1].step == 15
    assert "diverged at step 16" in next(e.text for e in told if isinstance(e, Notice))
    assert all(np.isfinite(array).all() for array in space.tensors().values())


def test_when_everything_belongs_together_there_is_nothing_to_push_apart():
    views, _, held_out = two_views()
    rows = np.array([(image, text) for image in range(5) for text in range(5)])
    _, reports, _ = run(world=(views, {("image", "text"): rows}, held_out))
    assert all(report.losses["contrastive"] == 0 for report in reports)
    one_each = np.stack([np.arange(5)] * 2, axis=1)
    _, reports, _ = run(world=(views, {("image", "text"): one_each}, held_out))
    assert reports[0].losses["contrastive"] > 0


@pytest.mark.parametrize(("validated", "alphas"), [(False, (0, 3, 30)), (True, (0, 3))])
def test_alpha_is_seen_in_the_heads_that_the_defaults_keep(validated, alphas):
    views, pairs, held_out = two_views()
    validation = held_out if validated else None
    spaces = [
        fit("gera", views, pairs, settings={"alpha": alpha}, validation=validation)
        for alpha in alphas
    ]
    kept = [
        np.mean(
            [
                neighbour_overlap(standardise(rows, rows.mean(axis=0)), space.embed(view, rows))
                for view, rows in views.items()
            ]
        )
        for space in spaces
    ]
    assert not tensors_equal(spaces[0], spaces[1])
    assert not tensors_equal(spaces[-2], spaces[-1])
    # of heads chosen by validation only those that find as well are in question
    assert min(kept[1:]) > kept[0]
    if not validated:
        assert kept == sorted(kept)
        assert kept[-1] > kept[0] + 0.02


def test_the_heads_of_a_step_are_those_the_training_had_there():
    whole, reports, _ = run(settings={**LAST, "steps": 12})
    again, some, _ = run(
        settings={"steps": 20, "checkpoint": "step", "checkpoint_step": 12, "warm_up": 0.0}
    )
    assert [each.step for each in some] == list(range(1, 13))
    longer, _, _ = run(settings={**LAST, "steps": 20, "warm_up": 0.0}, stop_after=12)
    assert tensors_equal(again, longer)
    assert not tensors_equal(again, whole)
    assert len(reports) == 12
    with pytest.raises(WorkbenchError, match="set together"):
        run(settings={"checkpoint": "step"})
