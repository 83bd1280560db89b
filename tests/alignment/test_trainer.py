import numpy as np
import pytest
from worlds.views import two_views

from workbench.alignment import StepReport, train
from workbench.jobs import Control, Notice, drain

SETTINGS = {"steps": 30, "neighbours": 10, "anchors": 16, "validate_every": 10, "alpha": 3.0}


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
    first, _, _ = run(seed=3)
    again, _, _ = run(seed=3)
    other, _, _ = run(seed=4)
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
    gera, reports, _ = run(settings={"alpha": 0.0})
    contrastive, _, _ = run("contrastive", settings={"steps": 30, "validate_every": 10})
    assert tensors_equal(gera, contrastive)
    assert "geometric/image" not in reports[0].losses


def test_a_live_change_acts_on_the_next_step_and_can_be_repeated():
    control = Control()

    def move(event):
        if isinstance(event, StepReport) and event.step == 10:
            control.set("alpha", 50.0)
            control.set("temperature", 0.1)

    moved, reports, _ = run(control=control, listen=move)
    assert [report.alpha["image"] for report in reports[9:11]] == [3.0, 50.0]
    assert reports[10].temperature == 0.1
    changes = [change for report in reports for change in report.changes]
    assert {(c.step, c.name, c.value) for c in changes} == {
        (11, "alpha/image", 50.0), (11, "alpha/text", 50.0), (11, "temperature", 0.1)
    }  # fmt: skip
    repeated, _, _ = run(changes=changes)
    plain, _, _ = run()
    last, _, _ = run(changes=changes, settings={"checkpoint": "last"})
    last_plain, _, _ = run(settings={"checkpoint": "last"})
    assert tensors_equal(moved, repeated)
    assert not tensors_equal(last, last_plain)
    assert plain.views == moved.views


def test_one_view_can_have_its_own_alpha():
    _, reports, _ = run(settings={"alpha": {"image": 2.0, "text": 0.0}})
    assert "geometric/image" in reports[0].losses
    assert "geometric/text" not in reports[0].losses


def test_stop_keeps_the_heads_trained_so_far_and_can_be_repeated():
    control = Control()

    def stop(event):
        if isinstance(event, StepReport) and event.step == 12:
            control.stop()

    stopped, reports, _ = run(control=control, listen=stop)
    assert reports[-1].step == 12
    repeated, again, _ = run(stop_after=12)
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


@pytest.mark.parametrize("unpaired", ["all", "neighbours", "none"])
def test_unpaired_items_serve_as_asked(unpaired):
    _, reports, _ = run(settings={"unpaired": unpaired})
    assert np.isfinite(reports[-1].loss)


def test_a_loss_that_is_no_number_ends_in_a_sentence_and_keeps_good_heads(monkeypatch):
    import workbench.alignment.trainer as trainer

    good = trainer.contrastive_loss
    calls = []

    def breaking(*arguments):
        calls.append(1)
        return good(*arguments) * (float("nan") if len(calls) > 15 else 1)

    monkeypatch.setattr(trainer, "contrastive_loss", breaking)
    space, reports, told = run()
    assert reports[-1].step == 15
    assert "diverged at step 16" in next(e.text for e in told if isinstance(e, Notice))
    assert all(np.isfinite(array).all() for array in space.tensors().values())


def test_pairs_with_several_partners_are_no_negatives_of_each_other():
    views, pairs, held_out = two_views()
    # every image has two captions: its own text and the next one
    rows = pairs["image", "text"]
    twice = np.concatenate([rows, np.stack([rows[:-1, 0], rows[1:, 1]], axis=1)])
    world = (views, {("image", "text"): twice}, held_out)
    _, reports, _ = run(world=world)
    assert np.isfinite(reports[-1].loss)
