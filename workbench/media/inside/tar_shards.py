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
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from workbench.bounded_store import BoundedStore
from workbench.errors import WorkbenchError
from workbench.media.columns import Assumed, Inside, Row, SkippedRecord, cell_text
from workbench.media.inside.features import MediaColumn
from workbench.media.modality import SUFFIXES, Modality
from workbench.media.texts import MAX_TEXT_BYTES, decode_text
from workbench.words import several

KEY = "__key__"
"""The column of the keys, as the datasets library calls it."""

MAX_MEMBER_BYTES = 1 << 30
"""A larger member is no picture and no recording that is read."""

_BLOCK = 512
_MAX_NOTE_BYTES = 1 << 20  # of what is noted of one member before it
_NOTES = (
    tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_WITHOUT_CONTENT = (
    tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
)  # fmt: skip
_TEXTS = ("txt", "text", "caption", "captions", "md")  # the first that a key has is its text
_OBJECTS_LOOKED_AT = 20
_TOLD = 20  # members that were refused, by name
_INDEX_BYTES = 64 << 20
_BYTES_OF_ENTRY = 400  # of an index in memory, about


@dataclass(frozen=True, slots=True)
class Member:
    """Where a file lies in a shard."""

    name: str
    start: int
    size: int


@dataclass
class _Shard:
    """What a shard holds: its members by key and ending, and what was refused."""

    members: dict[str, Member] = field(default_factory=dict)
    rows: dict[str, dict[str, Member]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def take(self, member: Member) -> None:
        if member.name in self.members:
            self.refused.append(f"“{member.name[:120]}” comes twice: the first was taken")
            return
        self.members[member.name] = member
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
            f"“{name[:200]}” in {path} is larger than {MAX_MEMBER_BYTES >> 20:,} MB, too much for "
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
    known = {KEY, *(_column_of(ending) for ending in members)} - {"text", "label"}
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
    head = file.read(_BLOCK)
    if head[:2] == b"\x1f\x8b" or head[:3] == b"BZh" or head[:6] == b"\xfd7zXZ\0":
        raise WorkbenchError(
            f"{path} is compressed, so nothing in it can be read in place: unpack it to a plain "
            ".tar (such as by gunzip)."
        )
    shard = _Shard()
    try:
        _walk(file, size, shard)
    except tarfile.HeaderError as error:
        if not shard.members and not shard.refused:
            raise WorkbenchError(
                f"{path} is not a readable .tar ({error}): write it again."
            ) from None
        shard.refused.append(f"is damaged ({error}): what stands before was taken")
    return shard


def _walk(file: BinaryIO, size: int, shard: _Shard) -> None:
    """Go from head to head; what a head declares is believed only where the file is as long."""
    place = 0
    noted: dict[str, str] = {}  # of the next member
    while place + _BLOCK <= size:
        file.seek(place)
        block = file.read(_BLOCK)
        if not block.strip(b"\0"):
            return
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        place += _BLOCK
        length = _length(info, noted)
        if info.type == tarfile.GNUTYPE_SPARSE:
            place += _more_heads(file, block, place, size)
        if not 0 <= length <= size - place:
            raise tarfile.HeaderError(
                f"“{_shown(noted.get('path', info.name))}” should have {length:,} bytes, and the "
                f"file ends after {max(0, size - place):,}"
            )
        notes = _notes(file, info.type, length)
        if notes is not None:
            noted |= notes
        else:
            _take(shard, info, noted, place, length)
            noted = {}
        place += -(-length // _BLOCK) * _BLOCK


def _length(info: tarfile.TarInfo, noted: dict[str, str]) -> int:
    """Return how many bytes follow a head: none after folders, links and devices."""
    if info.type in _WITHOUT_CONTENT:
        return 0
    said = noted.get("size", "")
    believed = said.isdecimal() and len(said) < 20 and info.type not in _NOTES
    return int(said) if believed else info.size


def _notes(file: BinaryIO, kind: bytes, length: int) -> dict[str, str] | None:
    """Return what is noted of the next member; None where this is one itself."""
    if kind in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
        return {}
    if kind not in _NOTES:
        return None
    if length > _MAX_NOTE_BYTES:
        raise tarfile.HeaderError(f"{length:,} bytes are noted of one member")
    content = file.read(length)
    if kind == tarfile.GNUTYPE_LONGNAME:
        return {"path": content.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    return _records_of(content)


def _records_of(content: bytes) -> dict[str, str]:
    """Return the records of an extended head, such as ``30 mtime=1699999999.123``."""
    found: dict[str, str] = {}
    while content:
        digits, blank, rest = content.partition(b" ")
        if not blank or not digits.isdigit() or len(digits) > 7:
            break
        record, content = rest[: int(digits) - len(digits) - 1], content[int(digits) :]
        name, _, value = record.rstrip(b"\n").partition(b"=")
        found[name.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        if int(digits) <= len(digits) + 1:
            break
    return found


def _more_heads(file: BinaryIO, block: bytes, place: int, size: int) -> int:
    """Return the bytes of the heads that follow that of a file with holes."""
    length, goes_on = 0, block[482]
    while goes_on and place + length + _BLOCK <= size:
        goes_on = file.read(_BLOCK)[504]
        length += _BLOCK
    return length


def _take(
    shard: _Shard, info: tarfile.TarInfo, noted: dict[str, str], start: int, size: int
) -> None:
    """Take a member, or say why not."""
    name = noted.get("path") or info.name
    if info.isdir():
        return
    path = PurePosixPath(name.rstrip("/"))
    if any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts):
        return  # hidden, as in a folder
    holes = info.type == tarfile.GNUTYPE_SPARSE or any(n.startswith("GNU.sparse") for n in noted)
    if path.is_absolute() or ".." in path.parts or "\0" in name or name[1:2] == ":":
        reason = "has a name that leads out of the shard"
    elif not _is_utf8(name):
        reason = "has a name that is not valid UTF-8"
    elif holes or not info.isreg():
        reason = f"is {'a file with holes' if holes else _kind(info)}, and only files are read"
    elif size == 0:
        reason = "is empty (0 bytes)"
    else:
        shard.take(Member(path.as_posix(), start, size))
        return
    shard.refused.append(f"“{_shown(name)}” {reason}")


def _kind(info: tarfile.TarInfo) -> str:
    return "a link" if info.islnk() or info.issym() else "a device" if info.isdev() else (
        "of an unknown kind"
    )  # fmt: skip


def _shown(name: str) -> str:
    return name[:120].encode("utf-8", "backslashreplace").decode("utf-8")


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
