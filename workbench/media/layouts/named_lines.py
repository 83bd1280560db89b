"""Lists without a line of names: a file's name and its text a line, or an utterance's id and words.

``0.jpg<TAB>A dog`` and its like with a comma, a bar or a blank; LibriSpeech's ``*.trans.txt`` and
kaldi's ``text``: ``84-121-0000 SOME WORDS``.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench import words
from workbench.media.layouts.coco import caption_of
from workbench.media.modality import SUFFIXES
from workbench.media.rows.columns import Assumed, Record, SkippedRecord, shape_of
from workbench.media.rows.lines import bounded_lines, is_too_long, open_text
from workbench.media.texts import MAX_TEXT_BYTES, clean_text

_ENDINGS = "|".join(
    sorted((re.escape(each[1:]) for each in SUFFIXES["image"] | SUFFIXES["speech"]), reverse=True)
)
_NAMED = re.compile(
    rf"(?P<name>[^\t|]*?\.(?:{_ENDINGS}))(?P<number>#[0-9]+)?"
    r"(?P<sign>[ ]*[\t|,;][ ]*|[ ]+)(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_UTTERANCE = re.compile(
    r"(?P<name>[^\s|,;]+)(?P<sign>[ \t]*[|,;][ \t]*|[ \t]+)(?P<text>\S.*)", re.DOTALL
)
_TRANSCRIPTS = re.compile(r"(.*\.)?trans(cripts?)?(\.txt)?|text", re.IGNORECASE)
_NEARLY_ALL = 0.9
_LINES_LOOKED_AT = 100


def is_transcript(path: Path) -> bool:
    """Whether a file is a list of utterances by its name, such as ``84-121.trans.txt``."""
    return _TRANSCRIPTS.fullmatch(path.name) is not None


def holds_named_lines(path: Path) -> bool:
    """Whether nearly all of a file's first lines begin with a name, and go on with a text."""
    return _pattern_of(path) is not None


def named_lines(path: Path) -> Iterator[Record | SkippedRecord | Assumed]:
    """Yield the texts of a list, keyed by the names before them."""
    pattern = _pattern_of(path) or _NAMED
    sign, times = _usual_sign(path, pattern), Counter[str]()
    what = "file" if pattern is _NAMED else "utterance"
    yield Assumed(
        f"no line names its columns: the {what} that a line begins with was taken for what it is "
        "about, and the rest for its text"
    )
    with open_text(path) as file:
        for number, line in enumerate(bounded_lines(file), start=1):
            line = line.lstrip("\ufeff").rstrip("\r\n")
            match = pattern.fullmatch(line)
            if is_too_long(line):
                yield SkippedRecord(
                    number, f"is longer than {words.size(MAX_TEXT_BYTES)}, too much for one item"
                )
            elif match and (match["sign"].strip(" ") or " ") == sign:
                name = match["name"].strip()
                times[name] += 1
                place = name if times[name] == 1 else f"{name}~{times[name]}"
                yield caption_of(place, number, name, _unquoted(match["text"], sign))
            elif clean_text(line):
                yield SkippedRecord(
                    number, f"does not begin with the name of a {what} as the other lines do"
                )


def _pattern_of(path: Path) -> re.Pattern[str] | None:
    lines = _first_lines(path)
    if not lines:
        return None
    enough = _NEARLY_ALL * len(lines)
    if sum(_NAMED.fullmatch(line) is not None for line in lines) >= enough:
        return _NAMED
    spoken = [match for line in lines if (match := _UTTERANCE.fullmatch(line))]
    names = [match["name"] for match in spoken]
    if len(spoken) < enough or len(set(names)) < len(names):
        return None
    return _UTTERANCE if is_transcript(path) or _are_ids(names) else None


def _are_ids(names: Sequence[str]) -> bool:
    """Whether names are made alike, with numbers, such as ``84-121-0000`` or ``u12``."""
    shapes = Counter(map(shape_of, names))
    shape, count = shapes.most_common(1)[0]
    numbered = "9" in shape and re.search(r"[-_]|a9$", shape) is not None
    return numbered and count >= _NEARLY_ALL * len(names)


def _usual_sign(path: Path, pattern: re.Pattern[str]) -> str:
    """Return what parts name and text in most lines."""
    found = (pattern.fullmatch(line) for line in _first_lines(path))
    signs = Counter(match["sign"].strip(" ") or " " for match in found if match)
    return signs.most_common(1)[0][0] if signs else " "


def _first_lines(path: Path) -> list[str]:
    lines: list[str] = []
    with open_text(path) as file:
        for line in bounded_lines(file):
            line = line.lstrip("\ufeff").rstrip("\r\n")
            if line.strip():
                lines.append(line)
            if len(lines) >= _LINES_LOOKED_AT:
                break
    return lines


def _unquoted(text: str, sign: str) -> str:
    """Take away the marks around a whole text, where the list is written as a table is."""
    if sign in " \t|" or not text.startswith('"'):
        return text
    try:
        cells = next(csv.reader([text], strict=True, delimiter=sign))
    except csv.Error:
        return text
    return cells[0] if len(cells) == 1 else text
