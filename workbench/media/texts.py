"""Read texts in the encodings that people's folders hold, and pick the part that matters."""

import codecs
import re
import stat
from pathlib import Path

from workbench import words
from workbench.errors import WorkbenchError

MAX_TEXT_BYTES = 16 * 1024 * 1024
"""Larger files are no item of text."""

_BYTE_ORDER_MARKS = (  # the four-byte marks first: UTF-32's starts like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What people's files are in. Left to choose among all of Python's, charset-normalizer takes short
# Western texts for Baltic, Icelandic or Chinese ones.
_LATIN_ENCODINGS = ("cp1250", "cp1252", "cp1254", "cp1257", "iso8859_2")
_LEGACY_ENCODINGS = (
    *_LATIN_ENCODINGS,
    *("cp1251", "cp1253", "cp1255", "cp1256"),
    *("iso8859_5", "iso8859_7", "koi8_r", "cp866", "tis_620"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"),
)
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_ENOUGH_BYTES = 1 << 16  # more than that tells no more about the encoding


def read_text(path: Path) -> str:
    """Return the content of a text file, lines ended by a newline character alone.

    Raises
    ------
    WorkbenchError
        The file is missing, unreadable or larger than `MAX_TEXT_BYTES`. No byte in it is an error.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            raise OSError(None, "it is not a regular file")
        with path.open("rb") as file:
            content = file.read(MAX_TEXT_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise WorkbenchError(
            f"The text file {path} cannot be read ({getattr(error, 'strerror', None) or error}): "
            "check the path and its permissions."
        ) from error
    if len(content) > MAX_TEXT_BYTES:
        raise WorkbenchError(
            f"The text file {path} is larger than {words.size(MAX_TEXT_BYTES)}, too much for one "
            "item: split it into one file an item."
        )
    return decode_text(content)


def decode_text(content: bytes) -> str:
    """Decode bytes of unknown encoding, see `detect_encoding`; never fails.

    Returns
    -------
    str
        Lines ended by a newline character alone; bytes without a meaning are U+FFFD.
    """
    text = content.decode(detect_encoding(content), errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def detect_encoding(sample: bytes) -> str:
    """Name the encoding of bytes; never fails.

    By byte order mark; else UTF-16 where every other byte is nearly always small; else UTF-8 where
    it is valid; else what charset-normalizer finds likeliest among the encodings of before UTF-8,
    Windows-1252 in doubt, and Latin-1 where a byte has no meaning there.

    Parameters
    ----------
    sample : bytes
        A whole text, or its beginning up to the end of a character.

    Returns
    -------
    str
        A name that Python's codecs know; it takes the byte order mark away, where there is one.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if sample.startswith(mark):
            return encoding
    wide = _wide_encodings(sample[:_ENOUGH_BYTES])
    if len(wide) == 1:
        return wide[0]
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        start = max(0, error.start - _ENOUGH_BYTES // 2)  # from where it is not ASCII
        return _likeliest(sample[start : start + _ENOUGH_BYTES])
    return "utf-8"


def _wide_encodings(sample: bytes) -> list[str]:
    """Name the kind of UTF-16 without a mark that the zero bytes tell of, or none.

    Scripts from Latin to Thai lie below U+1000: the upper byte of a character is then below 16, and
    zero in blanks and line ends, where the lower one never is.
    """
    if b"\0" not in sample:
        return []
    found = []
    pairs = len(sample) // 2
    for upper, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = sample[upper : 2 * pairs : 2], sample[1 - upper : 2 * pairs : 2]
        small = sum(high.count(value) for value in range(16))
        if 0 in high and 0 not in low and small >= 0.9 * pairs:
            found.append(encoding)
    return found


def _likeliest(sample: bytes) -> str:
    """Name the encoding from before UTF-8 that fits best."""
    from charset_normalizer import from_bytes

    runs = [len(run) for run in _HIGH_BYTES.findall(sample)]
    is_latin = max(runs, default=0) <= 3  # other scripts write whole words in upper bytes
    if is_latin and sum(runs) <= 3:
        return _western(sample)  # too little to tell more
    matches = from_bytes(
        sample, cp_isolation=list(_LATIN_ENCODINGS if is_latin else _LEGACY_ENCODINGS)
    )
    best = matches.best()
    if best is None:
        return _western(sample)
    western = next((m for m in matches if "cp1252" in m.could_be_from_charset), None)
    # where several do equally well, the library gives the first of its list
    if western and western.chaos <= best.chaos and western.coherence >= best.coherence:
        return "cp1252"
    return best.encoding


def _western(sample: bytes) -> str:
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def pick_text(content: str, rule: str = "whole", where: str = "The text") -> str:
    """Return the part of a text that is the item.

    Parameters
    ----------
    content : str
        The whole text.
    rule : str
        ``"whole"``; ``"first-line"``, the first line that is not blank; or ``"line:PREFIX"``, the
        rest of the first line that starts with PREFIX, such as ``"line:fr.utf8="``.
    where : str
        What the text is, with a capital, for the error: ``"The text file /a/b.txt"``.

    Returns
    -------
    str
        Never empty, without blanks at its ends.

    Raises
    ------
    WorkbenchError
        The rule is unknown, or nothing is left.
    """
    if rule == "whole":
        picked = content
    elif rule == "first-line":
        picked = next((line for line in content.split("\n") if clean_text(line)), "")
    elif rule.startswith("line:") and rule != "line:":
        prefix = rule.removeprefix("line:")
        starts = (line for line in content.split("\n") if line.startswith(prefix))
        line = next(starts, None)
        if line is None:
            raise WorkbenchError(
                f"{where} has no line that starts with “{prefix}”: choose another text rule."
            )
        picked = line.removeprefix(prefix)
    else:
        raise WorkbenchError(
            f"The text rule “{rule}” is unknown: use “whole”, “first-line” or “line:PREFIX”."
        )
    picked = clean_text(picked)
    if not picked:
        raise WorkbenchError(f"{where} has no text under the rule “{rule}”: remove it or fill it.")
    return picked


def clean_text(text: str) -> str:
    """Take away zero characters, and blanks and byte order marks at the ends."""
    return text.replace("\0", "").strip("\ufeff \t\n\r\v\f\u00a0").strip()
