"""Heads while they are trained: a linear map of features that do not change."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.canonical import largest_signs
from workbench.alignment.data import Preparation
from workbench.alignment.heads import Head, LinearHead, ResidualHead, likeness
from workbench.geometry import unit_rows

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Floats = npt.NDArray[np.float32]

# what the hidden layer counts beside the row itself, in squared length; found by study
_HIDDEN_SHARE = 1.0

_DIRECTIONS = 384
_NOISE = 1e-9  # of eigenvalues of the rows' products
_ROWS_AT_ONCE = 8192


class Features:
    """What a head sees of a row as it is prepared for it: the row, and its likeness to landmarks.

    Without landmarks the row alone, of a linear head. With landmarks A also the hidden layer of
    `ResidualHead`, less its mean over the landmarks and weighed. The layer stays as it is, so that
    a start in closed form exists for it too. A basis keeps of them what the rows of the view fill:
    maps are then found and trained among these directions, which costs a fraction.

    Parameters
    ----------
    preparation : Preparation
        Of the view.
    landmarks : ndarray, shape (h, d), optional
        Prepared rows; without them the head is linear.
    basis : ndarray, shape (r, d + h), optional
        Orthonormal rows.
    """

    def __init__(
        self,
        preparation: Preparation,
        landmarks: Floats | None = None,
        basis: Floats | None = None,
    ) -> None:
        self._preparation = preparation
        self._landmarks = landmarks
        self._basis = basis
        if landmarks is not None:
            hidden = likeness(landmarks, landmarks)
            self._mean = hidden.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._weight = np.float32(_HIDDEN_SHARE**0.5)

    @property
    def width(self) -> int:
        """Numbers a row has in all."""
        return self._full_width if self._basis is None else len(self._basis)

    @property
    def _full_width(self) -> int:
        direct = len(self._preparation["centre"])
        return direct + (0 if self._landmarks is None else len(self._landmarks))

    def of(self, rows: Floats) -> Floats:
        """Return the features of prepared rows, shape (n, d), as (n, width)."""
        starts = range(0, len(rows), _ROWS_AT_ONCE)
        parts = [self._of(rows[start : start + _ROWS_AT_ONCE]) for start in starts]
        return np.concatenate(parts) if parts else np.zeros((0, self.width), dtype=np.float32)

    def _of(self, rows: Floats) -> Floats:
        if self._landmarks is not None:
            hidden = self._weight * (likeness(rows, self._landmarks) - self._mean)
            rows = np.concatenate([rows, hidden], axis=1)
        return rows if self._basis is None else rows @ self._basis.T

    def narrowed(self, rows: Floats) -> Features:
        """Return the features in the directions that rows of the view, shape (n, d), fill most.

        At most 384 of them: of the features of a thousand rows they hold nearly all.
        """
        full = self._of(rows).astype(np.float64)
        if full.shape[1] <= _DIRECTIONS:
            return self
        short = full @ full.T if len(full) < full.shape[1] else full.T @ full
        values, vectors = np.linalg.eigh(short)
        known = np.flatnonzero(values > _NOISE * values[-1])[-_DIRECTIONS:][::-1]
        directions = vectors[:, known].T
        if len(full) < full.shape[1]:
            directions = directions @ full / np.sqrt(values[known])[:, None]
        directions = directions * largest_signs(directions)
        return Features(self._preparation, self._landmarks, directions.astype(np.float32))

    def map_of_rows(self, weight: Floats) -> Floats:
        """Return the map of the features that maps rows as `weight`, shape (w, d), does."""
        full = np.pad(weight, ((0, 0), (0, self._full_width - weight.shape[1])))
        return full if self._basis is None else np.asarray(full @ self._basis.T)

    def head(self, weight: Floats, bias: Floats) -> Head:
        """Return the finished head of a map of the features, shapes (w, width) and (w,)."""
        if self._basis is not None:
            weight = weight @ self._basis
        if self._landmarks is None:
            return LinearHead(weight=weight, bias=bias, **self._preparation)
        wide = len(self._preparation["centre"])
        hidden = np.ascontiguousarray(self._weight * weight[:, wide:])
        direct = np.ascontiguousarray(weight[:, :wide])
        shifted = (bias - hidden @ self._mean).astype(np.float32)
        return ResidualHead(
            weight=direct, bias=shifted, landmarks=self._landmarks, hidden_weight=hidden,
            **self._preparation,
        )  # fmt: skip


@dataclass(frozen=True)
class PlainMap:
    """A map of features as plain arrays.

    Attributes
    ----------
    weight : ndarray, shape (w, f)
    bias : ndarray, shape (w,)
    """

    weight: Floats
    bias: Floats

    def of_features(self, features: Floats) -> Floats:
        """Map features, shape (n, f), to unit rows, shape (n, w)."""
        return unit_rows(features @ self.weight.T + self.bias)


class TrainableHead:
    """One view's features and the map that is trained, or several maps beside each other.

    Parameters
    ----------
    features : Features
    weight : ndarray, shape (w, f)
        Where the map begins; its bias begins at zero.
    device : torch.device
    copies : int, optional
        How many maps, that all begin there; what is mapped has a leading dimension then.
    """

    def __init__(
        self, features: Features, weight: Floats, device: torch.device, copies: int | None = None
    ) -> None:
        import torch

        self.features = features
        self.device = device
        bias = np.zeros(len(weight), dtype=np.float32)
        if copies is not None:
            weight, bias = np.stack([weight] * copies), np.zeros((copies, 1, len(weight)), "f4")
        # in order of rows, whatever a start gives: a training is kept as plain arrays
        weight = np.ascontiguousarray(weight)
        self.weight = torch.tensor(weight, device=device, requires_grad=True)
        self.bias = torch.tensor(bias, device=device, requires_grad=True)

    def __call__(self, features: Tensor) -> Tensor:
        """Map features, shape (n, f), to unit rows, shape (n, w) or (copies, n, w)."""
        from torch.nn.functional import linear, normalize

        if self.weight.dim() == 2:
            mapped: Tensor = normalize(linear(features, self.weight, self.bias), dim=-1)
        else:
            mapped = normalize(features @ self.weight.mT + self.bias, dim=-1)
        return mapped

    def features_of(self, rows: Floats) -> Tensor:
        """Return the features of prepared rows, shape (n, d), on the device."""
        import torch

        return torch.from_numpy(self.features.of(rows)).to(self.device)

    def without_first(self, count: int) -> TrainableHead:
        """Return the heads beside each other without the first few; they are the same tensors."""
        rest = copy.copy(self)
        rest.weight, rest.bias = self.weight[count:], self.bias[count:]
        return rest

    def plain(self, number: int | None = None) -> PlainMap:
        """Return the map as it is now; of several, that of a number."""
        weight, bias = self.weight.detach(), self.bias.detach()
        if number is not None:
            weight, bias = weight[number], bias[number, 0]
        return PlainMap(weight.cpu().numpy().copy(), bias.cpu().numpy().copy())
