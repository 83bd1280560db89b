"""Rows of any table, copied as spreadsheets take them or saved as CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QTableView, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.file_dialogs import choose_new_file
from workbench.home import home_or_root
from workbench.received.words import for_cell
from workbench.whole_files import write_whole

Rows = list[list[object]]

VALUE_ROLE = Qt.ItemDataRole.UserRole + 20
"""By which a model tells the number behind a cell's words, for CSV; it need not."""

_MOST_COPIED = 10_000


class RowActions(QObject):
    """What can be done with the rows of a table: two actions, and a key.

    Parameters
    ----------
    view : QTableView
    what : str
        What the rows are, such as ``runs``: the name of the file that is proposed.
    selected : callable, optional
        Returns the numbers of the selected rows, where the view's selection does not tell.
    """

    def __init__(
        self, view: QTableView, what: str, selected: Callable[[], Sequence[int]] | None = None
    ) -> None:
        super().__init__(view)
        self._view, self._what = view, what
        self._selected = selected or self._of_the_view
        self.copy_action, self.save_action = (
            QAction("Copy rows\tCtrl+C", self),
            QAction("Save as CSV…", self),
        )
        self.copy_action.triggered.connect(self.copy)
        self.save_action.triggered.connect(self.save)

    def take(self, event: QKeyEvent) -> bool:
        """Copy the rows, if that is what a key says; return whether it did."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            return False
        self.copy()
        return True

    def copy(self) -> None:
        """Copy the selected rows, or all, with their heads."""
        places = list(self._selected()) or range(self._view.model().rowCount())
        rows = rows_of(self._view, places[:_MOST_COPIED], Qt.ItemDataRole.DisplayRole)
        left = len(places) - _MOST_COPIED
        if left > 0:
            rows.append([f"… and {left:,} rows more, which are too many for the clipboard"])
        QGuiApplication.clipboard().setText(as_lines(rows))

    def save(self) -> None:
        """Ask for a file, and write all rows that are shown into it."""
        save_rows(
            self._view, self._what,
            lambda: rows_of(self._view, range(self._view.model().rowCount()), VALUE_ROLE),
        )  # fmt: skip

    def _of_the_view(self) -> list[int]:
        return sorted(index.row() for index in self._view.selectionModel().selectedRows())


def row_buttons(parent: QWidget, what: str, rows: Callable[[], Rows]) -> list[IconButton]:
    """Return buttons that copy and save rows which no view shows as such.

    Parameters
    ----------
    parent : QWidget
        Over which files are asked for.
    what : str
        What the rows are, such as ``differences``.
    rows : callable
        Returns them, heads first.
    """
    return [
        IconButton(
            "content-copy", f"Copy the {what} as a table",
            lambda: QGuiApplication.clipboard().setText(as_lines(rows())), name=f"copy-{what}",
        ),
        IconButton(
            "content-save-outline", f"Save the {what} as CSV…",
            lambda: save_rows(parent, what, rows), name=f"save-{what}",
        ),
    ]  # fmt: skip


def save_rows(parent: QWidget, what: str, rows: Callable[[], Rows]) -> None:
    """Ask for a file, and write rows into it as CSV.

    Raises
    ------
    WorkbenchError
        The file cannot be written.
    """
    suggested = home_or_root() / f"{what}.csv"
    path = choose_new_file(parent, f"Save the {what}", "table", suggested, "Tables (*.csv)")
    if path is not None:
        write_csv(rows(), path)


def rows_of(view: QTableView, places: Iterable[int], role: int) -> Rows:
    """Return heads and rows of a table as it is sorted, the columns from left to right.

    Columns that only have no room are among them.

    Parameters
    ----------
    view : QTableView
    places : iterable of int
        Numbers of rows.
    role : int
        What of a cell; where it has nothing of that, its words.
    """
    model, header = view.model(), view.horizontalHeader()
    columns = [header.logicalIndex(place) for place in range(header.count())]
    across = Qt.Orientation.Horizontal
    rows: Rows = [[model.headerData(column, across) for column in columns]]
    for place in places:
        cells = [model.index(place, column) for column in columns]
        told = [(cell.data(role), cell.data(Qt.ItemDataRole.DisplayRole)) for cell in cells]
        rows.append([words if value is None else value for value, words in told])
    return rows


def as_lines(rows: Rows) -> str:
    """Return rows as lines, cells parted by tabs."""
    return "\n".join("\t".join(" ".join(str(cell).split()) for cell in row) for row in rows)


def write_csv(rows: Rows, path: Path) -> None:
    """Write rows as CSV in UTF-8, whole or not at all.

    Raises
    ------
    WorkbenchError
        The file cannot be written.
    """
    text = io.StringIO()
    csv.writer(text).writerows([for_cell(cell) for cell in row] for row in rows)
    try:
        write_whole(path, text.getvalue().encode("utf-8"))
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be written: {error.strerror}. Choose another place."
        ) from None
