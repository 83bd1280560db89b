"""What items hold, by hash: files of equal content need to be encoded but once."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project.project import Project

Marks = npt.NDArray[np.bytes_]


class EncodedContents:
    """What the items of a modality held when they were encoded, as the project's caches know it.

    Parameters
    ----------
    project : Project
    modality : {"image", "text", "speech"}
    """

    def __init__(self, project: Project, modality: Modality) -> None:
        parts = [_known_to(path) for path in project.cache_paths(modality)]
        none = np.zeros(0, "S64")
        marks = np.concatenate([none, *(marks for marks, _ in parts)])
        contents = np.concatenate([none, *(contents for _, contents in parts)])
        order = np.argsort(marks, kind="stable")
        self._marks, self._contents = marks[order], contents[order]

    def of(self, fingerprint: str) -> set[str]:
        """Return the contents that are known of a fingerprint: one, or none."""
        mark = np.bytes_(fingerprint.encode())
        start, end = (np.searchsorted(self._marks, mark, side) for side in ("left", "right"))
        return {content.decode() for content in self._contents[start:end].tolist()}


def _known_to(path: Path) -> tuple[Marks, Marks]:
    try:
        with EmbeddingCache(path) as cache:
            contents = cache.contents()
            known = cache.encoded() & (contents != b"")
            return cache.fingerprints()[known], contents[known]
    except WorkbenchError:  # it is damaged, or no cache: said where it is used
        return np.zeros(0, "S64"), np.zeros(0, "S64")
