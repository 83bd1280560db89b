"""The card of the runs: the table, what can be done with its rows, and an undo."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu

from workbench.gui.session import Session
from workbench.gui.state.folder_watch import FolderWatch
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.runs.run_changes import RunChanges
from workbench.gui.training.runs.run_menu import run_menu
from workbench.gui.training.runs.run_table import RunTable
from workbench.gui.training.training_jobs import evaluate_job
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.deleted_menu import add_deleted, may_delete_for_good
from workbench.gui.widgets.undo_line import UndoLine
from workbench.gui.words import several
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.gui.training.runs.run_comparison import RunComparison
    from workbench.project import Deleted
    from workbench.stations.runs.run_table import RunRow, RunRows

_MOST_AT_ONCE = 40  # runs; more are read by a job, so that the window does not wait
_MOST_COMPARED = 8
_ROOM_FOR_WORDS = 300
_CHANGE = "Change and train: fills the form with the settings of this run"


class RunsCard(Card):
    """Runs to choose from, rename, note, delete, train again otherwise, and compare.

    It looks when runs may have been made or changed elsewhere, such as on the command line;
    `Session.runs_changed` then tells the pages.

    Signals
    -------
    chosen (name)
        A single run, by the user.
    go_on_asked (name), change_asked (name), start_asked (name)
        To resume a run, to fill the form by its recipe, and to start another one from its heads.
    """

    chosen = Signal(str)
    go_on_asked = Signal(str)
    change_asked = Signal(str)
    start_asked = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__("Runs")
        self.setObjectName("runs-card")
        self._session = session
        self._reader: RunRows | None = None
        self._reading = JobSlot(session, self)
        self._training = False
        self._latest: list[RunRow] = []  # read last
        self._comparisons: list[RunComparison] = []
        self.table = RunTable()
        self.undo = UndoLine()
        self._changes = RunChanges(session, self.undo)
        self._make_actions()
        self._make_buttons()
        self.body.addWidget(self.table)
        self.body.addWidget(self.undo)
        table = self.table
        table.chosen.connect(self.chosen)
        table.selected_changed.connect(self._show_what_can_be_done)
        table.renamed.connect(self._changes.rename)
        table.noted.connect(self._changes.note)
        table.delete_asked.connect(self._delete_selected)
        table.customContextMenuRequested.connect(
            lambda place: self.menu().popup(table.viewport().mapToGlobal(place))
        )
        session.project_changed.connect(self._project_changed)
        self._watch = FolderWatch(self)
        self._watch.due.connect(self._look)
        self._follow()
        self._show_what_can_be_done()

    def _make_actions(self) -> None:
        def action(text: str, done: Callable[[], object]) -> QAction:
            made = QAction(text, self)
            made.triggered.connect(lambda: done())
            return made

        self._go_on = action("Resume", lambda: self.go_on_asked.emit(self._selected_one()))
        self._change = action(
            "Change and train…", lambda: self.change_asked.emit(self._selected_one())
        )
        self._start = action(
            "Train on from its heads…", lambda: self.start_asked.emit(self._selected_one())
        )
        self._compare = action("Compare", self.compare)
        self._measure = action("Measure on held-out pairs", self._measure_selected)
        # the table listens to the keys; here they are only told
        self._rename = action("Rename\tF2", lambda: self._edit("name"))
        self._note = action("Write a note", lambda: self._edit("note"))
        self._delete = action("Delete\tDel", self._delete_selected)

    def _make_buttons(self) -> None:
        self.go_on = Button(
            "Resume", "play", "quiet", self._go_on.trigger, name="go-on",
            tip="Resume the training where it was stopped; the heads will be the same as without "
            "the stop.",
        )  # fmt: skip
        self.go_on.setAccessibleName("Resume")
        self.compare_button = Button(
            "Compare", "compare-horizontal", "quiet", self._compare.trigger, name="compare-runs",
            tip="Differences of the selected runs with intervals, settings that differ, and curves",
        )  # fmt: skip
        self._buttons = {
            action: IconButton(icon, tip, action.trigger, name=name)
            for action, icon, tip, name in (
                (self._change, "tune-variant", _CHANGE, "change-run"),
                (self._rename, "rename-outline", "Rename (F2)", "rename-run"),
                (self._note, "note-edit-outline", "Write a note", "note-run"),
                (self._delete, "trash-can-outline", "Delete (Del). Can be undone", "delete-run"),
            )
        }
        self.head.addWidget(self.go_on)
        self.head.addWidget(self.compare_button)
        for button in self._buttons.values():
            self.head.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # a play button says it too, where the word would push others out of the card
        self.go_on.setText("Resume" if self.width() >= _ROOM_FOR_WORDS else "")

    # ---------------------------------------------------------------- rows

    def rows(self) -> "list[RunRow]":
        """Return the rows shown, newest first."""
        return self.table.rows()

    def row(self, name: str | None) -> "RunRow | None":
        """Return the row of a run, if it is shown."""
        return next((row for row in self.table.rows() if row.name == name), None)

    def refresh(self) -> None:
        """Show the runs as they are on the disk; only those that have changed are read."""
        reader = self._reader_of_project()
        if reader is None:
            self.table.show_rows([], None)
        else:
            self._show_runs(reader, reader.marks())
        self._show_what_can_be_done()

    def _show_runs(self, reader: "RunRows", marks: dict[str, object]) -> None:
        if len(reader.stale(marks)) <= _MOST_AT_ONCE:
            self._latest = reader.rows(marks)
            self.table.show_rows(self._latest, self._session.current_run)
        elif self._reading.wish is not reader:
            self._read_in_a_job(reader)

    def set_training(self, training: bool) -> None:
        """Take note whether a training runs in the window, which is the only one then."""
        self._training = training
        self._show_what_can_be_done()

    def _reader_of_project(self) -> "RunRows | None":
        project = self._session.project
        if project is None:
            self._reader = None
        elif self._reader is None or self._reader.project is not project:
            from workbench.stations.runs.run_table import RunRows

            self._reader = RunRows(project)
        return self._reader

    def _read_in_a_job(self, reader: "RunRows") -> None:
        def make_job(_control: Control) -> Job[None]:
            yield Progress(0, 0, "Reading runs")
            reader.rows()

        def done(_: object = None) -> None:
            self._session.runs_changed.emit()

        self._reading.ask("Reading runs", make_job, done, on_error=done, wish=reader)

    def _follow(self) -> None:
        project = self._session.project
        if project is None:
            self._watch.follow(None, [])
        else:
            self._watch.follow(project.shelf.folder, project.shelf.names())

    def _look(self) -> None:
        """Take note of what was done elsewhere."""
        self._follow()  # before: what comes while it looks is told of then
        reader = self._reader_of_project()
        if reader is None or self._reading.busy:
            return
        started = time.perf_counter()
        marks = reader.marks()
        self._watch.looked(1000 * (time.perf_counter() - started))
        if reader.stale(marks):
            before = _what_pages_show(self._latest)
            self._show_runs(reader, marks)
            # a training writes its recipe every ten seconds: that alone is no news for the pages
            if _what_pages_show(self._latest) != before:
                self._session.runs_changed.emit()

    def _project_changed(self, _project: object) -> None:
        self._latest = []
        self.table.show_rows([], None)
        self.undo.hide()
        self._follow()
        for window in list(self._comparisons):
            window.close()

    # ---------------------------------------------------------------- what can be done

    def _show_what_can_be_done(self) -> None:
        names = self.table.selected()
        row = self.row(names[0]) if len(names) == 1 else None
        readable = row is not None and row.method != "?"
        free = not self._training
        self._go_on.setVisible(row is not None and row.can_go_on and free)
        self._change.setEnabled(readable and free)
        self._start.setEnabled(readable and free and row is not None and row.has_heads)
        self._measure.setVisible(row is not None and row.has_heads and row.recall_1 is None)
        self._rename.setEnabled(row is not None)
        self._note.setEnabled(readable)
        self._delete.setEnabled(bool(names))
        self._compare.setVisible(1 < len(names) <= _MOST_COMPARED)
        for action, button in self._buttons.items():
            button.setEnabled(action.isEnabled())
        self.go_on.setVisible(self._go_on.isVisible())
        self.compare_button.setText(f"Compare {len(names)}")
        self.compare_button.setVisible(self._compare.isVisible())

    # ---------------------------------------------------------------- doing it

    def menu(self) -> QMenu:
        """Return the context menu for what is selected."""
        menu = run_menu(
            [
                [self._go_on, self._change, self._start, self._compare, self._measure],
                [self._rename, self._note],
                [self.table.row_actions.copy_action, self.table.row_actions.save_action],
                [self._delete],
            ],
            self,
        )
        if self._changes.shelf is not None:
            deleted = self._changes.shelf.deleted()
            add_deleted(menu, "runs", deleted, self._changes.restore, self._delete_for_good)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def compare(self, names: list[str] | None = None) -> None:
        """Open a window that compares runs to the first of them; by default those selected."""
        from workbench.gui.training.runs.run_comparison import RunComparison

        window = RunComparison(self._session, names or self.table.selected(), self)
        self._comparisons.append(window)
        window.finished.connect(lambda: self._comparisons.remove(window))
        window.show()

    def _selected_one(self) -> str:
        return self.table.selected()[0]

    def _edit(self, field: str) -> None:
        self.table.edit_field(self._selected_one(), field)

    def _delete_selected(self) -> None:
        names = self.table.selected()
        self._changes.delete(names, self.table.after(names))

    def _delete_for_good(self, deleted: "list[Deleted]") -> None:
        if may_delete_for_good(several(len(deleted), "deleted run"), self):
            self._changes.delete_for_good(deleted)

    def _measure_selected(self) -> None:
        project, name = self._session.project, self._selected_one()
        if project is not None:
            self._session.start(
                f"Evaluating {name}", evaluate_job(project, name),
                on_result=lambda _: self._session.runs_changed.emit(),
            )  # fmt: skip


def _what_pages_show(rows: "list[RunRow]") -> "list[RunRow]":
    return [replace(row, seconds=0.0) for row in rows]
