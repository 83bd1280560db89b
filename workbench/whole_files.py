"""Files that are whole or not there: written beside, and renamed once.

The one way in which the program replaces a file. A reader finds the old one or the new one, never
half of one. A failure, such as a full disk, leaves the old one and nothing beside it. Nothing is
written through a link: a draft is a new file of a name that nobody can foresee, and a rename
replaces a link instead of following it. So a project that somebody sent cannot lead a write out of
its folder.

What a killed process leaves of its draft is removed when the same file is written next: the drafts
of living ones are locked.
"""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_LOCKS = os.name != "nt"  # there nobody can delete a file that is open
if _LOCKS:
    import fcntl

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_PLAIN = getattr(os, "O_BINARY", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # for the other end of a pipe
_LONGEST_STEM = 160  # bytes: a name of a file has 255 at most


@contextmanager
def whole_file(path: Path, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Give a new file that takes the place of `path` once all has gone well.

    Parameters
    ----------
    path : Path
        Its folder must be there.
    replace : bool
        Whether what is there by then is replaced; otherwise `FileExistsError` is raised.

    Yields
    ------
    binary file
        Empty, open for writing.

    Raises
    ------
    OSError
        It cannot be written; `path` is as it was then.
    """
    handle, draft = _new_draft(path)
    file = os.fdopen(handle, "wb")
    try:
        try:
            yield file
            file.flush()
            if os.name == "nt":  # there an open file cannot be renamed
                file.close()
            _put(draft, path, replace)
        finally:
            file.close()
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file's content in one step, see `whole_file`."""
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """Give a new folder beside `path`, to be filled and renamed by whoever asks for it.

    What is still there at the end is deleted.

    Raises
    ------
    OSError
        It cannot be made.
    """
    drop_leftovers(path)
    while True:
        draft = _draft_of(path)
        draft.mkdir()
        if not _LOCKS:
            handle = None
            break
        with suppress(FileNotFoundError):  # somebody has taken it for a left one just now
            handle = os.open(draft, os.O_RDONLY | _NO_FOLLOW)
            if hold(handle):
                break
            os.close(handle)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def drop_leftovers(path: Path) -> None:
    """Remove the drafts of `path` that nobody writes any more; writing it does so as well."""
    pattern = re.compile(rf"\.{re.escape(_stem_of(path))}\.[0-9a-f]{{16}}\.new")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for each in entries:
            if pattern.fullmatch(each.name) and not each.is_symlink():
                with suppress(OSError):
                    _drop_if_dead(Path(each.path))


def make_own_folder(folder: Path) -> None:
    """Make a folder if it is not there; its parent must be.

    Raises
    ------
    OSError
        It cannot be made; or there is a link of its name, which could lead anywhere.
    """
    folder.mkdir(exist_ok=True)
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "it is a link to another place; remove the link", str(folder))


def open_own(path: Path, flags: int) -> int:
    """Open a file, and return its descriptor, as `os.open` does; but never through a link.

    Raises
    ------
    OSError
        It cannot be opened, or is a link.
    """
    if not _NO_FOLLOW and path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return os.open(path, flags | _NO_FOLLOW | _PLAIN, 0o666)


def _new_draft(path: Path) -> tuple[int, Path]:
    drop_leftovers(path)
    while True:
        draft = _draft_of(path)
        handle = open_own(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        if hold(handle):
            return handle, draft
        os.close(handle)


def _put(draft: Path, path: Path, replace: bool) -> None:
    if replace:
        os.replace(draft, path)  # noqa: PTH105 - the rename must overwrite on every platform
        return
    if os.name == "nt":
        draft.rename(path)  # there it never overwrites
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # a disk without second names
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        draft.rename(path)
    else:
        draft.unlink()


def _stem_of(path: Path) -> str:
    return path.name.encode()[:_LONGEST_STEM].decode(errors="ignore")


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{_stem_of(path)}.{secrets.token_hex(8)}.new")


def hold(handle: int) -> bool:
    """Lock a new file as long as it is open; False if somebody takes it for a left one just now.

    Of a file that is left, it says whether nobody holds it. On Windows it is always held: there
    nobody can take away a file that is open.
    """
    if _LOCKS:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a disk without locks, on which nobody removes what is left
            return True
    return os.fstat(handle).st_nlink > 0


def _drop_if_dead(draft: Path) -> None:
    if not _LOCKS:
        if not draft.is_dir():
            draft.unlink()
        return
    handle = os.open(draft, os.O_RDONLY | _NO_FOLLOW | _NO_WAITING)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if draft.is_dir():
            shutil.rmtree(draft)
        else:
            draft.unlink()
    finally:
        os.close(handle)
