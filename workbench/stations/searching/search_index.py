"""Search index: clusters of a run's items, so that a million are searched in milliseconds.

They lie with the run, one file a modality, and follow it when it is renamed or deleted. Each is
made for the heads and the embeddings that there were; once either has changed it counts as none,
and is taken away.
"""

import contextlib
import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import Modality
from workbench.project import Project, Run, file_mark
from workbench.search import LEAST_RECALL, Clusters, cluster_rows, read_clusters, write_clusters
from workbench.stations.runs.rows import ViewRows, read_view
from workbench.stations.runs.run_views import check_card, encoders_of

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

INDEX_FROM = 100_000
"""Rows from which on an exact answer takes more than some tens of milliseconds on two cores."""
_QUESTIONS = 250


def build_search_index(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    least: int = INDEX_FROM,
) -> Job[dict[Modality, Clusters]]:
    """Make the indices of a run that are missing, and keep them with it.

    A minute or two for a million items. Questions are answered exactly until they are there.

    Parameters
    ----------
    project : Project
    run_name : str
    control : Control, optional
        After a stop the indices finished before it are kept.
    least : int
        Only of modalities with so many items; fewer are searched exactly in little time.

    Yields
    ------
    Progress, Notice
        A notice tells of each modality what a search by its index finds.

    Returns
    -------
    dict of modality to Clusters
        Those that searches go by from now on: of measured recall `LEAST_RECALL` or more.

    Raises
    ------
    WorkbenchError
        The run has no heads, its embeddings are of other encoders, or the disk is full.
    """
    control = control or Control()
    run = project.run(run_name)
    space, found = run.space(), {}
    counts = project.catalogue.counts()
    wanted = [view for view in encoders_of(run) if counts.get(view, 0) >= max(least, 1)]
    for modality in wanted:
        yield Progress(0, 0, f"Mapping {modality} items into the space of {run_name}")
        if control.stopping:
            break
        rows = read_view(project, run, space, modality)
        if len(rows.ids) < max(least, 1):
            continue
        known = read_index(project, run, space, modality, rows, good=False)
        if known is None:
            key = _key(project, run, space, modality, rows.ids)
            asked = {}
            for view in encoders_of(run):
                own = view == modality
                some = _sample(rows.joint) if own else _questions(project, run, space, view)
                if len(some):
                    asked[str(view)] = some
            known = yield from cluster_rows(rows.joint, asked, control, own=modality)
            if known is None:
                break
            run.refuse_link()
            _write(known, key, _path(run, modality))
        if known.recall >= LEAST_RECALL:
            found[modality] = known
            yield Notice(f"{modality}: {known.sentence()}.")
        else:
            yield Notice(
                f"{modality}: {known.sentence()}. That is too low, so the search stays exact."
            )
    return found


def read_index(
    project: Project,
    run: Run,
    space: AlignedSpace,
    modality: Modality,
    rows: ViewRows,
    *,
    good: bool = True,
) -> Clusters | None:
    """Return the index of a run's items, if there is one of the present heads and embeddings.

    Parameters
    ----------
    project : Project
    run : Run
    space : AlignedSpace
        Its heads.
    modality : str
    rows : ViewRows
        The items that are there now.
    good : bool
        Only one that finds enough.

    Returns
    -------
    Clusters or None
    """
    path = _path(run, modality)
    if not path.exists():
        return None
    found = read_clusters(path, _key(project, run, space, modality, rows.ids), rows.joint.shape)
    if found is None:  # of what there was before, or damaged
        with contextlib.suppress(OSError):  # it harms nothing, and may be read-only
            path.unlink()
        return None
    return found if found.recall >= LEAST_RECALL or not good else None


def index_mark(run: Run, modality: Modality) -> object:
    """Return a mark of the file that a run's index of a modality is kept in; None without one."""
    return file_mark(_path(run, modality))


def _path(run: Run, modality: Modality) -> Path:
    return run.folder / f"search-{modality}.safetensors"


def _key(project: Project, run: Run, space: AlignedSpace, modality: Modality, ids: Ids) -> str:
    """Return a hash of what decides the rows: heads, encoder, items and their contents."""
    digest = hashlib.blake2b(digest_size=16)
    for name, array in sorted(space.tensors().items()):
        if name.startswith(f"{modality}."):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    digest.update(repr(sorted(space.heads[modality].options().items())).encode())
    digest.update(ids.tobytes())
    with EmbeddingCache(project.cache_path(modality, encoders_of(run)[modality])) as cache:
        digest.update(repr(sorted(cache.header().card.items())).encode())
        for known in (cache.item_ids(), cache.encoded(), cache.fingerprints(), cache.contents()):
            digest.update(known.tobytes())
    return digest.hexdigest()


def _sample(rows: Floats) -> Floats:
    places = np.random.default_rng(0).permutation(len(rows))[:_QUESTIONS]
    return rows[np.sort(places)]


def _questions(project: Project, run: Run, space: AlignedSpace, modality: Modality) -> Floats:
    """Return the places of some items of another modality, shape (q, w)."""
    with EmbeddingCache(project.cache_path(modality, encoders_of(run)[modality])) as cache:
        check_card(run, modality, cache.header().card)
        rows = np.random.default_rng(0).permutation(np.flatnonzero(cache.encoded()))[:_QUESTIONS]
        return space.embed(modality, cache.read(rows))


def _write(clusters: Clusters, key: str, path: Path) -> None:
    try:
        write_clusters(clusters, key, path)
    except OSError as error:
        raise WorkbenchError(
            f"The search index cannot be saved at {path}: {error.strerror}. Make room on the "
            "disk; until then items are searched exactly."
        ) from None
