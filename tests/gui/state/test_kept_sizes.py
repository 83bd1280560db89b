"""What was dragged comes back with its project."""

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLabel, QSplitter, QTableWidget, QWidget

from workbench.gui.session import Session
from workbench.gui.state import kept_sizes
from workbench.gui.state.kept_sizes import KeptSizes
from workbench.project import Project


@pytest.fixture
def session(qapp):
    QSettings().remove("projects")
    session = Session()
    yield session
    session.deleteLater()


@pytest.fixture
def roots(tmp_path):
    return [Project.create(tmp_path / name).root for name in ("one", "two")]


def split(qtbot, parts=2):
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setChildrenCollapsible(False)
    for _ in range(parts):
        splitter.addWidget(QWidget())
    splitter.resize(608, 100)
    qtbot.addWidget(splitter)
    return splitter


def drag(splitter, to):
    splitter.moveSplitter(to, 1)
    splitter.splitterMoved.emit(to, 1)


def test_each_project_has_its_own_sizes_also_in_another_window(session, roots, qtbot):
    splitter, kept = split(qtbot), KeptSizes(session, session)
    kept.follow("page", {"a": splitter})
    splitter.show()
    session.open_project(roots[0])
    qtbot.wait(1)  # it is laid out
    first = splitter.sizes()
    drag(splitter, 100)
    assert splitter.sizes()[0] == 100
    session.open_project(roots[1])
    assert splitter.sizes() == first
    later, again = split(qtbot), KeptSizes(session, session)
    again.follow("page", {"a": later})
    session.open_project(roots[0])
    assert splitter.sizes()[0] == 100
    later.show()
    qtbot.waitUntil(lambda: later.sizes()[0] == 100)


def test_three_parts_know_nothing_of_two(session, roots, qtbot):
    splitter, kept = split(qtbot), KeptSizes(session, session)
    session.open_project(roots[0])
    kept.follow("page", {"a": splitter})
    splitter.show()
    qtbot.waitUntil(lambda: bool(splitter.sizes()[0]))
    drag(splitter, 100)
    splitter.addWidget(QLabel("third"))
    splitter.setSizes([200, 200, 200])
    qtbot.wait(1)
    assert max(splitter.sizes()) - min(splitter.sizes()) <= 5
    last = splitter.widget(2)
    last.setParent(None)
    last.deleteLater()
    qtbot.waitUntil(lambda: splitter.sizes()[0] == 100)


def test_columns_that_were_dragged(session, roots, qtbot, monkeypatch):
    table, kept = QTableWidget(1, 3), KeptSizes(session, session)
    qtbot.addWidget(table)
    head = table.horizontalHeader()
    head.setSectionResizeMode(0, head.ResizeMode.Stretch)
    table.setColumnWidth(1, 80)
    session.open_project(roots[0])
    kept.follow("page", {"b": head})
    table.setColumnWidth(1, 90)  # by the program: not kept
    held = Qt.MouseButton.LeftButton
    monkeypatch.setattr(
        kept_sizes, "QApplication", type("App", (), {"mouseButtons": staticmethod(lambda: held)})
    )
    table.setColumnWidth(2, 150)
    held = Qt.MouseButton.NoButton
    session.open_project(roots[1])
    assert table.columnWidth(1) == 80
    assert table.columnWidth(2) != 150
    session.open_project(roots[0])
    assert table.columnWidth(2) == 150
