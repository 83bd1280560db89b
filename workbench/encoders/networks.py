"""Networks of encoders by themselves, for programs that run them without the encoder's library."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.encoder import Encoder


@dataclass(frozen=True)
class Network:
    """An encoder's network by itself, and what is needed to feed it elsewhere.

    Attributes
    ----------
    module : torch.nn.Module
        Takes tensors in the order of `free`, returns vectors, shape (n, width).
    free : mapping of str to mapping of int to str
        Its inputs by name, and which of their axes may have any length, by names.
    prepare : callable
        Turns media into one array an input, by name.
    save : callable
        Writes into a folder what prepares media there: a tokenizer's files, or words.
    """

    module: Any
    free: Mapping[str, Mapping[int, str]]
    prepare: Callable[[Sequence[Any]], dict[str, NDArray[Any]]]
    save: Callable[[Path], None]


TOKEN_INPUTS: Mapping[str, Mapping[int, str]] = {
    "input_ids": {0: "texts", 1: "tokens"},
    "attention_mask": {0: "texts", 1: "tokens"},
}
"""What networks of texts take: any number of texts, of any number of tokens."""

PIXEL_INPUT: Mapping[str, Mapping[int, str]] = {"pixels": {0: "pictures"}}
"""What networks of pictures take: any number of pictures, all of one size."""


@runtime_checkable
class TraceableEncoder(Encoder, Protocol):
    """An encoder whose network can be taken out, and traced for programs without torch."""

    def network(self) -> Network:
        """Return it.

        Raises
        ------
        WorkbenchError
            Vectors of this encoder are not made by a network alone.
        """
        ...


def network_of_tokens(
    module: Any,
    prepare: Callable[[Sequence[str]], dict[str, NDArray[Any]]],
    tokenizer: Any,
    longest: int,
    prompt: str = "",
) -> Network:
    """Return a network of texts, with the tokenizer's files and ``preprocessing.json``.

    Parameters
    ----------
    module : torch.nn.Module
        From ``input_ids`` and ``attention_mask``, shape (n, tokens), to vectors, shape (n, width).
    prepare : callable
        From texts to these two.
    tokenizer : transformers tokenizer
    longest : int
        Tokens that are read.
    prompt : str
        What is put before each text.
    """

    def save(folder: Path) -> None:
        tokenizer.save_pretrained(folder)
        _save_facts(folder, {"inputs": [*TOKEN_INPUTS], "longest": longest, "prompt": prompt})

    return Network(module, TOKEN_INPUTS, prepare, save)


def network_of_pixels(
    module: Any, prepare: Callable[[Any], Any], facts: Mapping[str, Any]
) -> Network:
    """Return a network of prepared pictures, whose preparation is told in ``preprocessing.json``.

    Parameters
    ----------
    module : torch.nn.Module
        From pixels, shape (n, 3, height, width), to vectors, shape (n, width).
    prepare : callable
        From a picture to its pixels.
    facts : mapping
        What the preparation is.
    """

    def together(pictures: Sequence[Any]) -> dict[str, NDArray[Any]]:
        return {"pixels": np.stack([np.asarray(prepare(each)) for each in pictures])}

    def save(folder: Path) -> None:
        _save_facts(folder, {"inputs": [*PIXEL_INPUT], **facts})

    return Network(module, PIXEL_INPUT, together, save)


def _save_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    words = json.dumps(facts, indent=2, ensure_ascii=False)
    (folder / "preprocessing.json").write_text(words + "\n", encoding="utf-8")
