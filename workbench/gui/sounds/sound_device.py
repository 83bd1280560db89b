"""The module that plays and records, where there is one."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def sound_device() -> Any:
    """Return the module that plays and records, or None where this computer has none.

    sounddevice is an extra: it brings PortAudio along, which many computers cannot use.
    """
    try:
        return import_module("sounddevice")
    except (ImportError, OSError):  # the second where PortAudio is missing
        return None


def may_record() -> bool:
    """Whether it is worth a try; to know for sure takes as long as to begin."""
    return find_spec("sounddevice") is not None
