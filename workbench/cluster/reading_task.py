"""Items read on a node, by a process that imports neither torch nor the project.

What is taken and returned is what Ray carries as it is: dicts, texts, bytes, arrays.
"""

import faulthandler
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.media import Order, Prepared, prepare
from workbench.temporary import TemporaryFolder


def read_items(
    rows: Sequence[Mapping[str, Any]], preparation: Callable[[Any], Any] | None, seconds: float
) -> tuple[list[tuple[str, str]], list[Any]]:
    """Read items and prepare them; the process ends where one takes too long.

    Parameters
    ----------
    rows : sequence of dict
        The fields of an `Order`; ``bytes`` is the file where it is sent.
    preparation : callable or None
    seconds : float
        How long one may take.

    Returns
    -------
    facts : list of (content, problem)
    media : list
        None where there is a problem.
    """
    found = []
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - it has no path
        for row in rows:
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
            found.append(_read(row, preparation))
        faulthandler.cancel_dump_traceback_later()
    return [(each.content, each.problem) for each in found], [each.medium for each in found]


def _read(row: Mapping[str, Any], preparation: Callable[[Any], Any] | None) -> Prepared:
    fields = dict(row)
    sent = fields.pop("bytes", None)
    order = Order(**fields)
    if sent is None:
        return prepare(order, preparation)
    with _as_file(sent, Path(order.path).suffix) as path:
        found = prepare(order._replace(path=path, file=path), preparation)
    return replace(found, problem=found.problem.replace(path, order.path))


@contextmanager
def _as_file(content: bytes, suffix: str) -> Iterator[str]:
    """Have bytes as a file: some readers of media take nothing else, and look at its name."""
    folder = TemporaryFolder()
    path = folder.path / f"item{suffix}"
    path.write_bytes(content)
    yield str(path)
    path.unlink()
