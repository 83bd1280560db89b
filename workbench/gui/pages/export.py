"""Export: take a run's heads home."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.exporting.part_choice import PartChoice
from workbench.gui.exporting.result_card import ResultCard
from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.state.drafts import Drafts
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets import file_dialogs
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.text import label
from workbench.job_process import in_process
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.project import Project, Run


class ExportPage(Page):
    """Choose a run and a folder; see what is written and how it is loaded."""

    name = "export"
    title = "Export"
    icon = "package-variant-closed"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._exporting = JobSlot(session, self)
        self._sizes = JobSlot(session, self)
        self._exported: Path | None = None
        self._typed = Drafts(session, "export-folder", "")  # empty where the folder is ours
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._stack.addWidget(self._sheet())
        session.project_changed.connect(self._open)
        session.runs_changed.connect(self.refresh)
        self._exporting.changed.connect(self._show_busy)
        self.refresh()

    def _sheet(self) -> Sheet:
        sheet = Sheet("Export", "A folder with everything needed to use a run’s heads elsewhere.")
        self.export_button = Button(
            "Export", "package-variant-closed", "primary", self.export, name="export-run"
        )
        sheet.head.addWidget(self.export_button)
        columns = QHBoxLayout()
        columns.setSpacing(14)
        columns.addWidget(self._choice(), 1)
        self.parts = PartChoice()
        columns.addWidget(self.parts, 1)
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
        self.folder.textEdited.connect(self._typed.keep)
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

    def doing(self) -> State | None:
        if self._exporting.busy:
            return "running"
        return "done" if self._exported is not None else None

    def _open(self) -> None:
        self._exported = None
        self.folder.setText(self._typed.now)
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
        self._choose_run()
        self.show_missing(self._stack)

    def _choose_run(self) -> None:
        project, name = self.session.project, self.run_picker.currentText()
        if project is None or not name:
            return
        try:
            self._facts.setText(describe(project.run(name)))
        except WorkbenchError as error:
            self._facts.setText(str(error))
        if not self._typed.now:
            self.folder.setText(str(project.root / "exports" / name))
        self._ask_sizes(project, name)

    def _ask_sizes(self, project: "Project", name: str) -> None:
        """Show how large each part would be, once that is known."""
        self.parts.show_sizes(None)

        def look(_: Control) -> Job[dict[str, int]]:
            from workbench.stations import export_sizes

            yield from ()
            return export_sizes(project, name)

        # a run that cannot be exported is told of when that is tried
        self._sizes.ask("Sizes", look, self.parts.show_sizes, on_error=lambda _: None)

    def _browse(self) -> None:
        chosen = file_dialogs.choose_folder(self, "Choose a folder for the export", "export")
        if chosen is not None:
            self.folder.setText(str(chosen))
            self._typed.keep(str(chosen))

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

        make = _Exporting(project, name, Path(written), self.parts.chosen())
        self._exporting.ask(
            f"Exporting {name}", make, lambda folder: self._done(folder, name), quiet=False
        )

    def _show_busy(self) -> None:
        self.export_button.setEnabled(not self._exporting.busy)
        self.state_changed.emit()

    def _done(self, folder: Path | None, name: str) -> None:
        if folder is None:  # stopped
            return
        self._exported = folder
        project, view = self.session.project, "text"
        if project is not None:
            encoders = project.run(name).recipe().encoders
            view = "text" if "text" in encoders else next(iter(encoders), "text")
        self.result.show_folder(folder, view)
        self.state_changed.emit()


class _Exporting:
    """Makes the job of an export; `kept` is told to whoever stops it."""

    kept = "The folder stays as it was."

    def __init__(self, project: "Project", run_name: str, folder: Path, parts: list[str]) -> None:
        self._asked = project, run_name, folder, parts

    def __call__(self, control: Control) -> Job[Path | None]:
        from workbench.stations import export

        if not self._asked[-1]:
            return export(*self._asked, control=control)
        # elsewhere: loading and tracing encoders would hold up the window
        return in_process(export, *self._asked, control=control)


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
