"""A process that reads items for another one: a damaged file can take no more with it than this.

It knows files and media only, so that it is there in half a second: neither torch nor the project
is imported, unless a preparation needs them.
"""

import faulthandler
import os
import pickle
import signal
from contextlib import suppress
from multiprocessing.connection import Connection

from workbench.media.reading import Order, prepare
from workbench.memory import keep_freed_memory

_DAY = 86_400.0  # seconds: as good as for ever, which no clock counts to


def serve(line: Connection, seconds: float) -> None:
    """Answer lists of `Order` with lists of `Prepared`, until the line is closed.

    The process ends where one item takes too long.

    Parameters
    ----------
    line : Connection
        What comes first is the encoder's preparation, or None.
    seconds : float
        How long one item may take.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C asks the encode for a stop
    keep_freed_memory()  # of a picture for the next one: a fifth of what a large one takes
    os.environ["OMP_NUM_THREADS"] = "1"  # of a library that the preparation brings
    with open(os.devnull, "w") as nowhere, suppress(EOFError, OSError):  # noqa: PTH123 - no path
        preparation = line.recv()
        while True:
            orders: list[Order] = line.recv()
            answers = []
            for order in orders:
                faulthandler.dump_traceback_later(min(seconds, _DAY), exit=True, file=nowhere)
                answers.append(prepare(order, preparation))
            faulthandler.cancel_dump_traceback_later()
            # by value: torch would let its tensors share memory, and hold a file open for each
            line.send_bytes(pickle.dumps(answers, protocol=5))
