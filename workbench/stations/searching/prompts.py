"""Prompts: classes put into sentences, and encoded by a run's text encoder as questions are."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench.encoders import LimitedEncoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import Modality
from workbench.stations.encoding.filling import longer_in_words
from workbench.stations.searching.query import Searcher

Floats = npt.NDArray[np.float32]

PLACE = "{}"
"""Where a template has the words of a class."""
TEMPLATES: dict[Modality, tuple[str, ...]] = {
    "image": (PLACE, f"a picture of {PLACE}", f"an image that shows {PLACE}"),
    "speech": (PLACE, f"a recording of {PLACE}", f"someone speaking of {PLACE}"),
    "text": (PLACE, f"a text about {PLACE}", f"this is about {PLACE}"),
}
"""What classes of items of each modality are put into, unless others are given."""
_AT_ONCE = 64


def checked_templates(templates: Sequence[str]) -> tuple[str, ...]:
    """Return templates without spaces around them, each once.

    Raises
    ------
    WorkbenchError
        There is none, one is empty, or one has no place for the words of a class.
    """
    found = tuple(dict.fromkeys(each.strip() for each in templates))
    if not found:
        raise WorkbenchError(f"There is no template. Give at least one, such as “{PLACE}”.")
    for each in found:
        if not each:
            raise WorkbenchError(
                f"A template is empty. Leave it out, or write “{PLACE}” for the bare words."
            )
        if PLACE not in each:
            raise WorkbenchError(
                f"The template “{each}” has no {PLACE} for the words of a class, so all classes "
                f"would be the same. Write for example “{each} {PLACE}”."
            )
    return found


def put_into(templates: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return every template with each of the words in its place, word by word."""
    return [template.replace(PLACE, each) for each in words for template in templates]


def encode_prompts(
    searcher: Searcher, prompts: Sequence[str], what: str, control: Control
) -> Job[Floats | None]:
    """Return the vectors of texts by a run's text encoder, shape (n, d).

    Parameters
    ----------
    searcher : Searcher
    prompts : sequence of str
    what : str
        They, in a sentence, such as ``the prompts``.
    control : Control

    Yields
    ------
    Progress, Notice
        Texts of which the encoder reads only the beginning are told.

    Returns
    -------
    ndarray or None
        None where a stop was asked for.

    Raises
    ------
    WorkbenchError
        The text encoder is missing, not the same any more, or gives no usable vectors.
    """
    yield Progress(0, 0, "Loading the text encoder")
    encoder = searcher.encoder("text")
    vectors = np.zeros((len(prompts), encoder.card.width), dtype=np.float32)
    # a batch costs as much as its longest text
    order = np.argsort([len(each) for each in prompts], kind="stable")
    for start in range(0, len(prompts), _AT_ONCE):
        if control.stopping:
            return None
        yield Progress(start, len(prompts), f"Encoding {what}")
        some = order[start : start + _AT_ONCE]
        vectors[some] = searcher.encode(encoder, [prompts[place] for place in some])
    if not np.isfinite(vectors).all():
        raise WorkbenchError(
            f"The encoder {encoder.card.name} gave vectors that are not finite for {what}. "
            "Use another encoder."
        )
    longer = encoder.count_longer(prompts) if isinstance(encoder, LimitedEncoder) else 0
    if longer:
        yield Notice(longer_in_words(longer, encoder), "warning")
    return vectors
