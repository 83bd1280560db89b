"""What is asked: classes, templates or examples, items, and runs."""

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.classifying.classify_state import FROZEN, LABELS, TYPED, ClassifyState
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, clear, row
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.file_dialogs import choose_file
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.text import label, plain_tip

_MOST_SHOTS = 1000
_ROW, _RUNS_SEEN = 26, 6  # pixels of a run, and how many have room; more are scrolled
_TYPED = "One class a line. “label = words | other words” says what it is called in prompts."


class SetupPanel(QWidget):
    """The left side of the page.

    Parameters
    ----------
    state : ClassifyState
    """

    def __init__(self, state: ClassifyState) -> None:
        super().__init__()
        self.setObjectName("classify-setup")
        self._state = state
        self.source = combo(
            "class-source", "Where classes come from",
            (("Labels of the items", LABELS), ("Typed, or from a file", TYPED)),
        )  # fmt: skip
        self.typed = _lines("classes-typed", "Classes, one a line", 108)
        self.typed.setPlaceholderText("bird\nfish\nn02 = a small cat | a kitten")
        self.typed.setToolTip(_TYPED)
        self.by = combo("class-by", "What shows a class")
        self.shots = _number("class-shots", "Examples of each class", _MOST_SHOTS)
        self.shots.setSpecialValueText("all")
        self.seed = _number("class-seed", "Which examples are drawn", 9999)
        self.seed.setPrefix("seed ")
        self.templates = _lines("templates", "Templates, one a line", 76)
        self.view = combo("class-view", "Whose items are classified")
        self.items = combo(
            "class-items", "Which items are classified",
            (("held-out ones", "held-out"), ("all of them", "all")),
        )  # fmt: skip
        self.items.setToolTip(
            "No pair of a held-out item has trained the heads. With all items, figures of runs may "
            "flatter."
        )
        self.boxes: dict[str, QCheckBox] = {}  # by run
        self._runs = QVBoxLayout()
        self._runs.setSpacing(6)
        self.button = Button("Classify", "tag-text-outline", "primary", name="classify")
        self._showing = False
        self._lay_out()
        self._connect()
        self.show_all()

    def _lay_out(self) -> None:
        self._from_file = Button(
            "From a file…", "file-outline", "link", self._read_file, name="classes-file", tip=_TYPED
        )
        self._from_labels = Button(
            "Labels", "tag-multiple-outline", "link", self._take_labels,
            name="classes-from-labels", tip="Write the labels of the items here, to change them",
        )  # fmt: skip
        self._usual = Button(
            "Usual ones", "restore", "link", self._usual_templates, name="templates-usual"
        )
        self._file_row = QWidget()
        self._file_row.setLayout(row(self._from_file, self._from_labels, None))
        classes = Card("Classes", "tag-multiple-outline")
        classes.body.addWidget(self.source)
        classes.body.addWidget(self.typed)
        classes.body.addWidget(self._file_row)
        classes.body.addLayout(row(label("Shown by", "muted"), self.by, None))
        self._examples = QWidget()
        self._examples.setLayout(row(label("Each by", "muted"), self.shots, self.seed, None))
        classes.body.addWidget(self._examples)
        self._templates_card = Card("Templates", "format-quote-close")
        self._templates_card.head.addWidget(self._usual)
        self._templates_card.body.addWidget(self.templates)
        self._templates_card.body.addWidget(
            label("{} stands for the words of a class. Several are averaged.", "caption", wrap=True)
        )
        what = Card("Items and runs", "chart-bell-curve-cumulative")
        what.body.addLayout(row(self.view, self.items, None))
        runs = QWidget()
        runs.setLayout(self._runs)
        self._runs.setContentsMargins(0, 0, 0, 0)
        self._scroll = ScrollingSheet(runs)
        what.body.addWidget(self._scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in (classes, self._templates_card, what):
            column.addWidget(card)
        column.addWidget(self.button)
        column.addStretch(1)

    def _connect(self) -> None:
        state = self._state
        state.offers_changed.connect(self.show_all)
        state.draft_changed.connect(self.show_all)
        state.work_changed.connect(self._show_work)
        self.button.clicked.connect(self._pressed)
        for box, fact in (
            (self.source, "source"), (self.by, "by"), (self.view, "view"), (self.items, "items"),
        ):  # fmt: skip
            box.activated.connect(
                lambda _=0, box=box, fact=fact: state.change(**{fact: box.currentData()})
            )
        self.shots.valueChanged.connect(lambda value: self._change(shots=value))
        self.seed.valueChanged.connect(lambda value: self._change(seed=value))
        self.typed.textChanged.connect(lambda: self._change(typed=self.typed.toPlainText()))
        self.templates.textChanged.connect(self._write_templates)

    # ---------------------------------------------------------------- shown

    def show_all(self) -> None:
        """Show the draft, and what there is to choose from."""
        state, draft = self._state, self._state.draft
        self._showing = True
        _offer(self.view, [(words.PLURAL[view], view) for view in state.views], state.view())
        ways: list[tuple[str, object]] = [("words", "text")] if "text" in state.views else []
        ways += [(f"example {words.PLURAL[view]}", view) for view in state.views if view != "text"]
        _offer(self.by, ways, state.by())
        for box, value in ((self.source, draft.source), (self.items, draft.items)):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.shots.setValue(draft.shots)
        self.seed.setValue(draft.seed)
        _write(self.typed, draft.typed)
        usual = draft.templates is None
        _write(self.templates, self._usual_text() if usual else str(draft.templates))
        by_words = state.by() == "text"
        self._examples.setVisible(not by_words)
        self.seed.setEnabled(draft.shots > 0)
        self._templates_card.setVisible(by_words)
        for part in (self.typed, self._file_row):
            part.setVisible(draft.source == TYPED)
        self._show_runs()
        self._showing = False
        self._show_work()

    def _show_runs(self) -> None:
        state = self._state
        chosen = state.chosen_runs()
        shown = [(name, name) for name in state.runs]
        if state.frozen_can_be() and chosen:
            shown.append((f"frozen embeddings of {chosen[0]}", FROZEN))
        if [(box.text(), name) for name, box in self.boxes.items()] != shown:
            clear(self._runs)
            self.boxes = {name: self._box(text) for text, name in shown}
        for name, box in self.boxes.items():
            box.setChecked(name in chosen)
        self._scroll.setFixedHeight(min(max(len(shown), 1), _RUNS_SEEN) * _ROW)

    def _box(self, text: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(plain_tip(text))
        box.toggled.connect(lambda _: self._choose_runs())
        self._runs.addWidget(box)
        return box

    def _show_work(self) -> None:
        busy = self._state.busy
        self.button.setText("Stop" if busy else "Classify")
        self.button.set_icon("stop" if busy else "tag-text-outline")
        self.button.setEnabled(bool(self._state.runs))

    # ---------------------------------------------------------------- by hand

    def _pressed(self) -> None:
        (self._state.stop if self._state.busy else self._state.classify)()

    def _change(self, **facts: object) -> None:
        if not self._showing:
            self._state.change(**facts)

    def _write_templates(self) -> None:
        text = self.templates.toPlainText()
        self._change(templates=None if text == self._usual_text() else text)

    def _usual_text(self) -> str:
        view = self._state.view()
        if not view:  # then nothing is classified, and nothing imported for it
            return ""
        from workbench.stations import TEMPLATES

        return "\n".join(TEMPLATES.get(view, ()))  # type: ignore[call-overload]

    def _usual_templates(self) -> None:
        self._state.change(templates=None)

    def _choose_runs(self) -> None:
        self._change(runs=tuple(name for name, box in self.boxes.items() if box.isChecked()))

    def _take_labels(self) -> None:
        from workbench.stations import classes_of_labels

        project = self._state.session.project
        if project is None:
            return
        # pictures without labels take those of their captions
        views = sorted(self._state.views, key=lambda view: view != self._state.view())
        try:
            labels = next(filter(None, map(project.catalogue.labels, views)), [])
        except WorkbenchError as error:
            self._state.session.noticed.emit("error", str(error))
            return
        found = classes_of_labels(labels)
        self._state.change(typed="\n".join(each.line() for each in found.classes))

    def _read_file(self) -> None:
        from workbench.stations import read_classes

        path = choose_file(self, "A file of classes", "classes",
                           "Lists of classes (*.txt *.csv *.tsv);;All files (*)")  # fmt: skip
        if path is None:
            return
        try:
            found = read_classes(path)
        except WorkbenchError as error:
            self._state.session.noticed.emit("error", str(error))
            return
        self._state.change(typed="\n".join(each.line() for each in found.classes))


def _lines(name: str, title: str, high: int) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setTabChangesFocus(True)
    made.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    made.setFixedHeight(high)
    return made


def _number(name: str, title: str, most: int) -> SpinBox:
    made = SpinBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(title)
    made.setRange(0, most)
    return made


def _write(field: QPlainTextEdit, text: str) -> None:
    """Write into a field, and leave the cursor where somebody types."""
    if field.toPlainText() != text:
        field.setPlainText(text)


def _offer(box: ComboBox, choices: Sequence[tuple[str, object]], wanted: object) -> None:
    known = [(box.itemText(place), box.itemData(place)) for place in range(box.count())]
    if known != list(choices):
        box.clear()
        for words_, key in choices:
            box.addItem(words_, key)
    box.setCurrentIndex(max(0, box.findData(wanted)))
