"""What was classified: figures, classes, the confusion matrix, and what they rest on."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.classifying.classify_state import LABELS, ClassifyState
from workbench.gui.classifying.confusion_plot import ConfusionPlot
from workbench.gui.classifying.result_tables import ClassTable, Headline
from workbench.gui.picturing.source import PictureSource
from workbench.gui.road import pages_named
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.file_dialogs import choose_folder
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.gui.words import several

_AT_WORK = "Classifying…"
_NOTHING_YET = (
    "Choose where classes come from, and press Classify. Each item is named by the class whose "
    "words, or examples, lie nearest to it in the shared space of a run."
)
_MOST_HEADLINE = 236  # pixels; more runs are scrolled
_SHEETS = ("Confusion", "Classes", "What it rests on")


class ResultView(Card):
    """The right side of the page.

    Parameters
    ----------
    state : ClassifyState
    """

    def __init__(self, state: ClassifyState) -> None:
        super().__init__("Named by the nearest class", "tag-text-outline")
        self.setObjectName("classify-result")
        self._state = state
        self.run = combo("classify-run", "Whose classes are shown", narrowest=110, widest=210)
        self.run.activated.connect(lambda _: state.show_run(str(self.run.currentData())))
        self.save_button = Button("Save tables…", "download-outline", "", self._save,
                                  name="classify-save")  # fmt: skip
        self.head.addWidget(self.save_button)
        self.headline = Headline()
        self.table = ClassTable()
        self.confusion = ConfusionPlot()
        self.remarks = label("", wrap=True, name="classify-remarks")
        self.remarks.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.remarks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._selected = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self._to_maps = Button(
            "Show on the maps", "compass-outline", "link",
            lambda: state.session.page_wanted.emit("explore"), name="classify-to-maps",
        )  # fmt: skip
        self._stack = QStackedWidget()
        self._lay_out()
        PictureSource(
            self.confusion, state.session, "Confusion matrix", self.confusion.chart,
            self.confusion.plot.viewport(),
        )  # fmt: skip
        self.table.class_chosen.connect(self._choose_class)
        self.confusion.chosen.connect(state.select_cell)
        state.found_changed.connect(self.refresh)
        state.work_changed.connect(self._show_work)
        state.session.selection_changed.connect(self._show_selected)
        state.session.theme_changed.connect(self.confusion.draw)
        self.refresh()

    def _lay_out(self) -> None:
        sheets = QStackedWidget()
        for sheet in (self.confusion, self.table, ScrollingSheet(self.remarks)):
            sheets.addWidget(sheet)
        head = QHBoxLayout()
        head.setSpacing(2)
        self._group = QButtonGroup(self)
        for number, title in enumerate(_SHEETS):
            button = Button(title, "", "segment", name=f"classify-sheet-{number}")
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.clicked.connect(lambda _=False, number=number: sheets.setCurrentIndex(number))
            self._group.addButton(button, number)
            head.addWidget(button)
        head.addStretch(1)
        head.addWidget(self.run)
        self._above = ScrollingSheet(self.headline)
        self._above.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        foot = QHBoxLayout()
        foot.addWidget(self._selected, 1)
        foot.addWidget(self._to_maps)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._above)
        column.addLayout(head)
        column.addWidget(sheets, 1)
        column.addLayout(foot)
        self._stack.addWidget(content)
        self._progress = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self.body.addWidget(self._progress)
        self.body.addWidget(self._stack, 1)

    # ---------------------------------------------------------------- shown

    def refresh(self) -> None:
        """Show what was found, or why nothing was."""
        state, found, run = self._state, self._state.found, self._state.shown_run()
        self._show_instead(found is None)
        self.save_button.setVisible(found is not None)
        self.headline.show_found(found)
        high = self.headline.needed_height()
        self._above.setFixedHeight(min(high + 4, _MOST_HEADLINE))
        self.run.clear()
        for each in found.runs if found is not None else []:
            self.run.addItem(each.words, each.name)
        self.run.setCurrentIndex(max(0, self.run.findData(state.shown)))
        self.run.setVisible(self.run.count() > 1)
        self.confusion.show_run(run)
        self._show_rows()
        self.remarks.setText("\n\n".join(self._sentences()))
        self._show_selected()

    def _show_rows(self) -> None:
        run = self._state.shown_run()
        if run is None:
            self.table.show_rows([])
            return
        from workbench.stations import class_rows

        self.table.show_rows(class_rows(run))

    def _sentences(self) -> list[str]:
        found = self._state.found
        if found is None:
            return []
        templates = ", ".join(f"“{each}”" for each in found.templates)
        said = [f"Templates: {templates}."] if templates else []
        for run in found.runs:
            said += [*run.remarks, *([run.sentence] if run.sentence else [])]
        return [
            *dict.fromkeys([*said, *found.remarks]),
            "Intervals of figures are bootstrap ones of 95 % over linked items; those of classes "
            "are Wilson's. Balanced is the mean of the classes' recalls.",
        ]

    def _show_instead(self, instead: bool) -> None:
        """Show an empty state in place of the result, with what mends it."""
        while self._stack.count() > 1:
            old = self._stack.widget(1)
            self._stack.removeWidget(old)
            old.deleteLater()
        if not instead:
            self._stack.setCurrentIndex(0)
            return
        state, problem = self._state, self._state.problem
        title = "Nothing was classified" if problem else "Nothing classified yet"
        empty = EmptyState("tag-off-outline" if problem else "tag-text-outline", title,
                           problem or _NOTHING_YET)  # fmt: skip
        if "classify all items" in problem:
            empty.add_action("Classify all items", self._all_items).setObjectName("classify-all")
        if "Their labels: " in problem:
            empty.add_action("Take the labels as classes", self._labels).setObjectName(
                "classify-labels"
            )
        for page in pages_named(problem):
            empty.add_action(
                f"Go to {page.capitalize()}", partial(state.session.page_wanted.emit, page)
            )
        self._stack.addWidget(empty)
        self._stack.setCurrentIndex(1)

    def _show_first_work(self) -> None:
        """Say in place of the first result that it comes."""
        empty = self._stack.currentWidget()
        if not isinstance(empty, EmptyState):
            return
        if self._state.busy:
            empty.title.setText(_AT_WORK)
            empty.sentence.setText(self._state.sentence)
        elif empty.title.text() == _AT_WORK:  # it was stopped
            self._show_instead(True)

    def _all_items(self) -> None:
        self._state.change(items="all")
        self._state.classify()

    def _labels(self) -> None:
        self._state.change(source=LABELS)
        self._state.classify()

    def _show_work(self) -> None:
        first = self._state.found is None
        self._progress.setText(self._state.sentence)
        self._progress.setVisible(bool(self._state.sentence) and not first)
        if first:
            self._show_first_work()

    def _show_selected(self) -> None:
        count = len(self._state.session.selection)
        self._selected.setText(f"{several(count, 'item')} selected" if count else "")
        self._to_maps.setVisible(count > 0)

    # ---------------------------------------------------------------- by hand

    def _choose_class(self, name: str, mode: str) -> None:
        run = self._state.shown_run()
        if run is not None and name in run.classes.labels:
            self._state.select_class(run.classes.labels.index(name), mode)  # type: ignore[arg-type]

    def _save(self) -> None:
        folder = choose_folder(self, "Where the tables go", "tables")
        if folder is not None:
            self._state.save(folder)
