"""Encode: from items to embeddings in the cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.cluster import connected
from workbench.encoders import (
    PRECOMPUTED,
    Encoder,
    Precomputed,
    load_encoder,
    own_code,
    place_of_code,
)
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.project import SETTINGS_FILE, Project
from workbench.stations.encoding.encode_request import Dtype, EncodeReport, EncodeRequest
from workbench.stations.encoding.fetch import fetch_encoder
from workbench.stations.encoding.filling import Filling, Rows
from workbench.stations.encoding.given_vectors import kept_name, loaded_name, meet_vectors
from workbench.stations.encoding.on_cluster.batches import Batches
from workbench.stations.encoding.on_cluster.request import ClusterRequest
from workbench.stations.encoding.on_cluster.start import start_workers
from workbench.stations.encoding.trusted_code import is_trusted, not_heeded, trust


def encode(
    project: Project, request: EncodeRequest, control: Control | None = None
) -> Job[EncodeReport]:
    """Encode the items of a modality that have no embedding yet.

    Equal contents are encoded once. An item that cannot be encoded is noted in the catalogue with
    the reason, and the job goes on.

    Parameters
    ----------
    project : Project
    request : EncodeRequest
    control : Control, optional

    Yields
    ------
    Progress, Notice

    Returns
    -------
    EncodeReport

    Raises
    ------
    WorkbenchError
        No items, no encoder, the encoder cannot be loaded or fails, or the cache is in use.
    """
    control = control or Control()
    modality = request.modality
    if request.batch_size < 1:
        raise WorkbenchError(f"The batch size must be at least 1, not {request.batch_size}.")
    ids, marks = project.catalogue.fingerprints(modality)
    if not len(ids):
        raise WorkbenchError(
            f"The project has no {modality} items. Add a folder of them and scan first."
        )
    wished = request.encoder
    name = project.encoder(modality) if wished is None else kept_name(project, wished)
    report = EncodeReport(modality, name)
    beginning = _Beginning(project, request, name, ids, marks, report, control)
    if request.cluster is None:
        return (yield from _encode_here(beginning))
    if loaded_name(project, name).startswith(PRECOMPUTED):
        yield Notice(f"{name} has vectors already: nothing of it is computed on the cluster.")
        return (yield from _encode_here(beginning))
    return (yield from _encode_on_cluster(beginning, request.cluster))


@dataclass(frozen=True)
class _Beginning:
    """What an encode knows before there is an encoder."""

    project: Project
    request: EncodeRequest
    name: str
    ids: Rows
    marks: Any
    report: EncodeReport
    control: Control


def _encode_here(at: _Beginning) -> Job[EncodeReport]:
    """Encode with an encoder that is loaded in this process."""
    project, name, modality = at.project, at.name, at.request.modality
    if not (yield from fetch_encoder(loaded_name(project, name), modality, at.control)):
        return at.report
    yield Progress(0, len(at.ids), f"Loading {name}")
    model = yield from _load(project, name, at.request)
    instead: Mapping[int, Any] | None = None
    if isinstance(model, Precomputed):
        # the same wherever the project lies
        model.card = model.card.model_copy(update={"name": name, "source": f"file {name}"})
        meeting = meet_vectors(project, model, modality, project.catalogue.items(modality))
        instead = meeting.of_item
        for sentence in meeting.assumed:
            yield Notice(sentence, "warning")
    return (yield from _fill_cache(at, model, instead))


def _encode_on_cluster(at: _Beginning, wish: ClusterRequest) -> Job[EncodeReport]:
    """Encode with encoders that are loaded on the nodes of a cluster; this process writes."""
    project, request = at.project, at.request
    wanted = loaded_name(project, at.name)
    trusted, asked = yield from _trust_in(project, at.name, request)
    code = own_code(wanted, request.modality) if trusted else None
    if asked and code is None:
        raise WorkbenchError(
            f"The nodes may only run the code of {at.name} that is here too, and here is none: "
            "fetch it on this machine first."
        )
    order = {
        "name": wanted, "modality": request.modality,
        "device": request.device, "precision": request.precision,
        "batch_size": request.batch_size, "code": None if code is None else code.content,
    }  # fmt: skip
    with connected(wish.address) as cluster:
        started = yield from start_workers(
            cluster, wish, order, project.catalogue, at.ids, at.control
        )
        if started is None:
            return at.report
        model, batches = started
        if asked and (sentence := trust(code)):
            yield Notice(sentence, "warning")
        try:
            return (yield from _fill_cache(at, model, batches=batches))
        except WorkbenchError:
            blamed = [(item, "") for item in batches.blamed]
            project.catalogue.set_problems(model.card.name, blamed)
            raise


def _fill_cache(
    at: _Beginning,
    model: Encoder,
    instead: Mapping[int, Any] | None = None,
    batches: Batches | None = None,
) -> Job[EncodeReport]:
    """Lay the cache out, and encode what it lacks."""
    project, request, ids = at.project, at.request, at.ids
    project.choose_encoder(request.modality, at.name)
    path = project.cache_path(request.modality, at.name)
    card = model.card.model_dump(mode="json")
    dtype: Dtype = request.dtype or "float32"
    if path.exists():
        with EmbeddingCache(path) as cache:
            header = cache.header()
        dtype = request.dtype or ("float16" if header.dtype == "float16" else "float32")
        if header.encoded and header.card.get("dtype") != card["dtype"]:
            yield Notice(
                f"Earlier embeddings in {path.name} were computed in {header.card.get('dtype')}, "
                f"these are in {card['dtype']}: they agree to about three digits."
            )
    prepare_cache(path, card, ids, at.marks, dtype)
    with EmbeddingCache(path, "r+") as cache:
        if not cache.holds(ids, at.marks):
            raise WorkbenchError(f"Another process has just changed {path}. Encode again.")
        job = Filling(project, model, request, cache, ids, at.report, at.control, instead, batches)
        return (yield from job.run())


def _load(project: Project, name: str, request: EncodeRequest) -> Job[Encoder]:
    """Load an encoder; its own code runs where the user lets it, which is kept when it did."""
    wanted, modality = loaded_name(project, name), request.modality
    trusted, asked = yield from _trust_in(project, name, request)
    code = own_code(wanted, modality) if asked else None  # before it can run
    model = load_encoder(
        wanted, modality, request.device, trust_code=trusted, precision=request.precision
    )
    if asked and (sentence := trust(code)):
        yield Notice(sentence, "warning")
    return model


def _trust_in(project: Project, name: str, request: EncodeRequest) -> Job[tuple[bool, bool]]:
    """Return whether an encoder's own code may run, and whether the user says so just now."""
    wanted, modality = loaded_name(project, name), request.modality
    asked = request.trust_code and place_of_code(wanted, modality) is not None
    trusted = asked or is_trusted(wanted, modality)
    if name in project.settings.trusted:
        if not trusted:
            yield Notice(not_heeded(project.root / SETTINGS_FILE, name), "warning")
        project.change()  # without it
    return trusted, asked
