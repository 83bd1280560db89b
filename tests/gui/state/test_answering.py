"""Pairs by hand, and answers that can be taken back."""

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.gui.state.answering import answer, pair_selected
from workbench.project import ANSWERS_FILE


@pytest.fixture
def opened(session, tmp_path):
    assert session.open_project(small_project(tmp_path, 12, encode=False))
    return session


def pairs_of(session):
    (ids,) = session.project.catalogue.pairs().values()
    return {tuple(pair) for pair in ids.tolist()}


def test_two_selected_items_are_paired_and_undo_takes_it_back(opened):
    said, told = [], []
    opened.noticed.connect(lambda level, sentence: said.append((level, sentence)))
    opened.catalogue_changed.connect(lambda: told.append(1))
    (image, text), (other, _) = sorted(pairs_of(opened))[0], sorted(pairs_of(opened))[1]
    for chosen, why in (([image], "Select two"), ([image, other], "two modalities")):
        opened.select(chosen)
        pair_selected(opened)
        assert why in said[-1][1]
    assert not (opened.project.root / ANSWERS_FILE).exists()
    opened.select([other, text])
    pair_selected(opened)
    assert (other, text) in pairs_of(opened)
    assert "Undo takes it back" in said[-1][1]
    opened.undo_selection()
    assert (other, text) not in pairs_of(opened)
    assert opened.selection.tolist() == [other, text]
    opened.redo_selection()
    assert (other, text) in pairs_of(opened)
    assert len(told) == 3


def test_what_cannot_be_taken_back_is_told_and_leaves_the_history(opened):
    said = []
    opened.noticed.connect(lambda level, sentence: said.append((level, sentence)))
    (image, _), (_, text) = sorted(pairs_of(opened))[:2]
    opened.select(np.array([image, text]))
    pair_selected(opened)
    (opened.project.root / ANSWERS_FILE).unlink()
    opened.undo_selection()
    assert said[-1][0] == "error"
    assert "not in the list" in said[-1][1]
    assert answer(opened, opened.answer_history, "nothing", lambda: None) is None
