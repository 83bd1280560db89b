"""Runs compared in a window of its own, and their curves drawn over each other."""

import shutil
import threading

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from worlds.projects import small_project

from workbench.alignment import LiveChange
from workbench.charts.training_curves import is_drawn
from workbench.gui.pages.train import TrainPage
from workbench.gui.training.curves.curve_styles import run_colour
from workbench.gui.training.curves.curves_panel import CurvesPanel
from workbench.gui.training.curves.series import series_in
from workbench.gui.training.runs.comparison_tables import (
    DifferenceTable,
    SettingsTable,
    value_in_words,
)
from workbench.gui.training.runs.run_comparison import RunComparison
from workbench.jobs import drain
from workbench.project import Project, Run, SplitSettings
from workbench.stations import AlignRequest, align, compare

FEW = {"neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 2}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with runs that were never measured."""
    root = small_project(tmp_path_factory.mktemp("finished"))
    project = Project.open(root)
    moved = [LiveChange(step=2, name="alpha/image", value=1.5)]
    for request in (
        AlignRequest(settings={**FEW, "steps": 8}, name="first"),
        AlignRequest(settings={**FEW, "steps": 12, "alpha": 30.0}, name="second", changes=moved),
        AlignRequest(method="procrustes", pairs=4, name="poor"),
        AlignRequest(method="procrustes", split=SplitSettings(seed=9), name="elsewhere"),
    ):
        drain(align(project, request))
    return root


@pytest.fixture
def opened(session, finished, tmp_path):
    session.open_project(shutil.copytree(finished, tmp_path / "p"))
    return session


@pytest.fixture
def make(opened, qtbot):
    """Return what opens a comparison and waits until it is finished."""

    def make(*names, wait=True):
        window = RunComparison(opened, list(names))
        qtbot.addWidget(window)
        window.show()
        if wait:
            qtbot.waitUntil(lambda: not opened._jobs, timeout=60_000)
        return window

    return make


def words(window, name):
    found = window.findChild(QLabel, name)
    return found.text() if found else None


# ------------------------------------------------------------------------------ the window


def test_differences_are_those_that_the_command_line_prints(make, opened):
    names = ["first", "poor", "second"]
    window = make(*names)
    reports = drain(compare(opened.project, names))
    for direction in ("mean", "image→text"):
        window.direction.setCurrentText(direction)
        assert words(window, "difference-first-recall@10") is None
        for name in names[1:]:
            found = reports[name]["difference"]["retrieval"][direction]["recall@10"]
            value, low, high = (100 * found[each] for each in ("value", "low", "high"))
            shown = words(window, f"difference-{name}-recall@10")
            assert shown.replace("−", "-") == f"{value:+z.1f}"
            ends = words(window, f"ends-{name}-recall@10")
            assert ends.replace("−", "-") == f"{low:+z.1f} … {high:+z.1f}"
            tone = window.findChild(QLabel, f"difference-{name}-recall@10").property("role")
            better = "good" if value > 0 else "bad"
            assert tone == (better if found["clear"] else "caption")
        figure = reports["poor"]["retrieval"]["image→text"]["median_rank"]
        if direction == "image→text":
            assert words(window, "figure-poor-median_rank") == f"{figure:.4g}"
    assert "the difference to “first”" in window.state.text()
    assert window.windowTitle() == "“first” compared with “poor” and “second”"
    # they were measured, so the table of runs knows too
    assert opened.project.run("second").report()["retrieval"]


@pytest.mark.parametrize(
    ("value", "low", "high", "figure", "tone"),
    [
        (0.1, 0.05, 0.15, "recall@1", "good"),
        (-0.1, -0.15, -0.05, "recall@1", "bad"),
        (-2.0, -3.0, -1.0, "median_rank", "good"),  # a smaller rank is better
        (2.0, 1.0, 3.0, "median_rank", "bad"),
        (0.1, -0.05, 0.15, "recall@1", "caption"),
    ],
)
def test_what_is_clear_is_good_or_bad(qtbot, value, low, high, figure, tone):
    table = DifferenceTable()
    qtbot.addWidget(table)
    found = {"value": value, "low": low, "high": high, "clear": tone != "caption"}
    report = {"retrieval": {"image→text": {figure: 0.5}}}
    other = {**report, "difference": {"sentence": "", "retrieval": {"mean": {figure: found}}}}
    table.show_reports({"a": report, "b": other}, "mean")
    assert table.findChild(QLabel, f"difference-b-{figure}").property("role") == tone


def test_settings_that_differ_are_listed_and_what_other_methods_lack_is_folded(make):
    window = make("first", "second", "poor")
    assert words(window, "setting-method-poor") == "procrustes"
    assert words(window, "setting-steps-second") == "12"
    assert words(window, "setting-alpha-first") == "3"
    assert words(window, "setting-pairs-poor") == "4"
    assert words(window, "setting-moved alpha/image-second") == "to 1.5 at step 2"
    assert words(window, "setting-moved alpha/image-first") == "–"
    assert words(window, "setting-seed-first") is None  # the same for all
    hidden = window.findChild(QLabel, "setting-temperature-first")
    assert not hidden.isVisible()
    assert window.findChild(QLabel, "setting-steps-first").isVisible()
    window.findChild(QPushButton, "unfold-settings").click()
    assert hidden.isVisible()
    window.grab()


def test_values_are_said_as_people_do(qtbot):
    assert value_in_words({"image": 1.0, "text": 0.25}) == "image 1, text 0.25"
    assert value_in_words([1.0, 10.0]) == "1 / 10"
    assert [value_in_words(v) for v in (None, True, 1000, "cca", "–")] == [
        "automatic", "on", "1,000", "cca", "–",
    ]  # fmt: skip
    table = SettingsTable()
    qtbot.addWidget(table)
    table.show_settings(["a", "b"], {})
    assert table.findChild(QLabel, "differing-settings-sentence").text().startswith("Nothing")


def test_curves_of_all_lie_over_each_other(make):
    window = make("poor", "second", "first")  # the first one has none
    (drawn,) = window.curves.loss.others()
    assert drawn.run.name == "first"
    assert window.curves.series("loss").steps[-1] == 12
    assert drawn.run.figures["loss"][0].steps[-1] == 8
    assert window.curves.loss.is_hidden("contrastive")
    assert not window.curves.loss.is_hidden("loss")
    assert window.curves.status.text().startswith("“second” in the colours of the key")
    window.curves.draw()
    assert [name for name, item in drawn.lines.items() if item.isVisible()] == ["loss"]


def test_runs_without_curves_have_no_card_for_them(make):
    window = make("poor", "elsewhere")
    assert not window._curves_card.isVisible()


def test_runs_of_other_test_items_have_no_difference(make):
    window = make("poor", "elsewhere")
    assert words(window, "figure-elsewhere-recall@10").endswith("%")
    assert words(window, "difference-elsewhere-recall@10") is None
    said = [each.text() for each in window.differences.findChildren(QLabel)]
    assert "on other test items: no difference" in said
    assert words(window, "setting-split seed-elsewhere") == "9"


def test_a_run_without_heads_is_left_out_of_the_differences(make, opened):
    (opened.project.run("second").folder / "heads.safetensors").unlink()
    window = make("first", "second", "poor")
    assert words(window, "difference-poor-recall@10")
    assert words(window, "figure-second-recall@10") == "–"
    assert words(window, "setting-steps-second") == "12"
    (opened.project.run("poor").folder / "heads.safetensors").unlink()
    window = make("first", "second", "poor")
    assert window.state.text() == "Differences need two runs that have heads."


def test_what_cannot_be_measured_is_a_sentence_and_the_rest_is_shown(make, opened):
    drain(compare(opened.project, ["first", "poor"]))
    run = opened.project.run("poor")
    run.write_recipe(run.recipe().model_copy(update={"data_fingerprint": "other"}))
    window = make("first", "poor")
    assert "have changed since the run “poor” was made" in window.state.text()
    assert words(window, "figure-poor-recall@10").endswith("%")  # as it was measured before
    assert words(window, "setting-data-poor") == "other"


def test_a_damaged_recipe_is_a_sentence(make, opened):
    (opened.project.run("poor").folder / "recipe.json").write_text("{")
    window = make("first", "poor")
    assert "is damaged" in words(window, "differing-settings-sentence")


def test_a_closed_window_stops_its_job_and_is_not_written_to(make, opened, qtbot):
    window = make("first", "second", "poor", wait=False)
    job = window._measuring.job
    window.close()
    assert job.control.stopping
    qtbot.waitUntil(lambda: not opened._jobs, timeout=60_000)


def test_the_window_opens_from_the_table(opened, qtbot):
    page = TrainPage(opened)
    qtbot.addWidget(page, before_close_func=lambda _: opened.stop_jobs())
    page.show()
    page.runs.selectAll()
    page.runs_card.compare_button.click()
    (window,) = page.runs_card._comparisons
    assert window.isVisible()
    assert window._names == [row.name for row in page.runs_card.rows()]
    qtbot.waitUntil(lambda: not opened._jobs, timeout=60_000)
    window.close()
    assert page.runs_card._comparisons == []


# ------------------------------------------------------------------------------ curves behind

ROWS = [
    {"step": step, "loss": 3.0 / step, "contrastive": 2.0 / step, "effective_rank": 5.0,
     **({"recall@1": 0.1, "recall@10": step / 1000} if step % 10 == 0 else {})}
    for step in range(1, 301)
]  # fmt: skip


def other(count, factor=1.0):
    rows = [{**row, "loss": row["loss"] * factor} for row in ROWS[:count]]
    return series_in(rows, is_drawn)


@pytest.fixture
def panel(qtbot):
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    qtbot.waitExposed(panel)
    panel.logarithmic.setChecked(False)
    panel.show_rows(ROWS[:200])
    return panel


def test_each_run_has_a_colour_and_a_chip_in_every_plot(panel):
    panel.show_others({"a": other(100, 2.0), "b": other(300)})
    panel.slider.setValue(0)
    panel.draw()
    for plot in panel.plots:
        drawn = plot.others()
        assert [each.run.name for each in drawn] == ["a", "b"]
        assert [each.run.colour for each in drawn] == [run_colour(0), run_colour(1)]
        for each in drawn:
            assert plot.findChild(QPushButton, f"run-{each.run.name}").isVisible()
    steps, heights = panel.loss.others()[0].lines["loss"].getData()
    np.testing.assert_allclose(heights, 6.0 / steps)
    assert panel.loss.box.viewRange()[0] == [0.0, 300.0]  # the longest is seen to its end
    assert panel.loss.box.viewRange()[1][1] > 6.0  # and the highest


def test_the_crosshair_reads_the_other_runs_too(panel):
    panel.show_others({"a": other(100, 2.0), "b": other(300)})
    panel.draw()
    panel.loss.pointed.emit(50.0)
    assert panel.loss.findChild(QPushButton, "run-a").text() == "a  0.12"
    assert panel.validation.findChild(QPushButton, "run-b").text() == "b  5.0%"  # R@10
    panel.loss.pointed.emit(None)
    assert panel.validation.findChild(QPushButton, "run-b").text() == "b  30.0%"


def test_chips_hide_a_run_or_a_figure(panel):
    panel.show_others({"a": other(100), "b": other(300)})
    panel.loss.findChild(QPushButton, "run-a").click()
    panel.loss.findChild(QPushButton, "curve-contrastive").click()
    panel.draw()
    a, b = panel.loss.others()
    assert [item.isVisible() for item in a.items] == [False, False]
    assert {n: i.isVisible() for n, i in b.lines.items()} == {"loss": True, "contrastive": False}
    panel.show_others({"a": other(100), "b": other(300), "c": other(50)})
    panel.draw()
    assert [drawn.chip.isChecked() for drawn in panel.loss.others()] == [False, True, True]
    assert panel.validation.others()[0].chip.isChecked()  # each plot for itself


def test_lines_that_stay_are_not_drawn_again(panel, monkeypatch):
    panel.show_others({"a": other(100)})
    panel.draw()
    (drawn,) = panel.loss.others()
    calls = []
    monkeypatch.setattr(drawn.lines["loss"], "setData", lambda *_: calls.append(1))
    panel.add_row({"step": 201, "loss": 0.1})
    panel.draw()
    assert calls == []
    panel.slider.setValue(10)
    panel.draw()
    panel.logarithmic.setChecked(True)
    panel.draw()
    assert len(calls) == 2


def test_runs_are_picked_from_a_menu_read_by_a_job_and_drawn(opened, qtbot, monkeypatch):
    readers, read = [], Run.curves
    monkeypatch.setattr(
        Run, "curves", lambda run: readers.append(threading.current_thread()) or read(run)
    )
    page = TrainPage(opened)
    qtbot.addWidget(page, before_close_func=lambda _: opened.stop_jobs())
    page.show()
    opened.set_current_run("first")
    panel = page.curves.panel
    assert panel.overlay.names() == ["elsewhere", "poor", "second"]
    panel.overlay.menu().aboutToShow.emit()
    offered = [each for each in panel.overlay.menu().actions() if each.isCheckable()]
    next(each for each in offered if each.text() == "second").trigger()
    qtbot.waitUntil(lambda: len(panel.loss.others()) == 1, timeout=5000)
    assert panel.overlay.text() == "with second"
    panel.overlay.choose("poor", True)  # it has no curves
    qtbot.waitUntil(lambda: not opened._jobs, timeout=5000)
    assert panel.overlay.text() == "with 2 runs"
    assert [drawn.run.name for drawn in panel.loss.others()] == ["second"]
    assert threading.main_thread() not in readers
    opened.set_current_run("poor")  # the current one is not offered
    assert panel.overlay.chosen_names() == ["second"]
    page.runs_card._changes.delete(["second"], None)
    assert panel.overlay.chosen_names() == []
    qtbot.waitUntil(lambda: not panel.loss.others(), timeout=5000)
    assert panel.overlay.text() == "compare with…"


def test_a_name_with_an_ampersand_and_a_long_one_are_shown_whole_enough(panel):
    panel.overlay.offer(["a-very-long-name-of-a-run-indeed", "b"])
    panel.overlay.choose("a-very-long-name-of-a-run-indeed", True)
    assert panel.overlay.text() == "with a-very-long-nam…"
    panel.show_others({"a-very-long-name-of-a-run-indeed": other(20)})
    chip = panel.loss.findChild(QPushButton, "run-a-very-long-name-of-a-run-indeed")
    assert chip.text().startswith("a-very-long-name-of-a-r…")
    assert "a-very-long-name-of-a-run-indeed" in chip.toolTip()
