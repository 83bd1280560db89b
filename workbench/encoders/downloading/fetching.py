"""Fetch one file over HTTP: in pieces, resumable, checked, stoppable at any moment."""

import hashlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from workbench.encoders.downloading.hub_files import WantedFile
from workbench.encoders.loading import asking_the_hub
from workbench.errors import WorkbenchError

_ATTEMPTS = 4
_PATIENCE = 10.0  # seconds without a byte before the connection counts as broken


class Stopped(Exception):  # noqa: N818 - an end that was asked for, no error
    """The user stopped the download."""


def fetch(
    name: str, file: WantedFile, go_on: Callable[[], None], came: Callable[[int], None]
) -> None:
    """Bring a file's content to its destination, going on where an earlier attempt ended.

    The hub's own library starts a file anew after every interruption; so its content is fetched
    here, into the place where that library then finds it.

    Parameters
    ----------
    name : str
        The encoder, as the user names it.
    file : WantedFile
        What to fetch.
    go_on : callable
        Called between pieces of some kilobytes; raises `Stopped` to end.
    came : callable
        Called with the bytes that a piece brought; negative where the server makes us start anew.

    Raises
    ------
    Stopped
        As `go_on` does; what has come is kept.
    WorkbenchError
        The server cannot be reached or refuses, the connection breaks again and again, the disk is
        full, or the content is not what the hub announced.
    """
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

    if file.destination.is_file():
        return
    file.partial.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(_lock_of(file)):
        if file.destination.is_file():  # another process was quicker
            came(file.destination.stat().st_size - file.here)
            return
        _fetch_all(name, file, go_on, came)
        _check(name, file)
        file.partial.replace(file.destination)


def _fetch_all(
    name: str, file: WantedFile, go_on: Callable[[], None], came: Callable[[int], None]
) -> None:
    """Stream until the file is whole; a broken connection is made anew while it brings anything."""
    left = _ATTEMPTS
    while file.size is None or file.here < file.size or not file.partial.exists():
        before = file.here
        try:
            _stream(name, file, go_on, came)
            if file.size is None:
                return
        except Exception as error:
            if not _is_transport(error):
                raise
            left = _ATTEMPTS if file.here > before else left - 1
            if left <= 0:
                raise WorkbenchError(
                    f"The connection broke while the encoder {name} was downloaded; what was "
                    "downloaded is kept: go online and start the download again."
                ) from error
            _wait(1.0, go_on)
        else:
            left = _ATTEMPTS if file.here > before else left - 1
            if left <= 0:
                raise WorkbenchError(
                    f"The hub sends less of {file.name} than it announced, so the encoder {name} "
                    "cannot be downloaded now: try again later."
                )


def _stream(
    name: str, file: WantedFile, go_on: Callable[[], None], came: Callable[[int], None]
) -> None:
    """Append what the server sends to the partial file."""
    from huggingface_hub import get_session, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    here = file.here
    headers = build_hf_headers() if file.repository else {}
    headers["Accept-Encoding"] = "identity"  # else sizes and ranges are those of a packed stream
    if here:
        headers["Range"] = f"bytes={here}-"
    with ExitStack() as stack:
        with asking_the_hub(name):
            request = get_session().stream("GET", file.url, headers=headers, timeout=_PATIENCE)
            response = stack.enter_context(request)
            if response.status_code == 416:  # nothing after what we have: it is another file now
                file.partial.unlink()
                came(-here)
                return
            hf_raise_for_status(response)
        resumed = response.status_code == 206
        if here and not resumed:
            came(-here)
        with file.partial.open("ab" if resumed else "wb") as partial:
            for piece in response.iter_bytes():
                go_on()
                partial.write(piece)
                came(len(piece))


def _check(name: str, file: WantedFile) -> None:
    """Compare what came with what was announced; throw it away where it differs."""
    wrong = file.size is not None and file.partial.stat().st_size != file.size
    if file.sha256 and not wrong:
        with file.partial.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        wrong = not digest.startswith(file.sha256)
    if wrong:
        file.partial.unlink()
        raise WorkbenchError(
            f"The file {file.name} of the encoder {name} arrived damaged and was deleted: start "
            "the download again."
        )


def _is_transport(error: BaseException | None) -> bool:
    """Whether an error is the connection's, whichever HTTP library the hub's library uses."""
    while error is not None:
        if any(kind.__name__ == "TransportError" for kind in type(error).__mro__):
            return True
        error = error.__cause__
    return False


def _wait(seconds: float, go_on: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        go_on()
        time.sleep(0.05)


def _lock_of(file: WantedFile) -> Path:
    """Return the lock that keeps two processes from writing the same partial file."""
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE) / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{file.partial.name}.lock"
