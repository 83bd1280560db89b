"""Temporary folders that leave nothing: gone with their maker or, killed, when the next begins."""

import tempfile
import weakref
from contextlib import ExitStack
from pathlib import Path

from workbench.whole_files import draft_folder


class TemporaryFolder:
    """A folder that is deleted with this object, and at the latest when the program ends.

    Attributes
    ----------
    path : Path

    Raises
    ------
    OSError
        No temporary folder can be written.
    """

    def __init__(self) -> None:
        stack = ExitStack()
        # a short name: the paths of sockets in it have a hundred bytes
        self.path = stack.enter_context(draft_folder(Path(tempfile.gettempdir()) / "gera"))
        self.path.chmod(0o700)
        weakref.finalize(self, stack.close)
