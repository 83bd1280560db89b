"""A step waits for its device once: when it reads its numbers.

No GPU is needed to see that. Fake tensors have a device, shapes and types but no values: whatever
would read a value of the GPU, or make a shape of values, fails on them.
"""

import importlib
from contextlib import contextmanager

import pytest
import torch
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)
from worlds.views import three_views, two_views

from workbench.alignment import check_settings
from workbench.alignment.data import prepare
from workbench.alignment.training.batches import Batch, Mixing
from workbench.alignment.training.losses import contrastive_loss, sigmoid_loss
from workbench.alignment.training.structure_term import structure_loss
from workbench.alignment.training.training import Training, spread
from workbench.alignment.training.transport_term import transport_loss
from workbench.alignment.transport_plan import transport_plan
from workbench.geometry import Operator, neighbourhood_loss
from workbench.jobs import Control, drain


def rows(count=12, width=6):
    return torch.empty(count, width, device="cuda", requires_grad=True)


def neighbourhoods(operator):
    places = torch.zeros(5, 4, dtype=torch.int64, device="cuda")
    return neighbourhood_loss(rows(), places, torch.empty(5, 4, 4, device="cuda"), operator)


def transport():
    plan = transport_plan(torch.empty(6, 5, device="cuda"), 0.005)
    return transport_loss(rows(6, 5), plan, 0.05)


def mask():
    return torch.empty(12, 12, dtype=torch.bool, device="cuda")


PIECES = {
    "pairs": lambda: contrastive_loss(rows(), rows(), torch.empty(1, device="cuda"), mask()),
    "pairs by the sigmoid": lambda: sigmoid_loss(rows(), rows(), 10.0, -10.0, mask()),
    "structure": lambda: structure_loss(rows(), rows(), 0.05, 3),
    "transport": transport,
    "mixing": lambda: Mixing.drawn(12, 0.5, torch.Generator(), rows().device).of_unit_rows(rows()),
    "spread": lambda: spread([Batch(("a", "b"), tuple, (rows(), rows()), None)])[0],
} | {
    f"geometry {operator}": lambda operator=operator: neighbourhoods(operator)
    for operator in (
        Operator(), Operator("inverse", density=False), Operator("linear"),
        Operator("squared", normalisation="row"), Operator(scale="local"),
    )
}  # fmt: skip


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_no_loss_reads_values_of_a_gpu(piece):
    with FakeTensorMode(allow_non_fake_inputs=True):
        piece()


def test_reading_would_be_noticed():
    with FakeTensorMode():
        with pytest.raises(DataDependentOutputException):
            rows().sum().item()
        with pytest.raises(DynamicOutputShapeException):
            torch.unique(rows())


READERS = (
    "tolist", "item", "numpy", "cpu", "__bool__", "__int__", "__float__", "__index__", "nonzero",
)  # fmt: skip


@contextmanager
def readings():
    """Note each reading of values that live on the device: all but the numbers of drawn rows."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        for name in READERS:
            plain = getattr(torch.Tensor, name)

            def reading(tensor, *arguments, plain=plain, name=name, **options):
                if tensor.is_floating_point():
                    seen.append((name, tuple(tensor.shape)))
                return plain(tensor, *arguments, **options)

            patch.setattr(torch.Tensor, name, reading)
        yield seen


@pytest.mark.parametrize("world", [two_views, three_views])
@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("gera", {"neighbours": 8, "anchors": 16, "epsilon": "frozen"}),
        ("contrastive", {"learn_temperature": True, "batch_pairs": 9}),
        ("structure", {"others": 20, "levels": 2}),
        ("sotalign", {"others": 20}),
    ],
)
def test_a_step_reads_its_numbers_in_one_copy(method, settings, world, monkeypatch):
    # the way of a GPU: on the CPU the geometric loss looks how far rows reach, and sorts in numpy
    loss = importlib.import_module("workbench.geometry.neighbourhood_loss")
    monkeypatch.setattr(loss, "_GRAM_GAIN", 0.0)
    monkeypatch.setattr("workbench.geometry.diffusion._is_plain", lambda values: False)
    views, pairs, _ = world()
    training = Training(prepare(views, pairs), check_settings(method, settings), 0)
    values = {f"alpha/{view}": 3.0 for view in views} | {"temperature": 0.1, "learning_rate": 1e-3}
    drain(training.ready(values, Control()))
    for step in (1, 2):
        with readings() as seen:
            figures = training.step(step, values)
        # loss, gradient norm, rank, cosine and each part, and a temperature that is learned
        learned = method == "sotalign" or "learn_temperature" in settings
        assert seen == [("tolist", (4 + len(figures.losses) + learned,))]


def test_numbers_of_rows_are_drawn_on_the_cpu():
    views, pairs, _ = two_views()
    settings = check_settings("gera", {"neighbours": 8, "alpha": 1.0})
    training = Training(prepare(views, pairs), settings, 0)
    drain(training.ready({"alpha/image": 1.0, "alpha/text": 1.0}, Control()))
    for generator in training._generators.values():
        assert generator.device.type == "cpu"
    for term in training.terms:
        assert term._places.device.type == "cpu"
