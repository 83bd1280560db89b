"""What the columns of a table hold: by its schema, as the datasets library writes it, or bytes."""

import json
from dataclasses import dataclass
from typing import Any

from workbench.media.modality import SUFFIXES, Modality
from workbench.media.rows.columns import guess_columns, is_binary

_DECLARED: dict[str, Modality] = {"Image": "image", "Audio": "speech"}
_PICTURES = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\1\0"),
    *(b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP"),
)
_SOUNDS = (
    *(b"fLaC", b"OggS", b"ID3", b".snd", b"caff", b"\x1aE\xdf\xa3", b"RF64", b"riff"),
    *(b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa", b"\xff\xf1", b"\xff\xf9"),
)
_ENDINGS = {
    b"\xff\xd8": ".jpg", b"\x89PNG": ".png", b"GIF8": ".gif", b"BM": ".bmp", b"II*": ".tif",
    b"MM\0*": ".tif", b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3", b"\xff": ".mp3",
    b"\x1aE\xdf\xa3": ".webm",
}  # fmt: skip
_BY_BRAND = (b"avif", b"heic", b"heix", b"mif1")  # pictures in boxes as those of .mp4


@dataclass(frozen=True)
class MediaColumn:
    """A column whose cells are bytes and no texts.

    Attributes
    ----------
    modality : {"image", "speech"} or None
        What the bytes are; None where nothing here reads them.
    several : bool
        Whether each cell is a list of them.
    in_struct : bool
        Whether the cells are ``{bytes, path}``.
    named : bool
        Of those, whether there is a ``path``.
    """

    modality: Modality | None = None
    several: bool = False
    in_struct: bool = False
    named: bool = False


def features_of(schema: Any) -> dict[str, Any]:
    """Return what the datasets library has noted of the columns; nothing where it has not."""
    noted = (schema.metadata or {}).get(b"huggingface")
    try:
        features = json.loads(noted)["info"]["features"] if noted else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def class_names(feature: Any) -> list[str]:
    """Return what the numbers of a column stand for; nothing where they are numbers."""
    names = feature.get("names") if isinstance(feature, dict) else None
    is_class = isinstance(names, list) and feature.get("_type") == "ClassLabel"
    return [str(name) for name in names or []] if is_class else []


def media_column(name: str, kind: Any, feature: Any, first: Any) -> MediaColumn | None:
    """Say what a column of bytes holds; None for a column of anything else.

    Parameters
    ----------
    name : str
    kind : pyarrow.DataType
    feature : object
        What `features_of` says of it, or None.
    first : callable
        Returns the first cell that is not null, or None; called only where the type is of bytes.
    """
    import pyarrow.types as types

    several = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    inner = kind.value_type if several else kind
    parts = [inner.field(n).name for n in range(inner.num_fields)] if types.is_struct(inner) else []
    in_struct = "bytes" in parts and _is_bytes(inner.field(parts.index("bytes")).type)
    if not in_struct and not _is_bytes(inner):
        return None
    declared = _declared(feature)
    cell = first()
    while isinstance(cell, list):
        cell = cell[0] if cell else None
    is_pair = isinstance(cell, dict)
    content, path = (cell.get("bytes"), cell.get("path")) if is_pair else (cell, None)
    content = content or b""
    modality = declared or kind_of_bytes(content) or _kind_of_name(str(path or ""))
    if modality is None and not in_struct and content and not is_binary(content):
        return None  # texts, by writers that do not say so
    if modality is None and (in_struct or not content):
        modality = next((m for m in _DECLARED.values() if guess_columns([name], m).path), None)
        if not in_struct:  # nothing but nulls
            return None
    return MediaColumn(modality, several, in_struct, "path" in parts)


def kind_of_bytes(content: bytes) -> Modality | None:
    """Say by its first bytes whether a file is a picture or a recording; None where neither."""
    if content[:4] in (b"RIFF", b"FORM"):
        kinds: dict[bytes, Modality] = {b"WEBP": "image", b"WAVE": "speech", b"AIFF": "speech",
                                        b"AIFC": "speech"}  # fmt: skip
        return kinds.get(content[8:12])
    if content[4:8] == b"ftyp":
        return "image" if content[8:12] in _BY_BRAND else "speech"
    if content.startswith(_PICTURES) or is_drawing(content):
        return "image"
    return "speech" if content.startswith(_SOUNDS) else None


def ending_of(content: bytes) -> str:
    """Return the usual ending of files of a kind, by the first bytes; of unknown ones none."""
    if is_drawing(content):
        return ".svg"
    if content[:4] in (b"RIFF", b"FORM"):
        return {b"WEBP": ".webp", b"WAVE": ".wav"}.get(content[8:12], ".aiff")
    if content[4:8] == b"ftyp":
        return ".avif" if content[8:12] == b"avif" else {"image": ".heic"}.get(
            kind_of_bytes(content) or "", ".m4a"
        )  # fmt: skip
    return next((end for head, end in _ENDINGS.items() if content.startswith(head)), "")


def has_media_ending(name: str) -> bool:
    """Whether a name ends as pictures and recordings do."""
    return _kind_of_name(name) is not None


def is_drawing(content: bytes) -> bool:
    """Whether bytes are an SVG drawing."""
    head = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head


def _is_bytes(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def _declared(feature: Any) -> Modality | None:
    """Return what a note of the datasets library says, also of lists, which it writes two ways."""
    for _ in range(3):
        if isinstance(feature, list) and feature:
            feature = feature[0]
        if not isinstance(feature, dict):
            return None
        if feature.get("_type") in _DECLARED:
            return _DECLARED[feature["_type"]]
        feature = feature.get("feature")
    return None


def _kind_of_name(path: str) -> Modality | None:
    _, dot, ending = path.rpartition(".")
    kinds: tuple[Modality, ...] = ("image", "speech")
    return next((kind for kind in kinds if dot + ending.lower() in SUFFIXES[kind]), None)
