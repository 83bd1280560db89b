"""Heads: maps from one view's frozen embeddings into the shared space, as plain numpy.

Training happens elsewhere; a head is what remains of it, and all that is exported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from workbench.alignment.whitening import Whitening
from workbench.geometry import unit_differences, unit_rows

Floats = npt.NDArray[np.float32]

_TINY = np.float32(1e-12)
_ROOT_OF_2_OVER_PI = float((2 / np.pi) ** 0.5)
_ROWS_AT_ONCE = 8192


def standardise(rows: Floats, centre: Floats) -> Floats:
    """Subtract the view's centre, then scale rows to unit length (mathematics.md, Heads)."""
    return unit_differences(np.asarray(rows, dtype=np.float32), centre)


def prepared_rows(rows: Floats, centre: Floats, whitening: Whitening | None) -> Floats:
    """Return frozen embeddings as a head takes them: standardised, or whitened besides."""
    if whitening is None:
        return standardise(rows, centre)
    return whitening.of(np.asarray(rows, dtype=np.float32))


def likeness(rows: Floats, landmarks: Floats) -> Floats:
    """Return squared, rectified cosines to landmarks as unit rows, shape (n, h).

    Parameters
    ----------
    rows, landmarks : ndarray, shapes (n, d) and (h, d)
        Standardised.
    """
    return unit_rows(np.square(np.maximum(rows @ landmarks.T, 0)))


def gelu(values: Floats) -> Floats:
    """Return the Gaussian error linear unit of each value, in its form with a tanh.

    Of the two forms in use (Hendrycks & Gimpel 2016, arXiv 1606.08415) this one needs no error
    function, which plain numpy lacks.
    """
    inner = _ROOT_OF_2_OVER_PI * (values + 0.044715 * (values * values * values))
    return np.asarray(0.5 * values * (1 + np.tanh(inner)), dtype=np.float32)


def in_blocks(
    embed: Callable[[Floats], Floats], rows: Floats, at_once: int = _ROWS_AT_ONCE
) -> Floats:
    """Embed many rows some thousands at a time: what lies between is wider than they are."""
    if len(rows) <= at_once:
        return embed(rows)
    first = embed(rows[:at_once])
    found = np.empty((len(rows), *first.shape[1:]), dtype=first.dtype)
    found[:at_once] = first
    for start in range(at_once, len(rows), at_once):
        some = slice(start, start + at_once)
        found[some] = embed(rows[some])
    return found


class Head(Protocol):
    """One view's map into the shared space."""

    kind: ClassVar[str]

    @property
    def centre(self) -> Floats:
        """The view's mean, shape (d,), that is subtracted first."""
        ...

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows of the shared space, shape (n, w)."""
        ...

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save."""
        ...

    def options(self) -> dict[str, Any]:
        """Return the numbers to save beside the arrays."""
        ...


def whitening_tensors(whitening: Whitening | None) -> dict[str, Floats]:
    """Return the arrays of a whitening as a head saves them; none without one."""
    if whitening is None:
        return {}
    return {
        "whitening_centre": whitening.centre,
        "whitening": whitening.matrix,
        "whitening_mean": whitening.mean,
    }


def whitening_options(whitening: Whitening | None) -> dict[str, Any]:
    """Return the option of a whitening as a head saves it; none without one."""
    return {} if whitening is None else {"root": whitening.root}


@dataclass(frozen=True)
class LinearHead:
    """Standardise, multiply, add, unit length.

    Attributes
    ----------
    centre : ndarray, shape (d,)
    weight : ndarray, shape (w, d)
    bias : ndarray, shape (w,)
    whitening : Whitening or None
        What is done to rows instead of standardising them.
    """

    kind: ClassVar[str] = "linear"
    centre: Floats
    weight: Floats
    bias: Floats
    whitening: Whitening | None = None

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, w)."""
        rows = prepared_rows(rows, self.centre, self.whitening)
        return unit_rows(rows @ self.weight.T + self.bias)

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save."""
        arrays = {"centre": self.centre, "weight": self.weight, "bias": self.bias}
        return arrays | whitening_tensors(self.whitening)

    def options(self) -> dict[str, Any]:
        """Return whether square roots are taken, if rows are whitened; the arrays say the rest."""
        return whitening_options(self.whitening)


@dataclass(frozen=True)
class ResidualHead:
    """A linear map, and beside it a hidden layer of similarities to landmarks.

    With x the standardised row and A the landmarks,
    ``W x + V h + b`` where ``h = r² / ||r²||``, ``r = max(0, A x)``: an item is told by where it
    lies, and by what it is like.

    Attributes
    ----------
    centre : ndarray, shape (d,)
    weight : ndarray, shape (w, d)
    bias : ndarray, shape (w,)
    landmarks : ndarray, shape (h, d)
        Standardised rows of the view.
    hidden_weight : ndarray, shape (w, h)
    whitening : Whitening or None
    """

    kind: ClassVar[str] = "residual"
    centre: Floats
    weight: Floats
    bias: Floats
    landmarks: Floats
    hidden_weight: Floats
    whitening: Whitening | None = None

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, w)."""
        return in_blocks(self._embed, rows)

    def _embed(self, rows: Floats) -> Floats:
        rows = prepared_rows(rows, self.centre, self.whitening)
        hidden = likeness(rows, self.landmarks)
        return unit_rows(rows @ self.weight.T + hidden @ self.hidden_weight.T + self.bias)

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save."""
        return {
            "centre": self.centre,
            "weight": self.weight,
            "bias": self.bias,
            "landmarks": self.landmarks,
            "hidden_weight": self.hidden_weight,
        } | whitening_tensors(self.whitening)

    def options(self) -> dict[str, Any]:
        """Return whether square roots are taken, if rows are whitened; the arrays say the rest."""
        return whitening_options(self.whitening)


@dataclass(frozen=True)
class MlpHead:
    """A linear map, and beside it a hidden layer that is learned: a perceptron with a skip.

    With x the prepared row, ``W x + V gelu(U x + c) + b``.

    Attributes
    ----------
    centre : ndarray, shape (d,)
    weight : ndarray, shape (w, d)
        W.
    bias : ndarray, shape (w,)
        b.
    inner_weight : ndarray, shape (h, d)
        U.
    inner_bias : ndarray, shape (h,)
        c.
    hidden_weight : ndarray, shape (w, h)
        V.
    whitening : Whitening or None
    """

    kind: ClassVar[str] = "mlp"
    centre: Floats
    weight: Floats
    bias: Floats
    inner_weight: Floats
    inner_bias: Floats
    hidden_weight: Floats
    whitening: Whitening | None = None

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, w)."""
        return in_blocks(self._embed, rows)

    def _embed(self, rows: Floats) -> Floats:
        rows = prepared_rows(rows, self.centre, self.whitening)
        hidden = gelu(rows @ self.inner_weight.T + self.inner_bias)
        return unit_rows(rows @ self.weight.T + hidden @ self.hidden_weight.T + self.bias)

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save."""
        return {
            "centre": self.centre,
            "weight": self.weight,
            "bias": self.bias,
            "inner_weight": self.inner_weight,
            "inner_bias": self.inner_bias,
            "hidden_weight": self.hidden_weight,
        } | whitening_tensors(self.whitening)

    def options(self) -> dict[str, Any]:
        """Return whether square roots are taken, if rows are whitened; the arrays say the rest."""
        return whitening_options(self.whitening)


@dataclass(frozen=True)
class AnchorHead:
    """ASIF's relative representation: an item is its similarities to the paired anchors.

    Cosines to the anchors, negatives to zero, the k largest kept, to the power p, unit length
    (Norelli et al. 2023, arXiv 2210.01738).

    Attributes
    ----------
    centre : ndarray, shape (d,)
    anchors : ndarray, shape (p, d)
        Standardised rows of the paired items; the shared space has one axis a pair.
    kept : int
    power : float
    whitening : Whitening or None
    """

    kind: ClassVar[str] = "anchors"
    centre: Floats
    anchors: Floats
    kept: int
    power: float
    whitening: Whitening | None = None

    def embed(self, rows: Floats) -> Floats:
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, p).

        A row without a positive cosine to any anchor is zero: nothing is known of it.
        """
        return in_blocks(self._embed, rows)

    def _embed(self, rows: Floats) -> Floats:
        rows = prepared_rows(rows, self.centre, self.whitening)
        cosines = np.maximum(rows @ self.anchors.T, 0)
        if self.kept < cosines.shape[1]:
            dropped = np.argpartition(-cosines, self.kept - 1, axis=1)[:, self.kept :]
            np.put_along_axis(cosines, dropped, 0, axis=1)
        # scaled first: a high power of small cosines would vanish
        largest = np.maximum(cosines.max(axis=1, keepdims=True), _TINY)
        return unit_rows((cosines / largest) ** self.power)

    def tensors(self) -> dict[str, Floats]:
        """Return the arrays to save."""
        arrays = {"centre": self.centre, "anchors": self.anchors}
        return arrays | whitening_tensors(self.whitening)

    def options(self) -> dict[str, Any]:
        """Return how many anchors are kept, and the power."""
        return {"kept": self.kept, "power": self.power} | whitening_options(self.whitening)


HEADS: dict[str, type[LinearHead] | type[ResidualHead] | type[MlpHead] | type[AnchorHead]] = {
    head.kind: head for head in (LinearHead, ResidualHead, MlpHead, AnchorHead)
}
