"""Cores left to a training in another process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_inside = 0
_limits: Any = None


@contextmanager
def blas_on_one_core() -> Iterator[None]:
    """Let matrix products of this process do with one thread, until all who asked for it are done.

    OpenBLAS divides even a small product among all cores and then waits for each of them. Where a
    training of another process keeps the cores busy, such a product of 200 rows takes 16 ms of the
    window's time instead of 0.2.
    """
    global _inside, _limits
    from threadpoolctl import threadpool_limits

    with _lock:
        if _inside == 0:
            _limits = threadpool_limits(1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limits.restore_original_limits()
