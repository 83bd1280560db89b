"""What exports are tested with: heads of every kind, and a text encoder of a few kilobytes."""

import numpy as np

from workbench.alignment import (
    AlignedSpace,
    AnchorHead,
    BlocksHead,
    LinearHead,
    MlpHead,
    ResidualHead,
    WordsHead,
)
from workbench.alignment.whitening import Whitening
from workbench.export import PARTS, Contents, write_bundle
from workbench.jobs import drain

HAS_ONNX = not next(part for part in PARTS if part.name == "onnx").missing()
TEXT_WIDTH = 32
WIDTHS = {"image": 9, "text": TEXT_WIDTH}
FACTS = {"recipe": {"method": "gera"}, "report": {}}
ENCODERS = {"image": {"name": "fake/image", "revision": "1"}}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "red", "green", "heart", "apple", "moon"]
TEXTS = ["a red heart", "green apple", "moon", "a moon red", "heart heart a green moon"]


def random_rows(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def whitening(width, root):
    rows = random_rows(200, width, seed=width)
    return Whitening.found(np.abs(rows) if root else rows, 0.5)


def linear(width, root=None):
    white = None if root is None else whitening(width, root)
    return LinearHead(
        random_rows(width, seed=1), random_rows(6, width, seed=2), random_rows(6, seed=3), white
    )


def residual(width, root=None):
    white = None if root is None else whitening(width, root)
    return ResidualHead(
        random_rows(width, seed=1), random_rows(6, width, seed=2), random_rows(6, seed=3),
        random_rows(15, width, seed=4), random_rows(6, 15, seed=5), white,
    )  # fmt: skip


def mlp(width, root=None):
    white = None if root is None else whitening(width, root)
    return MlpHead(
        random_rows(width, seed=1), random_rows(6, width, seed=2), random_rows(6, seed=3),
        random_rows(15, width, seed=4), random_rows(15, seed=5), random_rows(6, 15, seed=6), white,
    )  # fmt: skip


def anchors(width, kept=4, root=None):
    white = None if root is None else whitening(width, root)
    return AnchorHead(random_rows(width, seed=1), random_rows(6, width, seed=2), kept, 2.5, white)


def own_words(width):
    return WordsHead(
        random_rows(width, seed=1), random_rows(20, width, seed=2), random_rows(20, 6, seed=3),
        random_rows(6, seed=4) / 10,
    )  # fmt: skip


HEADS = {
    "linear": linear,
    "linear, whitened": lambda width: linear(width, root=False),
    "linear, whitened roots": lambda width: linear(width, root=True),
    "residual": residual,
    "residual, whitened": lambda width: residual(width, root=False),
    "mlp": mlp,
    "mlp, whitened roots": lambda width: mlp(width, root=True),
    "anchors": anchors,
    "all anchors, whitened": lambda width: anchors(width, 6, root=False),
    "words": own_words,
    "blocks": lambda width: BlocksHead((residual(width, root=False), own_words(width)), (0.7, 0.3)),
}
"""Every kind of head, made for embeddings of a width, into a space of 6 or 12."""


def space_of(kind, widths=WIDTHS):
    return AlignedSpace({view: HEADS[kind](width) for view, width in widths.items()})


def contents(space, **more):
    return Contents("r", space, **{"encoders": ENCODERS, "facts": FACTS} | more)


def write(folder, space, parts=(), **more):
    """Write a bundle of heads that no project has made."""
    return drain(write_bundle(folder, contents(space, **more), parts))


def by_onnx(head, rows):
    """Return what a head gives as a graph of ONNX."""
    import onnxruntime

    from workbench.export.onnx_heads import INPUT, head_model

    graph = head_model(head).SerializeToString()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(None, {INPUT: rows})[0]


def by_torch(head, rows):
    """Return what a head gives as the module that is written beside a model."""
    import torch

    from workbench.export.sentence_transformers_models import own_module

    features = {"sentence_embedding": torch.from_numpy(rows)}
    return own_module(head)(features)["sentence_embedding"].numpy()


def save_tiny_text_model(folder):
    """Save a small random BERT as transformers saves one."""
    import torch
    import transformers as t

    torch.manual_seed(0)
    sizes = {
        "hidden_size": TEXT_WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 40, "max_position_embeddings": 16, "vocab_size": len(WORDS),
    }  # fmt: skip
    t.BertModel(t.BertConfig(**sizes)).save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    t.BertTokenizer(vocab=vocabulary, model_max_length=16).save_pretrained(folder)
    return folder
