"""The three kinds of items, and which files hold them."""

from typing import Literal

Modality = Literal["image", "text", "speech"]

MODALITIES: tuple[Modality, ...] = ("image", "text", "speech")

VIDEO = frozenset((".mp4", ".webm", ".mkv", ".mov", ".3gp"))
"""Endings of files that hold pictures that move; of them only the sound is read."""

BY_PYAV = VIDEO | {".m4a", ".m4b", ".aac", ".wma", ".amr", ".ac3", ".mka"}
"""Endings of recordings, as phones and cameras make them, that PyAV reads."""

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
            *BY_PYAV,
        )
    ),
}
"""File name endings, lower case with the dot, by modality."""

RECORD_SUFFIXES = frozenset(
    (
        *(".txt", ".text", ".md", ".markdown", ".token"),
        *(".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".json"),
        *(".arrow", ".tar"),
    )
)
"""Endings of files that can hold many items, one a row, lower case with the dot."""
