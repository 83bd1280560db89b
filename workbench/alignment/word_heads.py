"""A head of a classifier's classes in words, which learns from no pair; and heads side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import Head, in_blocks
from workbench.geometry import unit_rows

Floats = npt.NDArray[np.float32]

_LOGITS_AT_ONCE = 1 << 23


@dataclass(frozen=True)
class WordsHead:
    """What a classifier sees in an item, in the words of its classes.

    With x a frozen embedding as the encoder gives it, A the classifier's weight and V the text
    vectors of the names of its classes,

        ``Vᵀ softmax(A (x - centre)) - m``

    is where the item lies in the text encoder's own space. No pair has part in it.

    Attributes
    ----------
    centre : ndarray, shape (d,)
        The view's mean. It is subtracted, but rows keep their length: a classifier is sure of
        some items and not of others.
    weight : ndarray, shape (c, d)
        One row a class; the temperature is in it.
    vectors : ndarray, shape (c, w)
        Of the classes' names, unit rows about their mean.
    mean : ndarray, shape (w,)
        m: of all items of the view, so that they lie around zero as the texts do.
    """

    kind: ClassVar[str] = "words"
    centre: Floats
    weight: Floats
    vectors: Floats
    mean: Floats

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, w)."""
        return unit_rows(self.said(rows) - self.mean)

    def said(self, rows: Floats) -> Floats:
        """Return the mean of the classes' vectors by how likely each is, shape (n, w)."""
        return in_blocks(self._said, rows, max(1, _LOGITS_AT_ONCE // len(self.weight)))

    def _said(self, rows: Floats) -> Floats:
        # of embeddings beyond all measure the logits are beyond float32: then one class has it all
        with np.errstate(over="ignore", invalid="ignore"):
            logits = np.nan_to_num((rows - self.centre) @ self.weight.T)
            likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        return np.asarray(likely @ self.vectors, dtype=np.float32)

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save."""
        return {
            "centre": self.centre,
            "weight": self.weight,
            "vectors": self.vectors,
            "mean": self.mean,
        }

    def options(self) -> dict[str, Any]:
        """Return nothing: the arrays say it all."""
        return {}


@dataclass(frozen=True)
class BlocksHead:
    """Several heads of one view side by side, each in a block of its own.

    A row is the blocks' unit rows times the square roots of their shares, so that the dot product
    of two rows is the mean of the blocks' cosines, weighted by the shares.

    Attributes
    ----------
    blocks : sequence of Head
    shares : sequence of float
        One a block, positive, with the sum 1.
    """

    kind: ClassVar[str] = "blocks"
    blocks: Sequence[Head]
    shares: Sequence[float]

    @property
    def centre(self) -> Floats:
        """The view's mean, shape (d,), as the first block has it."""
        return self.blocks[0].centre

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, as wide as all blocks together."""
        scaled = [
            np.float32(share**0.5) * block.embed(rows)
            for block, share in zip(self.blocks, self.shares, strict=True)
        ]
        # a block that knows nothing of an item has a zero row there
        return unit_rows(np.concatenate(scaled, axis=1))

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save, named ``block.array`` by the number of the block."""
        return {
            f"{number}.{name}": array
            for number, block in enumerate(self.blocks)
            for name, array in block.tensors().items()
        }

    def options(self) -> dict[str, Any]:
        """Return the kind and options of each block, and the shares."""
        return {
            "blocks": [{"kind": block.kind, **block.options()} for block in self.blocks],
            "shares": [float(share) for share in self.shares],
        }
