"""Read texts in the encodings that people's folders hold, and pick the part that matters."""

import codecs
from pathlib import Path

from workbench.errors import WorkbenchError

MAX_TEXT_BYTES = 16 * 1024 * 1024
"""Larger files are no item of text."""

_BYTE_ORDER_MARKS = (  # the four-byte marks first: UTF-32's starts like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(path: Path) -> str:
    """Return the content of a text file, lines ended by a newline character alone.

    Raises
    ------
    WorkbenchError
        The file is missing, unreadable or larger than `MAX_TEXT_BYTES`. No byte in it is an error.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        raise WorkbenchError(
            f"The text file {path} cannot be read ({error.strerror}): check the path and "
            "its permissions."
        ) from error
    if len(content) > MAX_TEXT_BYTES:
        raise WorkbenchError(
            f"The text file {path} is larger than {MAX_TEXT_BYTES // 2**20} MB, too much for one "
            "item: split it into one file an item."
        )
    return decode_text(content)


def decode_text(content: bytes) -> str:
    """Decode bytes of unknown encoding; never fails.

    UTF-8, UTF-16 or UTF-32 by byte order mark, else UTF-8 where it is valid, else Windows-1252
    (Latin-1 where a byte has no meaning there).
    """
    return _decode(content).replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


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
        picked = next((line for line in content.split("\n") if _clean(line)), "")
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
    picked = _clean(picked)
    if not picked:
        raise WorkbenchError(f"{where} has no text under the rule “{rule}”: remove it or fill it.")
    return picked


def _clean(text: str) -> str:
    return text.replace("\0", "").strip("\ufeff \t\n\r\v\f\u00a0").strip()
