"""Figures of a run: where there is little room a column gives way, never a digit."""

import pytest
from PySide6.QtWidgets import QLabel

from workbench.gui.training.runs.result_table import ResultTable
from workbench.gui.widgets.scrolling import ScrollingSheet

FOUND = {
    "recall@1": 0.123, "recall@5": 0.314, "recall@10": 0.392, "median_rank": 17.5,
    "chance": {"recall@1": 0.005, "recall@5": 0.025, "recall@10": 0.049, "median_rank": 103.0},
    "interval": {
        "recall@1": [0.08, 0.17], "recall@5": [0.25, 0.38], "recall@10": [0.33, 0.46],
        "median_rank": [12.0, 22.0],
    },
}  # fmt: skip
LEAST = 222  # what the least width of its card leaves
REPORT = {"retrieval": {"image→text": FOUND, "text→image": FOUND}}


@pytest.fixture
def sheet(qtbot):
    """Return what the table stands on: a window would not become as narrow."""
    made = ScrollingSheet(ResultTable())
    qtbot.addWidget(made)
    made.findChild(ResultTable).show_report(REPORT)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def table(sheet):
    return sheet.findChild(ResultTable)


def make_room(sheet, qtbot, width):
    table = sheet.findChild(ResultTable)
    sheet.resize(width, 400)
    qtbot.waitUntil(lambda: table.width() <= width < table.width() + 30)


def shown(table):
    keys = ("recall@1", "recall@5", "recall@10", "median_rank")
    return [k for k in keys if table.findChild(QLabel, f"heading-{k}").isVisible()]


@pytest.mark.parametrize("width", [LEAST, 260, 300, 420])
def test_what_is_shown_is_whole(sheet, table, qtbot, width):
    make_room(sheet, qtbot, width)
    figures = [each for each in table.findChildren(QLabel) if each.isVisible()]
    assert {"12.3%", "39.2%"} <= {each.text() for each in figures}
    for each in figures:
        if each.text().endswith("%"):
            assert each.width() >= each.fontMetrics().horizontalAdvance(each.text())


def test_columns_give_way_and_come_back(sheet, table, qtbot):
    make_room(sheet, qtbot, 420)
    qtbot.waitUntil(lambda: len(shown(table)) == 4)
    make_room(sheet, qtbot, LEAST)
    qtbot.waitUntil(lambda: shown(table) == ["recall@1", "recall@10"])
    make_room(sheet, qtbot, 420)
    qtbot.waitUntil(lambda: len(shown(table)) == 4)
