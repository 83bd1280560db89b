"""The three kinds of items, and which files hold them."""

from typing import Literal

Modality = Literal["image", "text", "speech"]

MODALITIES: tuple[Modality, ...] = ("image", "text", "speech")

SUFFIXES: dict[Modality, frozenset[str]] = {
    "image": frozenset(
        (
            *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib"),
            *(".tif", ".tiff", ".jp2", ".j2k", ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico"),
            *(".avif", ".heic", ".heif", ".svg"),
        )
    ),
    "text": frozenset((".txt", ".text", ".md", ".markdown")),
    "speech": frozenset(
        (
            *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
            *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64"),
        )
    ),
}
"""File name endings, lower case with the dot, by modality."""

RECORD_SUFFIXES = frozenset(
    (
        *(".txt", ".text", ".md", ".markdown", ".token"),
        *(".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".json"),
    )
)
"""Endings of files that can hold many items, one a row, lower case with the dot."""
