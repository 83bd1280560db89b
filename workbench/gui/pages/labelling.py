"""Label: which pairs to make next, which given ones are in doubt, and what that has brought."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QHideEvent
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.items.previews import Previews
from workbench.gui.labelling.again_state import AgainState
from workbench.gui.labelling.doubts_state import DoubtsState
from workbench.gui.labelling.labelling_state import LabellingState
from workbench.gui.labelling.next_pairs import NextPairs
from workbench.gui.labelling.pairs_in_doubt import PairsInDoubt
from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.sounds.player import Player
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import row
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.project import Project

_TABS = (
    ("next", "Next pairs", "Items whose pairing would help most, one after another"),
    ("doubts", "Suspicious pairs", "Given pairs that all the others speak against"),
)


class LabellingPage(Page):
    """The page on which pairs are made by hand."""

    name: ClassVar[str] = "label"
    title: ClassVar[str] = "Label"
    icon: ClassVar[str] = "link-variant-plus"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.labelling = LabellingState(session, self)
        self.doubts = DoubtsState(session, self)
        self.again = AgainState(session, self)
        self.previews = Previews(self)
        self.player = Player(session, self)
        self.next = NextPairs(self.labelling, self.previews, self.player)
        self.in_doubt = PairsInDoubt(self.doubts, self.player)
        self.runs = combo("label-run", "The run that proposes", widest=220)
        self.counts = label("", "muted", name="label-counts")
        history = session.answer_history
        self.undo = IconButton("undo", "Undo the last answer", history.undo, name="label-undo")
        self.redo = IconButton("redo", "Give it again", history.redo, name="label-redo")
        self.train = Button(
            "Train again with these", "school-outline", "", self.again.train, name="label-train",
            tip="With the settings of the run, and your answers since",
        )  # fmt: skip
        self.gain = label("", wrap=True, name="label-gain")
        self._answers_told = True  # whether the other pages know of all answers
        self._views: list[str] = []
        self._tabs = QStackedWidget()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._lay_out())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()
        self.refresh()

    def _lay_out(self) -> QWidget:
        self._tabs.addWidget(self.next)
        self._tabs.addWidget(self.in_doubt)
        group = QButtonGroup(self)
        self.tabs: dict[str, Button] = {}
        for number, (name, title, tip) in enumerate(_TABS):
            button = Button(title, "", "segment", name=f"label-tab-{name}", tip=tip)
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.clicked.connect(lambda _=False, number=number: self.show_tab(number))
            group.addButton(button)
            self.tabs[name] = button
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(10)
        column.addLayout(
            row(*self.tabs.values(), 8, self.runs, None, self.counts, self.undo, self.redo)
        )
        column.addWidget(self._tabs, 1)
        last = row(self.train, 4)
        last.addWidget(self.gain, 1, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(last)
        return whole

    def _connect(self) -> None:
        session, history = self.session, self.session.answer_history
        session.project_changed.connect(self._change_project)
        session.catalogue_changed.connect(self._change_items)
        session.runs_changed.connect(self._refresh_if_seen)
        session.answers_changed.connect(self._note_answer)
        session.road.changed.connect(self._refresh_if_seen)
        self.labelling.told_changed.connect(self._show_counts)
        self.again.changed.connect(self._show_again)
        self.runs.activated.connect(self._choose_run)
        for button, can, changed in (
            (self.undo, history.canUndo, history.canUndoChanged),
            (self.redo, history.canRedo, history.canRedoChanged),
        ):
            button.setEnabled(can())
            changed.connect(button.setEnabled)

    def show_tab(self, number: int) -> None:
        """Show the next pairs, or those in doubt."""
        self._tabs.setCurrentIndex(number)
        (self.next, self.in_doubt.list)[number].setFocus()

    # --- state -----------------------------------------------------------------------------------

    def doing(self) -> State | None:
        return "running" if self.again.busy else None

    def shown(self) -> None:
        """Read what may have changed, and ask about something."""
        self.refresh()
        if self._tabs.currentIndex() == 0:
            self.next.setFocus()

    def _change_project(self, _project: object) -> None:
        self.player.stop()
        self.previews.clear()
        self._answers_told = True
        self._refresh_if_seen()

    def _change_items(self) -> None:
        self.previews.clear()
        self._refresh_if_seen()

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self.refresh()
        else:
            self.show_missing(self._stack)

    def refresh(self) -> None:
        """Bring the page up to date with the project; nothing is proposed while it is hidden."""
        project = self.session.project
        if self.show_missing(self._stack) is not None or project is None:
            return
        if self.isVisible():
            self._show_runs(project)
            self.labelling.refresh()
            self.again.count()
        self._show_counts()

    def _show_runs(self, project: "Project") -> None:
        from workbench.stations.labelling.proposals import strategies

        names = [run.name for run in reversed(project.runs()) if run.has_heads()]
        self.runs.blockSignals(True)
        self.runs.clear()
        self.runs.addItems(names)
        chosen = self.session.current_run or ""
        self.runs.setCurrentIndex(names.index(chosen) if chosen in names else -1)
        self.runs.blockSignals(False)
        views = self.session.road.standing.views
        if views != self._views:
            self._views = views
            self.next.show_choices(views, [(each.name, each.words) for each in strategies()])

    def _choose_run(self) -> None:
        self.session.set_current_run(self.runs.currentText())
        self.next.setFocus()

    def _show_counts(self) -> None:
        state = self.labelling
        self.counts.setText(
            f"{state.answered:,} answered, {state.paired:,} paired" if state.answered else ""
        )

    def _show_again(self) -> None:
        more, fewer = self.again.more, self.again.fewer
        self.train.setEnabled(bool(more or fewer) and not self.again.busy)
        gain = self.again.gain
        if gain is not None and not more and not fewer:
            self.gain.setText(gain.sentence())
        elif more or fewer:
            parts = [words.several(more, "pair")] if more else []
            parts += [f"{fewer:,} taken apart"] if fewer else []
            self.gain.setText(f"Since the run was begun: {words.listed(parts)}.")
        else:
            self.gain.setText("")
        self.state_changed.emit()

    # --- answers ---------------------------------------------------------------------------------

    def _note_answer(self, _told: object) -> None:
        self._answers_told = False
        if self.isVisible():
            self.again.count()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if (
            not self._answers_told and not event.spontaneous()
        ):  # once, and not with each answer: all that is known is read anew
            self._answers_told = True
            self.session.catalogue_changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._answers_told = True
        self.player.stop()
        self.previews.finish()
        super().closeEvent(event)
