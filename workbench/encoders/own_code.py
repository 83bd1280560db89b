"""Which program code a model brings: where it comes from, and a mark that changes when it does."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.encoders.downloading.hub_cache import snapshot_here
from workbench.encoders.entry import Download
from workbench.encoders.registry import find_encoder
from workbench.errors import WorkbenchError
from workbench.media import Modality

_HUB = "hub "
_LARGEST_SETTINGS = 10_000_000  # bytes
_WITHOUT_CLASSES = ("tokenizer.json", "vocab.json")  # large, and read by nobody who loads code
_ELSEWHERE = re.compile(r"\S+--\S+\.\S+")  # ORGANISATION/NAME--file.Class


@dataclass(frozen=True)
class OwnCode:
    """Whose code it is, and which.

    Attributes
    ----------
    place : str
        The folder, with links followed, or ``hub NAME``.
    content : str
        Of a folder, a hash of its files; of a repository, its commit on this machine.
    """

    place: str
    content: str


def place_of_code(name: str, modality: Modality) -> str | None:
    """Return where an encoder's own code comes from; None where it can bring none.

    Parameters
    ----------
    name, modality : str
        As for `find_encoder`.
    """
    try:
        entry = find_encoder(name, modality)
        if entry.place is not None:
            return str(entry.place.resolve()) if entry.place.is_dir() else None
    except (WorkbenchError, OSError):
        return None
    # libraries of which one must ask what they fetch run no code of a model
    return f"{_HUB}{entry.download.repository}" if isinstance(entry.download, Download) else None


def own_code(name: str, modality: Modality) -> OwnCode | None:
    """Return an encoder's own code as it is on this machine now.

    Returns
    -------
    OwnCode or None
        None where it can bring none, or where its content cannot be told: it is not here, fetches
        code from yet elsewhere, or has links to other folders.
    """
    place = place_of_code(name, modality)
    if place is None:
        return None
    if place.startswith(_HUB):
        snapshot = snapshot_here(place.removeprefix(_HUB))
        content = None if snapshot is None or _fetches_more(snapshot) else snapshot.name
    else:
        content = _content(Path(place))
    return None if content is None else OwnCode(place, content)


def _content(folder: Path) -> str | None:
    """Return a hash of all files of a folder that could be code or name some."""
    if _fetches_more(folder):
        return None
    digest = hashlib.sha256()
    try:
        for file in _files(folder):
            if not stat.S_ISREG(file.stat().st_mode):
                return None
            digest.update(file.relative_to(folder).as_posix().encode("utf-8", "surrogateescape"))
            if file.suffix == ".safetensors":  # numbers alone, and many of them
                digest.update(f"\0{file.stat().st_size}\0".encode())
                continue
            with file.open("rb") as opened:
                digest.update(b"\0" + hashlib.file_digest(opened, "sha256").digest())
    except (OSError, _LeadsElsewhereError):
        return None
    return digest.hexdigest()


class _LeadsElsewhereError(Exception):
    """A folder has a link to another one."""


def _files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, in a fixed order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        if any(Path(place, name).is_symlink() for name in folders):
            raise _LeadsElsewhereError
        yield from (Path(place, name) for name in sorted(names))


def _fetches_more(folder: Path) -> bool:
    """Whether settings name code of another repository, or are too large to tell."""
    for file in folder.rglob("*.json"):
        if file.name in _WITHOUT_CLASSES or file.name.endswith(".index.json"):
            continue
        try:
            if not file.is_file():
                continue
            if file.stat().st_size > _LARGEST_SETTINGS:
                return True
            if any(map(_ELSEWHERE.fullmatch, _texts_in(json.loads(file.read_bytes())))):
                return True
        except (OSError, ValueError, RecursionError):
            continue  # no library reads it either
    return False


def _texts_in(content: object) -> Iterator[str]:
    """Yield the texts that are values, at any depth."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict | list):
        for each in content.values() if isinstance(content, dict) else content:
            yield from _texts_in(each)
