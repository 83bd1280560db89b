"""Answers as lists: of one run, or of two and what moved between them; and why one is there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.exploring.asking import Answered
from workbench.gui.exploring.neighbour_list import NeighbourList, Row
from workbench.gui.exploring.previews import Previews
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import ElidedLabel, label, line

if TYPE_CHECKING:
    from workbench.stations import MovedAnswer, Pull, RunAnswers

_WHY = "Click an answer to see the training pairs that likely caused it."


class AnswersInspector(QWidget):
    """The answers to the last question.

    Signals
    -------
    picked (ids, mode)
    other_chosen (run name or None)
        A run shall answer beside the current one; None for no other.

    Parameters
    ----------
    previews : Previews
    """

    picked = Signal(object, str)
    other_chosen = Signal(object)

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self.answered: Answered | None = None
        self.question = label("", "muted", wrap=True, name="answers-question")
        self.other = ComboBox()
        self.other.setObjectName("answers-other-run")
        self.other.setAccessibleName("A second run to compare the answers with")
        self.other.activated.connect(lambda _: self.other_chosen.emit(self.other.currentData()))
        self._heads = [ElidedLabel("", "caption") for _ in range(2)]
        self.lists = [
            NeighbourList(previews, f"answers-of-{which}", f"Answers of the {which} run")
            for which in ("first", "second")
        ]
        self.dropped = NeighbourList(previews, "answers-dropped", "Answers of the first run only")
        self._dropped_words = label("", "muted", wrap=True, name="dropped-words")
        self._why_words = label(_WHY, "muted", wrap=True, name="why-words")
        self.why = NeighbourList(previews, "why", "Training pairs")
        for each in (*self.lists, self.dropped, self.why):
            each.picked.connect(self.picked)
        self._lay_out()

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(8)
        self._sides = []
        for head, answers in zip(self._heads, self.lists, strict=True):
            side = QWidget()
            stack = QVBoxLayout(side)
            stack.setContentsMargins(0, 0, 0, 0)
            stack.setSpacing(2)
            stack.addWidget(head)
            stack.addWidget(answers)
            stack.addStretch(1)
            columns.addWidget(side, 1)
            self._sides.append(side)
        self._sides[1].hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.question)
        column.addWidget(self.other)
        # what one just clicked is explained above the lists, where it can be seen
        for part in (line(), self._why_words, self.why, line()):
            column.addWidget(part)
        column.addLayout(columns)
        column.addWidget(self._dropped_words)
        column.addWidget(self.dropped)
        column.addStretch(1)

    def set_runs(self, runs: list[str]) -> None:
        """Offer runs to answer beside the current one."""
        before = self.other.currentData()
        self.other.clear()
        self.other.addItem("no second run", None)
        for run in runs:
            self.other.addItem(f"compared with {run}", run)
        self.other.setCurrentIndex(max(self.other.findData(before), 0))
        self.other.setVisible(bool(runs))

    def other_run(self) -> str | None:
        """Return the run that answers beside the current one."""
        chosen: str | None = self.other.currentData()
        return chosen

    # ---------------------------------------------------------------- content

    def say(self, sentence: str) -> None:
        """Show a sentence; the answers before are gone."""
        self.answered = None
        self.question.setText(sentence)
        for each in (*self.lists, self.dropped, self.why):
            each.show_rows([])
        for part in (*self._sides, self._dropped_words, self._why_words):
            part.hide()

    def show_answers(self, answered: Answered) -> None:
        """Show what was found."""
        self.answered = answered
        first, beside = answered.runs[0], answered.runs[1:]
        count = len(first.answers)
        self.question.setText(
            f"{count} nearest to {answered.asked.in_words()}" if count
            else f"Nothing was found for {answered.asked.in_words()}."
        )  # fmt: skip
        self._heads[0].setText(first.run_name)
        self.lists[0].show_rows([_row(each) for each in first.answers])
        self._sides[0].show()
        self._sides[1].setVisible(bool(beside))
        self._dropped_words.setVisible(bool(beside))
        self.dropped.show_rows([])
        if beside:
            self._show_beside(first, beside[0])
        self._why_words.setVisible(count > 0)
        self._why_words.setText(_WHY)
        self.why.show_rows([])

    def _show_beside(self, first: "RunAnswers", other: "RunAnswers") -> None:
        self._heads[1].setText(other.run_name)
        self.lists[1].show_rows([_moved_row(each) for each in other.answers])
        self._dropped_words.setText(
            f"Among the answers of {first.run_name} only:" if other.dropped
            else f"{other.run_name} finds the same items, perhaps in another order."
        )  # fmt: skip
        rows = []
        for answer, rank in other.dropped:
            note = "is not in that run" if rank is None else f"↓ {answer.rank} → {rank:,}"
            rows.append(Row(answer.item.id, answer.item, answer.rank, note, "bad"))
        self.dropped.show_rows(rows)

    def show_why(self, item: int, pulls: "list[Pull]") -> None:
        """Show the training pairs that likely drew an item."""
        self._why_words.setText(
            "Likely because of these training pairs: one half is similar to the query, the other "
            f"to {self._name(item)}"
            if pulls else f"No training pair leads to {self._name(item)}."
        )  # fmt: skip
        rows = []
        for number, pull in enumerate(pulls, 1):
            near = f"{pull.to_question:.2f} to the query"
            rows.append(Row(pull.near_question.id, pull.near_question, number, near, "accent"))
            near = f"its partner, {pull.to_answer:.2f} to the answer"
            rows.append(Row(pull.near_answer.id, pull.near_answer, number, near, "good"))
        self.why.show_rows(rows)

    def say_why(self, sentence: str) -> None:
        """Say why that is not known, or that it is being looked for."""
        self._why_words.setText(sentence)
        self.why.show_rows([])

    def has(self, item: int) -> bool:
        """Whether an item is among the answers of the first run."""
        return any(row.id == item for row in self.lists[0].rows())

    def shows(self, item: int) -> bool:
        """Whether an item is anywhere on this sheet."""
        return any(row.id == item for each in (*self.lists, self.dropped, self.why)
                   for row in each.rows())  # fmt: skip

    def _name(self, item: int) -> str:
        names = [row.name() for row in self.lists[0].rows() if row.id == item]
        return f"“{names[0][:40]}”" if names else "it"


def _row(moved: "MovedAnswer") -> Row:
    answer = moved.answer
    return Row(answer.item.id, answer.item, answer.rank, f"{answer.score:.2f}")


def _moved_row(moved: "MovedAnswer") -> Row:
    answer, by = moved.answer, moved.moved
    tip = f"Cosine {answer.score:.3f}."
    if by is None:
        note, tone = "new", "accent"
    elif by == 0:
        note, tone = "same", "muted"
    else:
        note, tone = (f"↑ {by:,}", "good") if by > 0 else (f"↓ {-by:,}", "bad")
        tip += f" Rank {moved.first_rank:,} in the first run."
    note += f" · {answer.score:.2f}"
    return Row(answer.item.id, answer.item, answer.rank, note, tone, tip=tip)
