"""The small interface behind which every pretrained encoder stands."""

from collections.abc import Sequence
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


def as_array(vectors: Any) -> NDArray[np.float32]:
    """Bring a torch tensor of vectors, on any device and of any float type, to numpy."""
    array: NDArray[np.float32] = vectors.detach().float().cpu().numpy()
    return np.ascontiguousarray(array)


def count_parameters(model: Any) -> int:
    """Return how many numbers a torch module learns."""
    return sum(int(parameter.numel()) for parameter in model.parameters())
