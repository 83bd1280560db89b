"""Answers as lists: of one run, or of two and what moved between them; and why one is there."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.items.neighbour_list import NeighbourList, Row
from workbench.gui.items.previews import Previews
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import ElidedLabel, label, line

if TYPE_CHECKING:
    from workbench.stations import MovedAnswer, RunAnswers

_WHY = "Click an answer to see the training pairs that likely caused it."


class AnswersInspector(QWidget):
    """The answers to the last question.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self._query, session = state.query, state.session
        self.question = label("", "muted", wrap=True, name="answers-question")
        self.other = ComboBox()
        self.other.setObjectName("answers-other-run")
        self.other.setAccessibleName("A second run to compare the answers with")
        self.other.activated.connect(lambda _: self._query.choose_other(self.other.currentData()))
        self._heads = [ElidedLabel("", "caption") for _ in range(2)]
        self.lists = [
            NeighbourList(session, previews, f"answers-of-{which}", f"Answers of the {which} run")
            for which in ("first", "second")
        ]
        self.dropped = NeighbourList(
            session, previews, "answers-dropped", "Answers of the first run only"
        )
        self._dropped_words = label("", "muted", wrap=True, name="dropped-words")
        self._why_words = label(_WHY, "muted", wrap=True, name="why-words")
        self.why = NeighbourList(session, previews, "why", "Training pairs")
        self._lay_out()
        self._query.run_changed.connect(self._offer_runs)
        self._query.answers_changed.connect(self._show_answers)
        self._query.why_changed.connect(self._show_why)
        self._show_answers()

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

    def _offer_runs(self) -> None:
        """Offer runs to answer beside the current one."""
        query = self._query
        self.other.clear()
        self.other.addItem("no second run", None)
        for run in query.others:
            self.other.addItem(f"compared with {run}", run)
        self.other.setCurrentIndex(max(self.other.findData(query.other), 0))
        self.other.setVisible(bool(query.others))

    # ---------------------------------------------------------------- content

    def _show_answers(self) -> None:
        """Show what was found; nothing where nothing is asked."""
        answered = self._query.answers
        if answered is None:
            self.question.clear()
            for each in (*self.lists, self.dropped, self.why):
                each.show_rows([])
            for part in (*self._sides, self._dropped_words, self._why_words):
                part.hide()
            return
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
        self._show_why()

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

    def _show_why(self) -> None:
        """Show the training pairs that likely drew an item, or why they are not known."""
        why = self._query.why
        if why is None or why.pulls is None:
            self._why_words.setText(_WHY if why is None else why.sentence)
            self.why.show_rows([])
            return
        pulls, name = why.pulls, self._name(why.item)
        self._why_words.setText(
            "Likely because of these training pairs: one half is similar to the query, the other "
            f"to {name}"
            if pulls else f"No training pair leads to {name}."
        )  # fmt: skip
        rows = []
        for number, pull in enumerate(pulls, 1):
            near = f"{pull.to_question:.2f} to the query"
            rows.append(Row(pull.near_question.id, pull.near_question, number, near, "accent"))
            near = f"its partner, {pull.to_answer:.2f} to the answer"
            rows.append(Row(pull.near_answer.id, pull.near_answer, number, near, "good"))
        self.why.show_rows(rows)

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
