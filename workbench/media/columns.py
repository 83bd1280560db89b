"""What a row of a file says of an item, and which column says it."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from workbench.media.texts import decode_text

Row = tuple[int, dict[str, str]]
"""Line or row number of a table from 1, and the cells by column."""

_SURROGATES = re.compile("[\ud800-\udfff]")  # JSON can escape halves of characters; UTF-8 cannot

_LETTERS_TO_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-z]+")
_AFTER_THE_WORD = re.compile(
    r"(_?[0-9]+|_(?!id|no|nr)[a-z]{2})$"
)  # caption1, caption_2, caption_en

_TEXT_NAMES = (
    *("caption", "text", "sentence", "comment", "description", "transcript", "transcription"),
    *("utterance", "prompt", "captions", "sentences", "content", "title", "raw", "alt_text"),
)
_PATH_NAMES = (
    *("path", "file_path", "filepath", "file_name", "filename", "file", "image_path"),
    *("image_file", "image_name", "image", "img_path", "img", "picture", "photo"),
    *("audio_path", "audio_file", "audio", "wav_path", "wav", "clip", "sound", "recording"),
)
_USUAL_NAMES: dict[str, tuple[str, ...]] = {  # the better name first
    "path": _PATH_NAMES,
    "text": _TEXT_NAMES,
    "id": ("id", "uid", "uuid", "guid", "item_id", "sample_id", "caption_id"),
    "key": ("key", "pair", "pair_id", "pair_key"),
    "label": ("label", "class", "category", "class_name", "label_name", "genre", "tag"),
    "language": ("language", "lang", "locale", "language_code", "lang_code"),
}


class Columns(BaseModel):
    """The columns of a table that make its items; an empty name is a column not chosen.

    Attributes
    ----------
    id : str
        Names the item among the others of its file.
    text : str
        Is the item, where items are texts.
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
    text, path, label, language : str
        Cells of the chosen columns, else empty.
    key : str
        First of these that is not empty: cell of the key, the path, the id column, the place.
    """

    place: str
    number: int
    text: str = ""
    path: str = ""
    label: str = ""
    language: str = ""
    key: str = ""


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


def guess_columns(names: Sequence[str]) -> Columns:
    """Guess from their usual names which columns make the items; no column is taken twice.

    Parameters
    ----------
    names : sequence of str
        The columns of a table; case and the way words are joined do not matter.
    """
    words = {name: "_".join(filter(None, _LETTERS_TO_WORDS.split(name))).lower() for name in names}
    guess: dict[str, str] = {}
    for role, usual in _USUAL_NAMES.items():
        exact = (name for word in usual for name in names if words[name] == word)
        guess[role] = next((name for name in exact if name not in guess.values()), "")
    for role in ("text", "path"):  # names such as “english_caption”, “caption_en” and “image2”
        if not guess[role]:
            likely = (n for n in names if _ends_like(words[n], _USUAL_NAMES[role]))
            guess[role] = next((name for name in likely if name not in guess.values()), "")
    if not guess["path"] and not guess["key"]:
        pairing = ("image_id", "img_id", "audio_id", "photo_id", "video_id")
        guess["key"] = next((name for name in names if words[name] in pairing), "")
    return Columns(**guess)


def _ends_like(word: str, usual: Sequence[str]) -> bool:
    word = _AFTER_THE_WORD.sub("", word)
    return any(word == name or word.endswith(f"_{name}") for name in usual)


def cell_text(value: Any) -> str:
    """Return any value of a table as text: null and not-a-number as nothing, lists as JSON.

    Of an object with a path (pictures and recordings, as the datasets library stores them) it is
    the path.
    """
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return decode_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict) and isinstance(value.get("path", 0), str | None):
        return cell_text(value["path"])
    if isinstance(value, (dict, list, tuple)):
        return cell_text(json.dumps(value, ensure_ascii=False, default=cell_text))
    return cell_text(str(value))
