"""What lies in a project's caches, read without any encoder; and how to be rid of one."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import Project, rows_of_items


@dataclass(frozen=True)
class CacheState:
    """What lies in a cache.

    Attributes
    ----------
    encoded, unreadable, total : int
        Present items with an embedding of the content they have now, items that could not be
        encoded, and all present items.
    width : int
        Numbers in one embedding.
    bytes : int
        Of the file.
    """

    path: Path
    modality: Modality
    encoder: str
    encoded: int
    unreadable: int
    total: int
    width: int
    dtype: str
    bytes: int
    modified: datetime

    @property
    def complete(self) -> bool:
        """Whether nothing is left to encode."""
        return self.left == 0

    @property
    def left(self) -> int:
        """How many items are left to encode."""
        return self.total - self.encoded - self.unreadable


def cache_state(
    project: Project, modality: Modality, encoder: str | None = None
) -> CacheState | None:
    """Return the state of an encoder's cache, or None when there is none.

    Parameters
    ----------
    encoder : str, optional
        None takes the project's choice.
    """
    name = encoder or project.settings.encoders.get(modality)
    path = project.cache_path(modality, name) if name else None
    if name is None or path is None or not path.exists():
        return None
    ids, marks = project.catalogue.fingerprints(modality)
    with EmbeddingCache(path) as cache:
        header = cache.header()
        rows = rows_of_items(cache, ids, marks)
    problems = project.catalogue.problems(modality, name)
    waiting = ids[rows < 0]
    unreadable = int(np.isin(waiting, np.array(list(problems), dtype=np.int64)).sum())
    facts = path.stat()
    return CacheState(
        path, modality, name, len(ids) - len(waiting), unreadable, len(ids), header.width,
        header.dtype, facts.st_size, datetime.fromtimestamp(facts.st_mtime).astimezone(),
    )  # fmt: skip


def list_caches(project: Project) -> tuple[list[CacheState], list[tuple[Path, str]]]:
    """Return the states of all caches of a project, and path and reason of unreadable files."""
    found: list[CacheState] = []
    problems: list[tuple[Path, str]] = []
    for path in sorted((project.root / "embeddings").glob("*.h5")):
        try:
            with EmbeddingCache(path) as cache:
                card = cache.header().card
            modality, name = card.get("modality"), str(card.get("name"))
            state = cache_state(project, modality, name) if modality in MODALITIES else None
        except WorkbenchError as error:
            problems.append((path, str(error)))
            continue
        if state is not None and state.path == path:
            found.append(state)
        else:
            problems.append((path, "Its file name does not match its encoder, so it is not used."))
    return found, problems


def delete_cache(project: Project, modality: Modality, encoder: str) -> int:
    """Delete the embeddings of an encoder, and what is noted of items that it could not take.

    Returns
    -------
    int
        Bytes that are free again.

    Raises
    ------
    WorkbenchError
        There is no such cache, or it is in use.
    """
    path = project.cache_path(modality, encoder)
    try:
        size = path.stat().st_size
        if not path.is_symlink():  # else only the link is deleted
            with EmbeddingCache(path, "r+"):  # nobody is encoding into it
                pass
        path.unlink()
    except FileNotFoundError:
        raise WorkbenchError(f"There is no cache at {path}.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be deleted: {error.strerror}.") from None
    problems = project.catalogue.problems(modality, encoder)
    project.catalogue.set_problems(encoder, [(item, "") for item in problems])
    return size
