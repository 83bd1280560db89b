"""The wheel over fields: it scrolls the page, and changes only what has the focus."""

import shutil

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QTabBar,
)
from worlds.projects import small_project

from workbench.gui.encoding.browse_dialog import BrowseDialog
from workbench.gui.encoding.known_encoders import KnownEncoders
from workbench.gui.exploring.maps.floating_map import FloatingMap
from workbench.gui.frame.about import AboutDialog
from workbench.gui.training.runs.run_comparison import RunComparison
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align

_FIELDS = (QComboBox, QAbstractSpinBox, QAbstractSlider, QTabBar)
_PAGES = ("start", "data", "encode", "train", "explore", "classify", "label", "studies", "export")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make a project with two runs."""
    made = small_project(tmp_path_factory.mktemp("wheel"))
    for pairs in (4, 8):
        request = AlignRequest(method="procrustes", pairs=pairs, name=f"with-{pairs}")
        drain(align(Project.open(made), request))
    return made


@pytest.fixture
def opened(window, root, tmp_path, qtbot):
    """Open the project in the window, with every page shown once and every form unfolded."""
    assert window.session.open_project(shutil.copytree(root, tmp_path / "p"))
    for name in _PAGES:
        window.go_to(name)
        QApplication.processEvents()
    data, explore = window.page("data"), window.page("explore")
    for row in data.folders.rows:
        row.options_button.setChecked(True)
    qtbot.waitUntil(lambda: explore.table is not None, timeout=20_000)
    qtbot.waitUntil(lambda: all(not panel.busy for panel in explore.panels), timeout=20_000)
    return window


def fields_in(window):
    """Return all that the wheel can change, shown or not; scroll bars are there to be scrolled."""
    return [
        field
        for kind in _FIELDS
        for field in window.findChildren(kind)
        if not isinstance(field, QScrollBar)
    ]


def value_of(field):
    if isinstance(field, QDateTimeEdit):
        return field.dateTime()
    return field.currentIndex() if isinstance(field, (QComboBox, QTabBar)) else field.value()


def turn(widget):
    """Turn the wheel over the middle of a widget, up and down."""
    at = QPointF(widget.rect().center())
    for way in (120, -120, -120, 120, 120):
        event = QWheelEvent(
            at, widget.mapToGlobal(at), QPoint(), QPoint(0, way), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)


def changed_by_the_wheel(window):
    """Return the fields without the focus that a wheel over them has changed, or has focused."""
    found = []
    for field in fields_in(window):
        before, heard = value_of(field), []
        if isinstance(field, QComboBox):
            field.currentIndexChanged.connect(heard.append)
        elif isinstance(field, (QAbstractSlider, QAbstractSpinBox)):
            field.valueChanged.connect(heard.append)
        assert not field.hasFocus()
        turn(field)
        for line in field.findChildren(QLineEdit):
            turn(line)
        asks_for_it = field.focusPolicy() & Qt.FocusPolicy.WheelFocus == Qt.FocusPolicy.WheelFocus
        if heard or value_of(field) != before or asks_for_it:
            found.append(field.objectName() or field.accessibleName() or repr(field))
    return found


def other_windows(opened):
    """Return the windows with fields that the pages open, and those that came cheaply."""
    maps = opened.page("explore").maps
    maps.float_out(maps.panels[-1])
    return [
        opened.findChild(FloatingMap),
        AboutDialog(opened),
        BrowseDialog(KnownEncoders(opened.session), "image", parent=opened),
        RunComparison(opened.session, ["with-4", "with-8"], opened),
    ]


def test_no_field_of_the_program_is_changed_without_the_focus(opened, qtbot):
    settings = opened.session.project.root / "project.toml"
    before = settings.read_bytes()
    assert all(fields_in(opened.page(name)) for name in _PAGES[1:])
    assert changed_by_the_wheel(opened) == []
    windows = other_windows(opened)
    for window in windows:
        window.show()
        qtbot.waitExposed(window)
    assert sum(bool(fields_in(window)) for window in windows) >= 2
    assert [changed_by_the_wheel(window) for window in windows] == [[]] * len(windows)
    assert settings.read_bytes() == before
    for window in windows:
        window.close()


def test_the_wheel_scrolls_the_page_unless_a_field_has_the_focus(window, root, tmp_path, qtbot):
    assert window.session.open_project(shutil.copytree(root, tmp_path / "p"))
    window.resize(1000, 640)
    window.go_to("train")
    spin = window.page("train").setup.form.editor("steps")
    area = spin.parentWidget()
    while not isinstance(area, QScrollArea):
        area = area.parentWidget()
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    area.ensureWidgetVisible(spin)
    before, scrolled = spin.value(), bar.value()

    def turn_over_it():
        at = spin.mapTo(window, spin.rect().center())
        QTest.wheelEvent(window.windowHandle(), QPointF(at), QPoint(0, 120 if scrolled else -120))

    turn_over_it()
    qtbot.waitUntil(lambda: bar.value() != scrolled)
    assert spin.value() == before
    assert not spin.hasFocus()
    area.ensureWidgetVisible(spin)
    window.activateWindow()
    qtbot.waitActive(window)
    spin.setFocus()
    qtbot.waitUntil(spin.hasFocus)
    turn_over_it()
    assert spin.value() != before
