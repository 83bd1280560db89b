"""The aligned space: one head a view, saved as safetensors with its configuration inside."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import HEADS, Head
from workbench.errors import WorkbenchError
from workbench.whole_files import write_whole

Floats = npt.NDArray[np.float32]

FORMAT = "gera-workbench heads 1"


class AlignedSpace:
    """Heads that map several views into one space.

    Parameters
    ----------
    heads : mapping of view to Head
    """

    def __init__(self, heads: Mapping[str, Head]) -> None:
        self.heads = dict(heads)

    @property
    def views(self) -> tuple[str, ...]:
        """The views that have a head."""
        return tuple(self.heads)

    def width(self, view: str) -> int:
        """Return the width of the frozen embeddings that a view's head takes."""
        return int(self._head(view).centre.shape[0])

    def embed(self, view: str, rows: Floats) -> Floats:
        """Map frozen embeddings into the shared space.

        Parameters
        ----------
        view : str
        rows : ndarray, shape (n, d)

        Returns
        -------
        ndarray, shape (n, w)
            Unit rows, float32.

        Raises
        ------
        WorkbenchError
            The view has no head, or the width is not that of its encoder.
        """
        head = self._head(view)
        rows = np.atleast_2d(np.asarray(rows, dtype=np.float32))
        if rows.shape[1] != self.width(view):
            raise WorkbenchError(
                f"The head of “{view}” expects embeddings of width {self.width(view)}, not "
                f"{rows.shape[1]}. Use the encoder that the head was trained on."
            )
        return head.embed(rows)

    def similarity(self, first: str, rows: Floats, second: str, others: Floats) -> Floats:
        """Return cosines in the shared space, shape (len(rows), len(others))."""
        return self.embed(first, rows) @ self.embed(second, others).T

    def tensors(self) -> dict[str, Floats]:
        """Return all arrays, named ``view.array``."""
        return {
            f"{view}.{name}": np.ascontiguousarray(array)
            for view, head in self.heads.items()
            for name, array in head.tensors().items()
        }

    def configuration(self) -> dict[str, Any]:
        """Return what the arrays mean: the kind and options of each view's head."""
        return {
            "format": FORMAT,
            "views": {v: {"kind": h.kind, **h.options()} for v, h in self.heads.items()},
        }

    def _head(self, view: str) -> Head:
        if view not in self.heads:
            raise WorkbenchError(
                f"This aligned space has no head for “{view}”. It has: {', '.join(self.heads)}."
            )
        return self.heads[view]


def save_space(space: AlignedSpace, path: Path) -> None:
    """Save heads; a reader sees the old file or the new one, never half of one."""
    from safetensors.numpy import save

    facts = {"configuration": json.dumps(space.configuration())}
    write_whole(path, save(space.tensors(), facts))


def load_space(path: Path) -> AlignedSpace:
    """Read heads.

    Raises
    ------
    WorkbenchError
        The file is missing, damaged, or not ours.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            configuration = json.loads((file.metadata() or {}).get("configuration", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise WorkbenchError(f"The heads {path} cannot be read: {error}.") from None
    if configuration.get("format") != FORMAT:
        raise WorkbenchError(f"{path} is not a file of heads of the workbench.")
    return space_of(tensors, configuration)


def space_of(tensors: Mapping[str, Floats], configuration: Mapping[str, Any]) -> AlignedSpace:
    """Return the space whose `AlignedSpace.tensors` and `configuration` these are."""
    heads: dict[str, Head] = {}
    for view, options in configuration["views"].items():
        arrays = {
            n.removeprefix(f"{view}."): t for n, t in tensors.items() if n.startswith(f"{view}.")
        }
        kind = HEADS[options["kind"]]
        heads[view] = kind(**arrays, **{n: v for n, v in options.items() if n != "kind"})  # type: ignore[arg-type]
    return AlignedSpace(heads)
