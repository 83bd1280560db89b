"""The map as a user meets it: real widget, real mouse."""

import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.points.legend import LegendEntry, by_group
from workbench.gui.points.map_view import MapView

GRID = np.array([(x, y) for y in range(10) for x in range(10)], np.float32)
IDS = np.arange(100, dtype=np.int64) * 3 + 7  # neither the rows, nor in step with them
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def view(qtbot):
    view = MapView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.set_points(GRID, IDS, np.arange(100) % 4)
    view.set_colours(np.full((100, 4), (200, 0, 0, 255), np.uint8))
    view.show()
    qtbot.waitExposed(view)
    view.grab()  # the first frame makes the buffer that hits are read from
    return view


def place(view, row):
    return view.canvas.points.place_of(int(IDS[row])).toPoint()


def drag(qtbot, view, places, modifiers=NONE, button=Qt.MouseButton.LeftButton):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    surface = view.canvas.viewport()

    def send(kind, at, buttons):
        at = QPointF(at)
        event = QMouseEvent(
            kind,
            at,
            surface.mapToGlobal(at),
            button if kind != QEvent.Type.MouseMove else Qt.MouseButton.NoButton,
            buttons,
            modifiers,
        )
        QApplication.sendEvent(surface, event)

    send(QEvent.Type.MouseButtonPress, places[0], button)
    for at in places[1:]:
        send(QEvent.Type.MouseMove, at, button)
    send(QEvent.Type.MouseButtonRelease, places[-1], Qt.MouseButton.NoButton)


def test_a_click_picks_the_point_under_it(qtbot, view):
    with qtbot.waitSignal(view.picked) as signal:
        qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, NONE, place(view, 42))
    ids, mode = signal.args
    assert ids.tolist() == [IDS[42]]
    assert mode == "new"


def test_a_click_beside_all_points_picks_none(qtbot, view):
    with qtbot.waitSignal(view.picked) as signal:
        qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, NONE, QPoint(3, 3))
    assert signal.args[0].tolist() == []


def test_modifiers_name_how_a_pick_combines():
    assert mode_of(NONE) == "new"
    assert mode_of(SHIFT) == "add"
    assert mode_of(ALT) == "remove"
    assert mode_of(SHIFT | ALT) == "intersect"


def around(view, rows, margin=12):
    places = [place(view, row) for row in rows]
    left, right = min(p.x() for p in places) - margin, max(p.x() for p in places) + margin
    top, bottom = min(p.y() for p in places) - margin, max(p.y() for p in places) + margin
    return QPoint(left, top), QPoint(right, top), QPoint(right, bottom), QPoint(left, bottom)


@pytest.mark.parametrize("tool", ["lasso", "rectangle"])
def test_drawing_round_points_picks_them(qtbot, view, tool):
    qtbot.mouseClick(view.findChild(object, f"map-{tool}"), Qt.MouseButton.LeftButton)
    rows = [0, 1, 10, 11]
    a, b, c, d = around(view, rows)
    with qtbot.waitSignal(view.picked) as signal:
        drag(qtbot, view, [a, b, c, d] if tool == "lasso" else [a, b, c], SHIFT)
    assert sorted(signal.args[0].tolist()) == IDS[rows].tolist()
    assert signal.args[1] == "add"


def test_dragging_moves_and_a_double_click_shows_all_again(qtbot, view):
    home = view.canvas.box.viewRect()
    before = place(view, 55)
    with qtbot.assertNotEmitted(view.picked):
        drag(qtbot, view, [before, before + QPoint(30, 10), before + QPoint(60, 20)])
    view.grab()
    assert (place(view, 55) - before - QPoint(60, 20)).manhattanLength() <= 2
    qtbot.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton)
    assert view.canvas.box.viewRect().center() == home.center()


def test_zoom_keeps_the_point_under_the_cursor(view):
    at = QPointF(place(view, 73))
    before = view.canvas.plane(at)
    view.canvas.zoom(3.0, at)
    after = view.canvas.plane(at)
    assert (before - after).manhattanLength() < 0.05
    for _ in range(200):  # to the end in both directions: nothing overflows
        view.canvas.zoom(4.0, at)
    view.grab()
    for _ in range(400):
        view.canvas.zoom(0.25, at)
    view.grab()


def test_many_points_are_drawn_coarser_while_they_move(qtbot, view, monkeypatch):
    """Where a pixel of the window is four of the screen, a frame of many points would be late."""
    monkeypatch.setattr(sys.modules["workbench.gui.points.points_item"], "_COARSE_FROM", 50)
    canvas, points = view.canvas, view.canvas.points

    def pixels_a_unit():
        fine = QPixmap(2 * canvas.size())
        fine.setDevicePixelRatio(2)
        with QPainter(fine) as painter:
            points.paint(painter)
        return points._image.devicePixelRatio()

    assert pixels_a_unit() == 2
    canvas.box.scaleBy((0.9, 0.9))
    assert pixels_a_unit() == 1
    at = points.place_of(int(IDS[42]))
    assert points.hit(at) == IDS[42]
    qtbot.waitUntil(lambda: not points._moving.isActive())
    assert pixels_a_unit() == 2
    assert points.hit(at) == IDS[42]
    monkeypatch.undo()
    canvas.box.scaleBy((0.9, 0.9))
    assert pixels_a_unit() == 2


def test_hovering_tells_once_for_each_point(qtbot, view):
    heard = []
    view.hovered.connect(heard.append)
    for row in (42, 42, 43):
        qtbot.mouseMove(view.canvas.viewport(), place(view, row))
    qtbot.mouseMove(view.canvas.viewport(), QPoint(2, 2))
    assert heard == [IDS[42], IDS[43], None]


def test_selection_dims_the_rest_and_nothing_disappears(view):
    def colour(row):
        at = view.canvas.mapTo(view, place(view, row))
        return QColor(view.grab().toImage().pixel(at))

    assert colour(42) == QColor(200, 0, 0)
    view.set_selection(IDS[[42]])
    assert colour(42) == QColor(200, 0, 0)
    back = QColor(view.grab().toImage().pixel(3, 3))
    dimmed = colour(43)
    assert dimmed not in (QColor(200, 0, 0), back)
    view.set_selection(np.array([], np.int64))
    assert colour(43) == QColor(200, 0, 0)


def test_ids_that_are_not_on_the_map_are_left_out(view):
    strangers = np.array([-5, 8, 10**12])
    view.set_selection(strangers)
    view.set_highlights(strangers)
    view.set_pairs(np.array([[7, 8], [7, 10]]))
    assert len(view.canvas.points._pairs) == 1
    view.grab()


@pytest.mark.parametrize(
    "positions",
    [
        np.zeros((0, 2)),
        np.array([[3.0, 4.0]]),
        np.full((50, 2), 1e7),
        np.full((5, 2), np.nan),
        np.array([[0, 0], [0, 1e-30], [np.nan, np.inf]]),
        np.array([[-1e30, 0], [1e30, 1]]),
    ],
    ids=["none", "one", "all alike", "nowhere", "tiny", "huge"],
)
def test_any_positions_can_be_drawn_and_picked_from(view, positions):
    view.set_points(positions)
    view.grab()
    view.set_selection(np.arange(2))
    view.set_highlights([0, 1])
    view.set_pairs(np.array([[0, 1]]))
    view.grab()
    view.canvas.points.hit(QPointF(250, 200))
    assert not view.canvas.points._failed


def test_a_star_marks_a_place_between_points(view):
    before = view.grab().toImage()
    view.set_markers(np.array([[4.5, 4.5], [np.nan, 0], [1e30, 1e30]]))
    after = view.grab().toImage()
    middle = (place(view, 44) + place(view, 55)) / 2
    at = view.canvas.mapTo(view, middle)
    assert QColor(after.pixel(at)) == QColor(theme.current().accent)
    assert before.pixel(at) != after.pixel(at)
    assert view.canvas.points.hit(QPointF(middle)) is None  # it is no item
    view.set_points(GRID, IDS)
    assert len(view.canvas.points._markers) == 0
    assert not view.canvas.points._failed


def test_one_point_lies_in_the_middle(view):
    view.set_points(np.array([[3.0, 4.0]]))
    view.grab()
    at = view.canvas.points.place_of(0)
    middle = view.canvas.viewport().rect().center()
    assert (at.toPoint() - middle).manhattanLength() <= 2


def test_a_long_legend_leaves_the_place_to_the_points(qtbot, view):
    few = [LegendEntry(f"group {n}", "#ff0000") for n in range(3)]
    view.set_legend(few)
    qtbot.waitUntil(lambda: view.legend.height() == view.legend.heightForWidth(view.width()))
    line = view.legend.height()
    assert not view.legend.verticalScrollBar().isVisible()
    view.set_legend([LegendEntry(f"group {n}", "#ff0000") for n in range(200)])
    qtbot.waitUntil(lambda: view.legend.height() > line)
    assert view.legend.height() < 4 * line
    assert view.legend.verticalScrollBar().maximum() > 0
    view.legend.ensureWidgetVisible(view.findChild(object, "legend-group 199"))
    assert view.findChild(object, "legend-group 199").visibleRegion().boundingRect().height() > 0


def test_a_legend_chip_picks_its_points(qtbot, view):
    members = by_group(IDS[:5], np.zeros(5, np.uint8), 1)[0]
    view.set_legend([LegendEntry("animals & more", "#ff0000", "square", members)])
    chip = view.findChild(object, "legend-animals & more")
    with qtbot.waitSignal(view.picked) as signal:
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, ALT)
    assert signal.args[0].tolist() == IDS[:5].tolist()
    assert signal.args[1] == "remove"


def test_repainting_loses_no_reference_to_none(view):
    """PySide6 6.12.0 lost one at each call without result, and died of it."""
    view.set_selection(IDS[:10])
    view.set_highlights(IDS[:3])
    view.grab()
    before = sys.getrefcount(None)
    for _ in range(50):
        view.canvas.box.translateBy((0.01, 0.0))
        view.grab()
    assert sys.getrefcount(None) > before - 20


def test_paint_never_raises(view, caplog):
    view.canvas.points._raster = None
    view.canvas.points._drawn_for = None
    view.grab()
    assert "could not be drawn" in caplog.text
