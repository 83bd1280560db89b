"""The term and its gradient, against autograd through the operators, however it is computed.

Options are tried in few cases in which every two of them meet; against autograd, every three.
"""

import sys

import numpy as np
import pytest
import torch
from worlds.covers import cover

from workbench.geometry import Operator, neighbourhood_loss, squared_distances

KERNELS = ["heat", "inverse", "linear", "squared"]
OPTIONS = (KERNELS, (True, False), ("symmetric", "row"), ("median", "local"))


def operator_of(kernel, density, normalisation, scale):
    return Operator(kernel, 0.7, density, normalisation, scale, local_neighbour=3)


def straightforward(mapped, places, frozen, operator, epsilon=None):
    difference = operator.of(mapped[places], epsilon) - frozen
    return difference.square().sum((-1, -2)).mean()


def case(anchors=5, m=6, rows=12, width=4, dtype=torch.float64, seed=0):
    """Return rows before and after a map, and places among them."""
    random = np.random.default_rng(seed)
    before = random.normal(size=(rows, width))
    after = before + 0.3 * random.normal(size=(rows, width))
    places = np.stack([random.permutation(rows)[:m] for _ in range(anchors)])
    before, after = (torch.from_numpy(each).to(dtype) for each in (before, after))
    return before, after.requires_grad_(), torch.from_numpy(places)


def both(before, mapped, places, operator, epsilon=None):
    """Return loss and gradient of the term, and those of autograd through everything."""
    frozen = operator.of(before[places])
    results = []
    for way in (neighbourhood_loss, straightforward):
        mapped.grad = None
        loss = 3 * way(mapped, places, frozen, operator, epsilon)
        loss.backward()
        results += [loss.detach(), mapped.grad]
    return results


@pytest.mark.parametrize(
    ("operator", "m", "given_epsilon"),
    [
        (operator_of(*options), m, given)
        for *options, m, given in cover(*OPTIONS, [2, 5, 6], [False, True], strength=3)
    ],
    ids=str,
)
def test_agrees_with_autograd(operator, m, given_epsilon):
    before, mapped, places = case(anchors=40, m=m)
    epsilon = operator.epsilon(squared_distances(before[places])) if given_epsilon else None
    loss, slope, right, right_slope = both(before, mapped, places, operator, epsilon)
    assert torch.allclose(loss, right, rtol=1e-10, atol=1e-14)
    assert torch.allclose(slope, right_slope, rtol=1e-8, atol=1e-11)
    assert float(slope.abs().max()) > 0 or m == 2


@pytest.mark.parametrize("scale", ["median", "local"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_gradients(kernel, scale):
    before, mapped, places = case()
    operator = Operator(kernel, 0.5, scale=scale, local_neighbour=2)
    frozen = operator.of(before[places])
    assert torch.autograd.gradcheck(
        lambda rows: neighbourhood_loss(rows, places, frozen, operator), (mapped,)
    )


def groups(anchors=16, m=51, share=120, apart=4, width=64):
    """Return places of groups of anchors, each in rows of its own."""
    random = np.random.default_rng(0)
    places = np.concatenate(
        [
            np.stack([random.permutation(share)[:m] for _ in range(anchors)]) + share * group
            for group in range(apart)
        ]
    )
    rows = torch.from_numpy(random.normal(size=(share * apart, width))).float()
    return torch.nn.functional.normalize(rows, dim=1), torch.from_numpy(places)


@pytest.mark.parametrize("share", [120, 900])
def test_shared_rows_and_rows_of_their_own_give_the_same(share):
    rows, places = groups(share=share)
    # in float32 rounding may make another pair the median one, and the slope hangs on that pair
    rows = rows.double()
    noise = torch.randn(rows.shape, generator=torch.Generator().manual_seed(0), dtype=rows.dtype)
    mapped = (rows + 0.05 * noise).requires_grad_()
    loss, slope, right, right_slope = both(rows, mapped, places, Operator())
    assert float((loss - right).abs() / right) < 1e-10
    assert float((slope - right_slope).norm() / right_slope.norm()) < 1e-8


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("share", [120, 900])
def test_equal_to_the_bit_at_each_call(share, threads):
    rows, places = groups(share=share)
    mapped = (rows.roll(1, dims=1) + 0.2 * rows).requires_grad_()
    frozen = Operator().of(rows[places])
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        results = []
        for _ in range(5):
            mapped.grad = None
            loss = neighbourhood_loss(mapped, places, frozen, Operator())
            loss.backward()
            results.append((loss.detach(), mapped.grad))
    finally:
        torch.set_num_threads(before)
    for loss, slope in results[1:]:
        assert torch.equal(loss, results[0][0])
        assert torch.equal(slope, results[0][1])


@pytest.mark.parametrize(
    ("operator", "share"),
    [(operator_of(*options), share) for *options, share in cover(*OPTIONS, [120, 900])],
    ids=str,
)
def test_a_rotation_costs_nothing(operator, share):
    rows, places = groups(share=share)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(64, 64)))
    mapped = (rows @ torch.from_numpy(rotation).float()).requires_grad_()
    loss = neighbourhood_loss(mapped, places, operator.of(rows[places]), operator)
    loss.backward()
    assert float(loss) < 1e-8
    assert float(mapped.grad.norm()) < 0.02


@pytest.mark.parametrize("kernel", KERNELS)
def test_scale_costs_only_where_epsilon_is_kept(kernel):
    before, _, places = case()
    operator = Operator(kernel)
    frozen = operator.of(before[places])
    kept = operator.epsilon(squared_distances(before[places]))
    assert float(neighbourhood_loss(1.5 * before, places, frozen, operator)) < 1e-20
    assert float(neighbourhood_loss(before, places, frozen, operator, kept)) < 1e-20
    assert float(neighbourhood_loss(1.5 * before, places, frozen, operator, kept)) > 1e-3


def test_the_order_of_points_and_of_anchors_is_nothing():
    before, mapped, places = case(anchors=40)
    operator, order = Operator(), torch.tensor([3, 0, 5, 1, 4, 2])
    frozen = operator.of(before[places])
    loss = neighbourhood_loss(mapped, places, frozen, operator)
    turned = neighbourhood_loss(
        mapped, places[:, order].flip(0), frozen[:, order][:, :, order].flip(0), operator
    )
    assert float(loss.detach()) == pytest.approx(float(turned.detach()), rel=1e-10)


@pytest.mark.parametrize("spread", [0.1, 0.01, 0.003])
def test_tight_neighbourhoods_beside_wide_ones_keep_their_digits(spread):
    rows, places = groups(width=384)
    random = np.random.default_rng(2)
    rows[:60] = rows[0] + spread / 384**0.5 * torch.from_numpy(random.normal(size=(60, 384)))
    places[:3] = torch.from_numpy(np.stack([random.permutation(60)[:51] for _ in range(3)]))
    rotation, _ = np.linalg.qr(random.normal(size=(384, 384)))
    mapped = (rows @ torch.from_numpy(rotation).float()).requires_grad_()
    loss = neighbourhood_loss(mapped, places, Operator().of(rows[places]), Operator())
    loss.backward()
    assert float(loss) < 1e-7
    assert float(mapped.grad.norm()) < 1.0


@pytest.mark.parametrize(
    ("operator", "m"),
    [(operator_of(*options), m) for *options, m in cover(*OPTIONS, [1, 2, 5])],
    ids=str,
)
def test_coinciding_points_are_finite(operator, m):
    mapped = torch.ones(7, 3, requires_grad=True)
    before, _, places = case(m=m, rows=7, width=3, dtype=torch.float32)
    loss = neighbourhood_loss(mapped, places, operator.of(before[places]), operator)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(mapped.grad).all()


def test_no_slope_is_computed_where_none_is_wanted(monkeypatch):
    before, mapped, places = case()
    frozen = Operator().of(before[places])
    wanted = neighbourhood_loss(mapped, places, frozen, Operator())

    def refuse(*_):
        raise AssertionError("a slope was computed")

    # the package's function of that name hides the module
    module = sys.modules["workbench.geometry.neighbourhood_loss"]
    monkeypatch.setattr(module, "difference_and_gradient", refuse)
    loss = neighbourhood_loss(mapped.detach(), places, frozen, Operator())
    assert not loss.requires_grad
    assert float(loss) == pytest.approx(float(wanted.detach()), rel=1e-12)
