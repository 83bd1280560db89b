"""Chained ogg: one recording after another in a file, of which libsndfile reads the first alone."""

import io
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BEGINS = b"OggS\0\2"  # the first page of a stream
_HEAD = 27  # bytes of a page before the lengths of its parts
_CHUNK = 1 << 20


class OggChain:
    """All recordings of an ogg file as one; of a usual file its only one.

    Where the next recording begins is looked for when the one before has ended.

    Parameters
    ----------
    file : binary file
    first : soundfile.SoundFile
        Opened at the beginning of the file.

    Attributes
    ----------
    samplerate, channels : int
        Of the first recording.
    """

    def __init__(self, file: Any, first: Any) -> None:
        self._file, self._now = file, first
        self.samplerate, self.channels = int(first.samplerate), int(first.channels)
        self._first_frames = int(first.frames)
        self._waiting: list[tuple[int, int]] | None = None

    @property
    def frames(self) -> int:
        """Frames of all recordings together."""
        later = (int(self._opened(*link).frames) for link in self._later_links)
        return self._first_frames + sum(later)

    def read(
        self, frames: int, dtype: str = "float32", always_2d: bool = True
    ) -> NDArray[np.float32]:
        """Return the next frames, shape (n, channels of a recording); none at the end of all."""
        values: NDArray[np.float32] = self._now.read(frames, dtype=dtype, always_2d=always_2d)
        while frames and not len(values):
            if self._waiting is None:
                self._waiting = list(self._later_links)
            if not self._waiting:
                break
            self._now = self._opened(*self._waiting.pop(0))
            values = self._now.read(frames, dtype=dtype, always_2d=always_2d)
        return values

    def _opened(self, start: int, end: int) -> Any:
        import soundfile

        link = soundfile.SoundFile(_Window(self._file, start, end))
        if link.samplerate != self.samplerate:
            raise ValueError("it is several recordings of different rates: save each as a file")
        return link

    @cached_property
    def _later_links(self) -> list[tuple[int, int]]:
        """Where the recordings behind the first one begin and end, in bytes."""
        place = self._file.tell()
        starts, after = [], 0
        for begin in self._beginnings():
            if begin != after:  # else it is one of several streams of one recording
                starts.append(begin)
            self._file.seek(begin + _HEAD - 1)
            (parts,) = self._file.read(1)
            after = begin + _HEAD + parts + sum(self._file.read(parts))
        end = self._file.seek(0, io.SEEK_END)
        self._file.seek(place)
        return list(pairwise([*starts, end]))

    def _beginnings(self) -> list[int]:
        """Return where in the file first pages of streams lie."""
        found, start, kept = [], 0, b""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            content = kept + chunk
            at = content.find(_BEGINS)
            while at >= 0:
                found.append(start - len(kept) + at)
                at = content.find(_BEGINS, at + 1)
            start += len(chunk)
            kept = content[1 - len(_BEGINS) :]
        return found


class _Window(io.RawIOBase):
    """A part of a file, as a file."""

    def __init__(self, file: Any, start: int, end: int) -> None:
        self._file, self._start, self._size = file, start, end - start
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_CUR: self._place, io.SEEK_END: self._size}.get(whence, 0)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._place)
        content = self._file.read(max(0, min(len(buffer), self._size - self._place)))
        memoryview(buffer).cast("B")[: len(content)] = content
        self._place += len(content)
        return len(content)
