"""Frozen pretrained encoders behind one small interface, and the registry of them."""

from workbench.encoders.card import EncoderCard
from workbench.encoders.device import pick_device
from workbench.encoders.encoder import Encoder
from workbench.encoders.entry import EncoderEntry, EncoderFamily
from workbench.encoders.plugins import plugin_problems
from workbench.encoders.registry import find_encoder, list_encoders, load_encoder

__all__ = [
    "Encoder",
    "EncoderCard",
    "EncoderEntry",
    "EncoderFamily",
    "find_encoder",
    "list_encoders",
    "load_encoder",
    "pick_device",
    "plugin_problems",
]
