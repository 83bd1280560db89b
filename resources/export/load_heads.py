"""Load aligned heads exported by GeRA Workbench. Needs numpy and safetensors, nothing else."""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors import safe_open

BLOCK = 16_384  # rows mapped at once


def unit_rows(rows):
    """Scale rows to unit length; a zero row stays zero."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))


def differences(rows, centre):
    """Return rows less a centre, of unit length; float32 holds no squares of 1e30 and 1e-30."""
    with np.errstate(over="ignore", invalid="ignore"):
        unit = unit_rows(rows - centre)
        lengths = np.linalg.norm(rows - centre, axis=1)
    odd = np.flatnonzero(~((lengths >= np.float32(1e-12)) & (lengths < np.inf)))
    exact = rows[odd].astype(np.float64) - centre
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    unit[odd] = exact / np.where(lengths > 0, lengths, 1)
    return unit


def gelu(values):
    """Return the Gaussian error linear unit of each value, in its form with a tanh."""
    inner = float((2 / np.pi) ** 0.5) * (values + 0.044715 * (values * values * values))
    return 0.5 * values * (1 + np.tanh(inner))


def words(own, rows):
    """Return the mean of the classes' vectors by how likely each is of an item."""
    at_once = max(1, (1 << 23) // len(own["weight"]))
    if len(rows) > at_once:
        parts = [rows[first : first + at_once] for first in range(0, len(rows), at_once)]
        return np.concatenate([words(own, part) for part in parts])
    with np.errstate(over="ignore", invalid="ignore"):
        logits = np.nan_to_num((rows - own["centre"]) @ own["weight"].T)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (likely / likely.sum(axis=1, keepdims=True)) @ own["vectors"]


def prepared(options, own, rows):
    """Return rows as a head takes them: less the view's centre, or whitened besides."""
    if "root" not in options:
        return differences(rows, own["centre"])
    if options["root"]:
        rows = unit_rows(np.sqrt(np.maximum(rows, 0)))
    turned = unit_rows(differences(rows, own["whitening_centre"]) @ own["whitening"])
    return differences(turned, own["whitening_mean"])


class Heads:
    """One head a view; `embed` maps frozen embeddings into the shared space."""

    def __init__(self, configuration, tensors):
        self.configuration = configuration
        self.tensors = tensors

    @property
    def views(self):
        """The views that have a head."""
        return tuple(self.configuration["views"])

    def embed(self, view, rows):
        """Map frozen embeddings, shape (n, d), to unit rows of the shared space, shape (n, w)."""
        if view not in self.views:
            raise ValueError(f"There is no head for {view!r}; there are: {', '.join(self.views)}.")
        options = self.configuration["views"][view]
        rows = np.atleast_2d(np.asarray(rows, dtype=np.float32))
        first = f"{view}.0" if options["kind"] == "blocks" else view
        width = len(self.tensors[f"{first}.centre"])
        if rows.shape[1] != width:
            raise ValueError(
                f"The head of {view!r} expects embeddings of width {width}, not {rows.shape[1]}. "
                "Use the encoder that config.json names."
            )
        if len(rows) > BLOCK:  # of many rows all landmarks or anchors at once would be gigabytes
            parts = [rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK)]
            return np.concatenate([self.embed(view, part) for part in parts])
        return self.mapped(view, options, rows)

    def mapped(self, name, options, rows):
        """Return the unit rows of the head, or of the block of a head, of that name."""
        if options["kind"] == "blocks":  # heads side by side: their cosines add up by their shares
            blocks = [
                np.float32(options["shares"][n] ** 0.5) * self.mapped(f"{name}.{n}", block, rows)
                for n, block in enumerate(options["blocks"])
            ]
            return unit_rows(np.concatenate(blocks, axis=1)).astype(np.float32)
        start = f"{name}."
        own = {key[len(start) :]: t for key, t in self.tensors.items() if key.startswith(start)}
        if options["kind"] == "words":
            return unit_rows(words(own, rows) - own["mean"]).astype(np.float32)
        rows = prepared(options, own, rows)
        if options["kind"] == "linear":
            mapped = rows @ own["weight"].T + own["bias"]
        elif options["kind"] == "residual":
            hidden = np.square(np.maximum(rows @ own["landmarks"].T, 0))
            mapped = rows @ own["weight"].T + own["bias"]
            mapped += unit_rows(hidden) @ own["hidden_weight"].T
        elif options["kind"] == "mlp":
            hidden = gelu(rows @ own["inner_weight"].T + own["inner_bias"])
            mapped = rows @ own["weight"].T + own["bias"] + hidden @ own["hidden_weight"].T
        elif options["kind"] == "anchors":
            mapped = np.maximum(rows @ own["anchors"].T, 0)
            if options["kept"] < mapped.shape[1]:
                nearest_first = np.argpartition(-mapped, options["kept"] - 1, axis=1)
                dropped = nearest_first[:, options["kept"] :]
                np.put_along_axis(mapped, dropped, 0, axis=1)
            largest = np.maximum(mapped.max(axis=1, keepdims=True), np.float32(1e-12))
            mapped = (mapped / largest) ** options["power"]
        else:
            raise ValueError(f"This loader does not know the head kind {options['kind']!r}.")
        return unit_rows(mapped).astype(np.float32)

    def similarity(self, first, rows, second, others):
        """Return cosines in the shared space, shape (len(rows), len(others))."""
        return self.embed(first, rows) @ self.embed(second, others).T


def load_heads(folder):
    """Read the heads in a bundle's folder."""
    folder = Path(folder)
    if (folder / "config.json").exists():  # it says which encoders the heads are for
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        digest = hashlib.sha256((folder / "heads.safetensors").read_bytes()).hexdigest()
        if told.get("heads_sha256", digest) != digest:
            raise ValueError("config.json is of other heads: an export was cut off. Export again.")
    with safe_open(folder / "heads.safetensors", "np") as file:
        configuration = json.loads(file.metadata()["configuration"])
        return Heads(configuration, {name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
