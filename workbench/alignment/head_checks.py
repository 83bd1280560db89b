"""What a head that comes from a file must be before anything is embedded with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import HEADS, AnchorHead, Head, LinearHead, MlpHead, ResidualHead
from workbench.alignment.whitening import Whitening
from workbench.alignment.word_heads import BlocksHead, WordsHead

Floats = npt.NDArray[np.float32]

# the shape of each array, by letters: equal ones are equal numbers, in all arrays of a head
_SHAPES = {
    LinearHead.kind: {"centre": "d", "weight": "wd", "bias": "w"},
    ResidualHead.kind: {
        "centre": "d", "weight": "wd", "bias": "w", "landmarks": "hd", "hidden_weight": "wh",
    },
    MlpHead.kind: {
        "centre": "d", "weight": "wd", "bias": "w", "inner_weight": "hd", "inner_bias": "h",
        "hidden_weight": "wh",
    },
    AnchorHead.kind: {"centre": "d", "anchors": "wd"},
    WordsHead.kind: {"centre": "d", "weight": "cd", "vectors": "cw", "mean": "w"},
}  # fmt: skip
_WHITENING = {"whitening_centre": "d", "whitening": "dd", "whitening_mean": "d"}
_MOST_BLOCKS = 8
_ROUNDING = 1e-6


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
    if kind == BlocksHead.kind:
        return _checked_blocks(options, arrays)
    if not isinstance(kind, str) or kind not in _SHAPES:
        raise ValueError("it is of no kind that is known here")
    given = {name: value for name, value in options.items() if name != "kind"}
    shapes, sizes = _SHAPES[kind], dict[str, int]()
    if "root" in given:
        shapes = shapes | _WHITENING
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
    plain: dict[str, Any] = {name: _floats(name, array) for name, array in arrays.items()}
    if "root" in given:
        root = given.pop("root")
        if not isinstance(root, bool):
            raise ValueError(f"its option “root” is {root!r}")
        centre, matrix, mean = (plain.pop(name) for name in _WHITENING)
        plain["whitening"] = Whitening(root, centre, matrix, mean)
    if kind == AnchorHead.kind:
        _check_anchor_options(given)
    elif given:
        raise ValueError(f"a {kind} head has no option “{next(iter(given))}”")
    make = HEADS.get(kind, WordsHead)
    return make(**plain, **given), sizes["w"]


def _checked_blocks(options: Mapping[str, Any], arrays: Mapping[str, Any]) -> tuple[Head, int]:
    """Return heads side by side, each of them checked; see `checked_head`."""
    if options.keys() != {"kind", "blocks", "shares"}:
        raise ValueError("a head of blocks has the options blocks and shares")
    each, shares = options["blocks"], options["shares"]
    if not isinstance(each, list) or not 2 <= len(each) <= _MOST_BLOCKS:
        raise ValueError(f"a head of blocks has from 2 to {_MOST_BLOCKS} of them")
    fits = isinstance(shares, list) and len(shares) == len(each)
    if not fits or not all(isinstance(share, float) and 0 < share < 1 for share in shares):
        raise ValueError("its shares are not numbers between 0 and 1, one a block")
    if abs(sum(shares) - 1) > _ROUNDING:
        raise ValueError(f"the sum of its shares is {sum(shares):g}, not 1")
    heads, width, left = list[Head](), 0, dict(arrays)
    for number, block in enumerate(each):
        if isinstance(block, dict) and block.get("kind") == BlocksHead.kind:
            raise ValueError("it has blocks in blocks")
        own = {name: left.pop(name) for name in arrays if name.startswith(f"{number}.")}
        own = {name.partition(".")[2]: array for name, array in own.items()}
        try:
            head, wide = checked_head(block, own)
        except ValueError as error:
            raise ValueError(f"its block {number}: {error}") from None
        heads.append(head)
        width += wide
    if left:
        raise ValueError(f"it has an array “{next(iter(left))}” of no block")
    if len({len(head.centre) for head in heads}) > 1:
        raise ValueError("its blocks are for embeddings of different widths")
    return BlocksHead(tuple(heads), tuple(shares)), width


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
