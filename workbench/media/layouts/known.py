"""The one list of layouts, in the order in which they are looked for."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from workbench.media.layouts.coco import is_captions, json_captions
from workbench.media.layouts.flickr_tokens import is_token_line, token_captions
from workbench.media.layouts.json_names import is_names_to_texts, names_to_texts
from workbench.media.layouts.named_lines import holds_named_lines, named_lines
from workbench.media.rows.columns import Assumed, Record, SkippedRecord
from workbench.media.rows.json_tables import whole_object
from workbench.media.rows.lines import bounded_lines, open_text

Records = Iterator[Record | SkippedRecord | Assumed]


class Layout(NamedTuple):
    """How a file of names and texts is written.

    Attributes
    ----------
    name : str
        In the words of the field, such as “captions as COCO has them”.
    holds : callable
        Tells by its path, or of JSON by the object in it, whether a file is written so.
    read : callable
        Yields the records of a file.
    """

    name: str
    holds: Callable[[Any], bool]
    read: Callable[[Path], Records]


def _holds_tokens(path: Path) -> bool:
    with open_text(path) as file:
        lines = [line.strip("\ufeff\n") for line in islice(bounded_lines(file), 5)]
    filled = [line for line in lines if line.strip()]
    return sum(map(is_token_line, filled)) > len(filled) / 2


OF_JSON = (
    Layout("captions as COCO or Karpathy has them", is_captions, json_captions),
    Layout("names with their texts", is_names_to_texts, names_to_texts),
)
NAMED_LINES = Layout("a name and its text a line", holds_named_lines, named_lines)
OF_TEXTS = (
    Layout("captions as Flickr8k has them", _holds_tokens, token_captions),
    NAMED_LINES,
)


def layout_of(path: Path) -> Layout | None:
    """Return the layout that a file has, None where it has none of them.

    Raises
    ------
    WorkbenchError
        The file cannot be read.
    """
    if path.suffix.lower() == ".json":
        content = whole_object(path)
        fitting = (each for each in OF_JSON if content is not None and each.holds(content))
    else:
        fitting = (each for each in OF_TEXTS if each.holds(path))
    return next(fitting, None)
