"""What file names tell: the stem that pairs files, and the words in it."""

import re
import unicodedata
from urllib.parse import unquote

from workbench.media.modality import RECORD_SUFFIXES, SUFFIXES

_KNOWN_SUFFIXES = RECORD_SUFFIXES.union(*SUFFIXES.values())


def path_stem_of(name: str) -> str:
    """Return a path without its known file name ending, parted by forward slashes.

    Only an ending in `SUFFIXES` or `RECORD_SUFFIXES` is one: ``"a/v1.5"`` stays ``"a/v1.5"``. A
    backward slash counts as a forward one, for tables that were written on Windows.
    """
    path = name.replace("\\", "/").removeprefix("./")
    folder, slash, last = path.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    if stem and dot + ending.lower() in _KNOWN_SUFFIXES:
        last = stem
    return folder + slash + last


def stem_of(name: str) -> str:
    """Return a file name without its folders and its known ending, see `path_stem_of`."""
    return path_stem_of(name).rpartition("/")[2]


def text_of_name(relative: str) -> str:
    """Return the words of a file name: ``"animals/black_cat-0001.png"`` is ``"black cat 0001"``.

    Folders and what follows the last dot are left out. Underscores, hyphens and plus signs become
    blanks; capitals and numbers stay as they are.

    Returns
    -------
    str
        Empty where the name holds nothing else.
    """
    name = relative.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return " ".join(re.sub(r"[_+-]", " ", stem).split())


def plain_path(name: str) -> str:
    """Return a path as it is compared with others, however its writer spells it.

    Backward slashes count as forward ones, for what was written on Windows; ``./`` at the start,
    ``file://`` and doubled slashes go; letters are in Unicode's composed form, since some systems
    write “é” in a file's name as two characters. Blanks stay: they are part of a name.
    """
    if name[:7].lower() == "file://":
        name = unquote(name[7:])
    path = re.sub(r"(?<=[^/])/{2,}", "/", name.replace("\\", "/"))
    while path.startswith("./"):
        path = path[2:]
    return unicodedata.normalize("NFC", path.replace("/./", "/"))
