"""Download an encoder's weights: how much it is, and a job that fetches them."""

import errno
import shutil
import threading
import time
from collections import deque
from pathlib import Path

from workbench import words
from workbench.encoders.downloading.fetching import Stopped, fetch
from workbench.encoders.downloading.hub_cache import files_here
from workbench.encoders.downloading.hub_files import WantedFile, wanted_files
from workbench.encoders.entry import Download, EncoderEntry, download_of
from workbench.encoders.loading import as_sentence, asking_the_hub
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Transfer

_TELL_EVERY = 0.2  # seconds between two events
_RATE_OVER = 5.0  # seconds that the rate is taken over
_SPARE = 100_000_000  # bytes of the disk left free


def is_here(entry: EncoderEntry) -> bool:
    """Return whether loading an encoder fetches nothing, as far as it says what it would fetch."""
    wanted = download_of(entry) if entry.needs_download else None
    return wanted is None or files_here(wanted) is not None


def download_size(entry: EncoderEntry) -> int | None:
    """Return how many bytes must still be fetched before an encoder can be loaded.

    Asks the hub, so only for an encoder that the user picked.

    Returns
    -------
    int or None
        0 where nothing is missing; None where the encoder fetches by itself and does not say.

    Raises
    ------
    WorkbenchError
        The hub cannot be reached or has no such encoder.
    """
    if not entry.needs_download:
        return 0
    download = download_of(entry)
    if download is None:
        return None
    if files_here(download) is not None:
        return 0
    files = wanted_files(entry.name, download)
    sizes = [max(0, file.size - file.here) for file in files if file.size is not None]
    return sum(sizes) if len(sizes) == len(files) else None


def download(entry: EncoderEntry, control: Control | None = None) -> Job[bool]:
    """Fetch what an encoder needs into the hub's cache, where its library finds it.

    A stop, or a broken connection, keeps what has come: the next download goes on from there. An
    encoder counts as downloaded only when the last file is whole.

    Parameters
    ----------
    entry : EncoderEntry
        The encoder; one that needs no download is done at once.
    control : Control, optional
        Pauses and stops it; a stop takes effect within about a second.

    Yields
    ------
    Event
        A `Notice` with the size, then `Transfer`, with the file as message.

    Returns
    -------
    bool
        Whether the encoder can be loaded: everything is here, or it fetches by itself; False after
        a stop.

    Raises
    ------
    WorkbenchError
        The hub cannot be reached or has no such encoder, the connection breaks, the disk is full.
    """
    control = control or Control()
    wanted = download_of(entry) if entry.needs_download else None
    if wanted is None:
        if entry.needs_download:
            yield Notice(f"{entry.name} downloads its weights by itself when it is loaded.")
        return True
    if files_here(wanted) is not None:  # also where there is no network any more
        return True
    yield Transfer(0, 0, f"Asking the model hub about {entry.name}")
    worker = _Worker(entry, wanted, control)
    worker.start()
    told = False
    rate = _Rate()
    try:
        while not worker.ended.wait(_TELL_EVERY):
            if control.stopping:
                break
            if control.paused:
                control.wait_while_paused()
                rate = _Rate()
            if not told and worker.notice:
                told = True
                yield Notice(worker.notice)
            done = worker.done
            yield Transfer(done, worker.total, worker.file, rate.after(done))
        if worker.error is not None:
            raise worker.error
        if not worker.complete:
            yield Notice(f"The download of {entry.name} was stopped; what was downloaded is kept.")
            return False
        if not told and worker.notice:
            yield Notice(worker.notice)
        yield Transfer(worker.total, worker.total, "Downloaded", rate.after(worker.done))
        return True
    finally:
        # a worker that waits for the network is left behind: it ends at its next piece
        worker.abandoned.set()
        worker.join(_TELL_EVERY)


class _Worker(threading.Thread):
    """Fetches the files in a thread of its own, so that a stalled connection holds nobody up."""

    def __init__(self, entry: EncoderEntry, wanted: Download, control: Control) -> None:
        super().__init__(name=f"download {entry.name}", daemon=True)
        self._entry, self._wanted, self._control = entry, wanted, control
        self.abandoned, self.ended = threading.Event(), threading.Event()
        self.complete = False
        self.error: WorkbenchError | None = None
        self.notice = self.file = ""
        self.done = self.total = 0

    def run(self) -> None:
        """Fetch everything; what goes wrong is kept for the job to raise."""
        try:
            self.complete = self._fetch_all()
        except Stopped:
            pass
        except WorkbenchError as error:
            self.error = error
        except Exception as error:
            self.error = _sentence(self._entry.name, error)
        finally:
            self.ended.set()

    def _fetch_all(self) -> bool:
        name, wanted = self._entry.name, self._wanted
        files = wanted_files(name, wanted)
        self.done = sum(file.here for file in files)
        self.total = sum(file.size or 0 for file in files)
        missing = max(0, self.total - self.done)
        _check_room(name, files, missing)
        self.notice = f"Downloading {name}: {words.size(missing)} from the hub."
        for file in files:
            self.file = file.name
            fetch(name, file, self._go_on, self._came)
            self._go_on()
            if file.repository:
                _place(name, file)
        if files_here(wanted) is None:
            raise WorkbenchError(
                f"Some files of the encoder {name} are missing after the download: start it again."
            )
        return True

    def _go_on(self) -> None:
        self._control.wait_while_paused()
        if self.abandoned.is_set() or self._control.stopping:
            raise Stopped

    def _came(self, count: int) -> None:
        self.done += count


def _place(name: str, file: WantedFile) -> None:
    """Let the hub's library give the content its name: it knows how on every file system."""
    from huggingface_hub import hf_hub_download

    with asking_the_hub(name):
        hf_hub_download(file.repository, file.name)


def _check_room(name: str, files: list[WantedFile], missing: int) -> None:
    for folder in {file.destination.parent for file in files}:
        there = next(place for place in (folder, *folder.parents) if place.is_dir())
        free = shutil.disk_usage(there).free
        if free < missing + _SPARE:
            raise WorkbenchError(
                f"The encoder {name} takes {words.size(missing)}, and the disk of {there} has "
                f"{words.size(free)} left: make room, or set HF_HOME to a folder on another "
                "disk."
            )


def _sentence(name: str, error: Exception) -> WorkbenchError:
    """Say what went wrong outside the hub's library."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkbenchError(
            f"The disk became full while the encoder {name} was downloaded; what was downloaded "
            "is kept: make room, or set HF_HOME to a folder on another disk."
        )
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        place = Path(str(error.filename)) if error.filename else "the hub's cache"
        return WorkbenchError(
            f"The encoder {name} cannot be downloaded, since {place} cannot be written: change its "
            "permissions, or set HF_HOME to another folder."
        )
    return as_sentence(name, False, error)


class _Rate:
    """Bytes a second over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def after(self, done: int) -> float | None:
        """Return the rate now, None before anything can be said."""
        now = time.monotonic()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _RATE_OVER:
            self._seen.popleft()
        since, before = self._seen[0]
        return (done - before) / (now - since) if now > since and done >= before else None
