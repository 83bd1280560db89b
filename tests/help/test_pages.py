import re

import pytest

from workbench.errors import WorkbenchError
from workbench.help import page, pages
from workbench.help.pages import anchor_of, without_markup

_LINK = re.compile(r"\]\(([\w-]+)?(?:\.md)?#([^)]+)\)")


def test_pages_stand_in_the_order_of_the_index_which_is_the_first():
    index, first, *_, last = pages()
    assert (index.name, first.name, last.name) == ("index", "installing", "architecture")
    assert (first.group, last.group) == ("Using it", "What is behind it")
    assert first.answers.endswith(".")
    assert {each.path.name for each in pages()} == {
        path.name for path in index.path.parent.glob("*.md")
    }


def test_sections_are_all_of_a_page_and_no_heading_is_found_in_code():
    training = page("training")
    assert training.title == without_markup(training.text.splitlines()[0])
    assert not training.sections[0].anchor
    for each in pages():
        assert sum(section.text.count("```") for section in each.sections) == each.text.count("```")
        assert all(section.text.count("```") % 2 == 0 for section in each.sections)


def test_headings_that_links_name_are_there():
    named = [
        (target or each.name, anchor)
        for each in pages()
        for target, anchor in _LINK.findall(each.text)
    ]
    assert [
        (name, anchor)
        for name, anchor in named
        if anchor not in [section.anchor for section in page(name).sections]
    ] == []
    assert anchor_of("The sweep: several α in one pass") == "the-sweep-several-α-in-one-pass"


def test_words_of_a_section_have_no_marks():
    words = page("exploring").sections[1].words()
    assert not set("|`*[") & set(words)
    assert "another space: an encoder’s frozen" in words.replace("'", "’")


def test_a_page_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(WorkbenchError, match=r"“traning”\. Pages: index, installing"):
        page("traning")
