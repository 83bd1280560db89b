"""A training that is steered on the real page: moved, paused, stopped, closed on, and killed."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QStyle, QStyleOptionSlider
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.alignment import StepReport
from workbench.alignment.training import losses
from workbench.gui.frame.window import MainWindow
from workbench.gui.session import Session
from workbench.gui.training import training_jobs
from workbench.gui.training.form.alpha_slider import alpha_at
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align

SMALL = {"neighbours": 5, "anchors": 8, "hidden": 10}
ASK = MainWindow._may_stop_jobs  # which the other tests of the window do without


@pytest.fixture
def root(tmp_path):
    return small_project(tmp_path)


@pytest.fixture
def open_page(qtbot):
    """Return what opens a project on a Train page of its own, as another start of the window."""
    opened = []

    def open_page(root):
        session = Session()
        opened.append(session)
        return shown_train_page(session, qtbot, root)

    yield open_page
    for session in opened:
        session.stop_jobs()


def start(page, qtbot, after=0, **settings):
    """Click on “Train”, and wait for some steps."""
    page.setup.form.set_values({**SMALL, **settings})
    page.findChild(QPushButton, "train").click()
    wait_for_step(page, qtbot, after)


def wait_for_step(page, qtbot, step):
    qtbot.waitUntil(lambda: page._report is not None and page._report.step > step, timeout=60_000)


def wait_for_end(page, qtbot):
    qtbot.waitUntil(
        lambda: page._job is None and not page.results_card.evaluating and not page.session.jobs,
        timeout=100_000,
    )


def handle(slider):
    """Return where the handle of a slider is."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    return (
        slider.style()
        .subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
        )
        .center()
    )


def drag(slider, pixels, steps=8):
    """Take the handle of a slider, and drag it."""
    place = handle(slider)
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(slider, left, pos=place)
    for step in range(1, steps + 1):
        QTest.mouseMove(slider, QPoint(place.x() + round(pixels * step / steps), place.y()))
    QTest.mouseRelease(slider, left, pos=QPoint(place.x() + pixels, place.y()))


def uninterrupted(root, name="gera", **settings):
    """Train as the page does, in this process and without any stop."""
    request = AlignRequest(settings={**SMALL, **settings}, name=f"{name}-calm")
    return drain(align(Project.open(root), request))


def assert_equal_to_the_bit(run, calm):
    assert run.recipe().state == calm.recipe().state == "finished"
    for file in ("heads.safetensors", "curves.csv"):
        assert (run.folder / file).read_bytes() == (calm.folder / file).read_bytes()


# ------------------------------------------------------------------------------ by hand


def test_alpha_is_dragged_the_training_paused_stopped_and_gone_on_with(open_page, qtbot, root):
    page = open_page(root)
    start(page, qtbot, 20, steps=800, validate_every=50)
    slider = page.alpha.slider("image")
    before = page.alpha.values()["image"]
    drag(slider, 60)
    dragged = page.alpha.values()["image"]
    assert dragged == alpha_at(slider.value()) > before
    panel = page.curves.panel
    qtbot.waitUntil(lambda: [words for _, words in panel.markers()] == [f"α {dragged:g}"])
    ((step, _),) = panel.markers()  # one, of the whole drag
    for plot in (panel.loss, panel.validation, panel.spread):
        assert [line.value() for line in plot._markers] == [step]
    qtbot.waitUntil(lambda: page._report.alpha == {"image": dragged, "text": dragged})

    page.findChild(QPushButton, "pause").click()
    qtbot.wait(300)
    paused = page._report.step
    qtbot.wait(400)
    assert page._report.step == paused
    drag(slider, -40)  # acts when it goes on
    again = page.alpha.values()["image"]
    assert again < dragged
    page.findChild(QPushButton, "pause").click()
    qtbot.waitUntil(lambda: page._report.alpha["image"] == again, timeout=20_000)
    page.findChild(QPushButton, "stop").click()
    wait_for_end(page, qtbot)

    run = page.session.project.run("gera")
    recipe = run.recipe()
    assert recipe.state == "stopped"
    assert [c.value for c in recipe.changes if c.name == "alpha/image"][-1] == again
    assert step in {change.step for change in recipe.changes if change.value == dragged}
    assert {change.step for change in recipe.changes if change.value == again} == {paused + 1}
    assert run.has_heads()

    later = open_page(root)
    assert later.go_on.isVisible()
    later.go_on.click()
    wait_for_step(later, qtbot, recipe.stopped_at)
    wait_for_end(later, qtbot)
    assert run.recipe().state == "finished"
    assert run.recipe().changes == recipe.changes
    steps = later.curves.panel.series("loss").steps
    np.testing.assert_array_equal(steps, np.arange(1, 801))


def test_only_the_view_that_is_unlocked_moves(open_page, qtbot, root):
    page = open_page(root)
    QTest.mouseClick(page.alpha.lock, Qt.MouseButton.LeftButton)
    start(page, qtbot, 5, steps=100_000)
    drag(page.alpha.slider("text"), -50)
    moved = page.alpha.values()
    assert moved["text"] < moved["image"]
    qtbot.waitUntil(lambda: page._report.alpha == moved, timeout=20_000)
    page.findChild(QPushButton, "stop").click()
    wait_for_end(page, qtbot)
    changes = page.session.project.run("gera").recipe().changes
    assert {change.name for change in changes} == {"alpha/text"}


def test_a_change_is_of_the_step_that_its_report_tells(open_page, qtbot, root):
    page = open_page(root)
    told = []
    hear = page._hear
    page._hear = lambda event: (told.append(event), hear(event))
    start(page, qtbot, 10, steps=100_000)
    for pixels in (30, 30, -50):
        drag(page.alpha.slider("image"), pixels, steps=1)
        wait_for_step(page, qtbot, page._report.step + 5)
    page.findChild(QPushButton, "stop").click()
    wait_for_end(page, qtbot)
    reports = [event for event in told if isinstance(event, StepReport)]
    assert [report.step for report in reports] == list(range(1, reports[-1].step + 1))
    changed = [(r.step, c.name, c.value) for r in reports for c in r.changes]
    recipe = page.session.project.run("gera").recipe()
    assert changed == [(c.step, c.name, c.value) for c in recipe.changes]
    assert len({step for step, _, _ in changed}) >= 2  # on a busy machine two drags are one


def test_a_training_that_diverges_ends_in_a_sentence_and_keeps_good_heads(
    open_page, qtbot, root, monkeypatch
):
    good = drain(align(Project.open(root), AlignRequest(
        settings={**SMALL, "steps": 40, "checkpoint": "last"}, name="good", stop_after=15,
    )))  # fmt: skip
    # in this process: another one would not know of the loss that breaks
    monkeypatch.setattr(training_jobs, "in_kept_process", _here)
    real, calls = losses.contrastive_loss, []

    def breaking(*arguments):
        calls.append(1)
        return real(*arguments) * (float("nan") if len(calls) > 15 else 1)

    monkeypatch.setattr(losses, "contrastive_loss", breaking)
    page = open_page(root)
    start(page, qtbot, steps=40, checkpoint="last")
    wait_for_end(page, qtbot)
    (sentence,) = [each for each in page.notices.sentences() if "diverged" in each]
    assert "diverged at step 16" in sentence
    assert "The last good heads are kept" in sentence
    assert page.notices.isVisible()
    run = page.session.project.run("gera")
    heads = run.folder / "heads.safetensors"
    assert heads.read_bytes() == (good.folder / heads.name).read_bytes()
    assert run.recipe().state == "stopped"
    assert run.report()["retrieval"]
    assert page.findChild(QPushButton, "train").isVisible()
    assert np.isfinite(page.curves.panel.series("loss").values).all()
    page.grab()


def _here(station, *arguments, control, **options):
    return station(*arguments, control=control, **options)


# ------------------------------------------------------------------------------ closing


def answer(words, asked):
    """Click on a button of the question that is asked next, and note what it said."""

    def look():
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            timer.stop()
            asked.append(box.informativeText())
            next(each for each in box.buttons() if each.text() == words).click()

    timer = QTimer(interval=20)
    timer.timeout.connect(look)
    timer.start()
    return timer


@pytest.fixture
def open_window(qtbot, monkeypatch):
    monkeypatch.setattr(MainWindow, "_may_stop_jobs", ASK)

    def open_window(root):
        window = MainWindow()
        qtbot.addWidget(window, before_close_func=lambda made: made.session.stop_jobs())
        window.show()
        qtbot.waitExposed(window)
        window.session.open_project(root)
        window.go_to("train")
        return window

    return open_window


_KILLED = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from workbench.gui.starting.application import make_application
from workbench.gui.frame.window import MainWindow

application = make_application()
window = MainWindow()
window.show()
window.session.open_project(Path(sys.argv[1]))
window.go_to("train")
page = window.page("train")
page.setup.form.set_values(json.loads(sys.argv[2]))
page.setup.train.click()
clock = QTimer(interval=20)
clock.timeout.connect(lambda: print(page._report.step if page._report else 0, flush=True))
clock.start()
application.exec()
"""


def test_a_window_killed_and_then_closed_while_training_loses_nothing(open_window, qtbot, root):
    steps = {"steps": 400, "validate_every": 100}
    calm = uninterrupted(root, **steps)
    command = [sys.executable, "-c", _KILLED, str(root), json.dumps({**SMALL, **steps})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        for line in killed.stdout:
            if int(line) > 30:
                break
        killed.kill()
        killed.stdout.read()  # until the training's process has seen it, and ended, too
    run = Project.open(root).run("gera")
    assert run.recipe().state == "stopped"
    kept = run.recipe().stopped_at
    assert 30 < kept < 400

    window = open_window(root)
    page, asked = window.page("train"), []
    assert window.session.current_run == "gera"
    assert page.go_on.isVisible()
    page.go_on.click()
    wait_for_step(page, qtbot, kept)
    timers = [answer("Keep running", asked)]
    assert not window.close()
    assert window.isVisible()
    wait_for_step(page, qtbot, page._report.step)
    timers.append(answer("Stop and quit", asked))
    assert window.close()
    assert not window.isVisible()
    assert len(asked) == len(timers) == 2
    assert "kept as a run with its heads so far" in asked[0]
    assert "“Resume” on the Train page continues it later" in asked[0]
    assert kept < run.recipe().stopped_at < 400
    assert run.has_heads()

    later = open_window(root)
    page = later.page("train")
    assert later.session.current_run == "gera"
    assert page.go_on.isVisible()
    page.go_on.click()
    wait_for_end(page, qtbot)
    assert_equal_to_the_bit(run, calm)
    assert not page.go_on.isVisible()
    assert later.close()  # nothing runs: nothing is asked
