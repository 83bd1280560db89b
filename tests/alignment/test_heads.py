"""A finished head is the head in training, in numpy, in a file, and in the exported loader."""

import numpy as np
import pytest
import torch
from worlds.views import three_views

from workbench.alignment import (
    AlignedSpace,
    LinearHead,
    MlpHead,
    ResidualHead,
    check_settings,
    load_space,
    save_space,
)
from workbench.alignment.data import prepare
from workbench.alignment.heads import prepared_rows
from workbench.alignment.training.trainable_heads import Features, PlainMap, TrainableHead, Units
from workbench.alignment.training.training import Training
from workbench.jobs import Control, drain

KINDS = {"linear": LinearHead, "residual": ResidualHead, "mlp": MlpHead}


def begun(kind, hidden=1000, **settings):
    views, pairs, held_out = three_views()
    chosen = {"head": kind, "hidden": hidden, "neighbours": 8, **settings}
    data = prepare(views, pairs, whitening=0.5)
    return Training(data, check_settings("gera", chosen), 0), held_out


def trained(kind, hidden=1000, **settings):
    training, held_out = begun(kind, hidden, **settings)
    views = held_out.views
    values = {f"alpha/{view}": 3.0 for view in views}
    values |= {"temperature": 0.05, "learning_rate": 1e-2}
    drain(training.ready(values, Control()))
    for step in range(1, 9):
        training.step(step, values)
    return training, held_out


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [("linear", 1), ("residual", 1000), ("residual", 7), ("mlp", 40), ("mlp", 1)],
)
def test_a_finished_head_is_the_head_in_training(kind, hidden, loader, tmp_path):
    training, held_out = trained(kind, hidden)
    space = training.space()
    save_space(space, tmp_path / "heads.safetensors")
    back, exported = load_space(tmp_path / "heads.safetensors"), loader.load_heads(tmp_path)
    for view, raw in held_out.views.items():
        head = space.heads[view]
        assert type(head) is KINDS[kind]
        prepared = prepared_rows(raw, head.centre, head.whitening)
        with torch.no_grad():
            trained_head = training.heads[view]
            expected = trained_head(trained_head.features_of(prepared)).numpy()
        found = space.embed(view, raw)
        assert np.abs(found - expected).max() < 2e-6
        assert (back.embed(view, raw) == found).all()
        assert np.abs(exported.embed(view, raw) - found).max() < 1e-6


@pytest.mark.parametrize("copies", [None, 2])
def test_mapped_rows_have_the_slope_of_a_map_and_of_unit_length(copies):
    random = np.random.default_rng(0)
    begin = PlainMap.of_weight(random.normal(size=(4, 5)).astype(np.float32))
    view = Features({"centre": np.zeros(5, np.float32), "whitening": None})
    head = TrainableHead(view, begin, torch.device("cpu"), copies)
    features = torch.from_numpy(random.normal(size=(7, 5)).astype(np.float32))
    features[0] = 0  # a row that is mapped to nothing
    pull = torch.from_numpy(random.normal(size=(7, 4)).astype(np.float32))
    weight, bias = head.parameters["weight"], head.parameters["bias"]
    ways = []
    for mapped in (
        head(features), torch.nn.functional.normalize(features @ weight.mT + bias, dim=-1)
    ):  # fmt: skip
        (mapped[..., 1:, :] * pull[1:]).sum().backward()
        ways.append([mapped.detach(), weight.grad, bias.grad])
        weight.grad = bias.grad = None
    for ours, theirs in zip(*ways, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert (ways[0][0][..., 0, :] == 0).all()


@pytest.mark.parametrize("most", [0, 100])
def test_features_by_row_number_are_those_of_the_rows(most, monkeypatch):
    monkeypatch.setattr("workbench.alignment.training.trainable_heads._KEPT_ROWS", most)
    views, pairs, _ = three_views()
    data = prepare(views, pairs, whitening=0.5)
    training = Training(data, check_settings("gera", {"neighbours": 8}), 0)
    numbers = np.array([7, 2, 7])
    for view, head in training.heads.items():
        rows = data.views[view]
        found = head.features_at(rows, numbers)
        assert np.abs(found.numpy() - head.features.of(rows[numbers])).max() < 1e-6


def test_a_residual_head_is_its_formula():
    random = np.random.default_rng(0)
    shapes = {
        "centre": 5,
        "weight": (4, 5),
        "bias": 4,
        "landmarks": (9, 5),
        "hidden_weight": (4, 9),
    }
    parts = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    raw = random.normal(size=(6, 5)).astype(np.float32)
    for row, found in zip(raw.astype(np.float64), ResidualHead(**parts).embed(raw), strict=True):
        x = (row - parts["centre"]) / np.linalg.norm(row - parts["centre"])
        likeness = np.maximum(parts["landmarks"] @ x, 0) ** 2
        h = likeness / np.linalg.norm(likeness)
        y = parts["weight"] @ x + parts["hidden_weight"] @ h + parts["bias"]
        assert np.abs(found - y / np.linalg.norm(y)).max() < 1e-6


def test_an_mlp_head_is_its_formula():
    random = np.random.default_rng(0)
    shapes = {
        "centre": 5, "weight": (4, 5), "bias": 4, "inner_weight": (9, 5), "inner_bias": 9,
        "hidden_weight": (4, 9),
    }  # fmt: skip
    parts = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    raw = random.normal(size=(6, 5)).astype(np.float32)
    for row, found in zip(raw.astype(np.float64), MlpHead(**parts).embed(raw), strict=True):
        x = (row - parts["centre"]) / np.linalg.norm(row - parts["centre"])
        u = parts["inner_weight"] @ x + parts["inner_bias"]
        h = 0.5 * u * (1 + np.tanh((2 / np.pi) ** 0.5 * (u + 0.044715 * u**3)))
        y = parts["weight"] @ x + parts["hidden_weight"] @ h + parts["bias"]
        assert np.abs(found - y / np.linalg.norm(y)).max() < 1e-6


@pytest.mark.parametrize("start", ["cca", "procrustes", "random"])
def test_an_mlp_begins_where_a_linear_head_does(start):
    linear, mlp = (begun(kind, 30, start=start)[0].space() for kind in ("linear", "mlp"))
    for view, head in mlp.heads.items():
        np.testing.assert_array_equal(head.weight, linear.heads[view].weight)
        assert not head.hidden_weight.any()
        # each unit sees rows that differ: neither all alike, nor so far apart that it is on or off
        seen = prepared_rows(three_views()[0][view], head.centre, head.whitening)
        assert 0.5 < (seen @ head.inner_weight.T).std(axis=0).mean() < 1.5


def test_all_of_an_mlp_is_trained():
    before, after = begun("mlp", 30)[0].space(), trained("mlp", 30)[0].space()
    for view, head in after.heads.items():
        for name, array in head.tensors().items():
            moved = (array != before.heads[view].tensors()[name]).any()
            assert moved == (name in ("weight", "bias", *Units._fields)), (view, name)


@pytest.mark.parametrize("kind", ["residual", "mlp"])
def test_many_rows_come_out_as_few_do(kind):
    training, held_out = trained(kind, 30)
    space = training.space()
    raw = np.tile(held_out.views["text"], (300, 1))  # more than one block
    many = space.embed("text", raw)
    assert many.shape == (12_000, many.shape[1])
    few = space.embed("text", held_out.views["text"])
    assert np.abs(many.reshape(300, *few.shape) - few).max() < 1e-6


def test_a_row_that_is_like_no_landmark_is_told_by_where_it_lies():
    head = ResidualHead(
        np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.zeros(2, np.float32),
        np.array([[1, 0]], np.float32), np.ones((2, 1), np.float32),
    )  # fmt: skip
    assert AlignedSpace({"a": head}).embed("a", [[-3.0, 0.0]]).tolist() == [[-1.0, 0.0]]
