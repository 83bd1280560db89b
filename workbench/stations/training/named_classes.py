"""Names of classes by a text encoder, made once and kept beside a project's embeddings."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.cache import card_difference
from workbench.encoders import ClassifyingEncoder, Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Project, file_name
from workbench.received.small import parse_json
from workbench.received.tensors import read_tensors
from workbench.stations.encoding.given_vectors import loaded_name
from workbench.stations.encoding.trusted_code import is_trusted
from workbench.whole_files import write_whole
from workbench.words import label_in_words

Floats = npt.NDArray[np.float32]
Card = Mapping[str, Any]

_AT_ONCE = 64
_FORMAT = "gera-workbench names of classes 1"


def named_classes(
    project: Project, image: Card, text: Card, control: Control
) -> Job[tuple[Floats, Floats] | None]:
    """Return the classifier of an image encoder, and the vectors of its classes' names.

    Parameters
    ----------
    project : Project
    image, text : dict
        Cards of the encoders that the project's embeddings are of.
    control : Control

    Returns
    -------
    tuple of ndarray, shapes (c, d) and (c, w), or None
        None where it has no classes with names, or a stop was asked for.

    Raises
    ------
    WorkbenchError
        An encoder cannot be loaded, or is not the one any more.
    """
    path = _path(project, str(image["name"]), str(text["name"]))
    kept = _read(path, {"image": image, "text": text})
    if kept is not None and kept.keys() == {"none"}:
        return None
    if kept is not None and kept.keys() == {"weight", "vectors"}:
        weight, vectors = kept["weight"], kept["vectors"]
        if _fit(weight, vectors, image["width"], text["width"]):
            return weight, vectors
    yield Progress(0, 0, "Loading the image encoder for the names of its classes")
    encoder = _loaded(project, "image", image)
    known = encoder.class_words() if isinstance(encoder, ClassifyingEncoder) else None
    if known is None:  # which is not asked again: it takes seconds
        _write(path, {"none": np.zeros(1, dtype=np.float32)}, {"image": image, "text": text})
        return None
    named = yield from _encoded(project, known.names, text, control)
    if named is None:
        return None
    _write(path, {"weight": known.weight, "vectors": named}, {"image": image, "text": text})
    return known.weight, named


def named_labels(
    project: Project, labels: Sequence[str], text: Card, control: Control
) -> Job[Floats | None]:
    """Return the vectors of labels, shape (c, w); None where a stop was asked for.

    Raises
    ------
    WorkbenchError
        The text encoder cannot be loaded, or is not the one any more.
    """
    names = [label_in_words(label) for label in labels]
    digest = hashlib.blake2b("\n".join(names).encode(), digest_size=16).hexdigest()
    path, facts = _path(project, "labels", str(text["name"])), {"names": digest, "text": text}
    kept = _read(path, facts)
    if kept is not None and kept.keys() == {"vectors"}:
        vectors = kept["vectors"]
        if _fit(vectors, vectors, text["width"], text["width"]) and len(vectors) == len(names):
            return vectors
    named = yield from _encoded(project, names, text, control)
    if named is not None:
        _write(path, {"vectors": named}, facts)
    return named


def _encoded(
    project: Project, names: Sequence[str], text: Card, control: Control
) -> Job[Floats | None]:
    yield Progress(0, len(names), "Loading the text encoder for the names of classes")
    encoder = _loaded(project, "text", text)
    vectors = np.zeros((len(names), text["width"]), dtype=np.float32)
    # a batch costs as much as its longest name
    order = np.argsort([len(name) for name in names], kind="stable")
    for first in range(0, len(names), _AT_ONCE):
        if control.stopping:
            return None
        yield Progress(first, len(names), "Encoding the names of classes")
        some = order[first : first + _AT_ONCE]
        vectors[some] = encoder.encode([names[place] for place in some])
    if not np.isfinite(vectors).all():
        raise WorkbenchError(
            f"The encoder {text['name']} gave vectors that are not finite for names of classes. "
            "Use another."
        )
    return vectors


def _loaded(project: Project, modality: Modality, card: Card) -> Encoder:
    """Return the encoder that a project's embeddings are of; nothing is downloaded for it."""
    name = loaded_name(project, str(card["name"]))
    trusted = is_trusted(name, modality)
    encoder = load_encoder(name, modality, "cpu", trust_code=trusted, fetch=False)
    if hasattr(encoder, "takes"):
        raise WorkbenchError(
            f"The {modality} embeddings come from a file, so names cannot be encoded as they were."
        )
    difference = card_difference(dict(card), encoder.card.model_dump())
    if difference:
        raise WorkbenchError(
            f"The {modality} encoder is not the one that the embeddings are of ({difference}). "
            "Encode again, or install that version."
        )
    return encoder


# --- keeping -------------------------------------------------------------------------------------


def _path(project: Project, first: str, second: str) -> Path:
    name = f"names--{file_name(first)}--{file_name(second)}.safetensors"
    return project.root / "embeddings" / name


def _read(path: Path, facts: Mapping[str, Any]) -> dict[str, Floats] | None:
    """Return kept arrays; None where there are none, or they are of something else, or damaged."""
    try:
        tensors, metadata = read_tensors(path, "The names of classes")
        told = parse_json(metadata.get("made_of", "null"))
    except (WorkbenchError, ValueError):
        return None
    return tensors if told == _plain(facts) else None


def _fit(first: Any, second: Any, wide: int, named: int) -> bool:
    """Whether arrays of a file can be a classifier's weight and the vectors of its names."""
    return (
        len(first) == len(second) > 1
        and (first.shape[1:], second.shape[1:]) == ((wide,), (named,))
        and all(a.dtype == np.float32 and np.isfinite(a).all() for a in (first, second))
    )


def _write(path: Path, tensors: dict[str, Floats], facts: Mapping[str, Any]) -> None:
    from safetensors.numpy import save

    with suppress(OSError):  # of a project that cannot be written they are made again
        write_whole(path, save(tensors, {"made_of": json.dumps(_plain(facts))}))


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"format": _FORMAT, **json.loads(json.dumps(facts))}
