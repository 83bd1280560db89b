"""The head of an aligned space, as the last module of a sentence-transformers model.

Written by GeRA Workbench. Needs torch, safetensors and sentence-transformers; the arrays are read
from safetensors. It does what `load_heads.py` does in numpy: frozen embeddings in, unit rows of the
joint space out.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers.base.modules.module import Module
from torch.nn.functional import gelu, normalize

WEIGHTS = "model.safetensors"
CONFIG = "config.json"


def unit_rows(rows):
    """Scale rows to unit length; a zero row stays zero."""
    return normalize(rows, dim=-1, eps=1e-12)


def differences(rows, centre):
    """Return rows less a centre, of unit length; float32 holds no squares of 1e30 and 1e-30."""
    rows = rows - centre
    largest = rows.abs().amax(dim=-1, keepdim=True)
    return unit_rows(rows / torch.where(largest > 0, largest, torch.ones_like(largest)))


class Head(torch.nn.Module):
    """A head of one kind, or several side by side."""

    def __init__(self, options, tensors):
        super().__init__()
        self.options = options
        self.blocks = torch.nn.ModuleList()
        for number, block in enumerate(options.get("blocks", ())):
            start = f"{number}."
            own = {n[len(start) :]: t for n, t in tensors.items() if n.startswith(start)}
            self.blocks.append(Head(block, own))
        if not self.blocks:
            for name, tensor in tensors.items():
                self.register_buffer(name, tensor)

    def forward(self, rows):
        """Map frozen embeddings, shape (n, d), to unit rows, shape (n, w)."""
        kind = self.options["kind"]
        if kind == "blocks":  # heads side by side: their cosines add up by their shares
            scaled = [share**0.5 * block(rows)
                      for share, block in zip(self.options["shares"], self.blocks)]  # fmt: skip # noqa: B905
            return unit_rows(torch.cat(scaled, dim=-1))
        if kind == "words":
            logits = torch.nan_to_num((rows - self.centre) @ self.weight.T)
            return unit_rows(torch.softmax(logits, dim=-1) @ self.vectors - self.mean)
        rows = self.prepared(rows)
        if kind == "linear":
            return unit_rows(rows @ self.weight.T + self.bias)
        if kind == "residual":
            hidden = unit_rows(torch.clamp(rows @ self.landmarks.T, min=0).square())
            return unit_rows(rows @ self.weight.T + hidden @ self.hidden_weight.T + self.bias)
        if kind == "mlp":
            hidden = gelu(rows @ self.inner_weight.T + self.inner_bias, approximate="tanh")
            return unit_rows(rows @ self.weight.T + hidden @ self.hidden_weight.T + self.bias)
        if kind == "anchors":
            cosines = torch.clamp(rows @ self.anchors.T, min=0)
            if self.options["kept"] < cosines.shape[-1]:
                kept, places = cosines.topk(self.options["kept"], dim=-1)
                cosines = torch.zeros_like(cosines).scatter(-1, places, kept)
            largest = cosines.amax(dim=-1, keepdim=True).clamp(min=1e-12)
            return unit_rows((cosines / largest) ** self.options["power"])
        raise ValueError(f"This module does not know the head kind {kind!r}.")

    def prepared(self, rows):
        """Return rows as a head takes them: less the view's centre, or whitened besides."""
        if "root" not in self.options:
            return differences(rows, self.centre)
        if self.options["root"]:
            rows = unit_rows(torch.clamp(rows, min=0).sqrt())
        turned = unit_rows(differences(rows, self.whitening_centre) @ self.whitening)
        return differences(turned, self.whitening_mean)


class AlignedHead(Module):
    """Maps the embedding that the modules before it made into the joint space.

    Parameters
    ----------
    options : dict
        Kind and options of the head, as in ``config.json``.
    tensors : dict of str to torch.Tensor
        Its arrays.
    """

    def __init__(self, options, tensors):
        super().__init__()
        self.options = options
        self.head = Head(options, tensors)
        given = len(tensors["centre" if "centre" in tensors else "0.centre"])
        self.width = int(self.head(torch.zeros(1, given)).shape[-1])

    def forward(self, features, **_):
        """Replace the embedding by its row in the joint space."""
        given = features["sentence_embedding"]
        features["sentence_embedding"] = self.head(given.float()).to(given.dtype)
        return features

    def get_embedding_dimension(self):
        """Return the width of the joint space."""
        return self.width

    def save(self, output_path, *_, **__):
        """Write the arrays and the options."""
        own = {name.replace("blocks.", ""): t for name, t in self.head.state_dict().items()}
        save_file({name: t.contiguous() for name, t in own.items()}, Path(output_path) / WEIGHTS)
        words = json.dumps(self.options, indent=2)
        (Path(output_path) / CONFIG).write_text(words, encoding="utf-8")

    @classmethod
    def load(cls, model_name_or_path, subfolder="", **options):
        """Read them, from a folder or from a repository of the hub."""
        wanted = ("token", "cache_folder", "revision", "local_files_only")
        place = {name: options[name] for name in wanted if name in options}
        place |= {"model_name_or_path": model_name_or_path, "subfolder": subfolder}
        told = cls.load_file_path(filename=CONFIG, **place)
        arrays = cls.load_file_path(filename=WEIGHTS, **place)
        return cls(json.loads(Path(told).read_text(encoding="utf-8")), load_file(arrays))
