"""Where α acts: a short look at several α on some of the items."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.views import two_views

from workbench.alignment import AlphaProbe, probe_alpha
from workbench.alignment.sweep.alpha_probe import PROBE_ALPHAS, some_of
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Progress, drain

QUICK = {"neighbours": 6, "hidden": 40}


def test_it_measures_each_alpha_the_same_way_each_time():
    views, pairs, _ = two_views()
    told = []
    first = drain(probe_alpha(views, pairs, settings={**QUICK, "alpha": 500}), told.append)
    assert first.alphas == PROBE_ALPHAS
    assert all(0 <= kept <= 1 for kept in first.kept)
    steps = [e.done for e in told if isinstance(e, Progress) and "α acts" in e.message]
    assert steps == list(range(1, 21))
    # what is set of α, of the heads kept and of an end counts for nothing
    other = {"until_stopped": True, "checkpoint": "step", "checkpoint_step": 3, "steps": 9}
    again = drain(probe_alpha(views, pairs, settings={**QUICK, **other}))
    assert again == first


def test_a_larger_alpha_keeps_more():
    views, pairs, _ = two_views()
    settings = {**QUICK, "start": "random", "head": "linear", "learning_rate": 0.05}
    found = drain(probe_alpha(views, pairs, settings=settings))
    assert found.kept[-1] > found.kept[0] + 0.05
    begun, done = found.acts
    assert 0.0001 <= begun < done <= PROBE_ALPHAS[-1]


def test_a_stop_ends_it_without_an_answer():
    views, pairs, _ = two_views()
    control = Control()

    def listen(event):
        if isinstance(event, Progress) and "α acts" in event.message:
            control.stop()

    assert drain(probe_alpha(views, pairs, settings=QUICK, control=control), listen) is None


def test_settings_that_are_none_are_refused():
    views, pairs, _ = two_views()
    with pytest.raises(WorkbenchError, match="neighbours"):
        drain(probe_alpha(views, pairs, settings={"neighbours": 0}))


def test_where_it_acts_is_read_off_the_gains():
    alphas = (0.0, 0.01, 0.1, 1.0, 10.0)
    # all of it between 0.1 and 1
    begun, done = AlphaProbe(alphas, (0.5, 0.5, 0.5, 0.6, 0.6)).acts
    assert (begun, done) == (pytest.approx(0.13, abs=0.005), pytest.approx(0.79, abs=0.005))
    # at once with the smallest: it acts somewhere below
    begun, done = AlphaProbe(alphas, (0.5, 0.6, 0.6, 0.6, 0.6)).acts
    assert 0.001 <= begun < done < 0.01
    # a fall afterwards is noise
    assert AlphaProbe(alphas, (0.5, 0.5, 0.5, 0.6, 0.58)).acts == AlphaProbe(
        alphas, (0.5, 0.5, 0.5, 0.6, 0.6)
    ).acts  # fmt: skip
    # less than one neighbour in a hundred
    assert AlphaProbe(alphas, (0.5, 0.5, 0.502, 0.504, 0.505)).acts is None
    assert AlphaProbe(alphas, (0.5, 0.4, 0.3, 0.2, 0.1)).acts is None


@given(kept=st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_it_acts_within_what_was_tried(kept):
    acts = AlphaProbe(PROBE_ALPHAS, tuple(kept)).acts
    if acts is not None:
        assert PROBE_ALPHAS[1] / 10 <= acts[0] <= acts[1] <= PROBE_ALPHAS[-1]


def test_some_of_the_items_keep_their_pairs():
    random = np.random.default_rng(0)
    views = {"image": random.normal(size=(2000, 4)), "text": random.normal(size=(1500, 3))}
    views = {view: rows.astype(np.float32) for view, rows in views.items()}
    told = np.stack([random.permutation(2000)[:900], random.permutation(1500)[:900]], axis=1)
    few, pairs = some_of(views, {("image", "text"): told}, seed=3)
    rows = pairs["image", "text"]
    assert len(rows) == 200
    assert {view: len(rows) for view, rows in few.items()} == {"image": 600, "text": 600}
    given = {(views["image"][a].tobytes(), views["text"][b].tobytes()) for a, b in told}
    assert {(few["image"][a].tobytes(), few["text"][b].tobytes()) for a, b in rows} <= given
    # of few items all are taken
    small = {view: rows[:30] for view, rows in views.items()}
    few, pairs = some_of(small, {("image", "text"): np.array([[0, 1], [5, 2]])}, seed=3)
    assert [len(rows) for rows in few.values()] == [30, 30]
    assert len(pairs["image", "text"]) == 2
