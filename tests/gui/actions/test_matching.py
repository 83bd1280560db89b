import pytest

from workbench.gui.actions.matching import match
from workbench.gui.actions.ranking import offers
from workbench.gui.state.action import Action, Found, Menu, all_actions, plain

_WORDS = ("Export the selection as CSV", "Export", "Explore", "Select nothing", "Show log folder")


def _found(words, why_not="", also=""):
    return Found(Action(words, words, lambda: None, also=also), ("Menu",), why_not)


def _best(typed, *actions):
    return [each.found.action.title() for each in offers(typed, actions or map(_found, _WORDS))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("exp", "Export"), ("expl", "Explore"), ("sel exp", "Export the selection as CSV"),
        ("csv", "Export the selection as CSV"), ("SN", "Select nothing"),
        ("slf", "Show log folder"),
        ("hing", "Select nothing"),
        ("fold", "Show log folder"),
    ],
)  # fmt: skip
def test_what_is_meant_comes_first(typed, first):
    assert _best(typed)[0] == first


def test_each_part_must_be_found():
    assert _best("select zebra") == []
    assert match("xz", "Export") is None
    assert match("et", "Export") is None  # letters in any place would find nearly everything


def test_nothing_typed_offers_all_in_their_order():
    assert _best("  ") == list(_WORDS)


def test_the_typed_letters_are_told():
    assert match("sel exp", "Export the selection").letters == (0, 1, 2, 11, 12, 13)
    assert match("sn", "Select nothing").letters == (0, 7)
    # a letter that grows when its case is folded moves no place
    assert match("x", "Straße İx").letters == (8,)


def test_other_words_count_less_and_what_cannot_be_done_comes_last():
    assert _best("copy", _found("Save", also="copy"), _found("Copy picture")) == [
        "Copy picture", "Save",
    ]  # fmt: skip
    assert _best("copy", _found("Copy this", "No."), _found("Copy that one")) == [
        "Copy that one", "Copy this",
    ]  # fmt: skip


def test_actions_are_found_inside_menus_with_the_reason_of_their_menu():
    inner = Menu("&Open recent", lambda: (_found("one").action,), why_not=lambda: "Wait.")
    outer = Menu("&Project", lambda: (None, inner, Action("two", "&Two…", lambda: None)))
    (one, two) = all_actions([outer])
    assert (one.path, one.why_not) == (("Project", "Open recent"), "Wait.")
    assert (two.action.title(), two.path, two.why_not) == ("Two", ("Project",), "")
    assert plain("Salt && pepper…") == "Salt & pepper"
