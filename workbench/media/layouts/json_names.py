"""JSON of names to texts: ``{"0.jpg": "A dog", "1.jpg": ["A cat", "Two cats"]}``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.media.layouts.coco import caption_of
from workbench.media.rows.columns import Record, SkippedRecord, cell_text, is_media_name
from workbench.media.rows.json_tables import load_json

_LOOKED_AT = 100
_FEW = 8  # so few texts are rather the fields of one object, unless their names are of files


def is_names_to_texts(content: dict[str, Any]) -> bool:
    """Whether a JSON object gives each of its names a text, or a list of texts."""
    names = list(content)[:_LOOKED_AT]
    if not names or not all(_texts(content[name]) for name in names):
        return False
    return len(content) > _FEW or sum(map(is_media_name, names)) > len(names) / 2


def names_to_texts(path: Path) -> Iterator[Record | SkippedRecord]:
    """Yield the texts, keyed by their names."""
    for number, (name, value) in enumerate(load_json(path).items(), start=1):
        texts = _texts(value)
        if not texts:
            yield SkippedRecord(number, f"has no text for “{cell_text(name)[:80]}”")
        for place, text in enumerate(texts):
            where = name if len(texts) == 1 else f"{name}#{place}"
            yield caption_of(cell_text(where), number, cell_text(name), text)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return value
    return []
