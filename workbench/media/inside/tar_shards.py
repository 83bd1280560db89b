"""Shards of .tar as WebDataset has them: members of one key are one row. Nothing is unpacked.

The key of ``dir/0001.left.jpg`` is ``dir/0001``: all before the first dot of the file's name.
"""

import json
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from workbench.bounded_store import BoundedStore
from workbench.errors import WorkbenchError
from workbench.media.inside.features import MediaColumn
from workbench.media.inside.tar_walk import BLOCK, Member, Members, walk
from workbench.media.modality import SUFFIXES, Modality
from workbench.media.rows.columns import Assumed, Inside, Row, SkippedRecord, cell_text
from workbench.media.texts import MAX_TEXT_BYTES, decode_text
from workbench.words import several, size

KEY = "__key__"
"""The column of the keys, as the datasets library calls it."""

MAX_MEMBER_BYTES = 1 << 30
"""A larger member is no picture and no recording that is read."""

_TEXTS = ("txt", "text", "caption", "captions", "md")  # the first that a key has is its text
_OBJECTS_LOOKED_AT = 20
_TOLD = 20  # members that were refused, by name
_INDEX_BYTES = 64 << 20
_BYTES_OF_ENTRY = 400  # of an index in memory, about


@dataclass
class _Shard(Members):
    """What a shard holds, by key and ending too."""

    rows: dict[str, dict[str, Member]] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        folder, slash, last = member.name.rpartition("/")
        stem, _, ending = last.partition(".")
        if ending:
            self.rows.setdefault(folder + slash + stem, {})[ending.lower()] = member

    def columns(self) -> dict[str, MediaColumn | None]:
        """Return the columns by their names in order; of those without media None."""
        found: dict[str, MediaColumn | None] = {KEY: None}
        endings = dict.fromkeys(ending for row in self.rows.values() for ending in row)
        for ending in endings:
            modality = _modality_of(ending)
            if modality is not None:
                found[_column_of(ending)] = MediaColumn(modality)
            elif _column_of(ending):
                found[_column_of(ending)] = None
        return found


_shards: BoundedStore[tuple[str, int, int], _Shard] = BoundedStore(
    _INDEX_BYTES, lambda shard: _BYTES_OF_ENTRY * (len(shard.members) + len(shard.refused))
)


def tar_columns(path: Path) -> list[str]:
    """Return the columns: the key, media by kind, the text, and the names in the first objects.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or is no .tar.
    """
    shard = _shard_of(path)
    names = dict.fromkeys(shard.columns())
    with _opened(path) as file:
        objects = (row["json"] for row in shard.rows.values() if "json" in row)
        for member in islice(objects, _OBJECTS_LOOKED_AT):
            names.update(dict.fromkeys(_object_of(file, member)))
    return list(names)


def tar_media(path: Path) -> dict[str, MediaColumn]:
    """Return the columns that hold media."""
    return {name: held for name, held in _shard_of(path).columns().items() if held is not None}


def tar_rows(
    path: Path, columns: Sequence[str] | None = None
) -> Iterator[Row | SkippedRecord | Assumed]:
    """Yield a row a key, in the order of the shard, and what was refused; no media are read."""
    shard = _shard_of(path)
    wanted = None if columns is None else set(columns)
    passed: Counter[str] = Counter()
    with _opened(path) as file:
        for number, (key, members) in enumerate(shard.rows.items(), start=1):
            cells: dict[str, str] = {KEY: key}
            yield from _texts_of(file, number, members, wanted, cells)
            for ending, member in members.items():
                column = _column_of(ending)
                if _modality_of(ending) is None:
                    passed[ending] += not column and ending != "json"
                elif isinstance(cells.get(column), Inside):
                    yield SkippedRecord(
                        number, f"has a second {column}, “{member.name}”: the first was taken"
                    )
                else:
                    cells[column] = Inside(member.name, member.name)
            yield number, cells
    for sentence in shard.refused[:_TOLD]:
        yield SkippedRecord(0, sentence)
    if len(shard.refused) > _TOLD:
        yield SkippedRecord(0, f"holds {len(shard.refused) - _TOLD:,} more members of such kinds")
    passed += Counter()  # drops those that did not come
    if passed:
        told = ", ".join(f".{ending} {count:,}" for ending, count in passed.most_common(6))
        count = several(passed.total(), "member")
        yield Assumed(f"{count} of kinds that are not read passed over ({told})")


def open_member(path: Path, name: str) -> BufferedReader:
    """Open a member where it lies.

    Raises
    ------
    WorkbenchError
        The shard cannot be read, has no such member, or it is larger than `MAX_MEMBER_BYTES`.
    """
    member = _shard_of(path).members.get(name)
    if member is None:
        raise WorkbenchError(f"{path} has no member “{name[:200]}”: scan again.")
    if member.size > MAX_MEMBER_BYTES:
        raise WorkbenchError(
            f"“{name[:200]}” in {path} is larger than {size(MAX_MEMBER_BYTES)}, too much for "
            "one item: make it smaller."
        )
    return BufferedReader(_Window(path.open("rb"), member))


class _Window(RawIOBase):
    """A member as a file of its own: nothing before and behind it can be read."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        self._file, self._member, self._place = file, member, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        start = {SEEK_SET: 0, SEEK_CUR: self._place, SEEK_END: self._member.size}[whence]
        if start + offset < 0:
            raise ValueError("before the start of the file")
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self._member.size - self._place))
        self._file.seek(self._member.start + self._place)
        content = self._file.read(count)
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()


def _texts_of(
    file: BinaryIO, number: int, members: dict[str, Member], wanted: set[str] | None,
    cells: dict[str, str],
) -> Iterator[SkippedRecord]:  # fmt: skip
    """Fill in the cells of a key's texts and objects, as far as they are wanted."""
    plain = {"text": next((members[each] for each in _TEXTS if each in members), None),
             "label": members.get("cls")}  # fmt: skip
    known = {KEY, *(_column_of(ending) for ending in members)}
    if "json" in members and (wanted is None or wanted - known):
        if members["json"].size > MAX_TEXT_BYTES:
            yield SkippedRecord(number, "has a .json that is too large to be read")
        else:
            found = _object_of(file, members["json"])
            cells |= {name: cell for name, cell in found.items() if name not in known}
    for column, member in plain.items():
        if member is None or (wanted is not None and column not in wanted):
            continue
        if member.size > MAX_TEXT_BYTES:
            yield SkippedRecord(number, f"has a {column} that is too large for one item")
        else:
            cells[column] = decode_text(_content(file, member))


def _object_of(file: BinaryIO, member: Member) -> dict[str, str]:
    if member.size > MAX_TEXT_BYTES:
        return {}
    try:
        found = json.loads(decode_text(_content(file, member)))
    except (ValueError, RecursionError):
        return {}
    return {name: cell_text(v) for name, v in found.items()} if isinstance(found, dict) else {}


def _content(file: BinaryIO, member: Member) -> bytes:
    file.seek(member.start)
    return file.read(member.size)


def _modality_of(ending: str) -> Modality | None:
    last = "." + ending.rpartition(".")[2]
    kinds: tuple[Modality, ...] = ("image", "speech")
    return next((kind for kind in kinds if last in SUFFIXES[kind]), None)


def _column_of(ending: str) -> str:
    """Return the column of members with an ending: .jpg and .png of different keys share one."""
    modality = _modality_of(ending)
    if modality is not None:
        return ending if "." in ending else modality
    return {"cls": "label", **dict.fromkeys(_TEXTS, "text")}.get(ending, "")


# --- where the members lie ------------------------------------------------------------------------


class _opened:  # noqa: N801 - used as a function
    """Open a shard; what the system has against it becomes a sentence."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> BinaryIO:
        try:
            self._file: BinaryIO = self._path.open("rb")
        except OSError as error:
            raise self._sentence(error) from error
        return self._file

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        self._file.close()
        if isinstance(error, OSError):
            raise self._sentence(error) from error

    def _sentence(self, error: OSError) -> WorkbenchError:
        return WorkbenchError(f"{self._path} cannot be read ({error.strerror}): check the path.")


def _shard_of(path: Path) -> _Shard:
    with _opened(path) as file:
        facts = path.stat()
        key = (str(path), facts.st_size, facts.st_mtime_ns)
        shard = _shards.get(key)
        if shard is None:
            shard = _read_shard(file, path, facts.st_size)
            _shards.put(key, shard)
    return shard


def _read_shard(file: BinaryIO, path: Path, size: int) -> _Shard:
    head = file.read(BLOCK)
    if head[:2] == b"\x1f\x8b" or head[:3] == b"BZh" or head[:6] == b"\xfd7zXZ\0":
        raise WorkbenchError(
            f"{path} is compressed, so nothing in it can be read in place: unpack it to a plain "
            ".tar (such as by gunzip)."
        )
    shard = _Shard()
    try:
        walk(file, size, shard)
    except tarfile.HeaderError as error:
        if not shard.members and not shard.refused:
            raise WorkbenchError(
                f"{path} is not a readable .tar ({error}): write it again."
            ) from None
        shard.refused.append(f"is damaged ({error}): what stands before was taken")
    return shard
