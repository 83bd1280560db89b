"""How many threads a training computes in on a CPU.

The products of a step are small: dividing them among threads, and waiting for these, takes longer
than is won. Of two cores, 200 pairs and 1,000 items a default fit took 3.7 s in two threads and
2.5 s in one; the start alone 1.0 and 0.5 s. With 20,000 items the start takes 6.6 s in two threads
and 7.7 in one, and the steps 4.3 and 3.9 (tests/bench/fits.py, with OMP_NUM_THREADS).
"""

from collections.abc import Iterator
from contextlib import contextmanager

_SMALL_BATCH = 512  # pairs
_FEW_ROWS = 5_000  # of all views


@contextmanager
def one_thread_for_few_rows(rows: int, device: str) -> Iterator[None]:
    """Let all libraries compute in one thread, where the start is made of so few rows."""
    if device != "cpu" or rows > _FEW_ROWS:
        yield
        return
    import torch  # before the limit, which is of what is loaded by then
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    with threadpool_limits(1):
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


@contextmanager
def one_thread_for_a_small_step(pairs: int, device: str) -> Iterator[None]:
    """Let torch compute in one thread, where a step has so few pairs."""
    if device != "cpu" or pairs > _SMALL_BATCH:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
