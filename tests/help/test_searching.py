import pytest

from workbench.help import search


def _places(words):
    return [(hit.page.name, hit.section.anchor) for hit in search(words)]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("deleted runs", ("runs", "deleted-runs")),
        ("several alpha", ("training", "the-sweep-several-α-in-one-pass")),
        ("INSPECTOR", ("exploring", "the-inspector")),
    ],
)
def test_the_heading_that_is_about_it_comes_first(words, place):
    assert _places(words)[0] == place


def test_every_word_must_be_there_or_begin_one():
    assert _places("lasso")
    assert set(_places("lasso rect")) <= set(_places("lasso"))
    assert _places("lasso zzyzx") == []
    assert search("") == search(" – ") == []


def test_what_is_quoted_has_the_word():
    for hit in search("procrustes"):
        assert "procrustes" in f"{hit.section.title} {hit.page.title} {hit.quote}".casefold()


def test_signs_of_patterns_are_only_letters():
    assert search("c++ (.*) [") == search("c")
