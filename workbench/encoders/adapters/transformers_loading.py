"""What the adapters of the transformers library share: loading a network and looking at it."""

import re
from pathlib import Path
from typing import Any

from workbench.encoders.downloading.hub_cache import snapshot_here
from workbench.encoders.revision import hub_revision, package_version, weights_revision
from workbench.errors import WorkbenchError

# weights that are used in training only, or by the half of a network that is not run here
_UNUSED = re.compile(r"mask_token|masked_spec_embed|logit_(scale|bias)|(^|\.)decoder\.|^lm_head")
_POOLER = re.compile(r"(^|\.)pooler\.")


def options_for(model: str, local: bool, trust_code: bool) -> dict[str, Any]:
    """Return what every ``from_pretrained`` gets."""
    return {"local_files_only": local, **code_options(model, local, trust_code)}


def code_options(repository: str, local: bool, trust_code: bool) -> dict[str, Any]:
    """Return what lets the libraries run a model's own code: that which is here, no later one."""
    snapshot = snapshot_here(repository) if trust_code and not local else None
    pinned = {} if snapshot is None else {"revision": snapshot.name}
    return {"trust_remote_code": trust_code, **pinned}


def load_network(model: str, local: bool, trust_code: bool) -> tuple[Any, frozenset[str]]:
    """Load a network in float32 on the CPU, in evaluation mode.

    Returns
    -------
    transformers.PreTrainedModel
        From safetensors, else by ``torch.load(weights_only=True)``.
    frozenset of str
        The weights that its files lack, random now: see `check_weights`.
    """
    import torch
    from transformers import AutoModel

    network, report = AutoModel.from_pretrained(
        model,
        dtype=torch.float32,
        weights_only=True,
        output_loading_info=True,
        **options_for(model, local, trust_code),
    )
    return network.eval().requires_grad_(False), frozenset(report["missing_keys"])


def check_weights(name: str, part: Any, missing: frozenset[str], *, pooler: bool) -> None:
    """Check that what is run of a network came from its files.

    Parameters
    ----------
    name : str
        The encoder, for the error.
    part : torch.nn.Module
        The network, without what is not run.
    missing : frozenset of str
        As `load_network` returns it.
    pooler : bool
        Whether the pooler is run: many files lack it.

    Raises
    ------
    WorkbenchError
        Some weights are random, so the vectors would be.
    """
    lacking = [
        key
        for key, _ in part.named_parameters()
        if key in missing and not _UNUSED.search(key) and (pooler or not _POOLER.search(key))
    ]
    if lacking and all(_POOLER.search(key) for key in lacking):
        raise WorkbenchError(
            f"The files of {name} hold no weights of a pooler: choose @pool=cls or @pool=mean."
        )
    if lacking:
        raise WorkbenchError(
            f"The files of {name} lack {len(lacking)} of its weights, such as {lacking[0]}, so its "
            "vectors would be random: get the whole model."
        )


def has_parameter(network: Any, *names: str) -> bool:
    """Whether a network has a parameter that is called by one of some names."""
    return any(key.rpartition(".")[2] in names for key, _ in network.named_parameters())


def library_of(network: Any) -> str:
    """Return what runs a network, for its card."""
    own = type(network).__module__.startswith("transformers_modules")
    version = f"transformers {package_version('transformers')}"
    return f"{version} and the model's own code" if own else version


def source_of(model: str, local: bool) -> dict[str, str]:
    """Return a card's source and revision."""
    revision = weights_revision(Path(model)) if local else hub_revision(model)
    return {"source": f"folder {model}" if local else f"hub {model}", "revision": revision}
