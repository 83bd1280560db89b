"""Encoders as people read of them."""

from typing import TYPE_CHECKING

from workbench.gui import words

if TYPE_CHECKING:
    from workbench.encoders import EncoderFacts

_LOOKS = {
    "bundled": ("check", "good"),
    "here": ("check", "good"),
    "downloaded": ("check", "good"),
    "download": ("download-outline", "muted"),
    "unusable": ("alert-outline", "warning"),
}
STATES = {
    "bundled": "Bundled",
    "here": "On this computer",
    "downloaded": "Downloaded",
    "download": "Needs download",
    "unusable": "Not usable",
}
_ORDER = ("bundled", "here", "downloaded", "download", "unusable")


def look_of(facts: "EncoderFacts") -> tuple[str, str]:
    """Return the icon and the tone of an encoder's state."""
    return _LOOKS[facts.state]


def rank_of(facts: "EncoderFacts") -> int:
    """Return the place of an encoder's state: what can be used at once comes first."""
    return _ORDER.index(facts.state)


def state_in_words(facts: "EncoderFacts") -> str:
    """Say the state: “Downloaded”, “Not usable: install the Python package timm”."""
    state = STATES[facts.state]
    return f"{state}: {facts.reason}" if facts.state == "unusable" else state


def facts_in_words(facts: "EncoderFacts", missing: int | None = None) -> str:
    """Say all that is known in one line.

    Parameters
    ----------
    facts : EncoderFacts
    missing : int, optional
        Bytes to download, where that was asked.
    """
    parts = []
    if facts.width:
        parts.append(f"{facts.width:,} wide")
    if facts.parameters:
        parts.append(f"{words.large_number(facts.parameters)} parameters")
    size = missing if facts.state == "download" and missing else facts.bytes
    if size:
        what = "to download" if facts.state == "download" else "on disk"
        parts.append(f"{words.size(size)} {what}")
    elif facts.state == "download":
        parts.append("needs download")
    parts.append(facts.licence or ("licence not known" if facts.family != "precomputed" else ""))
    if facts.state != "download":
        parts.append(state_in_words(facts).replace("Bundled", "bundled"))
    return " · ".join(part for part in parts if part)
