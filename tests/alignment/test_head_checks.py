"""Heads from a file: all that is used of them is checked before."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.damage import ANY_FILE, HEADS

from workbench.alignment import (
    AlignedSpace,
    AnchorHead,
    LinearHead,
    MlpHead,
    ResidualHead,
    load_space,
    save_space,
)
from workbench.alignment.whitening import Whitening
from workbench.errors import WorkbenchError


def some_heads():
    random = np.random.default_rng(0)

    def numbers(*shape):
        return random.normal(size=shape).astype(np.float32)

    linear = LinearHead(numbers(7), numbers(5, 7), numbers(5))
    residual = ResidualHead(numbers(8), numbers(5, 8), numbers(5), numbers(3, 8), numbers(5, 3))
    return AlignedSpace({"image": linear, "text": residual})


def an_mlp():
    random = np.random.default_rng(2)
    shapes = (7, (5, 7), 5, (3, 7), 3, (5, 3))
    return AlignedSpace({"image": MlpHead(*(random.normal(size=s).astype("f4") for s in shapes))})


def anchors():
    head = AnchorHead(np.zeros(4, np.float32), np.eye(4, dtype=np.float32), 2, 3.0)
    return AlignedSpace({"text": head})


def whitened():
    random = np.random.default_rng(1)
    rows = np.abs(random.normal(size=(30, 4))).astype(np.float32)
    head = LinearHead(
        np.zeros(4, np.float32), np.eye(4, dtype=np.float32), np.zeros(4, np.float32),
        Whitening.found(rows, 0.5),
    )  # fmt: skip
    return AlignedSpace({"image": head})


@pytest.fixture
def path(tmp_path):
    save_space(some_heads(), tmp_path / "heads.safetensors")
    return tmp_path / "heads.safetensors"


@pytest.mark.parametrize("way", [*ANY_FILE.values(), *HEADS.values()], ids=[*ANY_FILE, *HEADS])
def test_damaged_heads_are_refused_in_a_sentence(path, way):
    way(path)
    with pytest.raises(WorkbenchError, match=r"heads\.safetensors.*\."):
        load_space(path)


@pytest.mark.parametrize("make", [some_heads, an_mlp, anchors, whitened])
def test_heads_that_were_saved_are_read_to_the_bit(tmp_path, make):
    space = make()
    save_space(space, tmp_path / "heads")
    again = load_space(tmp_path / "heads")
    assert again.configuration() == space.configuration()
    for name, array in space.tensors().items():
        np.testing.assert_array_equal(again.tensors()[name], array)
        assert again.tensors()[name].dtype == np.float32


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("inner_weight", np.ones((3, 6), np.float32)), ("inner_weight", np.ones((4, 7), "f4")),
        ("inner_bias", np.ones((3, 1), np.float32)), ("inner_bias", np.full(3, np.inf, "f4")),
        ("hidden_weight", np.ones((4, 3), np.float32)), ("hidden_weight", np.ones((5, 3), int)),
        ("hidden_weight", None), ("landmarks", np.ones((3, 7), np.float32)),
    ],
)  # fmt: skip
def test_arrays_of_an_mlp_are_checked(tmp_path, name, array):
    from safetensors.numpy import save_file

    space = an_mlp()
    tensors = space.tensors() | {f"image.{name}": array}
    tensors = {each: found for each, found in tensors.items() if found is not None}
    said = json.dumps(space.configuration())
    save_file(tensors, tmp_path / "heads", {"configuration": said})
    with pytest.raises(WorkbenchError, match="are damaged"):
        load_space(tmp_path / "heads")


@pytest.mark.parametrize(
    "options",
    [
        {"kept": 0, "power": 1.0}, {"kept": "2", "power": 1.0}, {"kept": 2.5, "power": 1.0},
        {"kept": True, "power": 1.0}, {"kept": 2, "power": float("nan")},
        {"kept": 2, "power": -1}, {"kept": 2, "power": "1"}, {"kept": 2}, {"power": 1.0},
        {"kept": 2, "power": 1.0, "more": 1},
    ],
)  # fmt: skip
def test_options_of_anchors_are_checked(tmp_path, options):
    from safetensors.numpy import save_file

    space = anchors()
    said = space.configuration() | {"views": {"text": {"kind": "anchors", **options}}}
    save_file(space.tensors(), tmp_path / "heads", {"configuration": json.dumps(said)})
    with pytest.raises(WorkbenchError, match="are damaged"):
        load_space(tmp_path / "heads")


@given(st.data())
def test_any_bytes_changed_give_heads_or_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "heads.safetensors"
    save_space(some_heads(), path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        space = load_space(path)
    except WorkbenchError as error:
        assert "heads" in str(error)  # noqa: PT017 - which of them is the question
    else:
        for view in space.views:
            rows = np.ones((2, space.width(view)), np.float32)
            with np.errstate(all="ignore"):
                assert space.embed(view, rows).shape[0] == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors, said: said.update(root="yes"),
        lambda tensors, said: said.pop("root"),
        lambda tensors, said: tensors.pop("image.whitening_mean"),
        lambda tensors, said: tensors.update({"image.whitening": np.eye(5, dtype=np.float32)}),
        lambda tensors, said: tensors.update(
            {"image.whitening_centre": np.full(4, np.nan, np.float32)}
        ),
    ],
)
def test_a_whitening_is_checked(tmp_path, damage):
    from safetensors.numpy import save_file

    space = whitened()
    tensors, said = space.tensors(), space.configuration()
    damage(tensors, said["views"]["image"])
    save_file(tensors, tmp_path / "heads", {"configuration": json.dumps(said)})
    with pytest.raises(WorkbenchError, match="are damaged"):
        load_space(tmp_path / "heads")
