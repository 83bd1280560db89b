"""Where a project stands, without a page: from nothing to a run."""

import numpy as np
import pytest
from worlds.projects import embed, small_project

from workbench.gui.road import Standing, pages_named, standing_of
from workbench.project import Project

_PAGES = ("start", "data", "encode", "train", "explore", "classify", "studies", "export")
_PAIRED = {
    "opened": True, "sources": True, "items": {"image": 5, "text": 5},
    "pairs": frozenset({("image", "text")}),
}  # fmt: skip
_ENCODED = _PAIRED | {"encoded": {"image": 5, "text": 5}, "waiting": {"image": 0, "text": 0}}


def _states(standing):
    return " ".join(standing.state(page) for page in _PAGES)


@pytest.mark.parametrize(
    ("facts", "next_page", "states"),
    [
        ({}, "start", "ready empty empty empty empty empty empty empty"),
        ({"opened": True}, "data", "done ready empty empty empty empty empty empty"),
        (
            {"opened": True, "sources": True},
            "data",
            "done attention empty empty empty empty empty empty",
        ),
        (
            _PAIRED | {"pairs": frozenset()},
            "data",
            "done done ready empty empty empty empty empty",
        ),
        (_PAIRED, "encode", "done done ready empty empty empty empty empty"),
        (
            _PAIRED | {"encoded": {"image": 2}, "waiting": {"image": 3}},
            "encode",
            "done done ready empty ready empty empty empty",
        ),
        (
            _ENCODED | {"waiting": {"image": 3, "text": 0}},
            "encode",
            "done done attention empty ready empty empty empty",
        ),
        (_ENCODED, "train", "done done done ready ready empty ready empty"),
        (_ENCODED | {"runs": True}, "explore", "done done done done ready ready ready ready"),
        (
            _ENCODED | {"runs": True, "waiting": {"image": 3, "text": 0}},
            "explore",
            "done done attention done ready ready empty ready",
        ),
        (
            _ENCODED | {"pairs": frozenset(), "own_words": True},
            "train",
            "done done done ready ready empty ready empty",
        ),
        (
            {"opened": True, "problem": "Broken."},
            "data",
            "done ready empty empty empty empty empty empty",
        ),
    ],
)  # fmt: skip
def test_the_states_and_the_next_step(facts, next_page, states):
    standing = Standing(**facts)
    assert standing.next_page() == next_page
    assert _states(standing) == states


def test_every_station_that_cannot_be_used_says_where_that_is_mended():
    for facts in ({}, {"opened": True}, _PAIRED, {"opened": True, "problem": "Broken."}):
        standing = Standing(**facts)
        for page in _PAGES:
            missing = standing.missing(page)
            assert (missing is not None) == (standing.state(page) == "empty")
            if missing is not None:
                assert missing.page in _PAGES
                assert missing.page != page
                assert standing.missing(missing.page) is None or missing.page == "train"


def test_an_encoding_that_was_broken_off_leads_back_to_encode(tmp_path):
    project = Project.open(small_project(tmp_path, 6))
    whole = standing_of(project)
    assert (whole.views, whole.next_page()) == (["image", "text"], "train")
    project.cache_path("text", "test/text").unlink()
    assert standing_of(project).waiting == {"image": 0, "text": 6}
    embed(project, "text", np.zeros((0, 6), np.float32))
    assert standing_of(project).encoded == {"image": 6, "text": 0}
    assert standing_of(project).next_page() == "encode"
    project.cache_path("text", "test/text").unlink()
    embed(project, "text", np.ones((1, 6), np.float32))
    half = standing_of(project)
    assert half.next_page() == "encode"
    assert "5 texts are left" in half.missing("train").sentence
    assert half.state("explore") == "ready"


def test_a_catalogue_that_cannot_be_read_is_said(tmp_path):
    project = Project.open(small_project(tmp_path, 6))
    (project.root / "catalogue.sqlite").write_bytes(b"not a database at all" * 100)
    standing = standing_of(project)
    assert standing.problem
    assert standing.missing("encode").sentence == standing.problem


def test_the_session_tells_when_it_may_stand_elsewhere(session, tmp_path, qtbot):
    assert not session.road.standing.opened
    with qtbot.waitSignal(session.road.changed):
        session.open_project(small_project(tmp_path, 6))
    assert session.road.standing.next_page() == "train"
    session.project.catalogue.take_pairs([])
    assert session.road.standing.pairs  # until somebody tells
    session.catalogue_changed.emit()
    assert not session.road.standing.pairs


def test_a_sentence_names_the_pages_that_it_sends_to():
    assert pages_named("Encode them on the Encode page or with “gera-workbench encode”.") == [
        "encode"
    ]
    said = "Set a pairing on the Data page and scan, then choose encoders on the Encode page."
    assert pages_named(said) == ["data", "encode"]
    assert pages_named("The Data page has it; see the Data page. The front page.") == ["data"]
