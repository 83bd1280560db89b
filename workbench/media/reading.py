"""What an encoder takes of an item, and the hash of what it was made from."""

import hashlib
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from workbench.errors import WorkbenchError
from workbench.media.inside import open_media
from workbench.media.modality import Modality
from workbench.media.pictures.images import read_image
from workbench.media.sounds.speech import read_speech


class Readable(Protocol):
    """What must be known of an item to read it; see `workbench.project.Found`."""

    @property
    def modality(self) -> Modality:
        """What kind of medium it is."""
        ...

    @property
    def path(self) -> str:
        """Where it lies; of a row in a file, ``FILE#PLACE``."""
        ...

    @property
    def file(self) -> str:
        """The file that holds it."""
        ...

    @property
    def fingerprint(self) -> str:
        """Of a text, the hash of its content."""
        ...

    @property
    def text(self) -> str:
        """Of a text."""
        ...

    @property
    def seconds(self) -> float:
        """Length of a recording."""
        ...

    @property
    def heard(self) -> float:
        """How much of it is encoded; 0 for the rest."""
        ...


class Order(NamedTuple):
    """A `Readable` that travels to a process which knows of no project."""

    modality: Modality
    path: str
    file: str
    fingerprint: str
    text: str
    seconds: float
    heard: float

    @classmethod
    def of(cls, item: Readable) -> "Order":
        """Return what must be known of an item."""
        return cls(*(getattr(item, name) for name in cls._fields))


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of reading an item.

    Attributes
    ----------
    content : str
        Hash of what the encoder gets.
    medium : object
        What the encoder takes; None when there is a problem.
    problem : str
    """

    content: str = ""
    medium: Any = None
    problem: str = ""


def prepare(item: Readable, preparation: Callable[[Any], Any] | None) -> Prepared:
    """Read an item and prepare it for an encoder; what is wrong with it is told, not raised."""
    try:
        content = content_of(item)
        medium = read_medium(item.modality, item.path, item.text, item.heard or None)
        return Prepared(content, preparation(medium) if preparation else medium)
    except WorkbenchError as error:
        return Prepared(problem=str(error))
    except Exception as error:  # of a preparation, which is a library's or a plug-in's
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return Prepared(problem=f"It cannot be prepared for the encoder ({reason}).")


def read_medium(modality: Modality, path: str, text: str, seconds: float | None = 30.0) -> Any:
    """Return what an encoder takes: a picture, a text, or samples at 16 kHz."""
    if modality == "image":
        return read_image(Path(path))
    return text if modality == "text" else read_speech(Path(path), seconds)


def content_of(item: Readable) -> str:
    """Return the hash of what an encoder gets to see of an item.

    Raises
    ------
    WorkbenchError
        The file cannot be read.
    """
    if item.modality == "text":
        return item.fingerprint
    with open_content(item) as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    if item.heard < item.seconds:  # a longer part of the same file is another content
        digest.update(f"{item.heard}".encode())
    return digest.hexdigest()


@contextmanager
def open_content(item: Readable) -> Iterator[BufferedReader | BytesIO]:
    """Open the picture or the recording that an item is.

    Raises
    ------
    WorkbenchError
        The file cannot be read.
    """
    try:
        # a catalogue from elsewhere may name a pipe, or a device that never ends
        if not stat.S_ISREG(Path(item.file).stat().st_mode):
            raise WorkbenchError(f"{item.file} is not a file, so it cannot be encoded.")
        with open_media(Path(item.path)) as file:
            yield file
    except OSError as error:
        raise WorkbenchError(
            f"The file {item.path} cannot be read ({error.strerror}): check that it is there, "
            "and its permissions."
        ) from None
