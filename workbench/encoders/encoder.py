"""The small interface behind which every pretrained encoder stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
