"""The part “onnx”: heads, and encoders with heads, compared with the program's own vectors."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.encoders import Encoder, Network, TraceableEncoder
from workbench.errors import WorkbenchError
from workbench.export.contents import Contents
from workbench.export.onnx_heads import INPUT, IR_VERSION, OPSET, OUTPUT, head_model
from workbench.export.refusals import as_refusal
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import MODALITIES, Modality

Floats = npt.NDArray[np.float32]

HEAD_TOLERANCE = 1e-5
ENCODER_TOLERANCE = 1e-3
"""Largest differences of a number of a unit row that are let pass: networks add in other orders."""
MODEL_FILE = "model.onnx"

_COMPARED = 64  # rows of a head
_LARGE = 1 << 30  # bytes from which on arrays lie in a file beside: a message of protobuf has 2 GiB


def size(contents: Contents) -> int:
    """Estimate the bytes of the models; of encoders that cannot be traced nobody knows before."""
    return sum(
        2 * contents.head_bytes(view) + contents.encoder_bytes(view)
        for view in contents.space.views
    )


def write(folder: Path, contents: Contents, control: Control) -> Job[dict[str, Any]]:
    """Write ``VIEW.onnx`` of each head, and ``VIEW/`` with encoder and head where that can be had.

    Yields
    ------
    Progress, Notice
    """
    views = [view for view in MODALITIES if view in contents.space.views]
    heads: dict[str, float] = {}
    encoders: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for done, view in enumerate(views):
        control.wait_while_paused()
        if control.stopping:
            return {}
        yield Progress(2 * done, 2 * len(views), f"Writing the {view} head as ONNX")
        heads[view] = _write_head(folder / f"{view}.onnx", contents, view)
        yield Progress(2 * done + 1, 2 * len(views), f"Tracing the {view} encoder for ONNX")
        try:
            with as_refusal(folder / view, "torch cannot trace it"):
                encoders[view] = _write_encoder(folder / view, contents, view)
        except WorkbenchError as error:
            refused[view] = str(error)
            yield Notice(f"The {view} encoder is not in the ONNX part, its head is: {error}")
    return {
        "opset": OPSET, "dynamic": "any number of items", "heads": heads, "encoders": encoders,
        "refused": refused,
    }  # fmt: skip


def _write_head(path: Path, contents: Contents, view: str) -> float:
    """Write a head; return its largest difference on random rows."""
    import onnx

    head = contents.space.heads[view]
    onnx.save(head_model(head), str(path))
    random = np.random.default_rng(0).normal(size=(_COMPARED, len(head.centre)))
    rows = (head.centre + random * (np.abs(head.centre).mean() + 0.1)).astype(np.float32)
    difference = _difference(path, {INPUT: rows}, head.embed(rows))
    if not difference <= HEAD_TOLERANCE:
        raise WorkbenchError(
            f"The {view} head as ONNX gives other rows than here (the largest difference is "
            f"{difference:.1g}). Export without the part “onnx”."
        )
    return difference


def _write_encoder(folder: Path, contents: Contents, view: Modality) -> dict[str, Any]:
    """Write an encoder with its head, and what prepares media for it."""
    name = contents.encoders.get(view, {}).get("name", "its encoder")
    encoder = contents.encoder(view)
    if not isinstance(encoder, TraceableEncoder):
        raise WorkbenchError(f"{name} is of a kind that is not traced.")
    network = encoder.network()
    media = contents.samples[view]()
    folder.mkdir()
    _trace(network, media, folder / MODEL_FILE)
    _append_head(folder / MODEL_FILE, contents, view)
    network.save(folder)
    difference = _compared(folder / MODEL_FILE, network, encoder, contents, view, media)
    return {"inputs": list(network.free), "largest_difference": difference}


def _trace(network: Network, media: list[Any], path: Path) -> None:
    """Let torch write a network."""
    import torch

    fed = network.prepare(media[:2])
    inputs = tuple(torch.from_numpy(fed[name]) for name in network.free)
    shapes = tuple(dict(axes) for axes in network.free.values())
    module = network.module.cpu().eval()
    with _quiet(), torch.no_grad():
        torch.onnx.export(
            module, inputs, str(path), dynamo=True, opset_version=OPSET, verbose=False,
            input_names=list(network.free), output_names=[INPUT], dynamic_shapes=shapes,
            external_data=False,
        )  # fmt: skip


def _append_head(path: Path, contents: Contents, view: str) -> None:
    """Put a head behind an encoder that was traced."""
    import onnx
    from onnx import compose, version_converter

    encoder = onnx.load(str(path))
    opset = next(each.version for each in encoder.opset_import if each.domain == "")
    if opset != OPSET:
        encoder = version_converter.convert_version(encoder, OPSET)
    encoder.ir_version = IR_VERSION
    head = head_model(contents.space.heads[view])
    whole = compose.merge_models(encoder, head, io_map=[(INPUT, INPUT)])
    large = whole.ByteSize() > _LARGE
    onnx.save(whole, str(path), save_as_external_data=large, location=f"{path.name}.data")


def _compared(
    path: Path, network: Network, encoder: Encoder, contents: Contents, view: str, media: list[Any]
) -> float:
    """Return the largest difference on media, alone and together, between ONNX and torch."""
    known = contents.space.embed(view, encoder.encode(media))
    together = _difference(path, network.prepare(media), known)
    alone = _difference(path, network.prepare(media[:1]), known[:1])
    difference = max(together, alone)
    if not difference <= ENCODER_TOLERANCE:
        raise WorkbenchError(
            f"as ONNX it gives other vectors than here (the largest difference is "
            f"{difference:.1g})."
        )
    return difference


def _difference(path: Path, fed: dict[str, Any], known: Floats) -> float:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors alone
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], fed)
    return float(np.abs(found - known).max(initial=0.0))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter from talking of what it tries."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
