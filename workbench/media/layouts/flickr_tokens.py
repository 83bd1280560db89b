"""Captions of Flickr8k and Flickr30k: ``1000268201_693b08cb0e.jpg#0<TAB>A child …`` a line."""

import re
from collections.abc import Iterator
from pathlib import Path

from workbench.media.layouts.coco import caption_of
from workbench.media.rows.columns import Record, SkippedRecord
from workbench.media.rows.lines import bounded_lines, open_text
from workbench.media.texts import clean_text

_LINE = re.compile(r"(?P<place>(?P<name>[^\t]+)#[0-9]+)[ ]*\t(?P<text>.*)", re.DOTALL)


def is_token_line(line: str) -> bool:
    """Whether a line is one of a token file."""
    return _LINE.fullmatch(line) is not None


def token_captions(path: Path) -> Iterator[Record | SkippedRecord]:
    """Yield the captions of a token file, several to a picture."""
    with open_text(path) as file:
        for number, line in enumerate(bounded_lines(file), start=1):
            match = _LINE.fullmatch(line.lstrip("\ufeff"))
            if match:
                name, place = match["name"].strip(), match["place"].strip()
                yield caption_of(place, number, name, match["text"])
            elif clean_text(line):
                yield SkippedRecord(number, "is not a caption: it has no “NAME#NUMBER” and tab")
