"""A finished head is the head in training, in numpy, in a file, and in the exported loader."""

import numpy as np
import pytest
import torch
from worlds.views import three_views

from workbench.alignment import (
    AlignedSpace,
    LinearHead,
    ResidualHead,
    check_settings,
    load_space,
    save_space,
)
from workbench.alignment.data import prepare
from workbench.alignment.heads import prepared_rows
from workbench.alignment.training.training import Training
from workbench.jobs import Control, drain


def trained(kind, hidden=1000):
    views, pairs, held_out = three_views()
    settings = check_settings("gera", {"head": kind, "hidden": hidden, "neighbours": 8})
    training = Training(prepare(views, pairs, whitening=0.5), settings, 0)
    values = {f"alpha/{view}": 3.0 for view in views}
    values |= {"temperature": 0.05, "learning_rate": 1e-2}
    drain(training.ready(values, Control()))
    for step in range(1, 9):
        training.step(step, values)
    return training, held_out


@pytest.mark.parametrize(("kind", "hidden"), [("linear", 1), ("residual", 1000), ("residual", 7)])
def test_a_finished_head_is_the_head_in_training(kind, hidden, loader, tmp_path):
    training, held_out = trained(kind, hidden)
    space = training.space()
    save_space(space, tmp_path / "heads.safetensors")
    back, exported = load_space(tmp_path / "heads.safetensors"), loader.load_heads(tmp_path)
    for view, raw in held_out.views.items():
        head = space.heads[view]
        assert isinstance(head, ResidualHead if kind == "residual" else LinearHead)
        prepared = prepared_rows(raw, head.centre, head.whitening)
        with torch.no_grad():
            trained_head = training.heads[view]
            expected = trained_head(trained_head.features_of(prepared)).numpy()
        found = space.embed(view, raw)
        assert np.abs(found - expected).max() < 2e-6
        assert (back.embed(view, raw) == found).all()
        assert np.abs(exported.embed(view, raw) - found).max() < 1e-6


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


def test_many_rows_come_out_as_few_do():
    training, held_out = trained("residual")
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
