"""Stations that work on a cluster, in a process of their own, which Ray may end."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from workbench.errors import WorkbenchError
from workbench.job_process import JobProcessError, in_process
from workbench.jobs import Control, Job

T = TypeVar("T")


def in_cluster_process(
    station: Callable[..., Job[T]], *arguments: Any, address: str, control: Control, **options: Any
) -> Job[T]:
    """Run a station that connects to a cluster, and outlive the loss of the cluster's head.

    Ray ends the process that is connected when the head falls silent, and tells of lost workers on
    the standard output, where results for scripts go. So that is not this process.

    Parameters
    ----------
    station, *arguments, control, **options
        As for `in_process`.
    address : str
        Of the cluster, to name it by.

    Raises
    ------
    WorkbenchError
        The station's own, or the cluster was lost.
    """
    try:
        job = in_process(_in_silence, station, arguments, options, control=control)
        result: T = yield from job
        return result
    except JobProcessError as error:
        if control.stopping:
            raise
        lost = WorkbenchError(
            f"The cluster at {address} was lost: its head, or this machine’s connection to it, has "
            "ended. What was finished is kept; when the cluster is there again, start again to "
            "continue."
        )
        lost.details = f"{error}\n{error.details}"
        raise lost from None


def _in_silence(
    station: Callable[..., Job[T]], arguments: Any, options: Any, control: Control
) -> Job[T]:
    with in_silence():
        return (yield from station(*arguments, control=control, **options))


@contextmanager
def in_silence() -> Iterator[None]:
    """Let nothing that Ray prints reach the terminal; for a process that says nothing itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    before = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, old in zip((1, 2), before, strict=True):
            os.dup2(old, number)
            os.close(old)
        os.close(nowhere)
