"""The answers to a question, below the maps."""

import numpy as np

from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.tray.item_tray import ItemTray
from workbench.gui.items.previews import Previews
from workbench.gui.widgets.button import IconButton


class AnswersTray(ItemTray):
    """Shows itself while there is something to say of a question.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__("Answers", previews, "answers", state.session)
        self._state, query = state, state.query
        self.add_button(IconButton("close", "Close the answers", query.clear, name="close-answers"))
        query.told.connect(self._show_words)
        query.answers_changed.connect(self._show_answers)
        self.hide()

    def _show_words(self) -> None:
        sentence = self._state.query.sentence
        self.words.setText(sentence)
        self.setVisible(bool(sentence))

    def _show_answers(self) -> None:
        answers = self._state.query.answers
        if answers is None:
            self.strip.items.show(self._state.table, np.zeros(0, np.int64), [])
        else:
            scores = [moved.answer.score for moved in answers.runs[0].answers]
            self.strip.items.show(self._state.table, answers.ids, scores)
            self.strip.scrollToTop()
