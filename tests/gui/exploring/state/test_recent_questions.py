from pathlib import Path

from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.exploring.state.recent_questions import (
    forget_questions,
    recent_questions,
    remember_question,
)

_HERE, _THERE = Path("/here"), Path("/there")


def test_the_newest_is_first_each_is_there_once_and_there_is_an_end():
    for words in ("dog", "cat", " dog ", "", "two\n words"):
        remember_question(_HERE, words)
    assert recent_questions(_HERE) == ["two words", "dog", "cat"]
    for number in range(40):
        remember_question(_HERE, f"question {number}")
    assert len(recent_questions(_HERE)) == 20
    assert recent_questions(_HERE)[0] == "question 39"


def test_each_project_has_its_own():
    remember_question(_HERE, "dog")
    remember_question(_THERE, "cat")
    forget_questions(_HERE)
    assert recent_questions(_HERE) == []
    assert recent_questions(_THERE) == ["cat"]


def test_without_a_project_nothing_was_asked(session):
    query = QueryState(session)
    assert query.recent() == []
    query.ask_again("dog")  # nobody answers
    assert query.draft.words == ""
