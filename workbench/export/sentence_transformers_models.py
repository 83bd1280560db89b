"""The part “sentence-transformers”: a model folder a view, whose last modules are the head.

A linear head is a chain of the library's own modules, which anybody loads without asking. With x an
embedding, c the centre, M the whitening's matrix and m its mean,

    x → unit(x - c) → unit(W x + b)
    x → unit(x - c) → unit(M x) → unit(x - m) → unit(W x + b)    where it whitens

where each arrow is a `Dense` without activation and a `Normalize`. Heads of other kinds come as a
module in a file of their own, and loading them needs ``trust_remote_code=True``.
"""

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import Head, LinearHead
from workbench.assets import resource
from workbench.encoders import Encoder, SentenceEncoder
from workbench.encoders.revision import package_version
from workbench.errors import WorkbenchError
from workbench.export.contents import Contents
from workbench.export.refusals import as_refusal
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import MODALITIES, Modality

Floats = npt.NDArray[np.float32]

MODULE_FILE = "aligned_head.py"
TOLERANCE = 1e-4
"""Largest difference of a number of a unit row to the program's own that is let pass."""


def size(contents: Contents) -> int:
    """Estimate the bytes of the models; of encoders that cannot be had so nobody knows before."""
    return sum(
        contents.encoder_bytes(view) + contents.head_bytes(view)
        for view in contents.space.views
        if _may_work(contents, view)
    )


def write(folder: Path, contents: Contents, control: Control) -> Job[dict[str, Any]]:
    """Write a model folder for each view that sentence-transformers can encode.

    Yields
    ------
    Progress, Notice
    """
    views = [view for view in MODALITIES if view in contents.space.views]
    written: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for done, view in enumerate(views):
        control.wait_while_paused()
        if control.stopping:
            return {}
        yield Progress(done, len(views), f"Writing the {view} encoder with its head")
        try:
            with as_refusal(folder / view, "sentence-transformers cannot run it"):
                written[view] = _write_view(folder / view, contents, view)
        except WorkbenchError as error:
            refused[view] = str(error)
            yield Notice(f"The {view} view has no model of sentence-transformers: {error}")
    return {"views": written, "refused": refused}


def head_modules(head: Head) -> list[Any] | None:
    """Return modules of the library that do exactly what a head does; None if there are none."""
    whitening = getattr(head, "whitening", None)
    if not isinstance(head, LinearHead) or (whitening is not None and whitening.root):
        return None
    if whitening is None:
        chain = [_shifted(head.centre)]
    else:
        turned = _dense(whitening.matrix.T, None)
        chain = [_shifted(whitening.centre), turned, _shifted(whitening.mean)]
    chain.append(_dense(head.weight, head.bias))
    return [module for dense in chain for module in (dense, _normalize())]


def own_module(head: Head) -> Any:
    """Return a head as the module of the file that is written beside the model."""
    import torch

    options = {"kind": head.kind, **head.options()}
    arrays = {
        name: torch.from_numpy(np.array(array, dtype=np.float32))
        for name, array in head.tensors().items()
    }
    return _module_file().AlignedHead(options, arrays)


def _may_work(contents: Contents, view: str) -> bool:
    library = str(contents.encoders.get(view, {}).get("library", ""))
    name = str(contents.encoders.get(view, {}).get("name", ""))
    return library.startswith("sentence-transformers") or name.startswith("transformers-text/")


def _write_view(folder: Path, contents: Contents, view: Modality) -> dict[str, Any]:
    """Write the model of a view, load it again, and compare; return what is known of it."""
    if not _may_work(contents, view):
        name = contents.encoders.get(view, {}).get("name", "its encoder")
        raise WorkbenchError(f"{name} is no encoder that sentence-transformers can run.")
    encoder = contents.encoder(view)
    if not isinstance(encoder, SentenceEncoder):
        raise WorkbenchError(
            f"{encoder.card.name} is no encoder that sentence-transformers can run."
        )
    from sentence_transformers import SentenceTransformer

    given = encoder.sentence_transformer()
    head = contents.space.heads[view]
    chain = head_modules(head)
    own_code = chain is None
    model = SentenceTransformer(
        modules=[*given, *(chain or [own_module(head)])],
        prompts=given.prompts,
        default_prompt_name=given.default_prompt_name,
        similarity_fn_name="dot",
        device="cpu",
    )
    model.save(str(folder), create_model_card=False)
    if own_code:
        shutil.copyfile(resource("export", MODULE_FILE), folder / MODULE_FILE)
    del model
    difference = _checked(folder, contents, view, encoder, own_code)
    (folder / "README.md").write_text(_readme(contents, view, own_code), encoding="utf-8")
    return {"trust_remote_code": own_code, "largest_difference": difference}


def _checked(
    folder: Path, contents: Contents, view: str, encoder: Encoder, own_code: bool
) -> float:
    """Return the largest difference between what the folder gives and what the program does."""
    from sentence_transformers import SentenceTransformer

    media = contents.samples[view]()
    known = contents.space.embed(view, encoder.encode(media))
    model = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, trust_remote_code=own_code
    )
    found: Floats = np.asarray(model.encode(media, show_progress_bar=False), dtype=np.float32)
    difference = float(np.abs(found - known).max())
    if not difference <= TOLERANCE:
        raise WorkbenchError(
            f"by that library {encoder.card.name} gives other vectors than here (the largest "
            f"difference is {difference:.1g})."
        )
    return difference


def _dense(weight: Floats, bias: Floats | None) -> Any:
    import torch
    from sentence_transformers.base.modules.dense import Dense

    out, into = weight.shape
    return Dense(
        into, out,
        bias=bias is not None,
        activation_function=torch.nn.Identity(),
        init_weight=torch.from_numpy(np.array(weight, dtype=np.float32)),
        init_bias=None if bias is None else torch.from_numpy(np.array(bias, dtype=np.float32)),
    )  # fmt: skip


def _shifted(centre: Floats) -> Any:
    return _dense(np.eye(len(centre), dtype=np.float32), -centre)


def _normalize() -> Any:
    from sentence_transformers.base.modules.normalize import Normalize

    return Normalize()


def _module_file() -> Any:
    """Import the module that is written beside a model, so that what is checked is what is sent."""
    name = Path(MODULE_FILE).stem
    if name not in sys.modules:
        place = importlib.util.spec_from_file_location(name, resource("export", MODULE_FILE))
        assert place is not None  # noqa: S101 - a file of ours
        assert place.loader is not None  # noqa: S101
        module = importlib.util.module_from_spec(place)
        sys.modules[name] = module  # the library saves the name of its class by it
        place.loader.exec_module(module)
    return sys.modules[name]


def _readme(contents: Contents, view: str, own_code: bool) -> str:
    """Return the card of one model, which may be uploaded alone."""
    trusted = ", trust_remote_code=True" if own_code else ""
    why = (
        f"\nThe head is a module of its own, `{MODULE_FILE}`, which is why `trust_remote_code` is "
        "needed. It reads safetensors and runs torch, nothing else.\n"
        if own_code
        else ""
    )
    card = contents.encoders[view]
    return f"""---
library_name: sentence-transformers
pipeline_tag: feature-extraction
tags:
- sentence-transformers
- gera-workbench
---
# {view} encoder of the run {contents.name}, with its head

{card.get("name")} ({card.get("source")}, revision {card.get("revision")}; licence of its weights:
{card.get("licence")}) and a head that maps its embeddings into the joint space of the run.

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("."{trusted})
rows = model.encode([...])  # unit rows of the joint space, {contents.width} wide
```

It was written by sentence-transformers {package_version("sentence-transformers")}; versions before
6 do not know its modules.
{why}
The card of the whole export, with figures and limits, lies two folders above.
"""
