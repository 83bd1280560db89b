import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from workbench.alignment.training.losses import contrastive_loss


def rows(seed: int, *shape: int) -> torch.Tensor:
    values = np.random.default_rng(seed).normal(size=shape)
    return normalize(torch.from_numpy(values), dim=-1)


def info_nce(a: np.ndarray, b: np.ndarray, temperature: float, excluded: np.ndarray) -> float:
    """Written from the formula, in float64: -log of the partner's share among the allowed."""
    total = 0.0
    for left, right, skip in ((a, b, excluded), (b, a, excluded.T)):
        for k in range(len(a)):
            scores = [
                np.exp(left[k] @ right[j] / temperature)
                for j in range(len(a))
                if j == k or not skip[k, j]
            ]
            total -= np.log(np.exp(left[k] @ right[k] / temperature) / sum(scores)) / len(a)
    return total / 2


@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_contrastive_agrees_with_the_formula(temperature):
    first, second = rows(0, 7, 4), rows(1, 7, 4)
    nobody = np.zeros((7, 7), dtype=bool)
    found = contrastive_loss(first, second, temperature)
    assert float(found) == pytest.approx(
        info_nce(first.numpy(), second.numpy(), temperature, nobody)
    )


def test_items_that_belong_together_are_no_negatives():
    first, second = rows(0, 6, 4), rows(1, 6, 4)
    together = np.zeros((6, 6), dtype=bool)
    together[0, 3] = together[2, 1] = True
    found = contrastive_loss(first, second, 0.1, torch.from_numpy(together))
    assert float(found) == pytest.approx(info_nce(first.numpy(), second.numpy(), 0.1, together))
