"""What views and pairs may be, and what is refused, before any work."""

from dataclasses import replace
from functools import cache

import h5py
import numpy as np
import pytest
from worlds.views import two_views

from workbench.alignment import HeldOut, fit, methods, train
from workbench.errors import WorkbenchError

QUICK = {"steps": 4, "checkpoint": "last"}
SETTINGS = {
    "gera": {**QUICK, "neighbours": 8, "anchors": 20, "alpha": 3.0},
    **dict.fromkeys(("contrastive", "structure", "sotalign"), QUICK),
}
RELATION = ("image", "text")


def memory_map(rows, folder, name):
    np.save(folder / f"{name}.npy", rows)
    return np.load(folder / f"{name}.npy", mmap_mode="r")


def data_set(rows, folder, name):
    file = h5py.File(folder / f"{name}.h5", "w")
    return file.create_dataset("rows", data=rows, chunks=(7, rows.shape[1]))


def not_contiguous(rows, folder, name):
    wide = np.zeros((2 * len(rows), rows.shape[1] + 3), dtype=rows.dtype)
    wide[::2, 1:-2] = rows
    return wide[::2, 1:-2]


def backwards_in_memory(rows, folder, name):
    return np.asfortranarray(rows[::-1])[::-1]


def plain_lists(rows, folder, name):
    return rows.tolist()


def equal(first, second) -> bool:
    ours, theirs = first.tensors(), second.tensors()
    return ours.keys() == theirs.keys() and all((ours[n] == theirs[n]).all() for n in ours)


@cache
def plain_space(method):
    """Fit the plain arrays once for all the ways to keep them."""
    views, pairs, held_out = two_views()
    return fit(method, views, pairs, settings=SETTINGS.get(method), validation=held_out)


@pytest.mark.parametrize("entry", methods(), ids=lambda entry: entry.name)
@pytest.mark.parametrize(
    "kept", [memory_map, data_set, not_contiguous, backwards_in_memory, plain_lists]
)
def test_rows_give_the_same_heads_wherever_they_lie(entry, kept, tmp_path):
    views, pairs, held_out = two_views()
    options = {"settings": SETTINGS.get(entry.name), "validation": held_out}
    elsewhere = {view: kept(rows, tmp_path, view) for view, rows in views.items()}
    assert equal(fit(entry.name, elsewhere, pairs, **options), plain_space(entry.name))


def test_without_unpaired_items_rows_may_lie_in_a_file_too(tmp_path):
    views, pairs, _ = two_views()
    settings = {**SETTINGS["gera"], "unpaired": "none"}
    expected = fit("gera", views, pairs, settings=settings)
    elsewhere = {view: data_set(rows, tmp_path, view) for view, rows in views.items()}
    assert equal(fit("gera", elsewhere, pairs, settings=settings), expected)


@pytest.mark.parametrize("method", ["gera", "procrustes", "asif"])
@pytest.mark.parametrize("dtype", ["float16", "float64", "int16", ">f4"])
def test_numbers_of_any_kind_are_taken(method, dtype):
    views, pairs, _ = two_views()
    views = {view: np.round(100 * rows).astype(dtype) for view, rows in views.items()}
    expected = {view: rows.astype(np.float32) for view, rows in views.items()}
    options = {"settings": SETTINGS.get(method)}
    assert equal(fit(method, views, pairs, **options), fit(method, expected, pairs, **options))


def test_pairs_may_be_told_twice_in_any_order_and_type():
    views, pairs, _ = two_views()
    rows = pairs[RELATION]
    told = np.concatenate([rows[::-1], rows[:9]]).astype(np.uint16).tolist()
    for method in ("gera", "procrustes"):
        options = {"settings": SETTINGS.get(method)}
        assert equal(fit(method, views, {RELATION: told}, **options),
                     fit(method, views, pairs, **options))  # fmt: skip


def changed(**changes):
    views, pairs, held_out = two_views()
    return {"views": views, "pairs": pairs, "validation": held_out} | changes


def with_view(rows):
    return changed(views={**two_views()[0], "image": rows})


def with_pairs(rows, relation=RELATION):
    return changed(pairs={relation: rows})


def with_row(value):
    views, _, _ = two_views()
    views["image"] = views["image"].astype(np.float64)
    views["image"][3] = value
    return changed(views=views)


def with_held_out(**changes):
    return changed(validation=replace(two_views()[2], **changes))


SOME = np.stack([np.arange(20)] * 2, axis=1)
HELD = two_views()[2].views

BAD = {
    "nan": (with_row(np.nan), "Row 3 of “image” has a number that is not finite"),
    "inf": (with_row(-np.inf), "not finite"),
    "beyond float32": (with_row(1e300), "Row 3 of “image” has a number that is not finite"),
    "zero": (with_row(0.0), "Row 3 of “image” is all zeros"),
    "alike": (with_view(np.ones((120, 20))), "All 120 rows of “image” are equal"),
    "one dimension": (with_view(np.ones(120)), r"shape \(120,\)"),
    "three dimensions": (with_view(np.ones((120, 2, 3))), r"shape \(120, 2, 3\)"),
    "no rows": (with_view(np.ones((0, 20))), r"shape \(0, 20\)"),
    "no width": (with_view(np.ones((120, 0))), r"shape \(120, 0\)"),
    "ragged": (with_view([[1.0, 2.0], [3.0]]), "“image” must be rows × width"),
    "objects": (with_view(np.ones((120, 20), object)), "of numbers, not object"),
    "strings": (with_view(np.full((120, 20), "0.5")), "of numbers, not <U3"),
    "complex": (with_view(np.ones((120, 20), complex)), "of numbers, not complex128"),
    "truth values": (with_view(np.ones((120, 20), bool)), "of numbers, not bool"),
    "one view": (changed(views={"image": np.ones((4, 3))}), "at least two views"),
    "no pairs": (changed(pairs={}), "No pairs link “image” to another view"),
    "one pair": (with_pairs(SOME[:1]), "There are 1 training pairs image–text; .*at least 2"),
    "one pair often": (with_pairs(np.full((9, 2), 7)), "There are 1 training pairs"),
    "three columns": (with_pairs(np.zeros((5, 3), int)), r"whole numbers of shape \(p, 2\)"),
    "halves": (with_pairs(SOME + 0.5), "whole numbers"),
    "ragged pairs": (with_pairs([[1, 2], [3]]), "whole numbers"),
    "too far": (with_pairs(np.full((5, 2), 500)), "points to row 500 of “image”, which has 120"),
    "negative": (with_pairs(SOME - 1), "points to row -1"),
    "of itself": (with_pairs(SOME, ("text", "text")), "must link two different views"),
    "of a stranger": (with_pairs(SOME, ("image", "sound")), "must link two different views"),
    "of three": (with_pairs(SOME, ("image", "text", "image")), "must link two different views"),
    "held out elsewhere": (
        with_held_out(views={**HELD, "sound": np.ones((2, 3))}),
        "Held-out items are of “sound”, but these views are aligned: image, text",
    ),
    "held out of another width": (
        with_held_out(views={**HELD, "image": HELD["image"][:, :5]}),
        "Held-out items of “image” have width 5, training items have width 20",
    ),
    "held out nan": (
        with_held_out(views={**HELD, "image": HELD["image"] * np.nan}), "not finite",
    ),
    "held out too far": (
        with_held_out(pairs={RELATION: np.array([[0, 40]])}), "row 40 of “text”, which has 40",
    ),
    "held out without its view": (
        with_held_out(views={"image": HELD["image"]}), "must link two different views of: image",
    ),
    "a seed below zero": (changed(seed=-1), "The seed is -1"),
    "too large a seed": (changed(seed=2**63), "The seed is"),
}  # fmt: skip


# what is looked at is the same for all methods: each fault meets three of them, in turn
MEETINGS = [
    (fault, name)
    for place, fault in enumerate(BAD)
    for name in [methods()[(place + step) % len(methods())].name for step in (0, 3, 6)]
]


@pytest.mark.parametrize(("fault", "method"), MEETINGS)
def test_bad_input_ends_in_a_sentence_before_any_work(fault, method):
    arguments, words = BAD[fault]
    with pytest.raises(WorkbenchError, match=words):
        next(train(method, **arguments))


def test_a_device_that_is_not_there_ends_in_a_sentence():
    views, pairs, _ = two_views()
    for device in ("cuda:7", "abacus", "meta"):
        with pytest.raises(WorkbenchError, match=f"no device “{device}”.*Train on “cpu”"):
            next(train("contrastive", views, pairs, device=device))


@pytest.mark.parametrize("pairs", [{}, {RELATION: np.zeros((0, 2), int)}])
def test_held_out_items_without_pairs_are_as_good_as_none(pairs):
    views, told, held_out = two_views()
    for method in ("gera", "ridge", "cca"):
        options = {"settings": SETTINGS.get(method)}
        empty = HeldOut(held_out.views, pairs)
        assert equal(fit(method, views, told, validation=empty, **options),
                     fit(method, views, told, **options))  # fmt: skip
