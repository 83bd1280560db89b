"""What a row of a file says of an item, and which column says it."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from workbench.errors import WorkbenchError
from workbench.media.modality import SUFFIXES, Modality
from workbench.media.texts import decode_text

Row = tuple[int, dict[str, str]]
"""Line or row number of a table from 1, and the cells by column."""


class Inside(str):
    """The cell of a table that holds the bytes of a picture or a recording.

    As a text it is the name that the table gives them, perhaps none.

    Attributes
    ----------
    place : str
        Where they lie in the table, for `workbench.media.inside.read_inside`.
    """

    __slots__ = ("place",)

    place: str

    def __new__(cls, name: str, place: str) -> "Inside":
        """Make a cell of a name and a place."""
        self = super().__new__(cls, name)
        self.place = place
        return self


_CONTROLS = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")  # no text has them
_SURROGATES = re.compile("[\ud800-\udfff]")  # JSON can escape halves of characters; UTF-8 cannot

_LETTERS_TO_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-z]+")
_NUMBER = re.compile(r"[0-9]+$")
_AFTER_THE_WORD = re.compile(
    r"(_?[0-9]+|_(?!id|no|nr)[a-z]{2})$"
)  # caption1, caption_2, caption_en
_LONGEST_NAME = 4  # words; more is a sentence, not the name of a column
_LONGEST_USUAL = 100  # letters

MAX_COLUMNS = 20_000
"""Wider tables are refused: each column is looked at before the first item."""

_TEXT_NAMES = (
    *("caption", "text", "sentence", "comment", "description", "transcript", "transcription"),
    *("utterance", "prompt", "captions", "sentences", "content", "title", "raw", "alt_text"),
)
_ANY_PATH = ("path", "file_path", "filepath", "file_name", "filename", "file")
_IMAGE_PATH = (
    *("image_path", "image_file", "image_file_name", "image_filename", "image_name", "image"),
    *("img_path", "img_name", "img", "picture", "photo"),
)
_SPEECH_PATH = (
    *("audio_path", "audio_file", "audio_file_name", "audio_filename", "audio_name", "audio"),
    *("wav_path", "wav_file", "wav", "clip", "sound", "recording", "speech", "mp3", "flac"),
)
_PATH_NAMES: dict[Modality | None, tuple[str, ...]] = {
    None: (*_ANY_PATH, *_IMAGE_PATH, *_SPEECH_PATH),
    "text": (*_ANY_PATH, *_IMAGE_PATH, *_SPEECH_PATH),
    "image": (*_IMAGE_PATH, *_ANY_PATH),
    "speech": (*_SPEECH_PATH, *_ANY_PATH),
}
_USUAL_NAMES: dict[str, tuple[str, ...]] = {  # the better name first
    "path": (),  # of a modality
    "text": _TEXT_NAMES,
    "id": ("id", "uid", "uuid", "guid", "item_id", "sample_id", "caption_id"),
    "key": ("key", "pair", "pair_id", "pair_key"),
    "label": ("label", "class", "category", "class_name", "label_name", "genre", "tag"),
    "language": ("language", "lang", "locale", "language_code", "lang_code"),
}
_BYTES_LOOKED_AT = 1024
_NAMES_TOLD = 12  # a table may have thousands of columns
_MEDIA = SUFFIXES["image"] | SUFFIXES["speech"]
_FILES = _MEDIA | SUFFIXES["text"]


class Columns(BaseModel):
    """The columns of a table that make its items; an empty name is a column not chosen.

    Attributes
    ----------
    id : str
        Names the item among the others of its file.
    text : str
        Is the item, where items are texts. ``caption_*`` stands for ``caption_1``, ``caption_2``
        and so on: each is a text of the row.
    path : str
        The file the row is about.
    key : str
        Pairs the row with items of other modalities.
    label, language : str
        Facts about the item.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    text: str = ""
    path: str = ""
    key: str = ""
    label: str = ""
    language: str = ""

    def chosen(self) -> dict[str, str]:
        """Return the columns that are chosen, by what they say."""
        return {role: name for role, name in self.model_dump().items() if name}


@dataclass(frozen=True, slots=True)
class Record:
    """An item that is a row of a file.

    Attributes
    ----------
    place : str
        Names it inside its file, unique there: the cell of the id column where one is chosen (with
        ``~2``, ``~3``, … where it comes again), else its number.
    number : int
        Line or row from 1; of a cell that spans lines, the last.
    row : int
        Of a table: which of its rows, from 1, the names of columns not counted.
    text, path, label, language : str
        Cells of the chosen columns, else empty.
    key : str
        First of these that is not empty: cell of the key, the path, the id column. Where a table
        has none of these columns it is the row, of lines the line; else it may be empty, and then
        the item is paired with nothing.
    about : tuple of (modality, str)
        Of a table with columns of several modalities: the file of each that the row names.
    inside : bool
        Whether the item is a picture or a recording whose bytes lie at `place` in the file.
    row_name : str
        Of a table that holds pictures or recordings itself: what names its row, for pairing.
    """

    place: str
    number: int
    text: str = ""
    path: str = ""
    label: str = ""
    language: str = ""
    key: str = ""
    row: int = field(default=0, compare=False)
    about: tuple[tuple[Modality, str], ...] = ()
    inside: bool = False
    row_name: str = ""


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """A row that was left out, and why.

    Attributes
    ----------
    number : int
        Line or row from 1; 0 where the file as a whole is meant.
    reason : str
        Half a sentence, such as ``"has no text"``.
    """

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was assumed of a file while it was read.

    Attributes
    ----------
    sentence : str
        Without the file's name, in lower case, such as “row 3 was taken for the names of columns”.
    """

    sentence: str


def guess_columns(names: Sequence[str], modality: Modality | None = None) -> Columns:
    """Guess from their usual names which columns make the items; no column is taken twice.

    Parameters
    ----------
    names : sequence of str
        The columns of a table; case and the way words are joined do not matter.
    modality : {"image", "text", "speech"}, optional
        What the items are: of a table of pictures and recordings each takes its own column.
    """
    words = {name: _words_of(name) for name in names}
    of_role = _USUAL_NAMES | {"path": _PATH_NAMES[modality]}
    guess: dict[str, str] = {}
    for role, usual in of_role.items():
        by_word = {word: name for name, word in reversed(words.items())}
        exact = (by_word[word] for word in usual if word in by_word)
        guess[role] = next((name for name in exact if name not in guess.values()), "")
    for role in ("text", "path"):  # names such as “english_caption”, “caption_en” and “image2”
        if not guess[role]:
            likely = (n for n in names if _ends_like(words[n], of_role[role]))
            guess[role] = next((name for name in likely if name not in guess.values()), "")
    if not guess["path"] and not guess["key"]:
        pairing = ("image_id", "img_id", "audio_id", "photo_id", "video_id")
        guess["key"] = next((name for name in names if words[name] in pairing), "")
    guess["text"] = _numbered(guess["text"], names)
    return Columns(**guess)


def guess_columns_by_content(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """Guess from the first rows which columns make the items, where no line names the columns.

    Parameters
    ----------
    names : sequence of str
        As many as cells.
    rows : sequence of sequence of str
    """
    columns = {name: [row[place] for row in rows if len(row) > place and row[place]]
               for place, name in enumerate(names)}  # fmt: skip
    filled = {name: cells for name, cells in columns.items() if cells}
    path = next((name for name, cells in filled.items() if all(map(is_media_name, cells))), "")
    rest = {name: cells for name, cells in filled.items() if name != path}
    text = next((name for name, cells in rest.items() if _are_words(cells)), "")
    key = ""
    if not path and text:
        key = next((n for n, cells in rest.items() if n != text and _are_ids(cells)), "")
    elif not path and len(names) == len(filled) == 2:  # ``u0|yes``: texts of a word
        first, second = columns.values()
        if _are_ids(first) and all(map(is_numbered, first)) and not any(map(is_number, second)):
            key, text = names
    return Columns(path=path, text=text, key=key)


def is_media_name(cell: str) -> bool:
    """Whether a cell looks like the name of a picture or of a recording."""
    stem, dot, ending = cell.strip().rpartition(".")
    return bool(stem) and dot + ending.lower() in _MEDIA


def is_file_name(cell: str) -> bool:
    """Whether a cell looks like the name of a file that can be an item: also of a text."""
    stem, dot, ending = cell.strip().rpartition(".")
    return bool(stem) and dot + ending.lower() in _FILES


def is_number(cell: str) -> bool:
    """Whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_numbered(cell: str) -> bool:
    """Whether a cell is a name with a number in it, such as ``u12``."""
    return any(map(str.isdecimal, cell)) and " " not in cell and not is_number(cell)


def shape_of(name: str) -> str:
    """Return how a name is made: ``84-121-0000`` as ``9-9-9``, ``u12`` as ``a9``."""
    return re.sub(r"[0-9]+", "9", re.sub(r"[^\W\d_]+", "a", name))


def columns_like(pattern: str, names: Sequence[str]) -> list[str]:
    """Return the columns that a name stands for: itself, or ``caption_*`` by rising number."""
    if pattern in names:
        return [pattern]
    start, star, end = pattern.partition("*")
    if not star:
        return []
    meant = re.compile(f"{re.escape(start)}([0-9]+){re.escape(end)}")
    found = [(int(match[1]), name) for name in names if (match := meant.fullmatch(name))]
    return [name for _, name in sorted(found)]


def check_width(path: Path, width: int) -> None:
    """Raise a sentence where a table has too many columns to tell what they hold."""
    if width > MAX_COLUMNS:
        raise WorkbenchError(
            f"{path} has more than {MAX_COLUMNS:,} columns, too many for a table of items: save "
            "the columns that make the items as a table of their own."
        )


def names_in_words(names: Sequence[str]) -> str:
    """Return names of columns for a sentence: of thousands, the first."""
    told = ", ".join(f"“{name[:60]}”" for name in names[:_NAMES_TOLD])
    more = len(names) - _NAMES_TOLD
    return f"{told} and {more:,} more" if more > 0 else told or "none"


def other_texts(names: Sequence[str], columns: Columns) -> list[str]:
    """Return the columns that hold texts by their names, and are none of those chosen."""
    taken = {name for each in columns.chosen().values() for name in columns_like(each, names)}
    return [n for n in names if n not in taken and _ends_like(_words_of(n), _TEXT_NAMES)]


def _words_of(name: str) -> str:
    if len(name) > _LONGEST_USUAL:
        return ""
    return "_".join(filter(None, _LETTERS_TO_WORDS.split(name))).lower()


def _numbered(name: str, names: Sequence[str]) -> str:
    """Return ``caption_*`` for ``caption_1`` where there is a ``caption_2`` too."""
    pattern = _NUMBER.sub("*", name)
    return pattern if "*" in pattern and len(columns_like(pattern, names)) > 1 else name


def _are_words(cells: Sequence[str]) -> bool:
    """Whether cells are texts: most have a blank between words, or are no numbers and no paths."""
    spoken = sum(" " in cell.strip() for cell in cells)
    return spoken > len(cells) / 2 and not all(map(is_media_name, cells))


def _are_ids(cells: Sequence[str]) -> bool:
    """Whether cells name rows: no two are equal, and none has a blank."""
    return len(set(cells)) == len(cells) and not any(" " in cell for cell in cells)


def _ends_like(word: str, usual: Sequence[str]) -> bool:
    if word.count("_") >= _LONGEST_NAME:
        return False
    return f"_{_AFTER_THE_WORD.sub('', word)}".endswith(tuple(f"_{name}" for name in usual))


def is_binary(content: bytes) -> bool:
    """Whether bytes are no text in any encoding."""
    return bool(_CONTROLS.search(decode_text(content[:_BYTES_LOOKED_AT])))


def cell_text(value: Any) -> str:
    """Return any value of a table as text: null and not-a-number as nothing, lists as JSON.

    Of an object with a path (pictures and recordings, as the datasets library stores them) it is
    the path, and of bytes that are no text nothing.
    """
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return "" if is_binary(value) else decode_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict) and isinstance(value.get("path", 0), str | None):
        return cell_text(value["path"])
    if isinstance(value, (dict, list, tuple)):
        return cell_text(json.dumps(value, ensure_ascii=False, default=cell_text))
    return cell_text(str(value))
