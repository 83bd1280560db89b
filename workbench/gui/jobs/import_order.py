"""Libraries that threads must not import at the same time.

The import of torch takes seconds. While it lasts, its module is there but half empty, and the
import of scipy.stats in another thread stumbles over it: scipy asks whether an array is one of
torch, of a module that has no arrays yet. What depends on scipy.stats, such as scikit-learn, then
fails as well, and stays broken for the rest of the program. So scipy.stats comes first.

And Python holds its lock while the system loads a library: of torch's, which are hundreds of
megabytes, the window stood still for a quarter of a second, or more where files come from a slow
disk. Loaded beforehand by a call that gives the lock away, they are there when the import asks.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

# torch makes the symbols of the first known to all
_LIBRARIES = {
    "libtorch_global_deps.so": os.RTLD_LAZY | os.RTLD_GLOBAL, "libtorch.so": os.RTLD_NOW,
} if sys.platform == "linux" else {}  # fmt: skip


class _ScipyBeforeTorch(MetaPathFinder):
    """Finds torch as ever, but has it made only when scipy.stats is there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find torch; see `importlib.abc.MetaPathFinder`."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == "torch" else None
        if spec is not None and spec.loader is not None:
            make = spec.loader.create_module

            def make_in_order(spec: ModuleSpec) -> ModuleType | None:
                import_module("scipy.stats")  # waits, if another thread is at it
                _load_libraries(spec)
                return make(spec)

            # Not here: whoever finds modules holds a lock that every import needs.
            spec.loader.create_module = make_in_order  # type: ignore[method-assign]
        return spec


def _load_libraries(torch: ModuleSpec) -> None:
    """Load the libraries of torch while other threads work; what fails is left to the import.

    Not where the user names folders of libraries: then torch chooses some of them beforehand.
    """
    if torch.origin is None or os.environ.get("LD_LIBRARY_PATH"):
        return
    folder = Path(torch.origin).parent / "lib"
    with suppress(AttributeError, OSError):  # no system call of this name
        load = ctypes.CDLL(None).dlopen
        for name, how in _LIBRARIES.items():
            if (folder / name).is_file():
                load(os.fsencode(folder / name), how)


def keep_import_order() -> None:
    """Let scipy.stats be there whenever torch is imported from now on."""
    if not any(isinstance(each, _ScipyBeforeTorch) for each in sys.meta_path):
        sys.meta_path.insert(0, _ScipyBeforeTorch())
