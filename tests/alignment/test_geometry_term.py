import numpy as np
import pytest
import torch

import workbench.alignment.training.geometry_term as geometry_term
from workbench.alignment import NeighboursFound
from workbench.alignment.frozen_rows import StandardRows
from workbench.alignment.training.geometry_term import GeometryTerm
from workbench.geometry import Operator
from workbench.jobs import Control, drain

COUNT, NEIGHBOURS = 40, 7


def cloud() -> StandardRows:
    rows = np.random.default_rng(0).normal(size=(COUNT, 6)).astype(np.float32)
    return StandardRows(rows, rows.mean(axis=0))


class Plain:
    """A head that sees a row as it is."""

    def __init__(self, function=lambda rows: rows):
        self.function = function

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        return self.function(features)

    def features_at(self, rows: StandardRows, numbers: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(rows[numbers])


def head(rows: torch.Tensor) -> torch.Tensor:
    weight = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    return torch.nn.functional.normalize(rows @ torch.from_numpy(weight), dim=-1)


def made(rows, allowed=None, anchors=COUNT, keep_epsilon=False, seed=0) -> GeometryTerm:
    term = GeometryTerm(
        "text", rows, allowed, NEIGHBOURS, anchors, Operator(), keep_epsilon, seed,
        torch.device("cpu"),
    )  # fmt: skip
    drain(term.ready(Control()))
    return term


def loss(term, some_head, generator=None) -> float:
    source = generator or torch.Generator().manual_seed(0)
    return float(term.loss({"text": Plain(some_head)}, [], source))


def by_hand(rows, anchors=range(COUNT), keep_epsilon=False) -> float:
    """Written from the formula: the mean over anchors of Σ (W(S) - W(f(S)))², S by sorting."""
    points = torch.from_numpy(np.asarray(rows)).double()
    total = 0.0
    for anchor in anchors:
        near = torch.argsort((points - points[anchor]).square().sum(-1))[: NEIGHBOURS + 1]
        frozen, mapped = points[near], head(points[near].float()).double()
        distances = (frozen[:, None] - frozen[None]).square().sum(-1)
        epsilon = Operator().epsilon(distances) if keep_epsilon else None
        difference = Operator().of(frozen) - Operator().of(mapped, epsilon)
        total += float(difference.square().sum()) / len(list(anchors))
    return total


@pytest.mark.parametrize("keep_epsilon", [False, True])
def test_the_loss_is_that_of_the_formula(keep_epsilon):
    # as many anchors as rows: every one is drawn
    term = made(cloud(), keep_epsilon=keep_epsilon)
    expected = by_hand(cloud(), keep_epsilon=keep_epsilon)
    assert loss(term, head) == pytest.approx(expected, rel=2e-3)


def test_a_head_that_changes_nothing_costs_nothing():
    assert loss(made(cloud()), lambda rows: rows) < 1e-5


def test_operators_that_are_kept_are_those_that_are_made_anew(monkeypatch):
    source = [torch.Generator().manual_seed(3) for _ in range(2)]
    monkeypatch.setattr(geometry_term, "_GROUP", 3)
    keeping = made(cloud(), anchors=9)
    monkeypatch.setattr(geometry_term, "_BUDGET_BYTES", 0)
    making = made(cloud(), anchors=9)
    seen = []
    for _ in range(12):  # later draws read operators that earlier ones have kept
        pair = [
            loss(term, head, each) for term, each in zip((keeping, making), source, strict=True)
        ]
        assert pair[0] == pytest.approx(pair[1], rel=2e-3)
        seen.append(round(pair[0], 6))
    assert len(set(seen)) > 8  # other anchors each time


def test_kept_operators_do_not_depend_on_the_company_they_were_drawn_in(monkeypatch):
    monkeypatch.setattr(geometry_term, "_GROUP", 3)
    alone, together = made(cloud(), anchors=3), made(cloud(), anchors=30)
    for seed in range(40):
        loss(alone, head, torch.Generator().manual_seed(seed))
    loss(together, head)
    groups = sorted(alone._known & together._known)
    assert len(groups) > 5
    for group in groups:
        span = slice(*alone._spans[group])
        assert span == slice(*together._spans[group])
        assert torch.equal(alone._kept[span], together._kept[span])


def test_only_the_anchors_given_are_drawn_but_all_rows_are_neighbours():
    anchors = np.array([2, 11, 30])
    term = made(cloud(), allowed=anchors)
    assert loss(term, head) == pytest.approx(by_hand(cloud(), anchors), rel=2e-3)


def test_every_row_is_an_anchor_about_equally_often(monkeypatch):
    monkeypatch.setattr(geometry_term, "_GROUP", 4)
    term, source = made(cloud(), anchors=8), torch.Generator().manual_seed(0)
    counts = np.zeros(COUNT)
    for _ in range(500):
        for group in term._draw(source):
            first, last = term._spans[group]
            counts[term.found.rows[first:last, 0]] += 1
    assert counts.sum() == 500 * 8
    assert counts.min() > 60  # 100 each, standard deviation 9
    assert counts.max() < 140


def test_of_many_rows_some_thousand_anchors_are_taken(monkeypatch):
    monkeypatch.setattr(geometry_term, "POOL", 12)
    monkeypatch.setattr(geometry_term, "_GROUP", 4)
    term = made(cloud(), anchors=8)
    assert len(term.found.rows) == 12
    # their neighbours are looked for among all rows
    assert len(np.unique(term.found.rows)) > 12


def test_how_neighbours_were_found_is_told_once():
    term = GeometryTerm(
        "text", cloud(), None, NEIGHBOURS, 8, Operator(), False, 0, torch.device("cpu")
    )
    told = []
    for _ in range(2):
        drain(term.ready(Control()), told.append)
    assert [each for each in told if isinstance(each, NeighboursFound)] == [
        NeighboursFound("text", "exact", 1.0)
    ]


def test_a_stop_leaves_it_unready_and_it_can_be_made_ready_later():
    control = Control()
    control.stop()
    term = GeometryTerm(
        "text", cloud(), None, NEIGHBOURS, 8, Operator(), False, 0, torch.device("cpu")
    )
    drain(term.ready(control))
    assert term.found is None
    drain(term.ready(Control()))
    assert term.found is not None
