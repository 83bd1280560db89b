"""A training that goes on from a file equals the one that was never stopped, to the bit."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from worlds.views import two_views

from workbench.alignment import (
    LiveChange,
    StepReport,
    TrainingState,
    load_state,
    save_state,
    train,
)
from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain

QUICK = {"steps": 24, "validate_every": 5, "checkpoint": "last", "learning_rate": 3e-3}
GERA = {**QUICK, "neighbours": 8, "anchors": 20, "alpha": 3.0}
CHANGES = [
    LiveChange(step=4, name="alpha/image", value=20),
    LiveChange(step=15, name="alpha/text", value=0),
]


def run(method, settings, listen=None, validation=True, **options):
    views, pairs, held_out = two_views()
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    held = held_out if validation else None
    job = train(method, views, pairs, settings=settings, validation=held, **options)
    space = drain(job, take)
    reports = [event for event in told if isinstance(event, StepReport)]
    states = [event for event in told if isinstance(event, TrainingState)]
    return space, reports, states


def through_a_file(state, folder):
    path = folder / "training.safetensors"
    save_state(state, path)
    return load_state(path)


def told_alike(reports, others) -> bool:
    """Compare everything but the speed."""
    return [replace(each, steps_per_second=0) for each in reports] == [
        replace(each, steps_per_second=0) for each in others
    ]


def equal(first, second) -> bool:
    ours, theirs = first.tensors(), second.tensors()
    return ours.keys() == theirs.keys() and all((ours[n] == theirs[n]).all() for n in ours)


@pytest.mark.parametrize(
    ("method", "settings", "changes"),
    [
        ("gera", GERA, CHANGES),
        ("gera", {**GERA, "checkpoint": "best", "start": "random", "head": "linear"}, CHANGES),
        ("gera", {**GERA, "start": "procrustes", "head": "linear"}, []),
        ("gera", {**GERA, "start": "procrustes"}, []),
        ("gera", {**GERA, "head": "mlp", "hidden": 20, "checkpoint": "auto"}, CHANGES),
        ("gera", {**GERA, "epsilon": "frozen", "scale": "local"}, []),
        ("gera", {**GERA, "patience": 10, "learning_rate": 0.3, "mixing": 0.0}, []),
        ("contrastive", {**QUICK, "learn_temperature": True, "batch_pairs": 16}, []),
        ("structure", {**QUICK, "others": 12}, []),
        ("sotalign", {**QUICK, "others": 30}, []),
    ],
)
def test_going_on_from_a_file_equals_the_uninterrupted_run(method, settings, changes, tmp_path):
    whole, reports, _ = run(method, settings, changes=changes)
    for at in (1, 10) if changes else (10,):  # a state is written alike by all methods
        # on a slow machine there is also one every ten seconds
        _, first, (*_, state) = run(method, settings, changes=changes, stop_after=at)
        assert state.step == at
        back = through_a_file(state, tmp_path)
        resumed, rest, _ = run(method, settings, changes=changes, state=back)
        assert equal(resumed, whole)
        assert told_alike(first + rest, reports)


def test_a_training_can_be_stopped_by_hand_again_and_again(tmp_path):
    whole, reports, _ = run("gera", GERA, changes=CHANGES)
    told, state = [], None
    for _ in range(6):
        control, before = Control(), len(told)

        def stop(event, control=control):
            if isinstance(event, StepReport) and event.step % 5 == 0:
                control.stop()

        space, some, states = run("gera", GERA, stop, control=control, changes=CHANGES, state=state)
        told += some
        if not states:
            break
        state = through_a_file(states[-1], tmp_path)
        assert state.step == told[-1].step > before
    assert equal(space, whole)
    assert told_alike(told, reports)


def test_a_wish_that_comes_with_the_stop_is_not_in_the_state():
    control = Control()

    def stop(event):
        if isinstance(event, StepReport) and event.step == 7:
            control.set("alpha", 50.0)
            control.stop()

    _, _, (state,) = run("gera", GERA, stop, control=control)
    assert state.values["alpha/image"] == 3.0
    plain, _, _ = run("gera", GERA)
    resumed, reports, _ = run("gera", GERA, state=state)
    assert equal(resumed, plain)
    assert not any(report.changes for report in reports)


def test_a_stop_before_the_first_step_begins_at_the_beginning(tmp_path):
    control = Control()
    control.stop()
    _, _, (state,) = run("gera", GERA, control=control)
    assert state.step == 0
    whole, _, _ = run("gera", GERA)
    resumed, reports, _ = run("gera", GERA, state=through_a_file(state, tmp_path))
    assert equal(resumed, whole)
    assert reports[0].step == 1


def test_the_best_heads_before_the_stop_are_not_forgotten(tmp_path):
    # far too fast: what comes after the stop is worse than the start
    settings = {**GERA, "checkpoint": "best", "learning_rate": 1.0}
    whole, _, _ = run("gera", settings)
    _, _, (state,) = run("gera", settings, stop_after=12)
    assert [each.step for each in state.candidates] == [0]
    resumed, _, _ = run("gera", settings, state=through_a_file(state, tmp_path))
    assert equal(resumed, whole)
    start, _, _ = run("gera", {**GERA, "steps": 1, "learning_rate": 1e-9, "checkpoint": "last"})
    np.testing.assert_allclose(
        resumed.heads["image"].weight, start.heads["image"].weight, atol=1e-5
    )


def test_heads_that_may_be_kept_are_not_forgotten_and_neither_is_that_alpha_was_moved(tmp_path):
    settings = {**GERA, "checkpoint": "auto"}
    whole, _, _ = run("gera", settings)
    _, _, (state,) = run("gera", settings, stop_after=12)
    assert state.candidates
    resumed, _, _ = run("gera", settings, state=through_a_file(state, tmp_path))
    assert equal(resumed, whole)
    _, _, (state,) = run("gera", settings, changes=CHANGES, stop_after=12)
    assert state.moved
    on, _, _ = run("gera", settings, changes=CHANGES, state=through_a_file(state, tmp_path))
    last, _, _ = run("gera", {**settings, "checkpoint": "last"}, changes=CHANGES)
    assert equal(on, last)


def state_of(method="gera", settings=GERA, **options):
    _, _, (state,) = run(method, settings, stop_after=6, **options)
    return state


@pytest.mark.parametrize(
    ("method", "settings", "options", "words"),
    [
        ("gera", {**GERA, "alpha": 5.0, "steps": 30}, {}, r"other settings \(steps, alpha\)"),
        ("gera", {**GERA, "head": "linear"}, {}, r"other settings \(head\)"),
        ("contrastive", QUICK, {}, "another method"),
        ("gera", GERA, {"seed": 1}, "another seed, 0"),
    ],
)
def test_a_state_of_another_training_ends_in_a_sentence(method, settings, options, words):
    with pytest.raises(
        WorkbenchError, match=f"cannot be resumed: it was started with {words}. Use the same"
    ):
        run(method, settings, state=state_of(), **options)


def test_a_state_of_other_data_ends_in_a_sentence():
    state = state_of()
    views, pairs, _ = two_views()
    views["image"][100, 0] += 1
    with pytest.raises(WorkbenchError, match="started with other items or pairs"):
        next(train("gera", views, pairs, settings=GERA, state=state))
    views, pairs, _ = two_views(pairs=59)
    with pytest.raises(WorkbenchError, match="started with other items or pairs"):
        next(train("gera", views, pairs, settings=GERA, state=state))


def without(name):
    return lambda tensors: {n: t for n, t in tensors.items() if n != name}


def other(name, value):
    return lambda tensors: {**tensors, name: value(tensors[name])}


@pytest.mark.parametrize(
    "damage",
    [
        without("parameter/image.weight"),
        without("optimiser/text.bias/exp_avg"),
        without("generator/pairs"),
        other("parameter/image.weight", lambda t: t[:-1].clone()),
        other("parameter/image.weight", lambda t: t.double()),
        other("generator/pairs", lambda t: torch.full_like(t, 255)),
        lambda tensors: {**tensors, "parameter/speech.weight": torch.zeros(3)},
        lambda tensors: {n: t for n, t in tensors.items() if not n.startswith("optimiser/")},
    ],
)
def test_tensors_that_do_not_fit_end_in_a_sentence(damage):
    state = state_of()
    broken = replace(state, tensors=damage(state.tensors))
    with pytest.raises(WorkbenchError, match=r"saved training is damaged.*Align again"):
        run("gera", GERA, state=broken)


def test_heads_so_far_that_do_not_fit_end_in_a_sentence():
    state = state_of(settings={**GERA, "checkpoint": "best"})
    (kept,) = state.candidates
    maps = {**kept.maps, "image": replace(kept.maps["image"], weight=np.zeros((2, 3), "f4"))}
    broken = replace(state, candidates=(replace(kept, maps=maps),))
    with pytest.raises(WorkbenchError, match=r"saved training is damaged.*Align again"):
        run("gera", {**GERA, "checkpoint": "best"}, state=broken)


def test_a_foreign_or_damaged_file_ends_in_a_sentence(tmp_path):
    path = tmp_path / "training.safetensors"
    save_state(state_of(settings={**GERA, "checkpoint": "best"}), path)
    whole = path.read_bytes()
    facts = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])["__metadata__"]
    tensors = load_file(path)

    def says(words):
        with pytest.raises(WorkbenchError, match=f"cannot be read: .*{words}.*Align again"):
            load_state(path)

    for text in (b"", b"not a safetensors file", whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(text)
        says("")
    path.unlink()
    says("")
    save_file({"a": torch.zeros(2)}, path)
    says("not a training saved by this version")
    for broken in (
        "{",
        "[]",
        "{}",
        '{"step": 3}',
        facts["facts"].replace('"step": 6', '"step": "x"'),
    ):
        save_file(tensors, path, {**facts, "facts": broken})
        says("")
    save_file(without("candidate/0/image.weight")(tensors), path, facts)
    says("")


def test_a_state_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "training.safetensors"
    save_state(state_of(), path)
    before = path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        save_state(replace(state_of(), step=7), path)
    assert path.read_bytes() == before
    assert np.isfinite(load_state(path).best_score)
