"""The optional parts of an exported folder: one table, which the window and the commands list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.export import faiss_index, onnx_models, sentence_transformers_models, vectors
from workbench.export.contents import Contents
from workbench.jobs import Control, Job


@dataclass(frozen=True)
class Part:
    """Something that is written into an exported folder if it is asked for.

    Attributes
    ----------
    name : str
        As on the command line; also the folder that it is written to.
    title, summary : str
    size : callable
        Estimates from the contents how many bytes it will take.
    write : callable
        ``write(folder, contents, control)`` writes it into a new folder; returns what
        ``config.json`` says of it. Views that cannot be had are told of under ``refused``.
    packages : tuple of str
        Python packages that it needs.
    extra : str
        What brings them, where the program does not come with them.
    """

    name: str
    title: str
    summary: str
    size: Callable[[Contents], int]
    write: Callable[[Path, Contents, Control], Job[dict[str, Any]]]
    packages: tuple[str, ...] = ()
    extra: str = ""

    def missing(self) -> str:
        """Return in a sentence what has to be installed before; empty if nothing."""
        absent = [package for package in self.packages if find_spec(package) is None]
        if not absent:
            return ""
        return (
            f"The part “{self.name}” needs the Python package {' and '.join(absent)}. Run "
            f"pip install “gera-workbench[{self.extra}]”."
        )


PARTS: tuple[Part, ...] = (
    Part(
        "vectors", "Vectors of all items",
        "Every item in the joint space, as a table (Parquet) and as an array (NumPy).",
        vectors.size, vectors.write,
    ),
    Part(
        "index", "Search index",
        "A faiss index of each view, with item ids.",
        faiss_index.size, faiss_index.write,
    ),
    Part(
        "sentence-transformers", "Encoders with heads",
        "A model folder of sentence-transformers for each view that the library can encode.",
        sentence_transformers_models.size, sentence_transformers_models.write,
    ),
    Part(
        "onnx", "ONNX",
        "Each head alone, and encoder with head where it can be traced; compared when written.",
        onnx_models.size, onnx_models.write, ("onnx", "onnxruntime", "onnxscript"), "onnx",
    ),
)  # fmt: skip


def find_parts(names: Sequence[str]) -> tuple[Part, ...]:
    """Return parts by name, in the order of `PARTS`; ``all`` stands for all that can be written.

    Raises
    ------
    WorkbenchError
        There is none of a name, or a package that it needs is not installed.
    """
    known = {part.name: part for part in PARTS}
    for name in names:
        if name not in known and name != "all":
            raise WorkbenchError(
                f"An export has no part “{name}”. Parts: {', '.join(known)}, or all."
            )
    chosen = [part for part in PARTS if part.name in names]
    if "all" in names:
        chosen = [part for part in PARTS if part.name in names or not part.missing()]
    for part in chosen:
        if part.missing():
            raise WorkbenchError(part.missing())
    return tuple(chosen)
