"""Ways to damage a file of a project: by hand, by another program, on purpose."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

Way = Callable[[Path], None]

_DEEP = 1000


def a_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def a_device(path: Path) -> None:
    """Stand for what never ends: a link to zeros."""
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def of_100_gigabytes(path: Path) -> None:
    """Grow the file without taking room on the disk."""
    with path.open("ab") as file:
        file.truncate(100 << 30)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def not_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00\x1b[31m" * 99)


def cut(path: Path) -> None:
    content = path.read_bytes() if path.exists() else b"{"
    path.write_bytes(content[: len(content) // 2])


ANY_FILE: dict[str, Way] = {
    way.__name__: way
    for way in (a_pipe, a_folder, a_device, of_100_gigabytes, empty, not_text, cut)
}
"""Of every kind of file; each makes it one that cannot be read."""


def deep_json(path: Path) -> None:
    path.write_text("[" * _DEEP + "]" * _DEEP)


def deep_objects(path: Path) -> None:
    path.write_text('{"a":' * _DEEP + "1" + "}" * _DEEP)


def rather_deep_json(path: Path) -> None:
    """So deep that the parser takes it and what comes after it would not."""
    path.write_text('{"retrieval": ' + "[" * 200 + "]" * 200 + "}")


def a_number(path: Path) -> None:
    path.write_text("5")


def a_list(path: Path) -> None:
    path.write_text("[1, null, {}]")


def nothing(path: Path) -> None:
    path.write_text("null")


ANY_JSON: dict[str, Way] = {
    way.__name__: way
    for way in (deep_json, deep_objects, rather_deep_json, a_number, a_list, nothing)
}  # fmt: skip


def saying(**values: Any) -> Way:
    """Return a way to put values into a JSON file; a name with dots lies within."""

    def put(path: Path) -> None:
        found = json.loads(path.read_text())
        for name, value in values.items():
            *outer, last = name.split(".")
            place = found
            for each in outer:
                place = place[each]
            place[last] = value
        path.write_text(json.dumps(found))

    return put


def with_arrays(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Way:
    """Return a way to change the arrays of heads and what stands beside them."""

    def put(path: Path) -> None:
        with safe_open(path, "np") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            said = json.loads(file.metadata()["configuration"])
        change(arrays, said)
        save_file(arrays, path, {"configuration": json.dumps(said)})

    return put


def _number(value: float) -> Way:
    def put(arrays: dict[str, Any], _said: dict[str, Any]) -> None:
        arrays["image.weight"][0, 0] = value

    return with_arrays(put)


def _shape(name: str, shape: tuple[int, ...]) -> Way:
    return with_arrays(lambda arrays, _: arrays.update({name: np.ones(shape, np.float32)}))


def _said(**values: Any) -> Way:
    return with_arrays(lambda _, said: said.update(values))


_NARROW = {"kind": "linear"}
HEADS: dict[str, Way] = {
    "nan": _number(np.nan),
    "infinite": _number(np.inf),
    "wide": _shape("image.weight", (4, 999)),
    "flat": _shape("image.weight", (9,)),
    "no_numbers": _shape("text.bias", (0,)),
    "other_centre": _shape("text.centre", (3,)),
    "one_view_wider": with_arrays(
        lambda arrays, _: arrays.update({
            "text.weight": np.ones((99, 8), np.float32), "text.bias": np.ones(99, np.float32),
        })
    ),
    "one_missing": with_arrays(lambda arrays, _: arrays.__delitem__("image.bias")),
    "one_more": _shape("image.more", (2,)),
    "whole_numbers": with_arrays(
        lambda arrays, _: arrays.update({"image.bias": np.ones(5, np.int64)})
    ),
    "of_no_kind": _said(views={"image": {"kind": "magic"}, "text": _NARROW}),
    "kind_is_a_list": _said(views={"image": {"kind": ["linear"]}, "text": _NARROW}),
    "views_are_a_list": _said(views=[1, 2]),
    "no_views": _said(views={}),
    "more_options": _said(views={"image": {"kind": "linear", "power": 2}, "text": _NARROW}),
    "other_format": _said(format="heads 99"),
}  # fmt: skip

BIG = 10**400
RECIPE: dict[str, Way] = {
    "alpha_is_a_word": saying(**{"settings.alpha": "x"}),
    "alpha_of_a_view_is_a_word": saying(**{"settings.alpha": {"image": "x"}}),
    "alpha_is_nested": saying(**{"settings.alpha": {"image": {"image": 1}}}),
    "alpha_is_huge": saying(**{"settings.alpha": BIG}),
    "alpha_is_infinite": saying(**{"settings.alpha": float("inf")}),
    "setting_is_huge": saying(**{"settings.hidden": BIG}),
    "settings_are_a_list": saying(settings=[]),
    "seed_is_huge": saying(seed=2**70),
    "seed_is_negative": saying(seed=-1),
    "pairs_are_huge": saying(pairs=BIG),
    "pairs_are_negative": saying(pairs=-5),
    "seconds_are_infinite": saying(seconds=float("inf")),
    "seconds_are_negative": saying(seconds=-1e300),
    "stopped_nowhere": saying(stopped_at=-3, state="stopped"),
    "state_of_no_name": saying(state="flying"),
    "encoders_are_words": saying(encoders="all"),
    "a_card_is_a_number": saying(**{"encoders.image": 5}),
    "a_change_is_nan": saying(changes=[{"step": 1, "name": "alpha/image", "value": float("nan")}]),
    "a_rung_is_nan": saying(ladder=[0.0, float("nan")], rung=float("nan")),
    "split_is_odd": saying(**{"split.test": 7}),
    "split_is_nan": saying(**{"split.test": float("nan")}),
    "one_field_more": saying(more=1),
    "no_method": saying(method=5),
    "recall_is_nan": saying(neighbours={"image": {"index": "exact", "recall": float("nan")}}),
}
"""Values of a recipe that no program of ours has written."""

_DIRECTION = "retrieval.image→text"
REPORT: dict[str, Way] = {
    "retrieval_is_a_number": saying(retrieval=5),
    "a_direction_is_a_number": saying(retrieval={"image→text": 5}),
    "recall_is_a_word": saying(**{f"{_DIRECTION}.recall@10": "much"}),
    "recall_is_a_word_of_digits": saying(**{f"{_DIRECTION}.recall@10": "0.5"}),
    "recall_is_true": saying(**{f"{_DIRECTION}.recall@10": True}),
    "recall_is_huge": saying(**{f"{_DIRECTION}.recall@10": BIG}),
    "recall_is_nan": saying(**{f"{_DIRECTION}.recall@10": float("nan")}),
    "queries_are_words": saying(**{f"{_DIRECTION}.queries": "all"}),
    "chance_is_a_list": saying(**{f"{_DIRECTION}.chance": [1]}),
    "interval_is_a_number": saying(**{f"{_DIRECTION}.interval": 4}),
    "interval_of_one_end": saying(**{f"{_DIRECTION}.interval": {"recall@1": [0.5]}}),
    "preservation_is_a_word": saying(preservation={"image": "most"}),
    "preservation_is_a_list": saying(preservation=[0.5]),
    "neighbours_are_a_list": saying(preservation_neighbours=[10]),
    "neighbourhoods_are_odd": saying(neighbourhoods={"image": {"interval": {"overlap": 3}}}),
    "difference_is_a_number": saying(difference=3),
}
"""Values of a report that no program of ours has written."""

UNMEASURED: dict[str, Way] = {
    "recall_is_none": saying(**{f"{_DIRECTION}.recall@10": None}),
    "preservation_is_none": saying(preservation={"image": None, "text": 0.5}),
    "nothing_measured": saying(retrieval={}, preservation={}),
    "known_to_later_versions": saying(more={"deep": [1, 2]}),
}
"""Values of a report that are as they may be."""
