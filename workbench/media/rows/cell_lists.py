"""Cells that hold a list: several texts of one item, as JSON, Python and NumPy write them."""

import ast
import json
import re

from workbench.media.texts import MAX_TEXT_BYTES

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""", re.DOTALL)
_LIST_OF_NUMPY = re.compile(
    rf"\[\s*(?:{_QUOTED.pattern})(?:\s+(?:{_QUOTED.pattern}))+\s*\]", re.DOTALL
)


def texts_of_list(cell: str) -> list[str] | None:
    """Return the texts of a cell that is a list of them, as JSON or Python write it; else None."""
    cell = cell.strip()
    if cell[:1] + cell[-1:] not in ("[]", "{}") or len(cell) > MAX_TEXT_BYTES:
        return None
    if _LIST_OF_NUMPY.fullmatch(cell):  # which Python reads as one long text
        cell = f"[{', '.join(_QUOTED.findall(cell))}]"
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
    if isinstance(found, dict):  # a text in several languages, or in several forms
        own = _text_of(found)
        found = list(found.values()) if own is None else [own]
    if not isinstance(found, list):
        return None
    texts = [_text_of(each) for each in found]
    return texts if all(text is not None for text in texts) else None  # type: ignore[return-value]


def _text_of(value: object) -> str | None:
    """Return a text, or the one in an object of a list, as COCO's tables have them."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        named = (value.get(name) for name in ("raw", "caption", "text", "sentence"))
        return next((each for each in named if isinstance(each, str)), None)
    return None
