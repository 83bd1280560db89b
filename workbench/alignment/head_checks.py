"""What a head that comes from a file must be before anything is embedded with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import HEADS, AnchorHead, Head, LinearHead, ResidualHead

Floats = npt.NDArray[np.float32]

# the shape of each array, by letters: equal ones are equal numbers, in all arrays of a head
_SHAPES = {
    LinearHead.kind: {"centre": "d", "weight": "wd", "bias": "w"},
    ResidualHead.kind: {
        "centre": "d", "weight": "wd", "bias": "w", "landmarks": "hd", "hidden_weight": "wh",
    },
    AnchorHead.kind: {"centre": "d", "anchors": "wd"},
}  # fmt: skip


def checked_head(options: Any, arrays: Mapping[str, Any]) -> tuple[Head, int]:
    """Return a head, and the width of the space it maps into.

    Parameters
    ----------
    options : dict
        Its kind, and its options by name.
    arrays : mapping of str to ndarray

    Raises
    ------
    ValueError
        It is of no known kind, or its arrays are not those of its kind, of one another's shapes,
        and finite.
    """
    kind = options.get("kind") if isinstance(options, dict) else None
    if not isinstance(kind, str) or kind not in _SHAPES:
        raise ValueError("it is of no kind that is known here")
    shapes, sizes = _SHAPES[kind], dict[str, int]()
    if arrays.keys() != shapes.keys():
        raise ValueError(f"a {kind} head has the arrays {', '.join(shapes)}")
    for name, letters in shapes.items():
        shape = np.shape(arrays[name])
        fits = len(shape) == len(letters) and all(
            0 < size == sizes.setdefault(letter, size)
            for letter, size in zip(letters, shape, strict=True)
        )
        if not fits:
            raise ValueError(f"its array “{name}” has the shape {shape}, which fits no other")
    plain = {name: _floats(name, array) for name, array in arrays.items()}
    given = {name: value for name, value in options.items() if name != "kind"}
    if kind == AnchorHead.kind:
        _check_anchor_options(given)
    elif given:
        raise ValueError(f"a {kind} head has no option “{next(iter(given))}”")
    return HEADS[kind](**plain, **given), sizes["w"]  # type: ignore[arg-type]


def _floats(name: str, array: Any) -> Floats:
    if array.dtype.kind != "f":
        raise ValueError(f"its array “{name}” is of the type {array.dtype}")
    with np.errstate(over="ignore"):
        plain: Floats = np.asarray(array, dtype=np.float32)
    if not np.isfinite(plain).all():
        raise ValueError(f"its array “{name}” has numbers that are not finite")
    return plain


def _check_anchor_options(given: Mapping[str, Any]) -> None:
    if given.keys() != {"kept", "power"}:
        raise ValueError("an anchor head has the options kept and power")
    kept, power = given["kept"], given["power"]
    if isinstance(kept, bool) or not isinstance(kept, int) or kept < 1:
        raise ValueError(f"its number of anchors kept is {kept!r}")
    if isinstance(power, bool) or not isinstance(power, int | float) or not 0 < power < 1e3:
        raise ValueError(f"its power is {power!r}")
