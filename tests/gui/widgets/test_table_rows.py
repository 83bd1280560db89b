"""Rows of tables, copied and saved in one way."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from workbench.errors import WorkbenchError
from workbench.gui.training.runs.comparison_tables import MEAN, difference_rows
from workbench.gui.training.runs.run_model import COLUMNS
from workbench.gui.training.runs.run_table import RunTable
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.table_rows import write_csv
from workbench.stations.runs.run_table import RunRow

ROWS = [("b", 0.25), ("a\tb\nc", None), ("=1+1", 1.0)]


def share(row):
    return "–" if row[1] is None else f"{row[1]:.0%}"


@pytest.fixture
def table(qtbot):
    columns = (
        Column("Name", lambda row: row[0]),
        Column("Share", share, lambda row: row[1], numeric=True, best_first=True),
    )
    made = RowsTable(RowsModel(columns, lambda row: row[0], lambda row: ""), "Things", several=True)
    qtbot.addWidget(made)
    made.rows.set_rows(ROWS)
    return made


def _copied(view):
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text().split("\n")


def test_selected_rows_are_copied_with_heads_as_a_table(table):
    table.clearSelection()
    assert len(_copied(table)) == 4  # all
    table.selectRow(1)
    assert _copied(table) == ["Name\tShare", "a b c\t–"]


def test_rows_are_saved_as_they_are_sorted_with_their_numbers(table, tmp_path, monkeypatch):
    path = tmp_path / "things.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    table.row_actions.save_action.trigger()
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["Name", "Share"], ["'=1+1", "1.0"], ["b", "0.25"], ["a\tb\nc", "–"],
        ]  # fmt: skip


def test_a_first_click_puts_the_best_on_top(table):
    role = Qt.ItemDataRole.InitialSortOrderRole
    orders = [table.model().headerData(n, Qt.Orientation.Horizontal, role) for n in range(2)]
    assert orders == [None, Qt.SortOrder.DescendingOrder]


def test_runs_are_copied_with_columns_that_have_no_room(qtbot):
    runs = RunTable()
    qtbot.addWidget(runs)
    runs.resize(240, 200)
    rows = [
        RunRow("one", "gera", "3 → 1,000", recall_10=0.5, seconds=3.0),
        RunRow("two", "gera", "10", has_ladder=True),
    ]
    runs.show_rows(rows, "one")
    fields = [column.field for column in COLUMNS]
    assert not runs.isColumnHidden(fields.index("seconds"))  # how long it took is always there
    runs.horizontalHeader().moveSection(fields.index("recall_10"), 0)  # dragged to the left
    runs.clearSelection()
    heads, row, swept = _copied(runs)
    assert heads.startswith("R@10\tRun\tMethod")
    assert row.startswith("50.0%\tone\tgera\t3 → 1,000")
    assert heads.count("\t") == len(COLUMNS) - 1
    assert swept.split("\t")[3] == "10, sweep"


def test_what_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkbenchError, match="cannot be written"):
        write_csv([["a"]], tmp_path / "file" / "table.csv")


def test_a_comparison_is_a_table_of_numbers():
    found = {"value": 0.1, "low": 0.05, "high": 0.2, "clear": True}
    first = {"retrieval": {"image→text": {"recall@1": 0.4}}}
    second = {
        "retrieval": {"image→text": {"recall@1": 0.5}},
        "difference": {"retrieval": {"image→text": {"recall@1": found}}},
    }
    rows = difference_rows({"a": first, "b": second})
    assert rows[0][:6] == ["Run", "Direction", "R@1", "R@1 difference", "R@1 from", "R@1 to"]
    assert [row[:6] for row in rows[1:]] == [
        ["a", MEAN, 0.4, "", "", ""], ["a", "image→text", 0.4, "", "", ""],
        ["b", MEAN, 0.5, "", "", ""], ["b", "image→text", 0.5, 0.1, 0.05, 0.2],
    ]  # fmt: skip
