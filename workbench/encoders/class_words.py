"""The classes that an image encoder was trained to tell apart, in words: pairs at no cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.encoder import Encoder, as_array

Floats = NDArray[np.float32]

_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class ClassWords:
    """A linear classifier on an encoder's vectors, and what its classes are called.

    Attributes
    ----------
    weight : ndarray, shape (c, d)
    bias : ndarray, shape (c,)
        An item with the vector x belongs to the classes by ``softmax(weight x + bias)``.
    names : tuple of str
        One a class, as a dictionary has it: its synonyms, and what it is.
    """

    weight: Floats
    bias: Floats
    names: tuple[str, ...]


@runtime_checkable
class ClassifyingEncoder(Encoder, Protocol):
    """An encoder that was trained as a classifier of things with names."""

    def class_words(self) -> ClassWords | None:
        """Return its classes; None where the weights have none, or their names are not known.

        Raises
        ------
        WorkbenchError
            The weights cannot be loaded.
        """
        ...


def imagenet_words(
    network: Any, encode: Callable[[Any], Floats], size: tuple[int, int, int]
) -> ClassWords | None:
    """Return the classes of a network of timm whose names timm knows.

    timm tells the list of classes by their number: 1,000 are ImageNet-1k's, 11,821 its own 12k, and
    so on; each is a synset of WordNet, with synonyms and a definition.

    Parameters
    ----------
    network : torch module
        With its classifier, in evaluation mode, on the CPU.
    encode : callable
        Returns the encoder's vectors of prepared pictures.
    size : tuple of int
        Shape of a prepared picture: (3, height, width).

    Returns
    -------
    ClassWords or None
        None where there is no linear classifier, its classes are not known, or it does not work on
        the encoder's own vectors.
    """
    import torch
    from timm.data import ImageNetInfo, infer_imagenet_subset

    classifier = network.get_classifier()
    subset = infer_imagenet_subset(network)
    if subset is None or not isinstance(classifier, torch.nn.Linear):
        return None
    weight, bias = as_array(classifier.weight), np.zeros(classifier.out_features, np.float32)
    if classifier.bias is not None:
        bias = as_array(classifier.bias)
    if not _works_on(network, ClassWords(weight, bias, ()), encode, size):
        return None
    names = ImageNetInfo(subset).label_descriptions(detailed=True)
    return ClassWords(weight, bias, tuple(str(name) for name in names))


def _works_on(
    network: Any,
    classes: ClassWords,
    encode: Callable[[Any], Floats],
    size: tuple[int, int, int],
) -> bool:
    """Return whether a network's logits are those of its classifier on the encoder's vectors."""
    import torch

    pictures = torch.rand((2, *size), generator=torch.Generator().manual_seed(0))
    vectors = encode(list(pictures))
    if vectors.shape[1] != classes.weight.shape[1]:
        return False
    with torch.inference_mode():
        logits = as_array(network(pictures))
    difference = np.abs(vectors @ classes.weight.T + classes.bias - logits).max()
    return bool(difference <= _TOLERANCE * np.abs(logits).max())
