"""Jobs that make very many small objects, without holding the window up."""

from typing import TypeVar

from workbench.gui.jobs.garbage import collection
from workbench.jobs import Job

T = TypeVar("T")


def steadily(job: Job[T]) -> Job[T]:
    """Run a job while Python's collector of cyclic garbage pauses.

    A hundred thousand items make the collector look at all objects again and again, for a quarter
    of a second each time, and no thread runs meanwhile. Items hold no cycles, so it would find
    nothing. At the end it is told to leave out what there is now, until it is told to
    `workbench.gui.jobs.garbage.collect_again`.
    """
    with collection.paused():
        return (yield from job)
