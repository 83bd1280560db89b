"""In how many threads a training computes on a CPU.

The products of a step are small: dividing them among threads, and waiting for these, takes longer
than is won. On two cores, before there was this limit, a default fit of 200 pairs and 1,000 items
took 3.7 s with OMP_NUM_THREADS=2 and 2.5 s with 1; the start alone 1.0 and 0.5 s. With 20,000 items
the start took 6.6 s in two threads and 7.7 in one, and the steps 4.3 and 3.9.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

SMALL_BATCH = 512  # pairs of a step
FEW_ROWS = 5_000  # of all views


@contextmanager
def one_thread(wanted: bool, *, of_all_libraries: bool = False) -> Iterator[None]:
    """Let torch compute in one thread meanwhile, and NumPy and SciPy too, where that is wanted."""
    if not wanted:
        yield
        return
    import torch  # before the limit, which is of what is loaded by then
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    with threadpool_limits(1) if of_all_libraries else nullcontext():
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
