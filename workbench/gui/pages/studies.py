"""Studies: one question, many trainings, and how sure the answer is."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.state.kept_sizes import KeptSizes
from workbench.gui.studying.offers_card import OffersCard
from workbench.gui.studying.studies_state import StudiesState
from workbench.gui.studying.study_view import StudyView
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.table import Column, RowsModel, RowsTable

Named = tuple[str, str]
_LEFT = 330


class StudiesPage(Page):
    """Ready-made studies to start, those there are, and one of them with its figure."""

    name = "studies"
    title = "Studies"
    icon = "flask-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.studies = StudiesState(session, self)
        self.offers = OffersCard()
        self.view = StudyView(self.studies)
        self.list = _study_table()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._content())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        KeptSizes(session, self).follow(
            "studies", {"below": self.view.split, "cells": self.view.table.horizontalHeader()}
        )
        session.project_changed.connect(lambda _: self.refresh())
        session.catalogue_changed.connect(self.refresh)
        session.settings_changed.connect(lambda _before: self.refresh())
        session.runs_changed.connect(self._estimate_again)
        self.studies.listed_changed.connect(self._show_list)
        self.studies.shown_changed.connect(self._mark_chosen)
        self.studies.work_changed.connect(self._show_work)
        self.offers.start_asked.connect(self.studies.start)
        self.list.current_changed.connect(self._choose)
        self.refresh()

    def _content(self) -> QWidget:
        self._list_card = Card("Studies of this project", "format-list-bulleted")
        self._list_card.body.addWidget(self.list)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self._list_card)
        column.addWidget(self.offers)
        column.addStretch(1)
        scroll = ScrollingSheet(left)
        scroll.setFixedWidth(_LEFT)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(18, 18, 18, 18)
        row.setSpacing(8)
        row.addWidget(scroll)
        row.addWidget(self.view, 1)
        return content

    # --- state -----------------------------------------------------------------------------------

    def doing(self) -> State | None:
        if self.studies.busy:
            return "running"
        listed = self.studies.listed
        return "done" if listed is not None and listed.studies else None

    def progress(self) -> float | None:
        job = self.studies.job
        progress = job.progress if job is not None else None
        return progress.done / progress.total if progress is not None and progress.total else None

    def shown(self) -> None:
        """Read the studies: the command line may have worked at some."""
        if not self.studies.busy:
            self.refresh()

    def _estimate_again(self) -> None:
        """Say anew how long studies take: a run tells of it."""
        if self.isVisible():
            self.shown()

    def refresh(self) -> None:
        """Bring the page up to date with the project; what costs time, where it is looked at."""
        missing = self.show_missing(self._stack)
        self._show_list()
        if self.isVisible() and missing is None:
            self.studies.refresh()

    def _show_list(self) -> None:
        listed = self.studies.listed
        self._list_card.setVisible(listed is not None and bool(listed.studies))
        names = listed.studies if listed else []
        self.list.blockSignals(True)  # the first row is not chosen by being there
        self.list.rows.set_rows(names)
        self.list.blockSignals(False)
        self.list.setFixedHeight(min(34 + 30 * len(names), 214))
        self._mark_chosen()
        self.offers.show_offers(listed.offers if listed else [])
        self.state_changed.emit()

    def _mark_chosen(self) -> None:
        """Put the cursor of the list on the study that is shown."""
        self.list.blockSignals(True)
        for each in self.list.rows.shown:
            if each[0] == self.studies.chosen:
                self.list.choose(each)
        self.list.blockSignals(False)

    def _choose(self) -> None:
        row = self.list.current()
        if row is not None and self.studies.listed is not None:
            self.studies.choose(row[0])

    def _show_work(self) -> None:
        self.offers.show_busy(self.studies.busy)
        self.state_changed.emit()


def _study_table() -> RowsTable[Named]:
    columns: tuple[Column[Named], ...] = (
        Column("Name", lambda row: row[0]),
        Column("Cells", lambda row: row[1].partition(" cells")[0], width=92),
    )
    table = RowsTable(RowsModel(columns, lambda row: row[0], lambda row: row[1]), "Studies")
    table.setObjectName("studies-list")
    return table
