"""Columns sort as plain Python would, and say what the catalogue and the run say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.jobs import drain
from workbench.project import Item
from workbench.stations import ROLES, AlignRequest, ItemColumns, align, inspector

WORDS = ["", "b", "A", "ä", "قطة", "一只猫", "👩‍👩‍👧", "a\x00b", "a b", "same", "same", "x" * 300]


def item(number, modality="image", **known):
    return Item(
        modality=modality, path=known.pop("path", f"/files/{number}"), fingerprint="",
        key=known.pop("key", f"{number:03}"), id=number, **known,
    )  # fmt: skip


def columns_of(*items, pairs=()):
    return ItemColumns.of(items, np.array(pairs, np.int64).reshape(-1, 2))


def test_rows_are_ascending_by_id_and_found_again():
    columns = columns_of(item(9), item(2), item(5), pairs=[(2, 9)])
    assert columns.ids.tolist() == [2, 5, 9]
    assert [each.id for each in columns.items] == [2, 5, 9]
    assert columns.rows_of(np.array([9, 4, 2, 77])).tolist() == [2, 0]
    assert columns.paired.holding("unpaired").tolist() == [False, True, False]
    assert len(columns_of()) == 0
    assert columns_of().rows_of(np.array([1])).tolist() == []
    assert columns_of().order("name").tolist() == []


def test_items_are_found_by_id_with_their_pairs():
    columns = columns_of(
        item(2), item(5, "text"), item(9, "speech"), item(11), pairs=[(2, 5), (2, 9), (11, 5)]
    )
    assert columns.item(5) is columns.items[1]
    assert [columns.item(each) for each in (1, 4, 12)] == [None] * 3
    rows, known = columns.places_of(np.array([9, 4, 2, 77]))
    assert (rows[known].tolist(), known.tolist()) == ([2, 0], [True, False, True, False])
    assert columns.count(np.array([2, 11, 9, 77])) == {"image": 2, "speech": 1}
    assert columns.pairs_of(np.array([9, 11])).tolist() == [[2, 9], [11, 5]]
    assert columns.pairs_of(np.array([2, 11]), most=2).tolist() == [[2, 5], [2, 9]]
    nothing = columns_of()
    assert (nothing.item(2), nothing.count(np.array([2]))) == (None, {})
    assert nothing.pairs_of(np.array([2])).shape == (0, 2)


def test_labels_and_languages_are_there_or_not():
    assert not columns_of(item(1), item(2)).has_labels()
    assert columns_of(item(1), item(2, label="x")).has_labels()
    for languages, several in ((("", ""), False), (("de", "de"), False), (("de", ""), True),
                               (("de", "fr"), True)):  # fmt: skip
        columns = columns_of(*(item(n, language=each) for n, each in enumerate(languages)))
        assert columns.has_languages() == several


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30), st.booleans())
def test_labels_sort_by_name_and_those_without_come_last(labels, descending):
    columns = columns_of(*(item(n, label=label) for n, label in enumerate(labels)))
    known = sorted({label for label in labels if label}, key=lambda name: (name.casefold(), name))
    expected = sorted(
        (n for n, label in enumerate(labels) if label),
        key=lambda n: known.index(labels[n]) * (-1 if descending else 1),
    ) + [n for n, label in enumerate(labels) if not label]
    assert columns.order("label", descending=descending).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS[1:]), max_size=30))
def test_names_and_paths_sort_without_capitals(words):
    columns = columns_of(
        *(item(n, "text", text=word, path=f"/{word}") for n, word in enumerate(words))
    )
    for by, says in (("name", columns.name), ("path", lambda row: columns.items[row].path)):
        expected = sorted(range(len(words)), key=lambda row: says(row).casefold())
        assert columns.order(by).tolist() == expected
        down = columns.order(by, descending=True)
        assert [says(r).casefold() for r in down] == [says(r).casefold() for r in expected[::-1]]


def test_a_text_is_called_by_its_words_and_a_file_by_its_name():
    columns = columns_of(
        item(1, "text", text="two\nlines  here" + "!" * 500), item(2, key="cat"), item(3, "text")
    )
    assert columns.name(0).startswith("two lines here!")
    assert len(columns.name(0)) <= 120
    assert [columns.name(1), columns.name(2)] == ["cat", "003"]


def test_words_are_found_in_texts_and_paths_but_not_across():
    columns = columns_of(
        item(1, "text", text="Straße 一只猫", path="/a/b.txt"), item(2, path="/a/CAT 🐈‍⬛.png")
    )
    for wanted, found in (
        ("STRASSE", [True, False]), ("只", [True, False]), ("cat 🐈", [False, True]),
        ("/A/", [True, True]), ("猫/a", [False, False]), ("x" * 20_000, [False, False]),
    ):  # fmt: skip
        assert columns.words.containing(wanted).tolist() == found


@pytest.fixture
def project(tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 40, extra=3))
    drain(align(project, AlignRequest(method="ridge", name="p", pairs=20)))
    return project


def test_figures_of_a_run_are_those_measured_and_sort_as_numbers(project):
    figures = drain(drain(inspector(project, "p")).measure())
    plain = ItemColumns.read(project)
    assert plain.distortion is None
    assert plain.order("distortion").tolist() == list(range(len(plain)))
    columns = plain.with_run(lambda ids: ids % 7 - 2, figures)
    np.testing.assert_array_equal(columns.distortion, figures.distortion_of(plain.ids))
    np.testing.assert_array_equal(columns.rank, figures.partner_rank_of(plain.ids))
    assert columns.split.names == ROLES
    assert columns.split.holding("training").tolist() == (plain.ids % 7 == 2).tolist()
    assert columns.split.holding("").tolist() == (plain.ids % 7 < 2).tolist()
    for by, values in (("distortion", columns.distortion), ("rank", columns.rank)):
        known = values > 0 if by == "rank" else ~np.isnan(values)
        assert 0 < known.sum() < len(values) or by == "distortion"
        for descending in (False, True):
            shown = values[columns.order(by, descending=descending)]
            head, tail = shown[: known.sum()], shown[known.sum() :]
            assert np.isin(tail, values[~known]).all() or np.isnan(tail).all()
            assert (np.diff(head) <= 0).all() if descending else (np.diff(head) >= 0).all()
