"""A file in memory of which only what is written takes room."""

from typing import BinaryIO

_PAGE = 1 << 16


class SparseFile:
    """Takes what HDF5 writes around rows that are laid out and not written yet.

    HDF5 may end in a crash when it cannot write, such as on a full disk; into memory it always can,
    and what it has written is then put on the disk by ourselves. It has the methods that h5py asks
    of a file-like object.
    """

    def __init__(self) -> None:
        self.length = 0
        self._pages: dict[int, bytearray] = {}
        self._place = 0

    def write_into(self, file: BinaryIO) -> None:
        """Write it to the beginning of a file; what was never written there stays as it is."""
        for number, page in sorted(self._pages.items()):
            file.seek(number * _PAGE)
            file.write(page[: self.length - number * _PAGE])

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place from the beginning, from here, or from the end."""
        self._place = place + (0, self._place, self.length)[whence]
        return self._place

    def tell(self) -> int:
        """Return where one is."""
        return self._place

    def truncate(self, size: int) -> int:
        """Set the length; what is beyond is forgotten."""
        for number in [each for each in self._pages if each * _PAGE >= size]:
            del self._pages[number]
        self.length = size
        return size

    def flush(self) -> None:
        """Do nothing: there is nowhere to write to."""

    def write(self, content: bytes) -> int:
        """Write here."""
        rest = memoryview(content).cast("B")
        written = len(rest)
        while len(rest):
            number, first = divmod(self._place, _PAGE)
            some = rest[: _PAGE - first]
            page = self._pages.setdefault(number, bytearray(_PAGE))
            page[first : first + len(some)] = some
            self._place += len(some)
            rest = rest[len(some) :]
        self.length = max(self.length, self._place)
        return written

    def read(self, size: int) -> bytes:
        """Read from here; what was never written is zero."""
        found = bytearray(size)
        return bytes(found[: self.readinto(found)])

    def readinto(self, buffer: bytearray) -> int:
        """Read from here into a buffer; return how much."""
        rest = memoryview(buffer).cast("B")[: max(0, self.length - self._place)]
        read = len(rest)
        while len(rest):
            number, first = divmod(self._place, _PAGE)
            some = rest[: _PAGE - first]
            page = self._pages.get(number)
            some[:] = bytes(len(some)) if page is None else page[first : first + len(some)]
            self._place += len(some)
            rest = rest[len(some) :]
        return read
