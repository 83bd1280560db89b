import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from workbench.gui.encoding import problems_dialog
from workbench.gui.encoding.problems_dialog import ProblemsDialog
from workbench.project import Item
from workbench.stations import Problem


def _problem(name, reason, place=""):
    path = f"/pictures/{name}" + (f"#{place}" if place else "")
    item = Item("image", path, "", "", place=place)
    return Problem(item, "bundled/small", reason)


@pytest.fixture
def dialog(qtbot):
    problems = [
        _problem("b.png", "The picture /pictures/b.png cannot be read (truncated)."),
        _problem("a.png", "It is too large."),
        _problem("rows.csv", "Its text is empty.", "12"),
    ]
    made = ProblemsDialog(problems, "image", "bundled/small")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test does that
    qtbot.addWidget(made)
    made.show()
    return made


def _column(dialog, column):
    return [dialog.model.index(row, column).data() for row in range(dialog.model.rowCount())]


def test_items_and_reasons_are_sorted_and_searched(dialog):
    assert _column(dialog, 0) == ["b.png", "a.png", "rows.csv#12"]
    assert _column(dialog, 1)[0] == "The picture b.png cannot be read (truncated)."
    dialog.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert _column(dialog, 0) == ["a.png", "b.png", "rows.csv#12"]
    dialog.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert _column(dialog, 0) == ["a.png", "rows.csv#12", "b.png"]
    dialog.search.setText("TOO large")
    assert _column(dialog, 0) == ["a.png"]


def test_the_file_of_a_row_is_opened_by_key(dialog, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr(problems_dialog, "open_file", lambda path: opened.append(path.as_posix()))
    dialog.table.selectRow(2)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    dialog.table.selectRow(1)
    dialog.open_button.click()
    assert opened == ["/pictures/rows.csv", "/pictures/a.png"]


def test_what_is_selected_is_copied(dialog):
    dialog.table.selectAll()
    dialog.copy_button.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 3
    assert lines[1] == "/pictures/a.png\tIt is too large."


def test_all_are_tried_again_unless_something_runs(dialog, qtbot):
    with qtbot.waitSignal(dialog.retry_wanted):
        dialog.retry_button.click()
    busy = ProblemsDialog([], "image", "bundled/small", can_retry=False)
    qtbot.addWidget(busy)
    assert not busy.retry_button.isEnabled()
