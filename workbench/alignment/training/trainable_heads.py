"""Heads while they are trained: a map of features that do not change."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.canonical import largest_signs
from workbench.alignment.data import Preparation
from workbench.alignment.frozen_rows import StandardRows
from workbench.alignment.heads import Head, LinearHead, MlpHead, ResidualHead, gelu, likeness
from workbench.geometry import unit_rows

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Floats = npt.NDArray[np.float32]

# what the hidden layer counts beside the row itself, in squared length; found by study
_HIDDEN_SHARE = 1.0

_DIRECTIONS = 384
_NOISE = 1e-6  # of eigenvalues of the rows' products, in single precision
_LEFT = 1e-6  # of maps, which rounding leaves
_ROWS_AT_ONCE = 8192
_KEPT_ROWS = 4096
_SHORTEST = 1e-12


class Units(NamedTuple):
    """The hidden layer of an mlp, which is learned: arrays of `MlpHead`.

    Attributes
    ----------
    inner_weight : ndarray, shape (h, f)
    inner_bias : ndarray, shape (h,)
    hidden_weight : ndarray, shape (w, h)
    """

    inner_weight: Floats
    inner_bias: Floats
    hidden_weight: Floats


@dataclass(frozen=True)
class PlainMap:
    """A map of features as plain arrays.

    Attributes
    ----------
    weight : ndarray, shape (w, f)
    bias : ndarray, shape (w,)
    units : Units or None
        Of an mlp.
    """

    weight: Floats
    bias: Floats
    units: Units | None = None

    @classmethod
    def of_weight(cls, weight: Floats) -> PlainMap:
        """Return a linear map without a bias."""
        return cls(weight, np.zeros(len(weight), dtype=np.float32))

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Floats]) -> PlainMap:
        """Return the map whose `arrays` these are.

        Raises
        ------
        KeyError
            One is missing.
        """
        is_mlp = any(name in arrays for name in Units._fields)
        units = Units(*(arrays[name] for name in Units._fields)) if is_mlp else None
        return cls(arrays["weight"], arrays["bias"], units)

    def arrays(self) -> dict[str, Floats]:
        """Return the arrays by their names in a finished head."""
        plain = {"weight": self.weight, "bias": self.bias}
        return plain if self.units is None else plain | self.units._asdict()

    def of_features(self, features: Floats) -> Floats:
        """Map features, shape (n, f), to unit rows, shape (n, w)."""
        mapped = features @ self.weight.T + self.bias
        if self.units is not None:
            inner = features @ self.units.inner_weight.T + self.units.inner_bias
            mapped += gelu(inner) @ self.units.hidden_weight.T
        return unit_rows(mapped)


class Features:
    """What a head sees of a row as it is prepared for it: the row, and its likeness to landmarks.

    Without landmarks the row alone, of a linear head and of an mlp, whose own hidden layer is part
    of its map. With landmarks A also the hidden layer of `ResidualHead`, less its mean over the
    landmarks and weighed. The layer stays as it is, so that a start in closed form exists for it
    too. A basis keeps of them what the rows of the view fill: maps are then found and trained among
    these directions, which costs a fraction.

    Parameters
    ----------
    preparation : Preparation
        Of the view.
    landmarks : ndarray, shape (h, d), optional
        Prepared rows, of a residual head alone.
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
        self._kept: tuple[StandardRows, Floats] | None = None
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

    def at(self, rows: StandardRows, numbers: npt.NDArray[np.int64]) -> Floats:
        """Return the features of rows of the view by their numbers, shape (n, width).

        Of a view of few rows all are computed once: start, batches, terms and looks ask for the
        same ones.
        """
        if len(rows) > _KEPT_ROWS:
            return self.of(rows[numbers])
        if self._kept is None or self._kept[0] is not rows:
            self._kept = rows, self.of(rows[:])
        found: Floats = self._kept[1][numbers]
        return found

    def _of(self, rows: Floats) -> Floats:
        if self._landmarks is not None:
            hidden = self._weight * (likeness(rows, self._landmarks) - self._mean)
            rows = np.concatenate([rows, hidden], axis=1)
        return rows if self._basis is None else rows @ self._basis.T

    def narrowed(self, rows: Floats, maps: Floats | None = None) -> Features:
        """Return the features in the directions that rows of the view, shape (n, d), fill most.

        At most 384 of them: of the features of a thousand rows they hold nearly all. With maps of
        all features, shape (w, width), also in the directions that these look at besides.
        """
        from scipy.linalg import eigh

        full = self._of(rows)
        if full.shape[1] <= _DIRECTIONS:
            return self
        short = full @ full.T if len(full) < full.shape[1] else full.T @ full
        values, vectors = (each[..., -_DIRECTIONS:] for each in eigh(short, driver="evd"))
        known = np.flatnonzero(values > _NOISE * values[-1])[::-1]
        directions = vectors[:, known].T
        if len(full) < full.shape[1]:
            directions = directions @ full / np.sqrt(values[known])[:, None]
        if maps is not None:
            directions = np.linalg.qr(directions.T.astype(np.float64))[0].T
            rest = maps - (maps @ directions.T) @ directions
            _, lengths, more = np.linalg.svd(rest, full_matrices=False)
            directions = np.concatenate([directions, more[lengths > _LEFT * np.linalg.norm(maps)]])
        directions = directions * largest_signs(directions)
        return Features(self._preparation, self._landmarks, directions.astype(np.float32))

    def map_of_rows(self, weight: Floats) -> Floats:
        """Return the map of the features that maps rows as `weight`, shape (w, d), does."""
        full = np.pad(weight, ((0, 0), (0, self._full_width - weight.shape[1])))
        return full if self._basis is None else np.asarray(full @ self._basis.T)

    def map_of(self, head: LinearHead | ResidualHead | MlpHead) -> PlainMap:
        """Return the map that a finished head with these features is of; `head` the other way."""
        weight, bias, units = head.weight, head.bias, None
        if isinstance(head, MlpHead):
            units = Units(head.inner_weight, head.inner_bias, head.hidden_weight)
        elif isinstance(head, ResidualHead):
            weight = np.concatenate([weight, head.hidden_weight / self._weight], axis=1)
            bias = bias + head.hidden_weight @ self._mean
        if self._basis is not None:
            weight = weight @ self._basis.T
        return PlainMap(weight, bias, units)

    def head(self, trained: PlainMap) -> Head:
        """Return the finished head of a map of the features."""
        if self._landmarks is None:
            kind = LinearHead if trained.units is None else MlpHead
            return kind(**trained.arrays(), **self._preparation)
        weight = trained.weight if self._basis is None else trained.weight @ self._basis
        wide = len(self._preparation["centre"])
        hidden = np.ascontiguousarray(self._weight * weight[:, wide:])
        direct = np.ascontiguousarray(weight[:, :wide])
        shifted = (trained.bias - hidden @ self._mean).astype(np.float32)
        return ResidualHead(
            weight=direct, bias=shifted, landmarks=self._landmarks, hidden_weight=hidden,
            **self._preparation,
        )  # fmt: skip


class TrainableHead:
    """One view's features and the map that is trained, or several maps beside each other.

    Parameters
    ----------
    features : Features
    begin : PlainMap
        Where the map begins.
    device : torch.device
    copies : int, optional
        How many maps, that all begin there; what is mapped has a leading dimension then.

    Attributes
    ----------
    parameters : dict of str to Tensor
        What is trained, by the names of `PlainMap.arrays`.
    """

    def __init__(
        self, features: Features, begin: PlainMap, device: torch.device, copies: int | None = None
    ) -> None:
        import torch

        self.features = features
        self.device = device
        self.parameters: dict[str, Tensor] = {}
        # so that units together are about as long as a row, and learn at the pace of its numbers
        self._share = 1.0 if begin.units is None else len(begin.units.inner_bias) ** -0.5
        for name, array in begin.arrays().items():
            if name == "hidden_weight":
                array = array / np.float32(self._share)
            if copies is not None:
                array = np.stack([array if array.ndim == 2 else array[None]] * copies)
            # in order of rows, whatever a start gives: a training is kept as plain arrays
            array = np.ascontiguousarray(array)
            self.parameters[name] = torch.tensor(array, device=device, requires_grad=True)

    def __call__(self, features: Tensor) -> Tensor:
        """Map features, shape (n, f), to unit rows, shape (n, w) or (copies, n, w)."""
        from torch.nn.functional import gelu

        mapped = self._affine(features, "")
        if "hidden_weight" in self.parameters:
            hidden = self._share * gelu(self._affine(features, "inner_"), approximate="tanh")
            mapped = mapped + hidden @ self.parameters["hidden_weight"].mT
        unit: Tensor = _unit_rows().apply(mapped)
        return unit

    def _affine(self, features: Tensor, which: str) -> Tensor:
        from torch.nn.functional import linear

        weight, bias = self.parameters[f"{which}weight"], self.parameters[f"{which}bias"]
        if weight.dim() == 2:
            mapped: Tensor = linear(features, weight, bias)
            return mapped
        return features @ weight.mT + bias

    def features_of(self, rows: Floats) -> Tensor:
        """Return the features of prepared rows, shape (n, d), on the device."""
        import torch

        return torch.from_numpy(self.features.of(rows)).to(self.device)

    def features_at(self, rows: StandardRows, numbers: npt.NDArray[np.int64]) -> Tensor:
        """Return the features of rows of the view by their numbers, on the device."""
        import torch

        return torch.from_numpy(self.features.at(rows, numbers)).to(self.device)

    def without_first(self, count: int) -> TrainableHead:
        """Return the heads beside each other without the first few; they are the same tensors."""
        rest = copy.copy(self)
        rest.parameters = {name: each[count:] for name, each in self.parameters.items()}
        return rest

    def plain(self, number: int | None = None) -> PlainMap:
        """Return the map as it is now; of several, that of a number."""
        arrays = {}
        for name, tensor in self.parameters.items():
            one = tensor.detach()
            if number is not None:
                one = one[number, 0] if name.endswith("bias") else one[number]
            arrays[name] = one.cpu().numpy().copy()
        if "hidden_weight" in arrays:
            arrays["hidden_weight"] *= np.float32(self._share)
        return PlainMap.of_arrays(arrays)


@functools.cache
def _unit_rows() -> Any:
    """Return the function that scales rows to unit length; torch is there by now.

    Its gradient is written out: a step spends as long on that of `normalize` as on a product.
    """
    import torch

    class UnitRows(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, rows: Tensor) -> Tensor:
            lengths = torch.linalg.vector_norm(rows, dim=-1, keepdim=True).clamp_min_(_SHORTEST)
            unit: Tensor = rows / lengths
            ctx.save_for_backward(unit, lengths)
            return unit

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, outer: Tensor) -> Tensor:
            unit, lengths = ctx.saved_tensors
            along = (outer * unit).sum(-1, keepdim=True)
            return torch.addcmul(outer, unit, along, value=-1).div_(lengths)

    return UnitRows
