"""Fields and the wheel."""

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.widgets.fields import ComboBox, DoubleSpinBox, Slider, SpinBox


def value_of(field):
    return field.currentIndex() if isinstance(field, ComboBox) else field.value()


@pytest.fixture(params=[ComboBox, "editable", SpinBox, DoubleSpinBox, Slider])
def field(request, qtbot):
    """Return a field in the middle of its values, above another widget with the focus."""
    made = ComboBox() if request.param == "editable" else request.param()
    if isinstance(made, ComboBox):
        made.addItems([str(number) for number in range(100)])
        made.setCurrentIndex(50)
        made.setEditable(request.param == "editable")
    else:
        made.setValue(50)
    window, other = QWidget(), SpinBox()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(made)
    column.addWidget(other)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    other.setFocus()
    yield made
    window.close()


def turn(field):
    """Turn the wheel as the mouse does: the event comes to the window."""
    window = field.window()
    at = QPointF(field.mapTo(window, field.rect().center()))
    QTest.wheelEvent(window.windowHandle(), at, QPoint(0, 120))


def test_without_the_focus_the_wheel_changes_nothing(field):
    before = value_of(field)
    turn(field)
    assert value_of(field) == before
    assert not field.hasFocus()


def test_with_the_focus_it_changes_the_value(field):
    field.setFocus()
    before = value_of(field)
    turn(field)
    assert value_of(field) != before


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_open_list_of_a_choice_scrolls(qtbot):
    field = ComboBox()
    qtbot.addWidget(field)
    field.addItems([str(number) for number in range(100)])
    field.setMaxVisibleItems(10)
    field.show()
    qtbot.waitExposed(field)
    field.showPopup()
    view = field.view()
    qtbot.waitUntil(view.isVisible)
    bar = view.verticalScrollBar()
    popup = view.window()
    at = QPointF(view.viewport().mapTo(popup, view.viewport().rect().center()))
    QTest.wheelEvent(popup.windowHandle(), at, QPoint(0, -120))
    assert bar.value() > 0
    assert field.currentIndex() == 0
    field.hidePopup()
