"""Whitening: what it does to a view's rows, and that heads carry it."""

import numpy as np
import pytest

from workbench.alignment import LinearHead, fit, load_space, save_space
from workbench.alignment.data import prepare
from workbench.alignment.whitening import Whitening

RANDOM = np.random.default_rng(5)
# few directions hold most of the variance, as encoders have it
STRETCHED = (RANDOM.normal(size=(400, 24)) * np.geomspace(10, 0.1, 24)).astype("f4")


def spread(rows):
    """Return the share of the variance in the strongest direction."""
    values = np.linalg.eigvalsh(np.cov(rows, rowvar=False))
    return values[-1] / values.sum()


@pytest.mark.parametrize("rows", [STRETCHED, np.abs(STRETCHED)], ids=["any sign", "never negative"])
def test_the_more_it_whitens_the_more_directions_have_a_say(rows):
    shares = [spread(Whitening.found(rows, a).of(rows)) for a in (0.0, 0.5, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[2] < 0.8 * shares[0]
    out = Whitening.found(rows, 0.5).of(rows)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1, rtol=1e-5)


def test_it_is_the_formula():
    rows = np.abs(STRETCHED)
    found = Whitening.found(rows, 0.5)

    def unit(each):
        return each / np.linalg.norm(each, axis=1, keepdims=True)

    first = unit(np.sqrt(rows.astype(np.float64)))
    second = unit(first - first.mean(axis=0))
    moments = second.T @ second / len(second)
    values, vectors = np.linalg.eigh(moments / (np.trace(moments) / 24) + np.eye(24))
    turned = unit(second @ (vectors * values**-0.25) @ vectors.T)
    np.testing.assert_allclose(found.of(rows), unit(turned - turned.mean(axis=0)), atol=2e-5)


def test_square_roots_are_taken_only_of_features_that_are_never_negative():
    assert Whitening.found(np.abs(STRETCHED), 0.5).root
    assert not Whitening.found(STRETCHED, 0.5).root
    # a row of a newer item may be below zero all the same
    found = Whitening.found(np.abs(STRETCHED), 0.5)
    assert np.isfinite(found.of(STRETCHED)).all()


def test_texts_are_not_whitened_and_the_frozen_geometry_stays():
    views = {"image": STRETCHED, "text": STRETCHED[:, :10]}
    data = prepare(views, {("image", "text"): np.stack([np.arange(50)] * 2, 1)}, whitening=0.5)
    plain = prepare(views, {("image", "text"): np.stack([np.arange(50)] * 2, 1)})
    assert data.views["text"].whitening is None
    assert data.views["image"].whitening is not None
    some = np.arange(9)
    np.testing.assert_array_equal(data.views["image"].frozen[some], plain.views["image"][some])


@pytest.mark.parametrize("method", ["gera", "ridge", "cca", "procrustes", "asif"])
def test_heads_carry_it_and_are_read_again(method, tmp_path):
    views = {"image": np.abs(STRETCHED), "text": STRETCHED[:, :12]}
    pairs = {("image", "text"): np.stack([np.arange(60)] * 2, 1)}
    settings = {"steps": 3, "neighbours": 5} if method == "gera" else {"whitening": 0.5}
    space = fit(method, views, pairs, settings=settings)
    assert space.heads["image"].whitening is not None
    save_space(space, tmp_path / "heads.safetensors")
    again = load_space(tmp_path / "heads.safetensors")
    for view, rows in views.items():
        np.testing.assert_array_equal(again.embed(view, rows), space.embed(view, rows))
    plain = fit(method, views, pairs, settings={**settings, "whitening": None})
    assert plain.heads["image"].whitening is None
    assert not np.allclose(plain.embed("image", views["image"][:5])[:, :4],
                           space.embed("image", views["image"][:5])[:, :4])  # fmt: skip


def test_a_head_without_it_is_as_it_was():
    head = LinearHead(np.zeros(3, "f4"), np.eye(3, dtype="f4"), np.zeros(3, "f4"))
    assert head.options() == {}
    assert set(head.tensors()) == {"centre", "weight", "bias"}
