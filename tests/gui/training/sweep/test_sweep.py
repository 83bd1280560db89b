"""The ladder on the Train page: swept, watched while it trains, scrubbed, and taken."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from worlds.projects import small_project
from worlds.train import shown_train_page

from workbench.alignment.sweep.alpha_probe import PROBE_ALPHAS
from workbench.gui.training.form.alpha_slider import notch_of
from workbench.jobs import drain
from workbench.project import Project, read_ladder
from workbench.stations import AlignRequest, align

QUICK = {"steps": 8, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 4}
ALPHAS = [0.0, 1.0, 100.0]


@pytest.fixture
def page(session, qtbot):
    return shown_train_page(session, qtbot)


def idle(page):
    return page._job is None and not page.results_card.evaluating


@pytest.fixture
def swept(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    drain(align(Project.open(root), AlignRequest(settings=QUICK, ladder=ALPHAS, name="sweep")))
    session.open_project(root)
    panel = page._ladder.panel
    qtbot.waitUntil(lambda: panel.take.isVisible() or panel.here.text() != "", timeout=20_000)
    return session.project.run("sweep")


def here(page):
    return page._ladder.panel.here.text()


def test_a_sweep_is_watched_at_the_sliders_alpha_and_then_scrubbed(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    page.setup.form.set_values({**QUICK, "steps": 60})
    page.alpha.move_all(1000.0)
    page.setup.sweep.click()
    assert not page.setup.sweep.isVisibleTo(page)
    qtbot.waitUntil(lambda: page._report is not None, timeout=60_000)
    assert set(page._report.alpha.values()) == {1000.0}
    page.alpha.move_all(0.0)
    qtbot.waitUntil(lambda: set(page._report.alpha.values()) == {0.0}, timeout=60_000)
    panel = page.curves.panel
    assert panel.series("geometric/image") is None  # those of α = 0 alone are drawn
    steps = panel.series("contrastive").steps
    np.testing.assert_array_equal(steps, np.arange(1, len(steps) + 1))
    assert panel.markers() == []
    qtbot.waitUntil(lambda: idle(page), timeout=120_000)
    run = session.project.run(session.current_run)
    assert len(run.recipe().ladder) == 8
    assert page.setup.sweep.isVisibleTo(page)
    qtbot.waitUntil(lambda: here(page) == "α = 0, as trained", timeout=20_000)
    assert page.curves.currentWidget() is page._ladder.panel
    assert run.report()["retrieval"]  # the heads at the knee were measured


def test_the_slider_scrubs(page, swept, qtbot):
    frames = []
    page._ladder.panel.scrubbed.connect(frames.append)
    ladder = read_ladder(swept)
    for alpha, number in ((0.0, 0), (100.0, 2), (1.0, 1)):
        page.alpha.slider("image").setValue(notch_of(alpha))
        qtbot.waitUntil(lambda n=number: bool(frames) and frames[-1].alpha == ALPHAS[n])
        assert frames[-1].figures == ladder.rungs[number].figures
        recall = f"R@10 {ladder.rungs[number].figures['recall@10']:.1%}"
        assert recall in page._ladder.panel.plot._chips["recall@10"].text()
    places = {seen.alpha: seen.glimpse.mapped for seen in frames}
    first, last = places[0.0], places[100.0]
    assert any(not np.array_equal(first[view], last[view]) for view in first)


def test_of_many_wishes_the_last_counts(page, swept, qtbot):
    slider = page.alpha.slider("image")
    page.alpha.move_all(0.0)
    qtbot.waitUntil(lambda: here(page).startswith("α = 0,"), timeout=10_000)
    for notch in range(0, 900, 7):
        slider.setValue(notch)
    slider.setValue(notch_of(100.0))
    qtbot.waitUntil(lambda: here(page).startswith("α = 100,"), timeout=10_000)
    QTest.qWait(200)
    assert here(page).startswith("α = 100,")


def test_heads_between_rungs_are_measured_once_the_slider_rests(page, swept, qtbot, monkeypatch):
    monkeypatch.setattr("workbench.alignment.AlphaSweep.joined", [True, True])
    frames = []
    page._ladder.panel.scrubbed.connect(frames.append)
    page.alpha.move_all(5.0)
    qtbot.waitUntil(
        lambda: bool(frames) and frames[-1].alpha == 5 and bool(frames[-1].figures), timeout=10_000
    )
    frames = [seen for seen in frames if seen.alpha == 5]
    assert [(seen.alpha, seen.is_rung, bool(seen.figures)) for seen in frames] == [
        (5.0, False, False),
        (5.0, False, True),
    ]
    assert here(page) == "α = 5, interpolated"
    text = page._ladder.panel.plot._chips["recall@10"].text()
    assert f"{frames[-1].figures['recall@10']:.1%}" in text


def test_heads_are_taken(page, swept, session, qtbot):
    panel = page._ladder.panel
    other = 0.0 if swept.recipe().rung != 0 else 100.0
    page.alpha.move_all(other)
    qtbot.waitUntil(lambda: here(page).startswith(f"α = {other:g},"), timeout=10_000)
    assert panel.take.isVisible()
    panel.take.click()
    qtbot.waitUntil(lambda: swept.recipe().rung == other, timeout=20_000)
    qtbot.waitUntil(lambda: idle(page) and bool(swept.report()), timeout=60_000)
    assert not panel.take.isVisible()
    assert page.runs_card.row("sweep").alpha == f"{other:g}"


def test_a_click_in_the_plot_moves_the_sliders(page, swept, qtbot):
    plot = page._ladder.panel.plot.plot
    qtbot.waitExposed(plot)
    middle = QPoint(plot.width() // 2, plot.height() // 2)
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    values = set(page.alpha.values().values())
    assert len(values) == 1
    assert 0 < values.pop() < 100
    assert here(page) != ""


def test_another_run_takes_its_place(page, swept, session, qtbot):
    drain(align(session.project, AlignRequest(settings=QUICK, name="plain")))
    session.set_current_run("plain")
    qtbot.waitUntil(lambda: page.curves.currentWidget() is page.curves.panel, timeout=10_000)
    assert page._ladder.panel.run is None
    session.set_current_run("sweep")
    qtbot.waitUntil(lambda: page.curves.currentWidget() is page._ladder.panel, timeout=10_000)


def test_a_damaged_ladder_is_a_sentence(page, session, qtbot, tmp_path):
    root = small_project(tmp_path)
    made = drain(align(Project.open(root), AlignRequest(settings=QUICK, ladder=ALPHAS)))
    (made.folder / "ladder" / "1.safetensors").write_bytes(b"no")
    session.open_project(root)
    panel = page._ladder.panel
    qtbot.waitUntil(lambda: "cannot be read" in panel.words.text(), timeout=10_000)
    assert not panel.take.isVisible()


def test_only_gera_is_swept(page, session, tmp_path):
    session.open_project(small_project(tmp_path))
    setup = page.setup
    for method, seen in (("ridge", False), ("gera", True), ("structure", False)):
        setup.method.setCurrentIndex(setup.method.findData(method))
        assert setup.sweep.isVisibleTo(page) == seen
        # where it is offered, it comes first
        assert (setup.train.property("kind") == "primary") != seen


def test_where_alpha_acts_is_marked_before_any_training(page, session, qtbot, tmp_path):
    session.open_project(small_project(tmp_path))
    page.setup.form.set_values(QUICK)
    button, scale = page.alpha.probe, page.alpha.scale
    assert scale.acting is None
    button.click()
    assert button.accessibleName() == "Stop looking where α acts."
    qtbot.waitUntil(lambda: "Stop" not in button.accessibleName(), timeout=60_000)
    words = scale.toolTip()
    assert "In a short training" in words or "less than 1 %" in words
    assert (scale.acting is not None) == ("In a short training" in words)
    assert [alpha for alpha, _ in scale.kept] == list(PROBE_ALPHAS)
    assert words.endswith("Percents: neighbours kept after it.")
    tall = scale.sizeHint().height()
    assert not session.project.runs()  # nothing is kept
    # with another setting it may be elsewhere
    page.alpha.mark_acting((0.01, 1.0), "Somewhere.")
    assert scale.acting == (0.01, 1.0)
    page.setup.form.changed.emit("neighbours")
    assert (scale.acting, scale.kept, scale.toolTip()) == (None, [], "")
    assert scale.sizeHint().height() < tall
    # with other pairs
    page.alpha.mark_acting((0.01, 1.0), "Somewhere.")
    page.setup.pairs.setValue(page.setup.pairs.value() + 5)
    assert scale.acting is None
    page.alpha.mark_acting((0.01, 1.0), "Somewhere.")
    session.settings_changed.emit(session.project.settings)
    assert scale.acting is None
    # and so on other data
    page.alpha.mark_acting((0.01, 1.0), "Somewhere.")
    session.open_project(small_project(tmp_path / "other"))
    assert page.alpha.scale.acting is None
