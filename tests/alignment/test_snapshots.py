"""Snapshots of a training: they are where its heads map the rows, and change nothing in it."""

import numpy as np
import pytest
from worlds.views import three_views, two_views

from workbench.alignment import Snapshot, StepReport, TrainingState, train
from workbench.alignment.training import snapshots
from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain

QUICK = {"steps": 12, "validate_every": 4, "checkpoint": "last", "learning_rate": 3e-3}
GERA = {**QUICK, "neighbours": 8, "anchors": 20, "alpha": 3.0}


@pytest.fixture
def after_every_step(monkeypatch):
    monkeypatch.setattr(snapshots, "_SECONDS_A_GLIMPSE", 0.0)


def run(method="gera", settings=GERA, make=two_views, listen=None, **options):
    views, pairs, held_out = make()
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    options.setdefault("shown", held_out.views)
    space = drain(
        train(method, views, pairs, settings=settings, validation=held_out, **options), take
    )
    return space, told, held_out


def seen(told):
    return [event for event in told if isinstance(event, Snapshot)]


@pytest.mark.parametrize("head", ["linear", "residual", "mlp"])
def test_the_last_glimpse_is_where_the_heads_map(head):
    space, told, held_out = run(settings=GERA | {"head": head})
    last = seen(told)[-1]
    assert last.step == 12
    for view, rows in held_out.views.items():
        np.testing.assert_allclose(last.mapped[view], space.embed(view, rows), atol=2e-6)


def test_the_first_glimpse_is_the_start_and_the_last_comes_once():
    _, told, held_out = run(settings=GERA | {"steps": 1})
    steps = [glimpse.step for glimpse in seen(told)]
    assert steps == [0, 1]
    first = told.index(seen(told)[0])
    assert not any(isinstance(event, StepReport) for event in told[:first])
    space, _, _ = run(settings=GERA | {"steps": 1}, stop_after=0)
    for view, rows in held_out.views.items():
        np.testing.assert_allclose(seen(told)[0].mapped[view], space.embed(view, rows), atol=2e-6)


def test_glimpses_come_at_most_four_times_a_second():
    class Stopwatch:
        now = 0.0

        def seconds(self):
            Stopwatch.now += 0.1
            return Stopwatch.now

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "Stopwatch", Stopwatch)
        _, told, _ = run()
    steps = [glimpse.step for glimpse in seen(told)]
    assert steps[0] == 0
    assert steps[-1] == 12
    assert 3 <= len(steps) < 9


@pytest.mark.usefixtures("after_every_step")
@pytest.mark.parametrize("method", ["gera", "contrastive", "structure", "sotalign"])
def test_heads_do_not_depend_on_being_watched(method):
    settings = GERA if method == "gera" else {"steps": 12, "learning_rate": 3e-3}
    watched, told, _ = run(method, settings)
    alone, quiet, _ = run(method, settings, shown=None)
    assert [glimpse.step for glimpse in seen(told)] == list(range(13))
    assert not seen(quiet)
    for name, array in alone.tensors().items():
        np.testing.assert_array_equal(watched.tensors()[name], array)


@pytest.mark.usefixtures("after_every_step")
def test_a_training_that_goes_on_begins_with_a_glimpse_of_where_it_was():
    control, states = Control(), []

    def stop(event):
        if isinstance(event, StepReport) and event.step == 5:
            control.stop()
        if isinstance(event, TrainingState):
            states.append(event)

    _, before, _ = run(listen=stop, control=control)
    assert seen(before)[-1].step == 5
    _, after, _ = run(state=states[-1])
    assert seen(after)[0].step == 5
    for view, rows in seen(before)[-1].mapped.items():
        np.testing.assert_array_equal(seen(after)[0].mapped[view], rows)


def test_some_of_the_views_may_be_shown():
    views, _, held_out = three_views()
    _, told, _ = run(make=three_views, shown={"speech": held_out.views["speech"][:3]})
    assert set(seen(told)[-1].mapped) == {"speech"}
    assert seen(told)[-1].mapped["speech"].shape[0] == 3
    assert set(views) == {"image", "text", "speech"}


def test_rows_of_a_view_that_is_not_trained_are_refused():
    with pytest.raises(WorkbenchError, match="“speech” cannot be shown, since only these views"):
        run(shown={"speech": np.ones((2, 4), np.float32)})
