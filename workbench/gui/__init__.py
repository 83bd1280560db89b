"""The window: the only room that knows Qt."""

import contextlib
import os
import sys

# qtawesome and pyqtgraph choose a Qt binding when they are first imported.
os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
# Threads of torch that wait by spinning take the cores from the window and from each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

if sys.platform == "win32":
    # There torch's libraries do not load any more once Qt's are in the process.
    with contextlib.suppress(ImportError, OSError):
        import torch  # noqa: F401
