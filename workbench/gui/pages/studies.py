"""Studies: one question, many trainings, and how sure the answer is."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.state.kept_sizes import KeptSizes
from workbench.gui.studying.offers_card import OffersCard
from workbench.gui.studying.place_card import PlaceCard
from workbench.gui.studying.studies_state import StudiesState
from workbench.gui.studying.study_list import StudyList
from workbench.gui.studying.study_view import StudyView
from workbench.gui.widgets.scrolling import ScrollingSheet

_LEFT = 330


class StudiesPage(Page):
    """Ready-made studies to start, those there are, and one of them with its figure."""

    name = "studies"
    title = "Studies"
    icon = "flask-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.studies = StudiesState(session, self)
        self.offers, self.place = OffersCard(), PlaceCard(session)
        self.studies.where = self.place.where
        self.view = StudyView(self.studies)
        self.list_card = StudyList(self.studies)
        self.list = self.list_card.table
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
        self.studies.listed_changed.connect(self._show_offers)
        self.studies.work_changed.connect(self._show_work)
        self.offers.start_asked.connect(self.studies.start)
        self.refresh()

    def _content(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.list_card)
        column.addWidget(self.place)
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
        self._show_offers()
        if self.isVisible() and missing is None:
            self.studies.refresh()

    def _show_offers(self) -> None:
        listed = self.studies.listed
        self.offers.show_offers(listed.offers if listed else [])
        self.state_changed.emit()

    def _show_work(self) -> None:
        self.offers.show_busy(self.studies.busy)
        self.state_changed.emit()
