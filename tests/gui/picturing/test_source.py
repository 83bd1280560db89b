import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from workbench.charts import Axis, Curve, Lines
from workbench.gui.picturing import source as sources
from workbench.gui.picturing.source import PictureSource, sources_seen, titled

_X = np.arange(3.0)
_CHART = Lines("Loss", Axis("step"), Axis("loss"), (Curve("total", _X, _X),))


@pytest.fixture
def shown(session, qtbot, monkeypatch):
    """Return a window with something to be pictured; it is drawn in this process."""
    monkeypatch.setattr(
        sources, "in_process", lambda station, *given, control: station(*given, control=control)
    )
    window = QWidget()
    qtbot.addWidget(window)
    place = QWidget(window)
    place.setObjectName("place")
    made = PictureSource(place, session, "Loss & more", lambda: _CHART, place)
    window.show()
    made.heard = []
    session.noticed.connect(lambda level, words: made.heard.append((level, words)))
    yield made
    window.close()


def test_a_picture_goes_to_the_clipboard(shown, qtbot):
    QGuiApplication.clipboard().clear()
    shown.copy()
    qtbot.waitUntil(lambda: bool(shown.heard), timeout=20_000)
    assert shown.heard == [("info", "Copied as a picture: Loss & more")]
    assert QGuiApplication.clipboard().image().width() > 500
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize("name", ["a.svg", "a.csv", "without"])
def test_a_file_is_written_as_its_name_says(shown, qtbot, tmp_path, monkeypatch, name):
    asked = []

    def choose(parent, title, what, suggested, kinds):
        asked.append(suggested.name)
        return tmp_path / name

    monkeypatch.setattr(sources, "choose_new_file", choose)
    (shown.save_numbers if name.endswith("csv") else shown.save)()
    qtbot.waitUntil(lambda: bool(shown.heard), timeout=20_000)
    written = tmp_path / (name if "." in name else f"{name}.png")
    assert written.stat().st_size > 20
    assert shown.heard == [("info", f"Written: {written}")]
    assert asked == ["Loss - more.csv" if name.endswith("csv") else "Loss - more.png"]


def test_what_cannot_be_written_is_told(shown, qtbot, tmp_path):
    shown.write(tmp_path / "a.gif")
    assert "no name of a picture" in shown.heard[-1][1]
    shown.write(tmp_path / "missing" / "a.csv")
    qtbot.waitUntil(lambda: len(shown.heard) == 2, timeout=20_000)
    assert "cannot be written" in shown.heard[-1][1]
    shown._chart = lambda: None
    shown.copy()
    assert shown.heard[-1] == ("info", "There is nothing to be pictured yet.")


def test_what_is_seen_is_in_the_menu_and_below_the_right_button(shown, monkeypatch):
    popped = []  # without a display there is no keyboard to be grabbed
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: popped.append(menu))
    window = shown.widget.window()
    other = PictureSource(QWidget(window), shown._session, "Loss & more", lambda: None)
    assert sources_seen(window) == [shown]  # the other one is not shown
    assert [title for title, _ in titled([shown, other])] == ["Loss && more", "Loss && more (2)"]
    place = QPoint(2, 2)
    QApplication.sendEvent(
        shown.widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, place)
    )
    (menu,) = popped
    assert [each.text() for each in menu.actions()] == [
        "&Copy picture", "&Save picture…", "Save &numbers…",
    ]  # fmt: skip
