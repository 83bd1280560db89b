"""Data: the folders of a project, and which items belong together."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from workbench.gui import projects, words
from workbench.gui.collecting.findings import FindingsCard, ProblemsCard
from workbench.gui.collecting.folders import FoldersCard
from workbench.gui.collecting.overview import Overview, OverviewMade, PreviewMade, look_over
from workbench.gui.collecting.pairing import PairingCard
from workbench.gui.collecting.splitting import SplitCard
from workbench.gui.pages.page import Page, State
from workbench.gui.session import RunningJob, Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.sheet import Sheet
from workbench.jobs import Control, Event, Job

if TYPE_CHECKING:
    from workbench.stations import ScanReport

_EXPLANATION = "Your folders, read but never changed, and which of their files belong together."


class DataPage(Page):
    """Folders on the left, what they hold on the right."""

    name = "data"
    title = "Data"
    icon = "folder-multiple-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setAcceptDrops(True)
        self.overview = Overview()
        self._problems: list[tuple[str, str]] = []
        self._stale = False
        self._scan: RunningJob | None = None
        self._look: RunningJob | None = None
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._stack.addWidget(self._no_project())
        self._stack.addWidget(self._sheet())
        session.project_changed.connect(self._open)
        session.catalogue_changed.connect(self.refresh)
        self._open()

    def _no_project(self) -> EmptyState:
        empty = EmptyState(
            "folder-multiple-outline",
            "No project is open",
            "A project keeps track of your folders, embeddings and runs. Make one, open one, or "
            "try the sample.",
        )
        empty.add_action("Go to Start", lambda: self.session.page_wanted.emit("start"))
        return empty

    def _sheet(self) -> Sheet:
        sheet = Sheet("Data", _EXPLANATION, width=1320)
        self.scan_button = Button("Scan", "magnify-scan", "primary", self.scan, name="data-scan")
        self.next_button = Button(
            "Go on to Encode",
            "arrow-right",
            "primary",
            lambda: self.session.page_wanted.emit("encode"),
            name="data-next",
        )
        sheet.head.addWidget(self.scan_button)
        sheet.head.addWidget(self.next_button)
        self.folders = FoldersCard(self.session)
        self.pairing = PairingCard(self.session)
        self.splitting = SplitCard(self.session)
        self.findings = FindingsCard()
        self.problems = ProblemsCard()
        self.folders.changed.connect(self._settings_changed)
        self.folders.changed.connect(self.pairing.refresh)
        self.pairing.changed.connect(self._settings_changed)
        self.nothing = EmptyState(
            "folder-arrow-down-outline",
            "Drop folders here",
            "Pictures, texts or recordings: what a folder holds is seen from its files. "
            "Then scan, to find the items and pair them.",
            framed=True,
        )
        self.nothing.setMinimumHeight(300)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, cards in (
            (left, (self.folders, self.pairing, self.splitting)),
            (right, (self.findings, self.problems, self.nothing)),
        ):
            column.setSpacing(14)
            for card in cards:
                column.addWidget(card)
            column.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(14)
        columns.addLayout(left, 5)
        columns.addLayout(right, 7)
        sheet.column.addLayout(columns)
        sheet.column.addStretch(1)
        return sheet

    # --- state -----------------------------------------------------------------------------------

    def state(self) -> State:
        if self.session.project is None:
            return "empty"
        if self._scan is not None:
            return "running"
        if not self.session.project.settings.sources:
            return "ready"
        if self._stale or not self.overview.items or self._problems:
            return "attention"
        return "done"

    def _open(self) -> None:
        project = self.session.project
        self.overview, self._problems = Overview(), []
        self._stack.setCurrentIndex(0 if project is None else 1)
        for card in (self.folders, self.pairing, self.splitting):
            card.refresh()
        self.findings.say("")
        self._stale = False
        self._show_overview(self.overview)
        self.refresh()

    def refresh(self) -> None:
        """Count again what the catalogue holds, in the background."""
        project = self.session.project
        if project is None:
            return
        if self._look is not None and self._look.running:
            self._look.stop()

        def hear(event: Event) -> None:
            if self.session.project is not project:
                return
            if isinstance(event, OverviewMade):
                self._show_overview(event.overview)
            elif isinstance(event, PreviewMade):
                self.findings.show_content(event.item, event.content)

        self._look = self.session.start(
            "Looking", lambda control: look_over(project, control), on_event=hear, quiet=True
        )

    def _show_overview(self, overview: Overview) -> None:
        self.overview = overview
        self.findings.show_overview(overview)
        self.findings.setVisible(bool(overview.items))
        self.nothing.setVisible(not overview.items)
        self.folders.show_counts(overview.per_source if overview.items else [])
        self.splitting.setVisible(bool(overview.pairs))
        self.splitting.show_pairs(sum(overview.pairs.values()))
        self.problems.show_problems([*self._problems, *overview.problems])
        self._show_scan_button()
        self.state_changed.emit()

    def _show_scan_button(self) -> None:
        project = self.session.project
        ready = project is not None and bool(project.settings.sources)
        self.scan_button.setEnabled(ready and self._scan is None)
        again = bool(self.overview.items) and not self._stale
        self.scan_button.setText("Scan again" if again else "Scan")
        self.scan_button.set_kind("" if again else "primary")
        self.next_button.setVisible(again)
        if ready and not self.overview.items:
            self.nothing.title.setText("Not scanned yet")
            self.nothing.sentence.setText(
                "Scan to find the items in the folders and pair them. "
                "You can drop more folders here first."
            )
        else:
            self.nothing.title.setText("Drop folders here")

    def _settings_changed(self) -> None:
        self._stale = True
        if self.overview.items:
            self.findings.say("The folders or rules have changed: scan again.", "warning")
        self._show_scan_button()
        self.state_changed.emit()

    # --- scan ------------------------------------------------------------------------------------

    def scan(self) -> None:
        """Find the items and pair them, as a job."""
        project = self.session.project
        if project is None or self._scan is not None:
            return

        def make(control: Control) -> "Job[ScanReport]":
            from workbench.stations import scan

            return scan(project, control)

        self._scan = self.session.start(
            "Scanning",
            make,
            on_result=self._scanned,
            on_error=self._failed,
            notices=False,  # the table below the counts has them, and has room
        )
        self._show_scan_button()
        self.state_changed.emit()

    def _scanned(self, report: "ScanReport") -> None:
        self._scan, self._stale = None, False
        self._problems = list(report.problems)
        changes = report.changes
        parts = (
            (changes.new, "new"),
            (changes.changed, "changed"),
            (changes.vanished, "vanished"),
            (changes.unchanged, "as before"),
        )
        said = words.listed([f"{count:,} {what}" for count, what in parts if count])
        self.findings.say(f"The last scan: {said}." if said else "The last scan found nothing.")
        self._show_scan_button()
        self.state_changed.emit()
        self.session.catalogue_changed.emit()
        if not report.items:
            self.session.noticed.emit(
                "warning", "The scan found no items. Check the folders and their options."
            )

    def _failed(self, sentence: str) -> None:
        self._scan = None
        self._show_scan_button()
        self.state_changed.emit()
        self.session.noticed.emit("error", sentence)

    # --- dropping folders ------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event):
            event.acceptProposedAction()
        else:
            event.ignore()  # a project folder is the window's business

    def dropEvent(self, event: QDropEvent) -> None:
        for folder in self._dropped(event):
            self.folders.add(folder)
        event.acceptProposedAction()

    def _dropped(self, event: QDropEvent) -> list[Path]:
        if self.session.project is None:
            return []
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        return [path for path in paths if path.is_dir() and not projects.is_project(path)]
