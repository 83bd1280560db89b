"""The dialog of a new project: its name, its place, and what will be made."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.file_dialogs import choose_folder, last_place, remember_place
from workbench.gui.widgets.text import label, set_role
from workbench.home import home_or_root

PLACE = "new project"
_WHAT = (
    "A project is a folder of its own. It keeps what the workbench makes of your files; the files "
    "stay where they are, and are only read."
)


class NewProjectDialog(QDialog):
    """Asks for a name and a place, and makes the project.

    Parameters
    ----------
    session : Session
    parent : QWidget
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        from workbench.project import free_name

        super().__init__(parent)
        self._session = session
        self.setObjectName("new-project")
        self.setWindowTitle("New project")
        self.setMinimumWidth(540)
        place = last_place(PLACE, home_or_root())
        self.name = QLineEdit(free_name(place))
        self.name.setAccessibleName("Name of the project")
        self.name.selectAll()
        self.place = QLineEdit(str(place))
        self.place.setAccessibleName("Folder in which the project’s folder is made")
        self.says = label("", "muted", wrap=True)
        self.says.setMinimumHeight(2 * self.says.fontMetrics().lineSpacing() + 4)
        self.make_button = Button("Make the project", "check", "primary", self._make)
        self.make_button.setDefault(True)
        self._lay_out()
        self.name.textChanged.connect(self._look)
        self.place.textChanged.connect(self._look)
        self._look()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(8)
        column.addWidget(label(_WHAT, "muted", wrap=True))
        column.addSpacing(6)
        column.addWidget(label("Name"))
        column.addWidget(self.name)
        column.addWidget(label("Place"))
        around = QHBoxLayout()
        around.setSpacing(8)
        around.addWidget(self.place, 1)
        browse = Button("Browse…", "folder-outline", pressed=self._browse)
        around.addWidget(browse)
        column.addLayout(around)
        column.addWidget(self.says)
        column.addSpacing(4)
        cancel = Button("Cancel", pressed=self.reject)
        for button in (browse, cancel):
            button.setAutoDefault(False)
        column.addLayout(row(None, cancel, self.make_button))

    def _browse(self) -> None:
        place = Path(self.place.text())
        start = place if place.is_dir() else None
        chosen = choose_folder(self, "Choose where the project’s folder is made", PLACE, start)
        if chosen is not None:
            self.place.setText(str(chosen))

    def _look(self) -> None:
        """Say what will be made, or why it cannot be."""
        from workbench.project import look_at_place

        self._found = found = look_at_place(Path(self.place.text()), self.name.text())
        self.says.setText(found.problem or f"The folder {found.folder} will be made.")
        set_role(self.says, "warning" if found.problem else "muted")
        self.make_button.setText("Open this project" if found.is_project else "Make the project")
        self.make_button.setEnabled(found.is_project or not found.problem)

    def _make(self) -> None:
        found, session = self._found, self._session
        take = session.open_project if found.is_project else session.create_project
        if take(found.folder):
            remember_place(PLACE, found.folder.parent)
            self.accept()
