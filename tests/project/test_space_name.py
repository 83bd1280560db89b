import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES
from workbench.project import SpaceName

NAMES = st.text(st.sampled_from("ab.-_@:%254 0é🐈") | st.characters(), max_size=12)
ALPHAS = st.none() | st.floats(0, 1000)
SPACES = (
    st.sampled_from(MODALITIES).map(SpaceName.of_view)
    | st.builds(SpaceName, NAMES, st.just(True))
    | st.builds(SpaceName, NAMES, alpha=ALPHAS)
)


@given(SPACES)
@example(SpaceName("a@3", alpha=3.0))
@example(SpaceName("%40%25@"))
@example(SpaceName("run:frozen:image", frozen=True))
@example(SpaceName("r", alpha=0.1 + 0.2))
def test_a_name_is_read_as_it_was_written(name):
    assert SpaceName.parse(str(name)) == name
    # where a run may be named without a prefix, but for a run that is called so
    assert SpaceName.parse(str(name), {"some run"}) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("image", SpaceName.of_view("image")),
        ("run:first", SpaceName("first")),
        ("run:first@3", SpaceName("first", alpha=3.0)),
        ("run:first@3.0", SpaceName("first", alpha=3.0)),
        ("run:first@1e-05", SpaceName("first", alpha=1e-5)),
        ("run:a.b_c-2@0", SpaceName("a.b_c-2", alpha=0.0)),
        ("frozen:first", SpaceName("first", frozen=True)),
        ("run:", SpaceName("")),
    ],
)
def test_names_of_before_are_read(text, name):
    assert SpaceName.parse(text) == name


def test_a_run_may_be_named_alone_where_that_is_said():
    runs = ["first", "image"]
    assert SpaceName.parse("first", runs) == SpaceName("first")
    assert SpaceName.parse("other", runs) == SpaceName("other")  # the project says there is none
    assert SpaceName.parse("first@3", runs) == SpaceName("first", alpha=3.0)
    # a run that is called like a modality, as “compare-spaces” has always taken it
    assert SpaceName.parse("image", runs) == SpaceName("image")
    assert SpaceName.parse("text", runs) == SpaceName.of_view("text")
    assert SpaceName.parse("frozen:image", runs) == SpaceName("image", frozen=True)


def test_what_is_no_name_is_a_sentence():
    for text, words in (
        ("smell", "no space “smell”. Spaces: image, text, speech, run:NAME, or run:NAME@ALPHA"),
        ("", "no space “”"),
        ("run:a@", "“” is not a value of α. Write run:a@ALPHA with one from 0 to 1000"),
        ("run:a@big", "“big” is not a value of α"),
        ("run:a@nan", "“nan” is not a value of α"),
        ("run:a@-1", "“-1” is not a value of α"),
        ("run:a@1001", "“1001” is not a value of α"),
        ("run:a@3@3", "“3@3” is not a value of α"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            SpaceName.parse(text)


def test_what_cannot_be_is_not_made():
    for wrong in ({"view": "image"}, {"run": "a", "frozen": True, "view": "image"},
                  {"run": "a", "frozen": True, "alpha": 1.0}):  # fmt: skip
        with pytest.raises(ValueError, match="frozen"):
            SpaceName(**wrong)


def test_words():
    words = [each.in_words() for each in (
        SpaceName.of_view("text"), SpaceName("a"), SpaceName("a", alpha=0.5), SpaceName("a", True)
    )]  # fmt: skip
    assert words == ["frozen text embeddings", "a", "a at α = 0.5", "frozen embeddings of a"]
