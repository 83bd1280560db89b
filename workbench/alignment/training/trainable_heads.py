"""Heads while they are trained: a linear map of features that do not change."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import Head, LinearHead, ResidualHead, likeness

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Floats = npt.NDArray[np.float32]

# what the hidden layer counts beside the row itself, in squared length; found by study
_HIDDEN_SHARE = 1.0


class Features:
    """What a head sees of a standardised row: the row, and its likeness to landmarks.

    Without landmarks the row alone, of a linear head. With landmarks A also the hidden layer of
    `ResidualHead`, less its mean over the landmarks and weighed. The layer stays as it is, so that
    a start in closed form exists for it too.

    Parameters
    ----------
    centre : ndarray, shape (d,)
        Of the view.
    landmarks : ndarray, shape (h, d), optional
        Standardised rows; without them the head is linear.
    """

    def __init__(self, centre: Floats, landmarks: Floats | None = None) -> None:
        self._centre = centre
        self._landmarks = landmarks
        if landmarks is not None:
            hidden = likeness(landmarks, landmarks)
            self._mean = hidden.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._weight = np.float32(_HIDDEN_SHARE**0.5)
        self._tensors: tuple[Tensor, Tensor] | None = None

    @property
    def width(self) -> int:
        """Numbers a row has in all."""
        return len(self._centre) + (0 if self._landmarks is None else len(self._landmarks))

    def of(self, rows: Floats) -> Floats:
        """Return the features of standardised rows, shape (n, d), as (n, d + h)."""
        if self._landmarks is None:
            return rows
        hidden = self._weight * (likeness(rows, self._landmarks) - self._mean)
        return np.concatenate([rows, hidden], axis=1)

    def of_tensor(self, rows: Tensor) -> Tensor:
        """Return the same of a tensor, on its device."""
        import torch
        from torch.nn.functional import normalize

        if self._landmarks is None:
            return rows
        if self._tensors is None:
            self._tensors = (
                torch.from_numpy(self._landmarks).to(rows),
                torch.from_numpy(self._mean).to(rows),
            )
        landmarks, mean = self._tensors
        hidden = normalize((rows @ landmarks.T).relu().square(), dim=-1)
        return torch.cat([rows, float(self._weight) * (hidden - mean)], dim=1)

    def head(self, weight: Floats, bias: Floats) -> Head:
        """Return the finished head of a map of the features, shapes (w, d + h) and (w,)."""
        if self._landmarks is None:
            return LinearHead(self._centre, weight, bias)
        wide = len(self._centre)
        hidden = np.ascontiguousarray(self._weight * weight[:, wide:])
        direct = np.ascontiguousarray(weight[:, :wide])
        shifted = (bias - hidden @ self._mean).astype(np.float32)
        return ResidualHead(self._centre, direct, shifted, self._landmarks, hidden)


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

    def __call__(self, rows: Tensor) -> Tensor:
        """Map standardised rows, shape (n, d), to unit rows, shape (n, w) or (copies, n, w)."""
        return self.of_features(self.features.of_tensor(rows))

    def of_features(self, features: Tensor) -> Tensor:
        """Map features, shape (n, f), to unit rows, shape (n, w) or (copies, n, w)."""
        from torch.nn.functional import linear, normalize

        if self.weight.dim() == 2:
            mapped: Tensor = normalize(linear(features, self.weight, self.bias), dim=-1)
        else:
            mapped = normalize(features @ self.weight.mT + self.bias, dim=-1)
        return mapped

    def without_first(self, count: int) -> TrainableHead:
        """Return the heads beside each other without the first few; they are the same tensors."""
        rest = copy.copy(self)
        rest.weight, rest.bias = self.weight[count:], self.bias[count:]
        return rest

    def finished(self, number: int | None = None) -> Head:
        """Return the head as it is now; of several, that of a number."""
        weight, bias = self.weight.detach(), self.bias.detach()
        if number is not None:
            weight, bias = weight[number], bias[number, 0]
        return self.features.head(weight.cpu().numpy().copy(), bias.cpu().numpy().copy())
