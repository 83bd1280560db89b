"""The aligned space: one head a view, saved as safetensors with its configuration inside."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.head_checks import checked_head
from workbench.alignment.heads import Head
from workbench.errors import WorkbenchError
from workbench.received.small import parse_json
from workbench.received.tensors import read_tensors
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

    @property
    def joint_width(self) -> int:
        """Of the rows that all heads give."""
        view = self.views[0]
        return int(self.embed(view, np.zeros((0, self.width(view)), np.float32)).shape[1])

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

    def fingerprint(self) -> str:
        """Return a hash of all heads: equal for heads that map alike to the bit."""
        digest = hashlib.blake2b(json.dumps(self.configuration()).encode(), digest_size=16)
        for name, array in sorted(self.tensors().items()):
            digest.update(f"{name} {array.shape} {array.dtype}".encode() + array.tobytes())
        return digest.hexdigest()

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
    tensors, metadata = read_tensors(path, "The file of heads", "Align again.")
    try:
        configuration = parse_json(metadata.get("configuration", "{}"))
        if not isinstance(configuration, dict) or configuration.get("format") != FORMAT:
            raise WorkbenchError(f"{path} is not a file of heads of the workbench.")
        return space_of(tensors, configuration)
    except ValueError as error:
        raise WorkbenchError(f"The heads {path} are damaged: {error}. Align again.") from None


def space_of(tensors: Mapping[str, Floats], configuration: Mapping[str, Any]) -> AlignedSpace:
    """Return the space whose `AlignedSpace.tensors` and `configuration` these are.

    Raises
    ------
    ValueError
        They are none; the message says in what.
    """
    views = configuration.get("views")
    if not isinstance(views, dict) or not views:
        raise ValueError("no view has a head")
    heads: dict[str, Head] = {}
    widths: set[int] = set()
    for view, options in views.items():
        arrays = {
            n.removeprefix(f"{view}."): t for n, t in tensors.items() if n.startswith(f"{view}.")
        }
        try:
            heads[view], width = checked_head(options, arrays)
        except ValueError as error:
            raise ValueError(f"the head of “{view}”: {error}") from None
        widths.add(width)
    if len(widths) > 1:
        raise ValueError("its heads map into spaces of different widths")
    return AlignedSpace(heads)
