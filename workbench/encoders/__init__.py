"""Frozen pretrained encoders behind one small interface, and the registry of them."""

from workbench.encoders.batching import BatchedModel
from workbench.encoders.card import EncoderCard
from workbench.encoders.class_words import ClassifyingEncoder, ClassWords
from workbench.encoders.device import describe_device, pick_device
from workbench.encoders.downloading.download import download as download_encoder
from workbench.encoders.downloading.download import download_size
from workbench.encoders.encoder import (
    Encoder,
    LimitedEncoder,
    PreparingEncoder,
    SentenceEncoder,
)
from workbench.encoders.entry import Download, EncoderEntry, EncoderFamily
from workbench.encoders.facts import EncoderFacts, facts_of
from workbench.encoders.lists.plugins import plugin_problems
from workbench.encoders.loading import CodeRefused
from workbench.encoders.networks import Network, TraceableEncoder
from workbench.encoders.own_code import OwnCode, own_code, place_of_code
from workbench.encoders.precomputed import PREFIX as PRECOMPUTED
from workbench.encoders.precomputed import Precomputed, item_names, split_order
from workbench.encoders.registry import (
    describe_encoders,
    find_encoder,
    list_encoders,
    load_encoder,
)

__all__ = [
    "PRECOMPUTED",
    "BatchedModel",
    "ClassWords",
    "ClassifyingEncoder",
    "CodeRefused",
    "Download",
    "Encoder",
    "EncoderCard",
    "EncoderEntry",
    "EncoderFacts",
    "EncoderFamily",
    "LimitedEncoder",
    "Network",
    "OwnCode",
    "Precomputed",
    "PreparingEncoder",
    "SentenceEncoder",
    "TraceableEncoder",
    "describe_device",
    "describe_encoders",
    "download_encoder",
    "download_size",
    "facts_of",
    "find_encoder",
    "item_names",
    "list_encoders",
    "load_encoder",
    "own_code",
    "pick_device",
    "place_of_code",
    "plugin_problems",
    "split_order",
]
