"""Export: take a run's heads home."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout

from workbench.errors import WorkbenchError
from workbench.gui import projects, words
from workbench.gui.desktop import show_in_files
from workbench.gui.pages.page import Page, State
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.project import Run

_FILES = (
    ("weight", "heads.safetensors", "The trained heads: plain arrays, no code, no pickle."),
    ("code-json", "config.json", "Encoders with revisions, the recipe, and the held-out scores."),
    ("language-python", "load_heads.py", "A loader that needs only numpy and safetensors."),
    ("text-box-outline", "README.md", "How to use them, for whoever receives the folder."),
)
_SNIPPET = """\
import sys
sys.path.insert(0, {folder!r})
from load_heads import load_heads

heads = load_heads({folder!r})
rows = heads.embed({view!r}, embeddings)  # frozen embeddings in, unit rows of the joint space out
"""


class ExportPage(Page):
    """Choose a run and a folder; see what is written and how it is loaded."""

    name = "export"
    title = "Export"
    icon = "package-variant-closed"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._exporting = JobSlot(session, self)
        self._exported: Path | None = None
        self._folder_is_ours = True
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._stack.addWidget(self._no_runs())
        self._stack.addWidget(self._sheet())
        session.project_changed.connect(self._open)
        session.runs_changed.connect(self.refresh)
        self._exporting.changed.connect(self._show_busy)
        self.refresh()

    def _no_runs(self) -> EmptyState:
        empty = EmptyState(
            "package-variant-closed",
            "Nothing to export yet",
            "What is exported are the heads of a trained run. Train one first; a few minutes are "
            "enough for a first look.",
        )
        empty.add_action("Go to Train", lambda: self.session.page_wanted.emit("train"))
        return empty

    def _sheet(self) -> Sheet:
        sheet = Sheet("Export", "A folder with everything needed to use a run’s heads elsewhere.")
        self.export_button = Button(
            "Export", "package-variant-closed", "primary", self.export, name="export-run"
        )
        sheet.head.addWidget(self.export_button)
        columns = QHBoxLayout()
        columns.setSpacing(14)
        columns.addWidget(self._choice(), 1)
        columns.addWidget(_contents(), 1)
        sheet.column.addLayout(columns)
        self.result = ResultCard()
        sheet.column.addWidget(self.result)
        sheet.column.addStretch(1)
        return sheet

    def _choice(self) -> Card:
        card = Card("Which run, and where to", "source-branch")
        self.run_picker = ComboBox()
        self.run_picker.setObjectName("export-run-picker")
        self.run_picker.setAccessibleName("Run to export")
        self.run_picker.currentIndexChanged.connect(self._choose_run)
        self._facts = label("", "caption", wrap=True)
        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder to export to")
        self.folder.setObjectName("export-folder")
        self.folder.textEdited.connect(self._folder_edited)
        browse = Button("Browse…", "folder-outline", pressed=self._browse)
        card.body.addWidget(label("Run", "muted"))
        card.body.addWidget(self.run_picker)
        card.body.addWidget(self._facts)
        card.body.addSpacing(4)
        card.body.addWidget(label("Folder", "muted"))
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(browse)
        card.body.addLayout(place)
        card.body.addWidget(label("New, empty, or holding an earlier export.", "caption"))
        card.body.addStretch(1)
        return card

    # --- state -----------------------------------------------------------------------------------

    def state(self) -> State:
        if self.run_picker.count() == 0:
            return "empty"
        if self._exporting.busy:
            return "running"
        return "done" if self._exported is not None else "ready"

    def _open(self) -> None:
        self._exported, self._folder_is_ours = None, True
        self.result.hide()
        self.refresh()

    def refresh(self) -> None:
        """Show the runs as the project has them."""
        project = self.session.project
        runs = [run for run in project.runs() if run.has_heads()] if project else []
        self.run_picker.blockSignals(True)
        self.run_picker.clear()
        for run in reversed(runs):
            self.run_picker.addItem(run.name)
        wanted = self.run_picker.findText(self.session.current_run or "")
        self.run_picker.setCurrentIndex(max(0, wanted) if runs else -1)
        self.run_picker.blockSignals(False)
        self._stack.setCurrentIndex(1 if runs else 0)
        self._choose_run()
        self.state_changed.emit()

    def _choose_run(self) -> None:
        project, name = self.session.project, self.run_picker.currentText()
        if project is None or not name:
            return
        try:
            self._facts.setText(describe(project.run(name)))
        except WorkbenchError as error:
            self._facts.setText(str(error))
        if self._folder_is_ours:
            self.folder.setText(str(project.root / "exports" / name))

    def _folder_edited(self) -> None:
        self._folder_is_ours = False

    def _browse(self) -> None:
        chosen = projects.choose_folder(self, "Choose a folder for the export")
        if chosen is not None:
            self.folder.setText(str(chosen))
            self._folder_is_ours = False

    # --- export ----------------------------------------------------------------------------------

    def export(self) -> None:
        """Write the chosen run into the chosen folder, as a job."""
        project, name = self.session.project, self.run_picker.currentText()
        written = self.folder.text().strip()
        if project is None or not name or self._exporting.busy:
            return
        if not written:
            self.session.noticed.emit("warning", "Choose a folder to export to.")
            return

        def make(control: Control) -> Job[Path]:
            from workbench.stations import export

            return export(project, name, Path(written), control=control)

        self._exporting.ask(
            f"Exporting {name}", make, lambda folder: self._done(folder, name), quiet=False
        )

    def _show_busy(self) -> None:
        self.export_button.setEnabled(not self._exporting.busy)
        self.state_changed.emit()

    def _done(self, folder: Path, name: str) -> None:
        self._exported = folder
        project, view = self.session.project, "text"
        if project is not None:
            encoders = project.run(name).recipe().encoders
            view = "text" if "text" in encoders else next(iter(encoders), "text")
        self.result.show_folder(folder, view)
        self.state_changed.emit()


class ResultCard(Card):
    """Where the bundle lies, and how it is loaded."""

    def __init__(self) -> None:
        super().__init__("Exported", "check-circle-outline", "good")
        self._place = ElidedLabel("", "mono")
        self._open = Button("Open folder", "folder-open-outline")
        self._open.clicked.connect(lambda: show_in_files(Path(self._place.text())))
        self._copy = IconButton("content-copy", "Copy the lines below", self._copy_lines)
        self.code = label("", "mono")
        self.code.setObjectName("export-snippet")
        well = Card()
        well.setProperty("role", "well")
        head = QHBoxLayout()
        head.addWidget(label("In Python", "caption"), 1)
        head.addWidget(self._copy)
        well.body.addLayout(head)
        well.body.addWidget(self.code)
        top = QHBoxLayout()
        top.addWidget(self._place, 1)
        top.addWidget(self._open)
        self.body.addLayout(top)
        self.body.addWidget(well)
        self.hide()

    def show_folder(self, folder: Path, view: str) -> None:
        """Show a finished export."""
        self._place.setText(str(folder))
        self.code.setText(_SNIPPET.format(folder=str(folder), view=view).rstrip())
        self._copy.set_icon("content-copy")
        self.show()

    def _copy_lines(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text() + "\n")
        self._copy.set_icon("check")


def describe(run: "Run") -> str:
    """Say in a line what a run is and how well it retrieves."""
    recipe = run.recipe()
    parts = [recipe.method, words.listed(sorted(recipe.encoders))]
    if recipe.pairs is not None:
        parts.append(words.several(recipe.pairs, "pair"))
    elif recipe.split.labels is not None:
        parts.append(f"{words.several(recipe.split.labels, 'label')} in all")
    for direction, figures in run.report().get("retrieval", {}).items():
        recall = figures.get("recall@10")
        if recall is not None:
            parts.append(f"{direction} R@10 {recall:.0%}")
    return " · ".join(part for part in parts if part)


def _contents() -> Card:
    card = Card("What is written", "file-multiple-outline")
    card.body.setSpacing(11)
    for icon, name, sentence in _FILES:
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(label(name, "mono"))
        lines.addWidget(label(sentence, "muted", wrap=True))
        entry = row(Icon(icon, 20, "accent"), spacing=11)
        entry.addLayout(lines, 1)
        card.body.addLayout(entry)
    card.body.addStretch(1)
    return card
