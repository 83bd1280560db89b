"""Where the members of a .tar lie. Nothing that a head says is believed before it is checked."""

import tarfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

BLOCK = 512
"""Bytes of a head; contents begin and end at multiples of them."""

_MAX_NOTE_BYTES = 1 << 20  # of what is noted of one member before it
_NOTES = (
    tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_WITHOUT_CONTENT = (
    tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """Where a file lies in a shard."""

    name: str
    start: int
    size: int


@dataclass
class Members:
    """The files in a .tar by name, and what was refused, in words."""

    members: dict[str, Member] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def take(self, member: Member) -> None:
        """Take a member, the first of each name."""
        if member.name in self.members:
            self.refused.append(f"“{member.name[:120]}” comes twice: the first was taken")
            return
        self.members[member.name] = member
        self.add(member)

    def add(self, member: Member) -> None:
        """Take note of a member in other ways."""


def walk(file: BinaryIO, size: int, found: Members) -> None:
    """Go from head to head; what a head declares is believed only where the file is as long.

    Parameters
    ----------
    file : file
    size : int
        Bytes of the file.
    found : Members
        Takes what there is.

    Raises
    ------
    tarfile.HeaderError
        The file is damaged or ends too early; `found` holds what came before.
    """
    place = 0
    noted: dict[str, str] = {}  # of the next member
    while place + BLOCK <= size:
        file.seek(place)
        block = file.read(BLOCK)
        if not block.strip(b"\0"):
            return
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        place += BLOCK
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
            _take(found, info, noted, place, length)
            noted = {}
        place += -(-length // BLOCK) * BLOCK


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
    while goes_on and place + length + BLOCK <= size:
        goes_on = file.read(BLOCK)[504]
        length += BLOCK
    return length


def _take(
    found: Members, info: tarfile.TarInfo, noted: dict[str, str], start: int, size: int
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
        found.take(Member(path.as_posix(), start, size))
        return
    found.refused.append(f"“{_shown(name)}” {reason}")


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
