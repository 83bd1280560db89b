"""The small interface behind which every pretrained encoder stands."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard


@runtime_checkable
class Encoder(Protocol):
    """A frozen encoder, loaded and ready.

    An item gets the same vector, within rounding, alone and in any batch.
    """

    @property
    def card(self) -> EncoderCard:
        """What it is."""
        ...

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector an item.

        Parameters
        ----------
        batch : sequence
            Pictures as RGB `PIL.Image.Image`, texts as str, recordings as float32 arrays of shape
            (samples,) at 16 kHz, according to the card's modality.

        Returns
        -------
        ndarray, shape (len(batch), card.width), float32
        """
        ...


@runtime_checkable
class PreparingEncoder(Encoder, Protocol):
    """An encoder whose work on one item can be done ahead, in another process.

    ``encode(batch)`` is ``encode_prepared([preparation(medium) for medium in batch])``.
    """

    @property
    def preparation(self) -> Callable[[Any], Any]:
        """Turns one medium into what the model takes: a numpy array or a torch tensor.

        It can be pickled, is small (it holds nothing of the model) and imports what it needs.
        """
        ...

    def encode_prepared(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector an item that `preparation` has turned into an array.

        Returns
        -------
        ndarray, shape (len(batch), card.width), float32
        """
        ...


@runtime_checkable
class LimitedEncoder(Encoder, Protocol):
    """An encoder of texts that reads no more than the beginning of a long one.

    Attributes
    ----------
    longest : int
        Tokens that it reads.
    """

    longest: int

    def count_longer(self, batch: Sequence[str]) -> int:
        """Return how many texts of a batch are longer than that."""
        ...


@runtime_checkable
class SentenceEncoder(Encoder, Protocol):
    """An encoder that sentence-transformers can run without the workbench."""

    def sentence_transformer(self) -> Any:
        """Return a `SentenceTransformer` that gives the same vectors.

        Raises
        ------
        WorkbenchError
            The library cannot do what this encoder does.
        """
        ...


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


def count_longer(tokenizer: Any, batch: Sequence[str], longest: int) -> int:
    """Return how many texts have more tokens than are read, as a tokenizer of transformers cuts.

    A text of few bytes cannot have more tokens than those, and is not cut a second time.
    """
    long = [text for text in batch if len(text.encode("utf-8", "replace")) >= longest - 1]
    if not long:
        return 0
    cut = tokenizer(long, truncation=False, verbose=False)["input_ids"]
    return sum(len(tokens) > longest for tokens in cut)


@dataclass(frozen=True)
class TransformedPicture:
    """The preparation of a picture by a torchvision transform, which gives a tensor.

    It comes back as a numpy array, which goes between processes as its bytes; torch would hold a
    shared file open for each tensor.
    """

    transform: Callable[[Any], Any]

    def __call__(self, picture: Any) -> NDArray[Any]:
        """Return what the transform makes of a picture, shape (3, height, width)."""
        pixels: NDArray[Any] = self.transform(picture).numpy()
        return pixels


def as_tensor(batch: Sequence[Any], device: str) -> Any:
    """Stack arrays or tensors of one shape into a tensor on a device."""
    import torch

    return torch.stack([torch.as_tensor(item) for item in batch]).to(device)


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


def described(transform: Any) -> str:
    """Return the steps of a torchvision transform in one line."""
    steps = [str(getattr(step, "__name__", step)) for step in transform.transforms]
    return " ".join("; ".join(steps).split())


def as_array(vectors: Any) -> NDArray[np.float32]:
    """Bring a torch tensor of vectors, on any device and of any float type, to numpy."""
    array: NDArray[np.float32] = vectors.detach().float().cpu().numpy()
    return np.ascontiguousarray(array)


def count_parameters(model: Any) -> int:
    """Return how many numbers a torch module learns."""
    return sum(int(parameter.numel()) for parameter in model.parameters())
