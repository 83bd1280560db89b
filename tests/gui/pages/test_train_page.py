"""The Train page: its parts against plain arithmetic, and the whole with real small trainings."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.alignment import CcaSettings, GeraSettings, LiveChange, RidgeSettings, methods
from workbench.charts.training_curves import is_drawn
from workbench.gui.training.curves.curve_view import markers_of
from workbench.gui.training.curves.curves_panel import CurvesPanel
from workbench.gui.training.curves.log_axis import LogAxis
from workbench.gui.training.curves.series import (
    RunningMean,
    Series,
    decimated,
    series_in,
    smoothed,
)
from workbench.gui.training.form.alpha_slider import AlphaSliders, alpha_at, notch_of
from workbench.gui.training.form.editors import NumberBox, OptionalNumberBox
from workbench.gui.training.form.settings_form import SettingsForm, help_of, title_of
from workbench.gui.training.notice_line import NoticeLine
from workbench.jobs import Notice, drain
from workbench.project import Project, Run
from workbench.stations import AlignRequest, align

# ------------------------------------------------------------------------------ numbers of curves

values_of_curves = st.lists(st.floats(-1e3, 1e3), max_size=700)


@settings(max_examples=60, deadline=None)
@given(values_of_curves, st.sampled_from([0.0, 0.3, 0.9, 0.99]))
def test_smoothing_equals_the_loop(values, weight):
    expected, mean = [], 0.0
    for count, value in enumerate(values, 1):
        mean = weight * mean + (1 - weight) * value
        expected.append(mean / (1 - weight**count))
    found = smoothed(np.array(values), weight)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 700), st.floats(-9, 9)), max_size=8), st.booleans())
def test_the_mean_of_a_series_that_grows_is_that_of_all_its_values(parts, changed):
    series, mean, step = Series(), RunningMean(), 0
    for place, (count, value) in enumerate(parts):
        if place == 3:
            step //= 2  # a training that goes on from before tells steps again
        for _ in range(count):
            step += 1
            series.append(step, value + step % 7)
        weight = 0.5 if changed and place % 2 else 0.97
        found = mean.of(series, weight)
        np.testing.assert_allclose(found, smoothed(series.values, weight), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(mean.of(series, 0.0), series.values)


@settings(max_examples=60, deadline=None)
@given(values_of_curves, st.integers(1, 50))
def test_decimation_keeps_ends_and_every_extreme(values, most):
    steps, heights = np.arange(len(values), dtype=float), np.array(values)
    few_steps, few = decimated(steps, heights, most)
    assert len(few) <= 2 * most + 6
    assert (np.diff(few_steps) > 0).all()
    if values:
        assert few_steps[0] == 0
        assert few_steps[-1] == len(values) - 1
        assert few.min() == heights.min()
        assert few.max() == heights.max()


def test_a_series_grows_and_leaves_out_what_is_not_finite():
    series = Series()
    for step in range(1000):
        series.append(step, np.nan if step == 500 else step * 2)
    assert len(series) == 999
    assert series.at(500) == 998
    assert series.at(-1) is None
    assert series.at(np.inf) == 1998


def test_a_step_told_again_replaces_what_came_after():
    series = Series()
    for step in range(1, 400):
        series.append(step, step)
    series.append(300, -1.0)
    series.append(301, -2.0)
    assert series.steps.tolist() == list(range(1, 302))
    assert series.values[-3:].tolist() == [299, -1, -2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([1.0, 2.0, np.nan, np.inf]), max_size=700),
    st.lists(st.tuples(st.integers(0, 699), st.integers(0, 300)), max_size=3),
)
def test_a_series_made_at_once_equals_one_that_grew(values, told_again):
    steps = np.arange(len(values), dtype=float)
    for start, back in told_again:
        steps[start:] -= back
    grown = Series()
    for step, value in zip(steps, values, strict=True):
        grown.append(step, value)
    made = Series.of(steps, np.array(values, dtype=float))
    for series in (grown, made):
        series.append(10_000, 5.0)
    np.testing.assert_array_equal(made.steps, grown.steps)
    np.testing.assert_array_equal(made.values, grown.values)


# ------------------------------------------------------------------------------ curves

ROWS = [
    {
        "step": step,
        "loss": 3.0 / step,
        "contrastive": 2.0 / step,
        "geometric/image": 0.0 if step < 5 else 1.0 / step,
        "gradient_norm": 1.0,
        **({"recall@10": 0.1 + step / 1000, "preservation/image": 0.9} if step % 10 == 0 else {}),
    }
    for step in range(1, 301)
]


@pytest.fixture
def panel(qtbot):
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    panel.show()
    qtbot.waitExposed(panel)
    assert panel.logarithmic.isChecked()  # as it is drawn unless somebody wants it otherwise
    panel.logarithmic.setChecked(False)
    panel.show_rows(ROWS)
    panel.draw()
    return panel


def line(plot, name):
    return plot._curves[name].line.getData()


def test_rows_become_curves_in_their_plots(panel):
    assert panel.loss.names() == ["loss", "contrastive", "geometric/image"]
    assert panel.validation.names() == ["recall@10", "preservation/image"]
    panel.slider.setValue(0)
    panel.draw()
    steps, heights = line(panel.loss, "loss")
    np.testing.assert_allclose(heights, 3.0 / steps)
    np.testing.assert_allclose(line(panel.validation, "recall@10")[1][-1], 40.0)  # per cent
    assert panel.loss.box.viewRange()[0] == [0.0, 300.0]


@pytest.mark.parametrize(
    ("losses", "titles"),
    [
        (["structure/image", "structure/text"], ["image similarities", "text similarities"]),
        (["transport/image–text"], ["image–text transport"]),
        (["something_new/text"], ["something new text"]),
    ],
)
def test_every_method_has_its_losses_drawn(panel, losses, titles):
    rows = [
        {
            "step": step, "loss": 2.0, "contrastive": 1.0, **dict.fromkeys(losses, 0.5),
            "alpha/image": 0.0, "temperature": 0.05, "learning_rate": 1e-3, "gradient_norm": 1.0,
            "effective_rank": 30.0 + step, "mean_cosine": 0.1,
            **({"recall@10": 0.5, "chance@10": 0.25, "mrr": 0.3} if step == 2 else {}),
        }
        for step in (1, 2, 3)
    ]  # fmt: skip
    panel.show_rows(rows)
    panel.slider.setValue(0)
    panel.draw()
    assert panel.loss.names() == ["loss", "contrastive", *losses]
    assert panel.validation.names() == ["recall@10"]
    np.testing.assert_allclose(line(panel.spread, "effective_rank")[1], [31, 32, 33])
    for loss, title in zip(losses, titles, strict=True):
        assert panel.findChild(QPushButton, f"curve-{loss}").text() == f"{title}  0.5"
    # what guessing reaches is known from the rows
    ((level, _, words),) = panel.validation._chance
    assert (level, words.text()) == (25.0, "┄ chance of R@10  25%")


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show(panel):
    panel.slider.setValue(0)
    panel.logarithmic.setChecked(True)
    panel.draw()
    steps, heights = line(panel.loss, "geometric/image")
    assert steps[0] == 5
    np.testing.assert_allclose(heights, np.log10(1.0 / steps))
    panel.grab()


@pytest.mark.parametrize(
    ("low", "high", "pixels", "labels"),
    [
        (0.1, 12.0, 300, ["0.1", "0.2", "0.5", "1", "2", "5", "10"]),
        (0.0021, 0.011, 350, ["0.003", "0.004", "0.005", "0.006", "0.007", "0.008", "0.009",
                              "0.01"]),
        (0.0021, 0.011, 200, ["0.005", "0.01"]),
        (0.0021, 0.011, 90, ["0.005", "0.01"]),
        (1e-6, 1e3, 60, ["1e-06", "0.001", "1", "1e+03"]),
        (0.0331, 0.0389, 200, ["0.035", "0.037"]),
    ],
)  # fmt: skip
def test_labels_of_a_logarithmic_axis_have_room(qapp, low, high, pixels, labels):
    axis = LogAxis()
    ((_, places),) = axis.logTickValues(np.log10(low), np.log10(high), pixels, [])
    assert axis.logTickStrings(places, 1.0, 1.0) == labels


def test_events_never_draw_by_themselves(panel, qtbot):
    before = line(panel.loss, "loss")[0][-1]
    panel.add_row({"step": 301, "loss": 0.1})
    assert line(panel.loss, "loss")[0][-1] == before
    qtbot.waitUntil(lambda: line(panel.loss, "loss")[0][-1] == 301, timeout=2000)


def test_the_crosshair_reads_values_at_a_step(panel):
    panel.loss.pointed.emit(100.2)
    assert panel.status.text() == "At step 100"
    chip = panel.findChild(QPushButton, "curve-loss")
    assert chip.text() == "total  0.03"
    assert panel.findChild(QPushButton, "curve-recall@10").text() == "R@10  20.0%"
    panel.loss.pointed.emit(None)
    assert chip.text() == "total  0.01"


def test_a_curve_is_hidden_by_its_chip(panel):
    panel.findChild(QPushButton, "curve-loss").click()
    panel.draw()
    assert not panel.loss._curves["loss"].line.isVisible()


def test_a_drag_leaves_one_marker(panel):
    for step in range(100, 112):
        panel.add_marker(step, "alpha/image", f"α image {step}")
    panel.add_marker(200, "alpha/image", "α image 3")
    assert panel.markers() == [(111, "α image 111"), (200, "α image 3")]
    assert [marker.value() for marker in panel.loss._markers] == [111, 200]


def test_alpha_moved_alike_in_all_views_is_one_marker():
    tied = [LiveChange(step=7, name=f"alpha/{view}", value=3) for view in ("image", "text")]
    apart = [LiveChange(step=9, name="alpha/image", value=1)]
    other = [LiveChange(step=9, name="learning_rate", value=0.01)]
    assert markers_of([*tied, *apart, *other]) == [
        (7, "alpha", "α 3"),
        (9, "alpha/image", "α image 1"),
        (9, "learning_rate", "learning rate 0.01"),
    ]


def test_another_runs_curves_lie_behind(panel):
    panel.show_others({"before": series_in(ROWS[:100], is_drawn)})
    panel.draw()
    (drawn,) = panel.loss.others()
    assert list(drawn.lines) == ["loss", "contrastive", "geometric/image"]
    assert drawn.lines["loss"].getData()[0][-1] == 100
    panel.show_others({})
    assert not panel.loss.others()


# ------------------------------------------------------------------------------ α


def test_every_notch_has_its_alpha_and_every_alpha_its_notch():
    notches = [0, *range(notch_of(0.001), 1001)]
    alphas = [alpha_at(notch) for notch in notches]
    assert [notch_of(alpha) for alpha in alphas] == notches
    assert alphas[0] == 0
    assert alphas[1] == 0.001
    assert alphas[-1] == 1000
    assert alphas == sorted(alphas)
    # between 0 and 1 most happens
    assert notch_of(1) == 500
    # in the gap between 0 and the smallest the nearer one counts
    assert {alpha_at(notch) for notch in range(1, notch_of(0.001))} == {0, 0.001}


@given(st.floats(0.001, 1000))
def test_the_nearest_notch_is_within_a_percent(alpha):
    assert alpha_at(notch_of(alpha)) == pytest.approx(alpha, rel=0.012)


@pytest.fixture
def sliders(qtbot):
    sliders = AlphaSliders()
    qtbot.addWidget(sliders)
    sliders.set_default(10.0)
    sliders.set_views(["image", "text"])
    sliders.show()
    return sliders


def test_a_lock_ties_the_sliders(sliders, qtbot):
    heard = []
    sliders.changed.connect(lambda view, alpha: heard.append((view, alpha)))
    assert sliders.values() == {"image": 10.0, "text": 10.0}
    sliders.slider("image").setValue(notch_of(30.0))
    assert sliders.values() == {"image": alpha_at(notch_of(30.0))} | {
        "text": alpha_at(notch_of(30.0))
    }
    assert [view for view, _ in heard] == ["image", "text"]
    qtbot.mouseClick(sliders.lock, Qt.MouseButton.LeftButton)
    sliders.slider("text").setValue(0)
    assert sliders.values()["text"] == 0
    assert sliders.values()["image"] > 0
    qtbot.mouseClick(sliders.lock, Qt.MouseButton.LeftButton)
    assert sliders.values()["text"] == sliders.values()["image"] > 0


def test_a_key_goes_over_the_gap_at_once(sliders, qtbot):
    slider = sliders.slider("image")
    sliders.move_all(0.0)
    for key, alpha in ((Qt.Key.Key_Right, 0.001), (Qt.Key.Key_Left, 0.0)):
        qtbot.keyClick(slider, key)
        assert set(sliders.values().values()) == {alpha}
        assert slider.value() == notch_of(alpha)


def test_an_alpha_of_before_stands_as_it_was(sliders):
    for alpha in (0.0, 0.0003, 0.0007, 0.5, 3.3333, 1000.0):
        sliders.set_values({"image": alpha, "text": alpha})
        assert set(sliders.values().values()) == {alpha}


def test_the_marks_of_a_sweep_outlive_another_view(sliders):
    sliders.mark([0.0, 0.1, 1.0], 0.1)
    sliders.set_views(["image", "text", "speech"])
    assert (sliders.scale.rungs, sliders.scale.knee) == ([0.0, 0.1, 1.0], 0.1)
    assert "Knee, 0.1" in sliders.scale.toolTip()
    sliders.grab()
    sliders.mark([], None)
    assert sliders.scale.toolTip() == ""


def test_showing_values_tells_nobody(sliders, qtbot):
    with qtbot.assertNotEmitted(sliders.changed):
        sliders.set_values({"image": 1.0, "text": 2.0})
    assert not sliders.tied
    assert sliders.values() == {"image": 1.0, "text": 2.0}


# ------------------------------------------------------------------------------ settings


@pytest.fixture
def form(qtbot):
    form = SettingsForm()
    qtbot.addWidget(form)
    form.set_model(GeraSettings, leave_out=["alpha"])
    form.show()
    return form


@pytest.mark.parametrize("method", methods(), ids=lambda entry: entry.name)
def test_a_form_begins_at_the_defaults_of_every_method(form, method):
    form.set_model(method.settings, leave_out=["alpha"])
    assert form.values() == {}
    for name, field in method.settings.model_fields.items():
        if name != "alpha":
            assert form.value(name) == field.default
            assert form.editor(name).toolTip()


def test_values_go_round(form):
    values = {
        "steps": 77, "temperature": 0.07, "learning_rate": 1e-5, "start": "random", "width": 12,
        "density": False, "kernel": GeraSettings().kernel, "bandwidth": 2.5, "clip": 0.25,
    }  # fmt: skip
    form.set_values(values)
    found = GeraSettings(**form.values())
    assert found == GeraSettings(**values)


def test_changed_settings_are_marked_and_reset(form, qtbot):
    reset = form.findChild(object, "reset-steps")
    assert not reset.isVisible()
    with qtbot.waitSignal(form.changed) as signal:
        form.editor("steps").setValue(20)
    assert signal.args == ["steps"]
    assert reset.isVisible()
    form.editor("temperature").setValue(0.1)
    reset.click()
    assert form.values() == {"temperature": 0.1}
    form.findChild(object, "reset-settings").click()
    assert form.values() == {}


def test_limits_of_the_schema_hold(form):
    form.editor("temperature").setValue(99)
    assert form.value("temperature") == 0.5
    form.editor("learning_rate").setValue(0)  # must be above 0
    assert form.value("learning_rate") > 0
    GeraSettings(**form.values())


def test_the_wheel_scrolls_the_form_and_changes_nothing(form):
    spin = form.editor("steps")
    spin.clearFocus()
    at = QPointF(5, 5)
    event = QWheelEvent(
        at, spin.mapToGlobal(at), QPointF(0, 120).toPoint(), QPointF(0, 120).toPoint(),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(spin, event)
    assert form.values() == {}


def test_numbers_of_any_size_are_typed_and_stepped(qtbot):
    box = NumberBox()
    qtbot.addWidget(box)
    box.setRange(1e-12, 1.0)
    box.setValue(1e-5)
    assert box.text() == "1e-05"
    box.stepUp()
    assert box.value() == pytest.approx(1.1e-5, rel=0.2)
    box.selectAll()
    qtbot.keyClicks(box, "0.003")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 0.003


def test_a_number_may_be_left_to_the_method(form, qtbot):
    form.set_model(RidgeSettings)
    box = form.editor("penalty")
    assert isinstance(box, OptionalNumberBox)
    assert (form.value("penalty"), box.text()) == (None, "automatic")

    def type_in(words):
        box.selectAll()
        qtbot.keyClicks(box, words)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        return form.value("penalty")

    assert type_in("0.003") == 0.003
    assert form.values() == {"penalty": 0.003}
    assert type_in("1e9") == 0.003  # above the largest: not taken
    assert type_in("-0.5") == 0.003  # between none and the smallest: not taken
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (form.value("penalty"), box.text()) == (None, "automatic")
    box.stepDown()
    assert form.value("penalty") is None
    box.stepUp()
    assert form.value("penalty") == 1.0
    for _ in range(100):
        box.stepDown()
    assert form.value("penalty") is None or form.value("penalty") > 0
    form.set_model(CcaSettings)
    form.set_values({"penalty": 0.0, "exponent": 0.0})  # none is not 0
    assert form.values() == {"penalty": 0.0, "exponent": 0.0}
    CcaSettings(**form.values())


def test_titles_and_help_are_words():
    assert title_of("learning_rate", "Largest step size.") == "Learning rate"
    assert title_of("neighbours", "K: neighbours of an anchor") == "Neighbours K"
    assert title_of("temperature", "τ of the loss") == "Temperature τ"
    assert help_of("Steps.", {"ge": 1, "le": 10}, "steps") == "Steps. From 1 to 10 steps."
    assert help_of("Clip.", {"gt": 0}, "") == "Clip. Above 0."


# ------------------------------------------------------------------------------ the page


@pytest.fixture
def page(session, qtbot):
    return shown_train_page(session, qtbot)


def idle(page):
    return page._job is None and not page.results_card.evaluating and not page.session.jobs


def train(page, qtbot, method="gera", **settings):
    page.setup.method.setCurrentIndex(page.setup.method.findData(method))
    page.setup.form.set_values(settings)
    page.findChild(object, "train").click()
    assert page.state() == "running"
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)


def test_what_is_missing_is_said_with_a_way_there(page, session, qtbot, tmp_path):
    def asked():
        with qtbot.waitSignal(session.page_wanted) as signal:
            page.findChild(object, "train-missing").click()
        return signal.args[0]

    assert page.state() == "empty"
    assert asked() == "start"
    session.create_project(tmp_path / "empty")
    assert asked() == "data"
    session.open_project(small_project(tmp_path / "alone", 4, views=["text"]))
    assert asked() == "data"
    session.open_project(small_project(tmp_path / "raw", 4, encode=False))
    assert asked() == "encode"
    assert page.state() == "empty"


def test_training_makes_a_run_that_is_measured(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    assert page.state() == "ready"
    page.setup.name.setText("my first")
    page.setup.pairs.setValue(20)
    train(page, qtbot, steps=25, neighbours=5, anchors=8)
    run = session.project.run("my-first")
    assert session.current_run == "my-first"
    assert run.recipe().pairs == 20
    assert run.recipe().settings["alpha"] == GeraSettings().alpha
    assert page.curves.panel.series("loss").steps[-1] == 25
    assert page.curves.panel.series("recall@10") is not None
    assert page.state() == "done"
    (row,) = page.runs.rows()
    assert row.recall_10 == pytest.approx(
        np.mean([each["recall@10"] for each in run.report()["retrieval"].values()])
    )
    figure = page.findChild(object, "result-image→text-recall@10")
    assert figure.text().endswith("%")
    page.grab()


def test_alpha_moves_while_training(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    page.setup.form.set_values({"steps": 100_000, "neighbours": 5, "anchors": 8})
    page.findChild(object, "train").click()
    qtbot.waitUntil(lambda: page._report is not None, timeout=60_000)
    page.alpha.slider("image").setValue(notch_of(300))
    qtbot.waitUntil(lambda: bool(page.curves.panel.markers()), timeout=20_000)
    page.findChild(object, "pause").click()
    qtbot.wait(300)
    step = page._report.step
    qtbot.wait(300)
    assert page._report.step == step
    assert "paused" in page.curves.panel.status.text()
    page.findChild(object, "pause").click()  # resume
    qtbot.waitUntil(lambda: page._report.step > step, timeout=20_000)
    page.findChild(object, "stop").click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    recipe = session.project.run(session.current_run).recipe()
    assert recipe.state == "stopped"
    assert {change.name for change in recipe.changes} == {"alpha/image", "alpha/text"}
    (marked,) = page.curves.panel.markers()
    assert marked == (recipe.changes[0].step, f"α {alpha_at(notch_of(300)):g}")
    assert "→" in page.runs.rows()[0].alpha


@pytest.mark.parametrize("method", methods(), ids=lambda entry: entry.name)
def test_every_method_is_trained_and_measured(page, session, qtbot, tmp_path, method):
    session.open_project(small_project(tmp_path))
    few = {"steps": 6, "neighbours": 5, "anchors": 8, "hidden": 10, "others": 12}
    fields = method.settings.model_fields
    train(page, qtbot, method.name, **{k: v for k, v in few.items() if k in fields})
    run = session.project.run(method.name)
    assert run.recipe().state == "finished"
    assert page._alpha_card.isVisible() == (method.name == "gera")
    if method.trains:
        qtbot.waitUntil(lambda: page.curves.panel.series("effective_rank") is not None)
        drawn = set(page.curves.panel.loss.names())
        assert drawn == {"loss"} | {
            name for name in run.curves()[0]
            if name.startswith(("contrastive", "geometric/", "structure/", "transport/"))
        }  # fmt: skip
        assert len(drawn) > 1
        assert page.curves.panel.spread.names() == ["effective_rank"]
    page.grab()


LIVE = (
    ("gera", {}, {"temperature", "learning_rate"}),
    ("structure", {"learn_temperature": True}, {"learning_rate"}),
    ("sotalign", {}, {"learning_rate"}),
)


def test_only_what_can_be_moved_is_open_while_training(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    form = page.setup.form
    for method, chosen, live in LIVE:
        page.setup.method.setCurrentIndex(page.setup.method.findData(method))
        form.set_values(chosen)
        page.setup.set_running(True)
        assert {name for name in form.names() if form.editor(name).isEnabled()} == live
        with qtbot.waitSignal(page.setup.live_changed) as signal:
            form.editor("learning_rate").setValue(0.01)
        assert signal.args == ["learning_rate", 0.01]
        page.setup.set_running(False)
        assert all(form.editor(name).isEnabled() for name in form.names())


def test_a_stopped_run_goes_on_at_a_click(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    heard = []
    session.noticed.connect(lambda level, sentence: heard.append(sentence))
    settings = {"steps": 3000, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 50}
    assert not page.go_on.isVisible()
    page.setup.form.set_values(settings)
    page.findChild(object, "train").click()
    qtbot.waitUntil(lambda: page._report is not None and page._report.step > 20, timeout=60_000)
    page.alpha.slider("image").setValue(notch_of(300))
    qtbot.waitUntil(lambda: bool(page.curves.panel.markers()), timeout=20_000)
    page.findChild(object, "stop").click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    run = session.project.run("gera")
    stopped = run.recipe().stopped_at
    assert page.notices.isVisible()
    assert page.notices.sentences()[-1] == (
        f"Stopped at step {stopped:,}; the run “gera” keeps its heads and can be resumed from "
        "there."
    )
    assert not heard  # a quiet line, nothing that pops up

    page.setup.method.setCurrentIndex(page.setup.method.findData("ridge"))
    page.alpha.set_values({"image": 1.0, "text": 1.0})
    assert page.go_on.isVisible()
    page.go_on.click()
    qtbot.waitUntil(lambda: page._report is not None, timeout=60_000)
    assert page.state() == "running"
    assert page.setup.entry().name == "gera"  # what goes on, not what was chosen
    assert page.setup.form.value("steps") == 3000
    assert page.alpha.values()["text"] == alpha_at(notch_of(300))
    assert not page.go_on.isVisible()
    qtbot.waitUntil(lambda: page._report.step > stopped + 20, timeout=60_000)
    page.findChild(object, "stop").click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    assert run.recipe().stopped_at > stopped
    steps = page.curves.panel.series("loss").steps
    np.testing.assert_array_equal(steps, np.arange(1, run.recipe().stopped_at + 1))
    assert [row.name for row in page.runs.rows()] == ["gera"]
    assert len(page.curves.panel.markers()) == 1


def test_a_run_without_alpha_goes_on_and_leaves_the_sliders(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    settings = {"steps": 12, "hidden": 10, "others": 12}
    drain(align(Project.open(root), AlignRequest(
        method="structure", settings=settings, stop_after=6,
    )))  # fmt: skip
    session.open_project(root)
    page.alpha.set_values({"image": 30.0, "text": 30.0})
    page.go_on.click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    assert session.project.run("structure").recipe().state == "finished"
    assert page.alpha.values() == {"image": 30.0, "text": 30.0}
    train(page, qtbot, steps=3, neighbours=5, anchors=8)
    assert session.project.run("gera").recipe().settings["alpha"] == 30.0


def test_a_change_still_to_be_made_is_not_shown_as_made(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    settings = {"alpha": 10.0, "steps": 40, "neighbours": 5, "anchors": 8}
    changes = [LiveChange(step=s, name="alpha", value=v) for s, v in ((4, 1.0), (30, 100.0))]
    drain(align(Project.open(root), AlignRequest(
        settings=settings, changes=changes, stop_after=10,
    )))  # fmt: skip
    session.open_project(root)
    qtbot.waitUntil(lambda: page.curves.panel.series("loss") is not None, timeout=5000)
    assert page.curves.panel.markers() == [(4, "α 1")]
    assert page.runs.rows()[0].alpha == "10 → 1"
    page.go_on.click()
    assert page.alpha.values() == {"image": 1.0, "text": 1.0}
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    assert [step for step, _ in page.curves.panel.markers()] == [4, 30]
    assert page.runs.rows()[0].alpha == "10 → 100"


def test_a_run_that_goes_on_is_not_read_by_the_window(page, session, qtbot, tmp_path, monkeypatch):
    root = small_project(tmp_path)
    settings = {"steps": 60, "neighbours": 5, "anchors": 8, "hidden": 10}
    drain(align(Project.open(root), AlignRequest(settings=settings, stop_after=50)))
    readers, read = [], Run.curves

    def curves(run):
        readers.append(threading.current_thread())
        return read(run)

    monkeypatch.setattr(Run, "curves", curves)
    session.open_project(root)
    page.go_on.click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    assert readers
    assert threading.main_thread() not in readers
    steps = page.curves.panel.series("loss").steps
    np.testing.assert_array_equal(steps, np.arange(1, 61))


def test_a_run_that_cannot_go_on_is_not_offered_to(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    train(page, qtbot, steps=6, neighbours=5, anchors=8)
    assert not page.go_on.isVisible()
    page._go_on()  # as when the file vanished meanwhile
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    assert "is finished, so there is nothing to resume" in page.curves.panel.status.text()
    assert session.project.run("gera").has_heads()


def test_figures_have_their_intervals(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    train(page, qtbot, "ridge")
    report = session.project.run("ridge").report()
    low, high = report["retrieval"]["image→text"]["interval"]["recall@1"]
    shown = page.findChild(QLabel, "interval-image→text-recall@1")
    assert shown.text() == f"{100 * low:,.0f}–{100 * high:,.0f}"
    del report["retrieval"]["image→text"]["interval"]  # as earlier versions measured
    page.results_card.table.show_report(report)
    assert page.findChild(QLabel, "result-image→text-recall@1").text().endswith("%")


def test_what_a_training_says_is_the_last_sentence_and_the_tip_has_all(qtbot):
    line = NoticeLine()
    qtbot.addWidget(line)
    line.resize(200, 24)
    line.add(Notice("There are only 16 pairs; all are used."))
    line.add(Notice("Good training loss with poor held-out retrieval, " * 5, "warning"))
    line.add(Notice("There are only 16 pairs; all are used."))
    assert line.isVisibleTo(None)
    line.grab()
    assert len(line.sentences()) == 2
    assert line.sentences()[-1].startswith("There are only")
    words = line.findChild(QLabel, "notice-words")
    assert all(each in words.toolTip() for each in line.sentences())
    assert "(and 1 before)" in words.text()
    assert words.wordWrap()  # nothing of it is cut
    line.clear()
    assert not line.isVisibleTo(None)
    assert line.sentences() == []


def test_methods_without_curves_say_so_and_runs_are_chosen(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    train(page, qtbot, steps=12, neighbours=5, anchors=8)
    train(page, qtbot, "procrustes")
    assert not page._alpha_card.isVisible()
    qtbot.waitUntil(lambda: "solved in closed form" in page.curves.sentence.text(), timeout=5000)
    assert session.current_run == "procrustes"
    assert [row.name for row in page.runs.rows()] == ["procrustes", "gera"]
    page.runs.selectRow(1)
    assert session.current_run == "gera"
    qtbot.waitUntil(lambda: page.curves.currentWidget() is page.curves.panel, timeout=5000)
    assert page.curves.panel.series("loss").steps[-1] == 12


def test_a_refused_wish_ends_in_a_sentence(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path, count=3))
    heard = []
    session.noticed.connect(lambda level, sentence: heard.append((level, sentence)))
    page.findChild(object, "train").click()
    qtbot.waitUntil(lambda: idle(page), timeout=60_000)
    page.grab()
    assert page.findChild(object, "train").isVisible()
    if not session.project.runs():
        assert heard[-1][0] == "error"


def test_a_damaged_run_spoils_nothing(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    folder = root / "runs" / "broken"
    folder.mkdir(parents=True)
    project = Project.open(root)
    session.open_project(root)
    train(page, qtbot, "asif")
    (folder / "recipe.json").write_text('{"method": "gera"}', encoding="utf-8")
    session.runs_changed.emit()
    assert {row.name: row.state for row in page.runs.rows()}["broken"] == "no heads"
    page.runs.chosen.emit("broken")
    qtbot.wait(100)
    page.grab()
    assert project.run("asif").has_heads()
