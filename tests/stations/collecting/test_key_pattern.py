"""Patterns for keys come with projects: what they match, and that none holds up anything."""

import re
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.fakes import write_item

from workbench.jobs import drain
from workbench.project import Project, ProjectSettings, Source
from workbench.stations import Preview, scan
from workbench.stations.collecting import key_pattern
from workbench.stations.collecting.key_pattern import (
    EndlessPatternError,
    KeyPattern,
    complaint_about,
    tried,
)

ENDLESS = r"((?:a|aa|a)+)b"  # tries every way to cut up the letters
NAME = "a" * 60 + "c"


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(key_pattern, "_SECONDS", 0.3)


def test_a_pattern_that_tries_for_ever_ends_a_scan_in_a_sentence(tmp_path, hasty):
    write_item(tmp_path / "text", "text", 1, "aab")
    write_item(tmp_path / "text", "text", 2, NAME)
    source = Source(modality="text", path=str(tmp_path / "text"), key=rf"{ENDLESS}\.txt")
    project = Project.create(tmp_path / "project", ProjectSettings(sources=[source]))
    for job in (scan(project), Preview(project.root).look(project.settings)):
        with pytest.raises(EndlessPatternError, match="write it more simply"):
            drain(job)
    assert project.catalogue.items() == []


def test_others_go_on_while_a_pattern_tries(hasty):
    outcome = []

    def match():
        try:
            KeyPattern(ENDLESS).key_of(NAME)
        except EndlessPatternError as error:
            outcome.append(error)

    KeyPattern(ENDLESS)  # imported, and compiled
    matching, turns = threading.Thread(target=match), 0
    matching.start()
    while matching.is_alive():
        time.sleep(0.005)
        turns += 1
    assert turns > 5  # with the lock held it would be two
    assert outcome


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(" * 5000 + "a" + ")" * 5000, "letters"),
        ("(" * 499 + "a" + ")" * 499, "nested|^$"),
        ("((((a{1000}){1000}){1000}){1000})", "braces"),
        ("(a{100000000})", "braces"),
        ("(?x) ((a{400}) # twice\n {400})", "braces"),
        ("(?P<n>a)(?P<n>b)", "regular expression"),
        (r"(\p{L}+)", "regular expression"),  # which Python's grammar does not have
        ("a+", "no group"),
    ],
)
def test_patterns_that_would_fill_the_memory_or_are_none_are_refused(pattern, words):
    assert re.search(words, complaint_about(pattern))


@pytest.mark.parametrize(
    ("pattern", "name", "key"),
    [
        (r"(.*)_desc_fr[.]ogg", "a/b_desc_fr.ogg", "a/b"),
        (r".*/(?P<key>\d{12})\.jpg", "x/000000000042.jpg", "000000000042"),
        (r"(?:.*/)?(?P<key>[^_/]+)_.*", "deep/Ä b_c.txt", "Ä b"),
        (r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}).*", f"{'0' * 8}{'-0000' * 3}-1", None),
        (r"(?<!x)(\w+)(?=\.txt).*", "one.txt", "one"),
        (r"(.)(?:\1)+", "aaa", "a"),
        (r"(?i)([A-Z]+)\.txt", "abc.txt", "abc"),
        ("(.*)", "two\nlines", "two\nlines"),
        ("(x)?.*", "abc", ""),
        ("(b.*)", "abc", ""),
    ],
)  # fmt: skip
def test_keys_are_those_of_pythons_own_engine(pattern, name, key):
    assert complaint_about(pattern) == ""
    match = re.compile(pattern, re.DOTALL).fullmatch(name)
    assert KeyPattern(pattern).key_of(name) == ((match and match[1]) or "")
    assert key is None or KeyPattern(pattern).key_of(name) == key


pieces = st.sampled_from(
    [*"ab.^$|", "(a)", "(", ")", "(?:", "[ab]", r"\d", r"\w", "*", "+", "?", "{2}"]
)


@given(st.lists(pieces, max_size=8).map("".join), st.text("ab1-\n", max_size=8))
def test_any_pattern_gives_what_pythons_own_engine_gives(pattern, name):
    if complaint_about(pattern) == "":
        match = re.compile(pattern, re.DOTALL).fullmatch(name)
        assert KeyPattern(pattern).key_of(name) == ((match and match[1]) or "")


def test_a_pattern_is_tried_on_names_and_those_that_fail_come_first():
    names = ["a/dog_fr.ogg", "a/cat_fr.ogg", "b/emu.ogg", "c/fox_fr.ogg"]
    assert tried("(?:.*/)?(.*)_fr[.]ogg", names).splitlines() == [
        "b/emu.ogg → no key: the pattern does not match",
        "a/dog_fr.ogg → dog",
        "a/cat_fr.ogg → cat",
    ]
    assert tried("(.*)_fr[.]ogg", names[:1]) == "a/dog_fr.ogg → a/dog"
    assert tried("no group", names) == ""  # the complaint says why
    # not for ever, or the test runs out of time: a window waits for it
    assert "write it more simply" in tried(rf"{ENDLESS}\.txt", [f"{NAME}.txt"])
