"""A store that is bounded in bytes: what was used longest ago goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedStore(Generic[Key, Value]):
    """Keeps what was used last, up to a number of bytes; any thread may use it.

    What was put last is kept even where it is larger than the budget alone: whoever made it wants
    it now, and would only make it again.

    Parameters
    ----------
    budget : int
        Bytes.
    size_of : callable
        Returns how many bytes a value takes. It is asked once, when the value is put, and the value
        must not grow afterwards.
    """

    def __init__(self, budget: int, size_of: Callable[[Value], int]) -> None:
        self._budget, self._size_of = budget, size_of
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()  # used last at the end
        self._bytes = 0
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        """How many bytes are kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Key) -> bool:
        """Whether something is kept under a key; asking this is no use of it."""
        return key in self._kept

    def get(self, key: Key) -> Value | None:
        """Return what is kept under a key, which is used thereby; None where nothing is."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value in the place of what was kept under its key."""
        size = self._size_of(value)
        with self._lock:
            self._take_out(key)
            self._kept[key] = value, size
            self._bytes += size
            while self._bytes > self._budget and len(self._kept) > 1:
                self._take_out(next(iter(self._kept)))

    def discard(self, key: Key) -> None:
        """Let go of what is kept under a key, if anything is."""
        with self._lock:
            self._take_out(key)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _take_out(self, key: Key) -> None:
        _, size = self._kept.pop(key, (None, 0))
        self._bytes -= size
