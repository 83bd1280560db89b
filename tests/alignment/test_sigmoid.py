import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from workbench.alignment.training.losses import sigmoid_loss


def rows(seed: int, *shape: int) -> torch.Tensor:
    values = np.random.default_rng(seed).normal(size=shape)
    return normalize(torch.from_numpy(values), dim=-1)


def by_the_formula(first, second, scale, bias, excluded) -> float:
    total = 0.0
    for k in range(len(first)):
        for other in range(len(second)):
            if excluded[k, other]:
                continue
            sign = 1 if k == other else -1
            logit = scale * (first[k] @ second[other]) + bias
            total -= np.log(1 / (1 + np.exp(-sign * logit)))
    return total / len(first)


@pytest.mark.parametrize(("scale", "bias"), [(10.0, -10.0), (1.0, 0.5)])
def test_it_agrees_with_the_formula(scale, bias):
    first, second = rows(0, 7, 4), rows(1, 7, 4)
    excluded = np.zeros((7, 7), dtype=bool)
    found = sigmoid_loss(first, second, scale, bias)
    expected = by_the_formula(first.numpy(), second.numpy(), scale, bias, excluded)
    assert float(found) == pytest.approx(expected)
    excluded[0, 3] = excluded[5, 2] = True
    found = sigmoid_loss(first, second, scale, bias, torch.from_numpy(excluded))
    expected = by_the_formula(first.numpy(), second.numpy(), scale, bias, excluded)
    assert float(found) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_huge_scales_neither_overflow_nor_lose_the_gradient(scale):
    first = rows(0, 6, 4).float().requires_grad_()
    loss = sigmoid_loss(first, rows(1, 6, 4).float(), scale, 0.0)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(first.grad).all()
    assert first.grad.abs().max() > 0


def test_gradients_with_scale_and_bias_learned():
    first, second = rows(0, 5, 3).requires_grad_(), rows(1, 5, 3).requires_grad_()
    scale, bias = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (3.0, -1.0))
    excluded = torch.zeros(5, 5, dtype=torch.bool)
    excluded[1, 2] = True
    assert torch.autograd.gradcheck(
        lambda *each: sigmoid_loss(*each, excluded), (first, second, scale, bias)
    )


def test_partners_apart_cost_more_than_partners_together():
    first = rows(0, 8, 6)
    assert sigmoid_loss(first, first, 10, -5) < sigmoid_loss(first, first.roll(1, 0), 10, -5)
