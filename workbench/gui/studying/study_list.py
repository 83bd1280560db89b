"""The card of the studies that there are: to choose from, rename, delete and restore."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QMenu

from workbench.gui.studying.studies_state import StudiesState
from workbench.gui.studying.study_changes import StudyChanges
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.deleted_menu import add_deleted, may_delete_for_good
from workbench.gui.widgets.name_dialog import ask_name
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.undo_line import UndoLine

if TYPE_CHECKING:
    from workbench.project import Deleted

Named = tuple[str, str]
_HEAD, _ROW, _HIGHEST = 34, 30, 214  # pixels


class StudyList(Card):
    """The studies of the project.

    Parameters
    ----------
    state : StudiesState
    """

    def __init__(self, state: StudiesState) -> None:
        super().__init__("Studies of this project", "format-list-bulleted")
        self._state = state
        self.undo = UndoLine()
        self.changes = StudyChanges(state, self.undo)
        self.rename_button = IconButton(
            "rename-outline", "Rename (F2)", self.rename, name="rename-study"
        )
        self.delete_button = IconButton(
            "trash-can-outline", "Delete (Del). Can be undone", self.delete, name="delete-study"
        )
        self.head.addWidget(self.rename_button)
        self.head.addWidget(self.delete_button)
        self.table = _StudyTable(self)
        self.body.addWidget(self.table)
        self.body.addWidget(self.undo)
        self.table.current_changed.connect(self._choose)
        state.session.project_changed.connect(lambda _: self.undo.hide())
        state.listed_changed.connect(self.show_list)
        state.shown_changed.connect(self._mark_chosen)
        state.work_changed.connect(self._show_what_can_be_done)
        self.show_list()

    def show_list(self) -> None:
        """Show the studies that there are now; without any, only what can be undone."""
        names = self._state.listed.studies if self._state.listed else []
        self.table.blockSignals(True)  # the first row is not chosen by being there
        self.table.rows.set_rows(names)
        self.table.blockSignals(False)
        self.table.setFixedHeight(min(_HEAD + _ROW * len(names), _HIGHEST))
        self.table.setVisible(bool(names))
        self.setVisible(bool(names) or not self.undo.isHidden())
        self._mark_chosen()

    def rename(self) -> None:
        """Ask for another name of the study that is shown."""
        name = self._state.chosen
        if name and self.rename_button.isEnabled():
            wish = ask_name(self.window(), "Rename the study", f"Name of “{name}”:", name, "Rename")
            if wish is not None:
                self.changes.rename(name, wish)

    def delete(self) -> None:
        """Delete the study that is shown; the one below it is shown then, or the one above."""
        name, shown = self._state.chosen, [each for each, _ in self.table.rows.shown]
        if name in shown and self.delete_button.isEnabled():
            place = shown.index(name)
            others = [*shown[place + 1 :], *reversed(shown[:place])]
            self.changes.delete([name], others[0] if others else "")

    def menu(self) -> QMenu:
        """Return what can be done with the study that is shown, and what can be restored."""
        menu = QMenu(self)
        if self.rename_button.isEnabled():
            menu.addAction("Rename…\tF2", self.rename)
            menu.addAction("Delete\tDel", self.delete)
            menu.addSeparator()
        actions = self.table.row_actions
        menu.addActions([actions.copy_action, actions.save_action])
        shelf = self.changes.shelf
        if shelf is not None:
            add_deleted(
                menu, "studies", shelf.deleted(), self.changes.restore, self._delete_for_good
            )
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _delete_for_good(self, deleted: "list[Deleted]") -> None:
        count = "The deleted study" if len(deleted) == 1 else f"{len(deleted)} deleted studies"
        if may_delete_for_good(count, self):
            self.changes.delete_for_good(deleted)

    def _choose(self) -> None:
        row = self.table.current()
        if row is not None and self._state.listed is not None:
            self._state.choose(row[0])

    def _mark_chosen(self) -> None:
        """Put the cursor of the list on the study that is shown."""
        self.table.blockSignals(True)
        for each in self.table.rows.shown:
            if each[0] == self._state.chosen:
                self.table.choose(each)
        self.table.blockSignals(False)
        self._show_what_can_be_done()

    def _show_what_can_be_done(self) -> None:
        state = self._state
        free = bool(state.chosen) and not (state.busy and state.working_at in ("", state.chosen))
        for button in (self.rename_button, self.delete_button):
            button.setEnabled(free)


class _StudyTable(RowsTable[Named]):
    """The names, with how far each is."""

    def __init__(self, card: StudyList) -> None:
        columns: tuple[Column[Named], ...] = (
            Column("Name", lambda row: row[0]),
            Column("Cells", lambda row: row[1].partition(" cells")[0], width=92),
        )
        super().__init__(RowsModel(columns, lambda row: row[0], lambda row: row[1]), "Studies")
        self.setObjectName("studies-list")
        self._card = card

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self._card.rename()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._card.delete()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._card.menu().popup(event.globalPos())
