"""Data: the folders of a project, and which items belong together."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout

from workbench.gui import projects, words
from workbench.gui.collecting.pairing.pairing_card import PairingCard
from workbench.gui.collecting.pairing.splitting import SplitCard
from workbench.gui.collecting.preview.alone_dialog import AloneDialog
from workbench.gui.collecting.preview.findings import FindingsCard
from workbench.gui.collecting.preview.live_preview import LivePreview
from workbench.gui.collecting.preview.overview import Overview, OverviewMade, PreviewMade, look_over
from workbench.gui.collecting.preview.problems import ProblemsCard
from workbench.gui.collecting.sources.folders import FoldersCard, source_names
from workbench.gui.collecting.sources.taking import take_again, take_back
from workbench.gui.jobs.garbage import collect_again
from workbench.gui.jobs.gc_pause import steadily
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.drop_hint import DropHint
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.tab_order import order_tabs
from workbench.jobs import Control, Event, Job, Progress
from workbench.media import RECORD_SUFFIXES, Modality

if TYPE_CHECKING:
    from workbench.project import ProjectSettings
    from workbench.stations import ScanReport

_EXPLANATION = (
    "Your folders, which are read but never changed, and which of their files belong together."
)
_NARROW = 920  # below, the two columns go one below the other
_NOTHING = (
    "Drop folders here",
    "Pictures, texts or recordings: the workbench sees from the files what a folder holds. "
    "Tables and captions files can be dropped too. Then scan, to find the items and pair them.",
)


class DataPage(Page):
    """Folders and rules on the left, what they hold on the right."""

    name = "data"
    title = "Data"
    icon = "folder-multiple-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setAcceptDrops(True)
        self.overview = Overview()
        self.outlook: Overview | None = None  # what a scan would give, by the settings as they are
        self._stale = False
        self._scan: RunningJob | None = None
        self._looking = JobSlot(session, self)
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.findings = FindingsCard()
        self.live = LivePreview(session, self.findings.made, self)
        self._stack.addWidget(self._sheet())
        self._drop_hint = DropHint(self)
        self._connect()
        self._open()

    def _sheet(self) -> Sheet:
        sheet = Sheet("Data", _EXPLANATION, width=1320)
        self.scan_button = Button("Scan", "magnify-scan", "primary", self.scan, name="data-scan")
        self.next_button = Button(
            "Continue to Encode",
            "arrow-right",
            "primary",
            lambda: self.session.page_wanted.emit("encode"),
            name="data-next",
        )
        self.undo_button = IconButton("undo", "", lambda: take_back(self.session), name="data-undo")
        self.redo_button = IconButton(
            "redo", "", lambda: take_again(self.session), name="data-redo"
        )
        for button in (self.undo_button, self.redo_button):
            sheet.head.addWidget(button)
        sheet.head.addWidget(self.scan_button)
        sheet.head.addWidget(self.next_button)
        self.folders = FoldersCard(self.session)
        self.pairing = PairingCard(self.session)
        self.splitting = SplitCard(self.session)
        self.problems = ProblemsCard(self.session)
        self.nothing = EmptyState("folder-arrow-down-outline", *_NOTHING, framed=True)
        self.nothing.setMinimumHeight(300)
        self.add_button = self.nothing.add_action("Add folder or file", self._offer, "plus")
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, cards in (
            (left, (self.folders, self.pairing, self.splitting)),
            (right, (self.findings, self.problems, self.nothing)),
        ):
            column.setSpacing(14)
            for card in cards:
                column.addWidget(card)
            column.addStretch(1)
        self._columns = QHBoxLayout()
        self._columns.setSpacing(14)
        self._columns.addLayout(left, 5)
        self._columns.addLayout(right, 7)
        sheet.column.addLayout(self._columns)
        sheet.column.addStretch(1)
        self.sheet = sheet
        return sheet

    def _offer(self) -> None:
        """Show below the button what can be added."""
        self.folders.menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def _connect(self) -> None:
        self.folders.changed.connect(self.pairing.refresh)
        self.folders.changed.connect(self._settings_changed)
        self.folders.left_out_wanted.connect(self._show_left_out)
        self.folders.unfolded.connect(self._order_tabs)
        self.pairing.changed.connect(self._settings_changed)
        self.findings.alone_wanted.connect(self._show_alone)
        self.live.busy_changed.connect(self._show_busy)
        self.live.progressed.connect(self._show_progress)
        self.live.seen.connect(self._take_outlook)
        self.live.previewed.connect(self.findings.show_content)
        self.live.failed.connect(lambda sentence: self.findings.say(sentence, "bad"))
        self.session.project_changed.connect(self._open)
        self.session.settings_changed.connect(self._show_settings)
        self.session.catalogue_changed.connect(self.refresh)
        self.session.settings_history.changed.connect(self._show_history)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        directions = QBoxLayout.Direction
        self._columns.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)

    # --- state -----------------------------------------------------------------------------------

    def doing(self) -> State | None:
        if self._scan is not None:
            return "running"
        standing = self.session.road.standing
        unseen = self._stale or bool(self.overview.left_out)
        return "attention" if standing.sources and unseen else None

    def _open(self) -> None:
        self.live.stop(forget=True)
        collect_again()
        self.overview, self.outlook, self._stale = Overview(), None, False
        self.show_missing(self._stack)
        self._show_cards()
        self._show_history()
        self.findings.say("")
        self._show()
        self.refresh()

    def _show_cards(self) -> None:
        for card in (self.folders, self.pairing, self.splitting):
            card.refresh()

    def _show_settings(self, before: "ProjectSettings") -> None:
        """Show settings that another program has changed."""
        project = self.session.project
        if project is None:
            return
        self._show_cards()
        now = project.settings
        if (now.sources, now.pairings) != (before.sources, before.pairings):
            self._settings_changed()
        if self.overview.pairs:
            self.splitting.count()
        self._show()

    def refresh(self) -> None:
        """Count again what the catalogue holds, in the background."""
        project = self.session.project
        if project is not None:
            self._looking.ask(
                "Looking",
                lambda control: steadily(look_over(project, control)),
                on_event=self._hear,
            )

    def _hear(self, event: Event) -> None:
        if isinstance(event, OverviewMade):
            self._take_overview(event.overview)
        elif isinstance(event, PreviewMade):
            self.findings.show_content(event.item, event.content)

    def _take_overview(self, overview: Overview) -> None:
        self.overview = overview
        self.splitting.setVisible(bool(overview.pairs))
        if overview.pairs:
            self.splitting.count()
        project = self.session.project
        if not overview.items and project is not None and project.settings.sources:
            self.live.look()  # so that folders tell what they hold before they are scanned
        self._show()

    def _take_outlook(self, outlook: Overview) -> None:
        self.outlook = outlook
        self._show()

    def _show(self) -> None:
        """Show what the catalogue holds or, where that is out of date, the outlook."""
        project = self.session.project
        ahead = self._stale or not self.overview.items
        shown = self.outlook if ahead and self.outlook is not None else self.overview
        sources = project.settings.sources if project is not None else []
        self.splitting.setVisible(bool(self.overview.pairs))
        self.findings.setVisible(bool(shown.items))
        self.nothing.setVisible(not shown.items)
        if len(shown.sources) == len(sources):  # else a look at those that are there now follows
            self.findings.show_overview(shown, sources)
            self.folders.show_overview(shown)
            self.problems.show_problems(shown.left_out)
        if not self.live.busy:
            self.pairing.show_overview(shown)
        self._say_whether_scanned()
        self._show_scan_button()
        self._show_busy()
        self.state_changed.emit()

    def _say_whether_scanned(self) -> None:
        if self.overview.items and self._stale:
            self.findings.say(
                "The folders or rules have changed: this is what a scan would find.", "warning"
            )
        elif not self.overview.items and self.outlook is not None:
            self.findings.say("Not scanned yet: this is what a scan would find.")

    def _show_scan_button(self) -> None:
        project = self.session.project
        ready = project is not None and bool(project.settings.sources)
        self.scan_button.setEnabled(ready and self._scan is None)
        again = bool(self.overview.items) and not self._stale
        self.scan_button.setText("S&can again" if again else "S&can")
        self.scan_button.set_kind("" if again else "primary")
        self.next_button.setVisible(again)
        self._order_tabs()

    def _show_busy(self) -> None:
        busy = self.live.busy
        self.pairing.show_busy(busy)
        self.findings.busy.setVisible(busy)
        project = self.session.project
        title, sentence = _NOTHING
        if project is not None and project.settings.sources:
            title = "Looking into the folders…" if busy else "Nothing found yet"
            sentence = (
                "You can drop more folders here meanwhile."
                if busy
                else "The folders hold no items that can be read. See the messages on the left, "
                "or drop others here."
            )
        self.add_button.setVisible(project is None or not project.settings.sources)
        self.nothing.title.setText(title)
        self.nothing.sentence.setText(sentence)

    def _show_progress(self, progress: Progress) -> None:
        if progress.done:
            said = f"{progress.message}: {words.several(progress.done, 'item')} so far"
            self.nothing.sentence.setText(said)

    def _settings_changed(self) -> None:
        project = self.session.project
        self._stale, self.outlook = True, None
        if project is not None and project.settings.sources:
            self.live.look()
        else:
            self.live.stop(forget=True)
            self.outlook = Overview(scanned=False)
        self._show()

    def _show_left_out(self, number: int) -> None:
        project = self.session.project
        if project is not None:
            name = source_names(project.settings.sources)[number]
            self.problems.show_only(number, name)
            self.sheet.ensureWidgetVisible(self.problems)
            self.problems.table.setFocus()

    def _show_history(self) -> None:
        """Show what can be undone; a button that cannot be used stays where it is."""
        history = self.session.settings_history
        for button, verb, what in (
            (self.undo_button, "Undo", history.next_undo()),
            (self.redo_button, "Redo", history.next_redo()),
        ):
            button.setEnabled(bool(what))
            button.set_tip(f"{verb} the change of {what}" if what else f"Nothing to {verb.lower()}")

    def _show_alone(self, modality: Modality) -> None:
        """List the items of a modality that are in no pair."""
        overview = self.overview
        dialog = AloneDialog(
            self.session, modality, overview.alone.get(modality, []),
            overview.unpaired.get(modality, 0), self,
        )  # fmt: skip
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _order_tabs(self) -> None:
        order_tabs(self.sheet.column)

    # --- scan ------------------------------------------------------------------------------------

    def scan(self) -> None:
        """Find the items and pair them, as a job."""
        project = self.session.project
        if project is None or self._scan is not None:
            return
        self.live.stop()

        def make(control: Control) -> "Job[ScanReport]":
            from workbench.stations import scan

            return steadily(scan(project, control))

        settings = project.settings
        self._scan = self.session.start(
            "Scanning",
            make,
            on_result=lambda report: self._scanned(report, project.settings is settings),
            on_error=self._failed,
            notices=False,  # the table below the counts has them, and has room
        )
        self._show_scan_button()
        self.state_changed.emit()

    def _scanned(self, report: "ScanReport", as_it_is: bool) -> None:
        stopped = self._scan is not None and self._scan.control.stopping
        self._scan = None
        self._stale = stopped or not as_it_is
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
        self.live.stop(forget=True)  # it read the folders as they were before
        if self._stale:
            self.live.look()
        self.session.catalogue_changed.emit()
        if not report.items and not stopped:
            self.session.noticed.emit(
                "warning", "The scan found no items. Check the folders and their options."
            )

    def _failed(self, sentence: str) -> None:
        self._scan = None
        self._show_scan_button()
        self.state_changed.emit()
        self.session.noticed.emit("error", sentence)

    # --- dropping folders and files --------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = self._dropped(event)
        if paths:
            event.acceptProposedAction()
            names = words.listed([path.name for path in paths[:4]])
            more = f" and {len(paths) - 4:,} more" if len(paths) > 4 else ""
            self._drop_hint.say(f"Drop to add {names}{more}")
        else:
            event.ignore()  # a project folder is the window's business

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        self.folders.drop(self._dropped(event))
        event.acceptProposedAction()

    def _dropped(self, event: QDropEvent) -> list[Path]:
        if self.session.project is None:
            return []
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        return [
            path
            for path in paths
            if path.suffix.lower() in RECORD_SUFFIXES
            or (path.is_dir() and not projects.is_project(path))
        ]
