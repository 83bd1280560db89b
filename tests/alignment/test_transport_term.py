import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from torch.nn.functional import normalize

from workbench.alignment import transport_plan as transport
from workbench.alignment.training.transport_term import transport_loss
from workbench.alignment.transport_plan import transport_plan


def similarities(seed: int, rows: int, columns: int, dtype=torch.float64) -> torch.Tensor:
    random = np.random.default_rng(seed)
    first, second = (
        normalize(torch.from_numpy(random.normal(size=(count, 8))), dim=1)
        for count in (rows, columns)
    )
    return (first @ second.T).to(dtype)


def unrolled(student, teacher, epsilon, iterations):
    """Return the same loss with gradients through every iteration, straight from the definition."""
    rows, columns = student.shape
    kernel = torch.exp(student / epsilon)
    across = torch.ones(columns, dtype=student.dtype)
    for _ in range(iterations):
        down = 1 / (rows * (kernel @ across))
        across = 1 / (columns * (kernel.T @ down))
    plan = down[:, None] * kernel * across
    return (teacher * (teacher / plan).log()).sum()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("epsilon", [0.05, 0.2, 10.0])
@pytest.mark.parametrize("shape", [(7, 7), (12, 5), (3, 20)])
def test_marginals_are_uniform(epsilon, shape, dtype):
    plan = transport_plan(similarities(0, *shape, dtype), epsilon, 2000)
    rows, columns = shape
    assert plan.dtype == dtype
    assert (plan >= 0).all()
    assert (plan.sum(dim=0) * columns - 1).abs().max() < 1e-5
    assert (plan.sum(dim=1) * rows - 1).abs().max() < 1e-5


def test_rows_add_up_better_with_every_iteration():
    scores = similarities(0, 40, 40)
    errors = [
        float((transport_plan(scores, 0.05, count).sum(dim=1) * 40 - 1).abs().max())
        for count in (1, 10, 100, 1000)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.1
    assert errors[-1] < 1e-9


def test_the_plan_is_the_best_of_its_objective():
    # the optimum's own condition: log P - S/ε is a sum of a row's and a column's number
    scores = similarities(1, 6, 9)
    rest = transport_plan(scores, 0.1, 3000).log() - scores / 0.1
    rest = rest - rest.mean(dim=1, keepdim=True) - rest.mean(dim=0) + rest.mean()
    assert rest.abs().max() < 1e-10


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("epsilon", [1e-6, 1e-4, 3e-3])
def test_a_tiny_epsilon_gives_the_best_matching(epsilon, dtype):
    # partners beyond doubt, so that few iterations settle it
    random = np.random.default_rng(0)
    order = random.permutation(15)
    scores = np.eye(15)[order] + 0.1 * random.random((15, 15))
    plan = transport_plan(torch.from_numpy(scores).to(dtype), epsilon, 200)
    _, expected = linear_sum_assignment(-scores)
    assert torch.isfinite(plan).all()
    assert (plan.argmax(dim=1).numpy() == expected).all()
    assert (plan.sum(dim=1) * 15 - 1).abs().max() < 1e-4


def test_a_huge_epsilon_gives_the_uniform_plan():
    plan = transport_plan(similarities(0, 8, 5), 1e6)
    assert (plan * 40 - 1).abs().max() < 1e-5


@pytest.mark.parametrize("epsilon", [transport._WIDEST / transport._SPREAD, 0.05, 1.0])
def test_both_ways_of_iterating_give_one_plan(epsilon):
    # down to the smallest ε at which cosines are not sent to logarithms
    scores = similarities(0, 30, 20)
    scores[0, :2] = torch.tensor([1.0, -1.0])
    logits = scores / epsilon
    by_products, in_logarithms = (
        way(logits - logits.amax(), 100).exp()
        for way in (transport._by_products, transport._in_logarithms)
    )
    assert (by_products - in_logarithms).abs().max() < 1e-12
    assert torch.equal(transport_plan(scores, epsilon), by_products)
    # and just below it
    below = transport_plan(scores, 0.999 * epsilon)
    assert (below - by_products).abs().max() < 1e-2


@given(seed=st.integers(0, 1000), rows=st.integers(1, 12), columns=st.integers(1, 12))
@settings(deadline=None, max_examples=10)
def test_permuting_and_turning_commute_with_the_plan(seed, rows, columns):
    scores = similarities(seed, rows, columns)
    plan = transport_plan(scores, 0.3, 400)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(rows))
    assert (transport_plan(scores[order], 0.3, 400) - plan[order]).abs().max() < 1e-9
    assert (transport_plan(scores.T, 0.3, 400) - plan.T).abs().max() < 1e-5


@pytest.mark.parametrize("shape", [(6, 6), (8, 5)])
def test_value_and_gradient_are_those_of_unrolled_iterations(shape):
    teacher = transport_plan(similarities(5, *shape), 0.1, 800)
    student = similarities(0, *shape).requires_grad_()
    expected = unrolled(student, teacher, 0.2, 800)
    (expected_slope,) = torch.autograd.grad(expected, student)
    found = transport_loss(student, teacher, 0.2, 800)
    (slope,) = torch.autograd.grad(found, student)
    assert float(found) == pytest.approx(float(expected), abs=1e-10)
    assert slope.abs().max() > 1e-3
    assert (slope - expected_slope).abs().max() < 1e-10


def test_gradients():
    teacher = transport_plan(similarities(5, 5, 4), 0.1, 2000)
    student = similarities(0, 5, 4).requires_grad_()
    # the surrogate's own value would not move under autograd's eyes; finite differences see it
    assert torch.autograd.gradcheck(
        lambda s: transport_loss(s, teacher, 0.3, 400), (student,), atol=1e-6
    )


def test_the_teachers_own_plan_costs_nothing_and_any_other_more():
    scores = similarities(0, 9, 9)
    teacher = transport_plan(scores, 0.05, 3000)
    assert abs(float(transport_loss(scores, teacher, 0.05, 3000))) < 1e-10
    assert float(transport_loss(similarities(1, 9, 9), teacher, 0.05, 3000)) > 0.1


@pytest.mark.parametrize("epsilon", [1e-4, 0.05])
def test_a_sharp_teacher_and_float32_stay_finite(epsilon):
    teacher = transport_plan(similarities(5, 30, 30, torch.float32), 1e-4)
    student = similarities(0, 30, 30, torch.float32).requires_grad_()
    loss = transport_loss(student, teacher, epsilon)
    loss.backward()
    assert loss.dtype == torch.float32
    assert torch.isfinite(loss)
    assert torch.isfinite(student.grad).all()


def test_descent_leads_the_student_to_the_teacher():
    teacher = transport_plan(similarities(5, 10, 10), 0.1, 500)
    student = similarities(0, 10, 10).requires_grad_()
    optimiser = torch.optim.Adam([student], lr=0.05)
    before = float(transport_loss(student.detach(), teacher, 0.1))
    for _ in range(150):
        optimiser.zero_grad()
        loss = transport_loss(student, teacher, 0.1)
        loss.backward()
        optimiser.step()
    assert float(loss) < 0.02 * before
