"""Finding items by their words, keeping selections under a name, and exporting them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolButton

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.exploring.state.inspector_jobs import InspectorJobs
from workbench.gui.items.item_looks import Ids
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.session import Session
from workbench.gui.state.drafts import Drafts
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.file_dialogs import choose_new_file
from workbench.gui.widgets.name_dialog import ask_name
from workbench.jobs import Control, Job, Progress
from workbench.project import delete_selection, read_selections, save_selection

if TYPE_CHECKING:
    from workbench.project import Project

_HOW = "Enter selects what is found; with Shift it is added, with Alt removed, with both kept."


class SelectionTools(QObject):
    """The field that finds, and the menu that keeps and exports.

    What stands in the field belongs to the project: it waits there while another one is open.

    Attributes
    ----------
    search : QLineEdit
    button : QToolButton
        With the menu.

    Parameters
    ----------
    session : Session
    looking : InspectorJobs
        Knows the current run, and perhaps the figures that an export needs.
    """

    def __init__(self, session: Session, looking: InspectorJobs) -> None:
        super().__init__()
        self._session, self._looking = session, looking
        self._written = Drafts(session, "words-to-find", "")
        self._finding = JobSlot(session, self)
        self.search = QLineEdit()
        self.search.setObjectName("find-items")
        self.search.setAccessibleName("Find items by text or file name")
        self.search.setPlaceholderText("Find items")
        self.search.setToolTip(f"Searches texts and file names. {_HOW}")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(140)  # the row belongs to the colours
        self._glass = self.search.addAction(
            theme.current().icon("text-search", theme.current().muted),
            QLineEdit.ActionPosition.LeadingPosition,
        )
        self.search.textChanged.connect(self._written.keep)
        self.search.returnPressed.connect(self.find)
        session.project_changed.connect(lambda _: self.search.setText(self._written.now))
        session.theme_changed.connect(self.apply_theme)
        self.button = IconButton("bookmark-outline", "Keep and export selections",
                                 name="selection-menu")  # fmt: skip
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.menu.setObjectName("selections")
        self.menu.setToolTipsVisible(True)
        self._inside = QMenu("Delete", self.menu)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.button.setMenu(self.menu)

    def apply_theme(self) -> None:
        """Draw the icon anew."""
        self._glass.setIcon(theme.current().icon("text-search", theme.current().muted))

    # ---------------------------------------------------------------- finding

    def find(self) -> None:
        """Select the items whose text or path has the words in the field."""
        project, wanted = self._session.project, self.search.text().strip()
        if project is None or not wanted:
            return
        mode = mode_of(QApplication.keyboardModifiers())

        def make_job(_control: Control) -> Job[Ids]:
            from workbench.stations import find_items

            yield Progress(0, 0, "Finding")
            return find_items(project, containing=wanted)

        def take(found: Ids) -> None:
            if not len(found):
                self._session.noticed.emit("info", f"No text or file name has “{wanted[:60]}”.")
            else:
                self._session.select(found, mode)

        self._finding.ask("Finding", make_job, take)

    # ---------------------------------------------------------------- keeping

    def fill_menu(self) -> None:
        """Offer what can be done with the selection, and the saved ones."""
        menu, project, some = self.menu, self._session.project, len(self._session.selection) > 0
        menu.clear()
        save = menu.addAction("Save the selection…", self.save)
        export = menu.addAction("Export the selection as CSV…", self.export)
        for action in (save, export):
            action.setEnabled(some and project is not None)
        kept = self._read(project)
        if kept:
            menu.addSeparator()
        for name, ids in kept.items():
            action = menu.addAction(f"{_plain(name)}  ({len(ids):,})")
            action.setObjectName(f"saved-{name}")
            action.setToolTip("With Shift it is added, with Alt removed, with both intersected.")
            action.triggered.connect(partial(self._select, ids))
        if kept:
            menu.addSeparator()
            self._inside.clear()
            menu.addMenu(self._inside)
            for name in kept:
                self._inside.addAction(_plain(name), partial(self._delete, name))

    def _read(self, project: "Project | None") -> dict[str, Ids]:
        try:
            return {} if project is None else read_selections(project)
        except WorkbenchError as error:
            self._session.noticed.emit("error", str(error))
            return {}

    def _select(self, ids: Ids, _checked: bool = False) -> None:
        self._session.select(ids, mode_of(QApplication.keyboardModifiers()))

    def save(self) -> None:
        """Ask for a name, and save the selection under it."""
        project, ids = self._session.project, self._session.selection
        if project is None or not len(ids):
            return
        kept = self._read(project)
        number = next(n for n in range(1, len(kept) + 2) if f"selection {n}" not in kept)
        name = ask_name(
            self.button.window(), "Save the selection",
            f"Name of these {words.several(len(ids), 'item')}. One of the same name is replaced.",
            f"selection {number}",
        )  # fmt: skip
        if name is not None:
            self._try(lambda: save_selection(project, name, ids))

    def _delete(self, name: str) -> None:
        project = self._session.project
        if project is not None:
            self._try(lambda: delete_selection(project, name))

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except WorkbenchError as error:
            self._session.noticed.emit("error", str(error))

    # ---------------------------------------------------------------- exporting

    def export(self) -> None:
        """Ask for a file, and write the selection to it."""
        project, ids = self._session.project, self._session.selection
        if project is None or not len(ids):
            return
        chosen = choose_new_file(
            self.button, "Export the selection", "table of items", project.root / "selection.csv",
            "Tables (*.csv)",
        )  # fmt: skip
        if chosen is None:
            return
        path: Path = chosen
        run, figures = self._looking.run, self._looking.figures()
        store = self._session.run_store

        def make_job(control: Control) -> Job[Path | None]:
            from workbench.stations import export_selection

            # the dialog has asked already whether to replace a file
            return (
                yield from export_selection(
                    project, ids, path, run, control, figures=figures, store=store, replace=True
                )
            )

        def take(written: Path | None) -> None:
            if written is not None:
                self._session.noticed.emit(
                    "info", f"{words.several(len(ids), 'item')} exported to {written}."
                )

        # not one in the place of another: each file is wanted
        self._session.start("Exporting the selection", make_job, on_result=take)


def _plain(name: str) -> str:
    return name.replace("&", "&&")
