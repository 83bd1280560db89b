"""Encode: from items to embeddings in the cache."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.encoders import Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress, Stopwatch
from workbench.media import Modality, read_image, read_speech
from workbench.project import Item, Project, rows_of_items


@dataclass(frozen=True)
class EncodeReport:
    """What an encode did.

    Attributes
    ----------
    encoded, kept, failed : int
        Items encoded now, items whose embedding was there already, items that could not be read.
    width : int
        Numbers in one embedding.
    complete : bool
        False when it was stopped; encoding again goes on where it was.
    """

    modality: Modality
    encoder: str
    encoded: int
    kept: int
    failed: int
    width: int
    complete: bool
    seconds: float


@dataclass(frozen=True)
class CacheState:
    """What lies in the cache of a modality, read without the encoder.

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
        return self.encoded + self.unreadable == self.total


def cache_state(project: Project, modality: Modality) -> CacheState | None:
    """Return the state of the cache of the chosen encoder, or None when there is none."""
    name = project.settings.encoders.get(modality)
    path = project.cache_path(modality, name) if name else None
    if name is None or path is None or not path.exists():
        return None
    items = project.catalogue.items(modality)
    with EmbeddingCache(path) as cache:
        header = cache.header()
        encoded = rows_of_items(cache, items)
    facts = path.stat()
    return CacheState(
        path,
        name,
        len(encoded),
        sum(bool(item.problem) and item.id not in encoded for item in items),
        len(items),
        header.width,
        header.dtype,
        facts.st_size,
        datetime.fromtimestamp(facts.st_mtime).astimezone(),
    )


def encode(
    project: Project,
    modality: Modality,
    encoder: str | None = None,
    *,
    device: str = "auto",
    batch_size: int = 32,
    control: Control | None = None,
) -> Job[EncodeReport]:
    """Encode the items of a modality that have no embedding yet.

    Parameters
    ----------
    project : Project
    modality : {"image", "text", "speech"}
    encoder : str, optional
        Name of an encoder; it becomes the project's choice. None uses the choice made before.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    batch_size : int
        Items given to the encoder at once.

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
    if batch_size < 1:
        raise WorkbenchError(f"The batch size must be at least 1, not {batch_size}.")
    items = project.catalogue.items(modality)
    if not items:
        raise WorkbenchError(
            f"The project has no {modality} items. Add a folder of them and scan first."
        )
    name = encoder or project.encoder(modality)
    yield Progress(0, len(items), f"Loading {name}")
    model = load_encoder(name, modality, device)
    project.choose_encoder(modality, name)
    path = project.cache_path(modality, name)
    wanted = [(item.id, item.fingerprint) for item in items]
    prepare_cache(path, model.card.model_dump(mode="json"), wanted)
    watch = Stopwatch()
    with EmbeddingCache(path, "r+") as cache:
        if not cache.holds(wanted):
            raise WorkbenchError(f"Another process has just changed {path}. Encode again.")
        todo = np.flatnonzero(~cache.encoded())
        kept, encoded, failed = len(items) - len(todo), 0, 0
        for start in range(0, len(todo), batch_size):
            control.wait_while_paused()
            if control.stopping:
                yield Notice(
                    f"Stopped: {kept + encoded:,} of {len(items):,} {modality} items done."
                )
                complete = False
                break
            rows = todo[start : start + batch_size]
            batch = [items[row] for row in rows]
            good, problems = _encode_batch(model, batch, cache, rows)
            project.catalogue.set_problems((item.id, problems.get(item.id, "")) for item in batch)
            for item in batch:
                if item.id in problems:
                    yield Notice(f"{item.path}: {problems[item.id]}", "warning")
            encoded, failed = encoded + good, failed + len(problems)
            done = kept + encoded + failed
            yield Progress(done, len(items), batch[-1].path, watch.rate(encoded + failed))
        else:
            complete = True
    return EncodeReport(
        modality, name, encoded, kept, failed, model.card.width, complete, watch.seconds()
    )


def _encode_batch(
    model: Encoder, batch: Sequence[Item], cache: EmbeddingCache, rows: np.ndarray[Any, Any]
) -> tuple[int, dict[int, str]]:
    """Read, encode and store a batch; return how many succeeded, and reasons by item id."""
    media, readable, problems = [], [], {}
    for place, item in enumerate(batch):
        try:
            media.append(read_medium(item.modality, item.path, item.text))
            readable.append(place)
        except WorkbenchError as error:
            problems[item.id] = str(error)
    if not readable:
        return 0, problems
    try:
        embeddings = model.encode(media)
    except (MemoryError, RuntimeError) as error:  # torch's errors are RuntimeErrors
        reason = (str(error).strip() or "out of memory").splitlines()[0]
        raise WorkbenchError(
            f"The encoder {model.card.name} failed at {batch[readable[0]].path}: {reason}. "
            "Try a smaller batch, or another device. What was encoded before is kept."
        ) from error
    if len(embeddings) != len(media):
        raise WorkbenchError(
            f"The encoder {model.card.name} gave {len(embeddings)} vectors for {len(media)} items. "
            "Use another one, or report it to its makers."
        )
    usable = np.isfinite(embeddings).all(axis=1) & embeddings.any(axis=1)
    for place in np.array(readable)[~usable]:
        problems[batch[place].id] = "The encoder gave no usable vector for it."
    cache.write(rows[readable][usable], embeddings[usable])
    return int(usable.sum()), problems


def read_medium(modality: Modality, path: str, text: str) -> Any:
    """Return what an encoder takes: a picture, a text, or samples at 16 kHz."""
    readers: dict[Modality, Callable[[], Any]] = {
        "image": lambda: read_image(Path(path)),
        "text": lambda: text,
        "speech": lambda: read_speech(Path(path)),
    }
    return readers[modality]()
