"""Curves while a training runs: a plot a frame, few points, and time left for everything else."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.training.curves.curves_panel import CurvesPanel, rounded_up
from workbench.gui.training.curves.series import Series


@pytest.fixture
def panel(qtbot):
    made = CurvesPanel()
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    qtbot.waitExposed(made)
    made._timer.stop()
    made._timer.start = lambda: None  # frames come when the test asks for them
    made.logarithmic.setChecked(False)
    steps = np.arange(1.0, 20_001)
    noise = np.random.default_rng(0).random(20_000)
    made.show_series({
        "loss": Series.of(steps, 2 + noise), "recall@10": Series.of(steps, noise),
        "effective_rank": Series.of(steps, 30 + noise),
    })  # fmt: skip
    made.draw()
    return made


def test_each_frame_draws_one_plot_in_turn(panel, monkeypatch):
    drawn = []
    for plot in panel.plots:
        monkeypatch.setattr(plot, "redraw", lambda *_, plot=plot: drawn.append(plot))
    panel.make_stale()
    panel.make_stale()
    for _ in range(5):
        panel._draw_next()
    assert drawn == list(panel.plots)


def test_a_plot_that_is_hidden_is_drawn_when_it_is_shown(panel, monkeypatch):
    drawn = []
    monkeypatch.setattr(panel.spread, "redraw", lambda *_: drawn.append(1))
    panel.spread.hide()
    panel.make_stale()
    for _ in range(5):
        panel._draw_next()
    assert not drawn
    panel.spread.show()
    panel._draw_next()
    assert drawn == [1]


def test_slow_frames_leave_time_for_the_rest(panel, qtbot, monkeypatch):
    monkeypatch.setattr(panel.loss, "redraw", lambda *_: time.sleep(0.05))
    panel.make_stale()
    panel._draw_next()
    qtbot.waitUntil(lambda: panel._timer.interval() >= 200)


def test_a_frame_that_waited_long_does_not_keep_the_plots_empty(panel):
    panel._rest(time.perf_counter() - 30)
    assert panel._timer.interval() == 2000


def test_no_more_points_are_drawn_than_a_plot_has_pixels(panel):
    for curve in panel.loss._curves.values():
        for item in (curve.line, curve.raw):
            assert len(item.getData()[0]) <= max(panel.loss.plot.viewport().width(), 400) + 6
        raw = curve.raw.getData()[1]
        assert (raw.min(), raw.max()) == (curve.series.values.min(), curve.series.values.max())


@given(st.floats(2, 1e6))
def test_the_axis_ends_at_the_last_step_or_a_little_beyond(last):
    end = rounded_up(last)
    assert last <= end <= 1.05 * last + 1


def test_plots_that_follow_are_not_drawn_for_each_other_and_a_zoom_is_of_all(panel):
    panel.loss.box.setXRange(0, 10, padding=0)
    assert panel.spread.box.viewRange()[0] == [0, 20_000]  # until it is its turn
    panel.loss.box.setXRange(500, 900, padding=0)
    panel.loss.moved.emit()
    for plot in panel.plots:
        assert plot.box.viewRange()[0] == pytest.approx([500, 900])
    panel.validation.box.setXRange(600, 700, padding=0)
    panel.validation.moved.emit()
    panel.draw()
    for plot in panel.plots:
        assert plot.box.viewRange()[0] == pytest.approx([600, 700])
    panel.follow()
    panel.draw()
    for plot in panel.plots:
        assert plot.box.viewRange()[0] == [0, 20_000]


def test_markers_that_stay_are_not_made_anew(panel):
    panel.loss.show_markers([(10, "α 1"), (500, "α 2")])
    first, second = panel.loss._markers
    panel.loss.show_markers([(10, "α 1"), (600, "α 3"), (900, "α 4")])
    assert panel.loss._markers[0] is first
    assert second not in panel.loss.plot.items()
    assert [line.value() for line in panel.loss._markers] == [10, 600, 900]
    assert [line.label.format for line in panel.loss._markers] == ["α 1", "α 3", "α 4"]
    panel.loss.show_markers([])
    assert first not in panel.loss.plot.items()


def test_the_timer_runs_only_while_something_that_is_seen_is_to_be_drawn(qtbot):
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    row = iter(range(1, 100))

    def grow():
        panel.add_row({"step": next(row), "loss": 1.0})

    def rests():
        qtbot.waitUntil(lambda: not panel._timer.isActive(), timeout=20_000)

    grow()
    assert not panel._timer.isActive()
    panel.show()
    assert panel._timer.isActive()
    rests()
    (line,) = [curve.line for curve in panel.loss._curves.values()]
    assert len(line.getData()[0]) == 1
    grow()
    assert panel._timer.isActive()
    rests()
    assert len(line.getData()[0]) == 2
    grow()
    panel.hide()
    assert not panel._timer.isActive()
    grow()
    assert not panel._timer.isActive()
    panel.show()
    rests()
    assert len(line.getData()[0]) == 4
    for plot in panel.plots:  # each for itself
        plot.hide()
    grow()
    rests()
    panel.loss.show()
    assert panel._timer.isActive()
    rests()
    assert len(line.getData()[0]) == 5
