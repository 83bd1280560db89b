"""Let numba keep what it compiles for UMAP: twenty seconds of every map otherwise.

Numba keeps machine code of those functions only whose authors ask for it, and of UMAP's nobody did.
What it keeps is trusted as it lies there. Here it may also be gone, damaged, or not be written:
then it is compiled as if nothing had been kept, for a full disk stops no map.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.home import cache_folder

_COMPILED = ("umap-learn", "pynndescent", "numba", "llvmlite", "numpy")


def keep_compiled() -> None:
    """Let all that numba compiles in this process from now on be kept for the next one.

    To be called before umap is imported, in a process that does nothing else: of one function
    numba keeps one compiling, whatever options it was compiled with. It lies in the user's folder
    of caches, or in ``NUMBA_CACHE_DIR``, by versions: numba does not see when a function that
    another one calls has changed.
    """
    folder = os.environ.get("NUMBA_CACHE_DIR") or cache_folder()
    if folder is None:
        return
    versions = "_".join(f"{name}-{version(name)}" for name in _COMPILED)
    os.environ["NUMBA_CACHE_DIR"] = str(Path(folder) / versions)

    import numba

    dispatcher: Any = import_module("numba.core.dispatcher")
    dispatcher.FunctionCache = _forgiving(dispatcher.FunctionCache, dispatcher.NullCache)
    numba.jit, numba.njit = partial(numba.jit, cache=True), partial(numba.njit, cache=True)


def _forgiving(cache: Any, none: Any) -> Callable[[Any], Any]:
    """Return how to make a function's cache of which nothing that goes wrong is heard."""

    class Forgiving(cache):  # type: ignore[misc]
        def load_overload(self, *arguments: Any) -> Any:
            try:
                return super().load_overload(*arguments)
            except Exception:  # whatever a damaged file can end in
                with suppress(OSError):
                    self.flush()
                return None

        def save_overload(self, *arguments: Any) -> None:
            with suppress(OSError):
                super().save_overload(*arguments)

    def make(function: Any) -> Any:
        try:
            return Forgiving(function)
        except RuntimeError:  # there is no place for it, or no file that it is from
            return none()

    return make
