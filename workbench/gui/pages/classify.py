"""Classify: items named by classes in words or examples, and how well."""

from typing import ClassVar

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.classifying.classify_state import ClassifyState
from workbench.gui.classifying.result_view import ResultView
from workbench.gui.classifying.setup_panel import SetupPanel
from workbench.gui.pages.page import Page
from workbench.gui.road import State
from workbench.gui.session import Session
from workbench.gui.widgets.scrolling import ScrollingSheet

_LEFT = 310


class ClassifyPage(Page):
    """Zero-shot classification of the items of a run."""

    name: ClassVar[str] = "classify"
    title: ClassVar[str] = "Classify"
    icon: ClassVar[str] = "tag-text-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.classified = state = ClassifyState(session, self)
        self.setup = SetupPanel(state)
        self.result = ResultView(state)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._content())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        session.project_changed.connect(lambda _: self.refresh())
        session.catalogue_changed.connect(self._items_changed)
        session.runs_changed.connect(self.refresh)
        state.work_changed.connect(self.state_changed)
        self.refresh()

    def _content(self) -> QWidget:
        left = ScrollingSheet(self.setup)
        left.setFixedWidth(_LEFT)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(18, 18, 18, 18)
        row.setSpacing(8)
        row.addWidget(left)
        row.addWidget(self.result, 1)
        return content

    def doing(self) -> State | None:
        return "running" if self.classified.busy else None

    def shown(self) -> None:
        """Read which runs there are: the command line may have made some."""
        self.refresh()

    def _items_changed(self) -> None:
        self.classified.forget()
        self.refresh()

    def refresh(self) -> None:
        """Bring the page up to date with the project."""
        if self.show_missing(self._stack) is None and self.isVisible():
            self.classified.refresh()
