"""Open a sound file of any kind: by libsndfile, or, what phones and cameras make, by PyAV."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.media.inside import open_inside
from workbench.media.modality import BY_PYAV
from workbench.media.sounds.ogg_chains import OggChain

UNKNOWN_LENGTH = 1 << 60
"""Frames from which on the head does not tell: libsndfile gives 2**63 - 1 then."""

_RATES = (1_000, 1_000_000)
_HEAD = 1 << 16  # bytes in which the head of a .wav ends


class Sound(Protocol):
    """An open sound file, as soundfile has it."""

    samplerate: int
    channels: int

    @property
    def frames(self) -> int:
        """How many there are, as far as the file tells."""
        ...

    def read(self, frames: int, dtype: str = ..., always_2d: bool = ...) -> NDArray[np.float32]:
        """Return the next frames, shape (n, channels); fewer at the end."""
        ...


@contextmanager
def open_sound(path: Path) -> Iterator[Sound]:
    """Open a sound file.

    Raises
    ------
    WorkbenchError
        The file is missing, cannot be read, or is of a kind that needs PyAV, which is not there.
    """
    inside = open_inside(path)
    if inside is None and not path.is_file():
        raise WorkbenchError(f"The recording {path} does not exist: check the path.")
    ending = path.suffix.lower() if inside is None else _ending_of(inside.read(12))
    opened = _by_pyav(path, inside, ending) if ending in BY_PYAV else _by_libsndfile(path, inside)
    with inside or nullcontext(), opened as sound:
        if not _RATES[0] <= sound.samplerate <= _RATES[1]:
            raise WorkbenchError(
                f"The recording {path} has {sound.samplerate} samples a second, which is not "
                "plausible for speech: replace or remove the file."
            )
        yield sound


def _ending_of(content: bytes) -> str:
    """Say by its first bytes which of the kinds that PyAV reads a sound is; empty for none."""
    if content[4:8] == b"ftyp":
        return ".mp4"
    if content.startswith(b"\x1aE\xdf\xa3"):
        return ".webm"
    return ".aac" if content[:2] in (b"\xff\xf1", b"\xff\xf9") else ""


# --- libsndfile -----------------------------------------------------------------------------------


@contextmanager
def _by_libsndfile(path: Path, inside: Any) -> Iterator[Sound]:
    import soundfile

    try:
        with inside or path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            head = file.read(_HEAD)
            lengths = _true_lengths(head, size)
            file.seek(0)
            whole: Any = file if inside else str(path)
            source: Any = _Patched(file, lengths) if lengths else whole
            with soundfile.SoundFile(source) as sound:
                yield OggChain(file, sound) if head.startswith(b"OggS") else sound
    except (RuntimeError, OSError, ValueError, TypeError, MemoryError) as error:
        # soundfile.LibsndfileError is a RuntimeError
        raise _unreadable(path, getattr(error, "error_string", error)) from error


def _true_lengths(head: bytes, size: int) -> dict[int, bytes]:
    """Return what the head of a .wav should say where it says 0 for its length and sound follows.

    Programs that write while they record leave it so.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return {}
    place = 12
    while place + 8 <= len(head):
        name, length = head[place : place + 4], struct.unpack("<I", head[place + 4 : place + 8])[0]
        if name == b"data":
            rest = size - place - 8
            if length or rest <= 0:
                return {}
            return {4: _as_length(size - 8), place + 4: _as_length(rest)}
        place += 8 + length + length % 2
    return {}


def _as_length(count: int) -> bytes:
    return struct.pack("<I", min(count, 2**32 - 1))


class _Patched(io.RawIOBase):
    """A file of which some bytes read otherwise."""

    def __init__(self, file: Any, patches: dict[int, bytes]) -> None:
        self._file = file
        self._bytes = {
            place + number: byte
            for place, content in patches.items()
            for number, byte in enumerate(content)
        }

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        start = self._file.tell()
        count = int(self._file.readinto(buffer))
        view = memoryview(buffer).cast("B")
        for place, byte in self._bytes.items():
            if start <= place < start + count:
                view[place - start] = byte
        return count


# --- PyAV -----------------------------------------------------------------------------------------


@contextmanager
def _by_pyav(path: Path, inside: Any, ending: str) -> Iterator[Sound]:
    try:
        import av
    except ImportError:
        raise WorkbenchError(
            f"The recording {path} is {ending}, which PyAV reads: install it with "
            "“pip install gera-workbench[av]”, or convert the recording to .flac."
        ) from None
    try:
        if inside:
            inside.seek(0)
        with av.open(inside or str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise WorkbenchError(f"{path} holds no sound: replace or remove the file.")
            yield _Decoded(container)
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or error) from error


class _Decoded:
    """The first sound of a container, decoded piece by piece."""

    def __init__(self, container: Any) -> None:
        from av import AudioResampler

        stream = container.streams.audio[0]
        self.samplerate = int(stream.rate or 0)
        self.channels = int(stream.codec_context.channels)
        self.frames = UNKNOWN_LENGTH
        if stream.duration:
            self.frames = round(float(stream.duration * stream.time_base) * self.samplerate)
        self._pieces = container.decode(stream)
        self._resampler = AudioResampler(format="flt", rate=self.samplerate)
        self._left = np.empty((0, self.channels), dtype=np.float32)

    def read(
        self, frames: int, dtype: str = "float32", always_2d: bool = True
    ) -> NDArray[np.float32]:
        """Return the next frames, shape (n, channels); fewer at the end."""
        parts, have = [self._left], len(self._left)
        while have < frames:
            piece = next(self._pieces, None)
            if piece is None:
                break
            for turned in self._resampler.resample(piece):
                samples = turned.to_ndarray().reshape(-1, len(turned.layout.channels))
                if samples.shape[1] == self.channels:  # a stream may change them on its way
                    parts.append(samples.astype(np.float32, copy=False))
                    have += len(samples)
        whole = np.concatenate(parts)
        self._left = whole[frames:]
        return whole[:frames]


def _unreadable(path: Path, reason: object) -> WorkbenchError:
    words = str(reason).strip().rstrip(".")
    return WorkbenchError(
        f"The recording {path} cannot be read ({words}): convert it to wav or flac, or remove it."
    )
