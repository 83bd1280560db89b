import numpy as np
import pytest
import torch

import workbench.alignment.geometry_term as geometry_term
from workbench.alignment.geometry_term import GeometryTerm
from workbench.geometry import Operator

COUNT, NEIGHBOURS = 40, 7


def cloud() -> torch.Tensor:
    rows = np.random.default_rng(0).normal(size=(COUNT, 6)).astype(np.float32)
    return torch.from_numpy(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def head(rows: torch.Tensor) -> torch.Tensor:
    weight = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    return torch.nn.functional.normalize(rows @ torch.from_numpy(weight), dim=-1)


def loss_of_all(rows, some_head, anchors=None) -> float:
    """Return the loss with every anchor drawn."""
    term = GeometryTerm(rows, anchors, NEIGHBOURS, Operator())
    return float(term.loss(some_head, COUNT, torch.Generator().manual_seed(0)))


def by_hand(rows, anchors=range(COUNT)) -> float:
    """Written from the formula: the mean over anchors of Σ (W(S) - W(f(S)))², S by sorting."""
    points = rows.double()
    total = 0.0
    for anchor in anchors:
        distances = (points - points[anchor]).square().sum(-1)
        near = torch.argsort(distances)[: NEIGHBOURS + 1]
        difference = Operator().of(points[near]) - Operator().of(head(rows)[near].double())
        total += float(difference.square().sum()) / len(list(anchors))
    return total


def test_the_loss_is_that_of_the_formula():
    assert loss_of_all(cloud(), head) == pytest.approx(by_hand(cloud()), rel=2e-3)


def test_a_head_that_changes_nothing_costs_nothing():
    assert loss_of_all(cloud(), lambda rows: rows) < 1e-5


def test_operators_that_are_kept_are_those_that_are_made_anew(monkeypatch):
    rows = cloud()
    source = [torch.Generator().manual_seed(3) for _ in range(2)]
    keeping = GeometryTerm(rows, None, NEIGHBOURS, Operator())
    monkeypatch.setattr(geometry_term, "_BUDGET_BYTES", 0)
    making = GeometryTerm(rows, None, NEIGHBOURS, Operator())
    seen = []
    for _ in range(12):  # later draws read operators that earlier ones have kept
        pair = [
            float(term.loss(head, 9, each))
            for term, each in zip((keeping, making), source, strict=True)
        ]
        assert pair[0] == pytest.approx(pair[1], rel=2e-3)
        seen.append(round(pair[0], 6))
    assert len(set(seen)) > 8  # other anchors each time


def test_only_the_anchors_given_are_drawn_but_all_rows_are_neighbours():
    anchors = np.array([2, 11, 30])
    assert loss_of_all(cloud(), head, anchors) == pytest.approx(by_hand(cloud(), anchors), rel=2e-3)
