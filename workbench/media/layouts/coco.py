"""Captions of pictures as COCO and Karpathy's splits have them: one JSON object of lists."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.media.rows.columns import Record, SkippedRecord, cell_text
from workbench.media.rows.json_tables import load_json
from workbench.media.texts import clean_text


def is_captions(content: dict[str, Any]) -> bool:
    """Whether a JSON object is for `json_captions`: it has “images” in a list."""
    return isinstance(content.get("images"), list)


def json_captions(path: Path) -> Iterator[Record | SkippedRecord]:
    """Return the captions of COCO's ``captions_*.json`` or of Karpathy's ``dataset_*.json``.

    Raises
    ------
    WorkbenchError
        At the call: the file cannot be read, is too large, or of another kind.
    """
    content = load_json(path)
    images = content.get("images") if isinstance(content, dict) else None
    if isinstance(images, list):
        annotations = content.get("annotations")
        if isinstance(annotations, list):
            if any(isinstance(each, dict) and "caption" in each for each in annotations):
                return _coco(images, annotations)
        elif any(isinstance(each, dict) and "sentences" in each for each in images):
            return _karpathy(images)
    raise WorkbenchError(
        f"{path} holds no captions as COCO or Karpathy's splits have them, with “images” and "
        "“annotations” or “sentences”: choose another file, or save it as a table."
    )


def _coco(images: list[Any], annotations: list[Any]) -> Iterator[Record | SkippedRecord]:
    names = {
        cell_text(image["id"]): cell_text(image["file_name"])
        for image in images
        if isinstance(image, dict) and "id" in image and image.get("file_name")
    }
    for number, annotation in enumerate(annotations, start=1):
        if not isinstance(annotation, dict):
            yield SkippedRecord(number, "is not an annotation")
            continue
        image = cell_text(annotation.get("image_id"))
        if image not in names:
            yield SkippedRecord(number, f"names an unknown image, “{image[:80]}”")
            continue
        place = cell_text(annotation.get("id")) or str(number)
        yield caption_of(place, number, names[image], annotation.get("caption"))


def _karpathy(images: list[Any]) -> Iterator[Record | SkippedRecord]:
    number = 0
    for image in images:
        entry = image if isinstance(image, dict) else {}
        name, folder = cell_text(entry.get("filename")), cell_text(entry.get("filepath"))
        sentences = entry.get("sentences")
        if not name or not isinstance(sentences, list):
            number += 1
            yield SkippedRecord(number, "is an image without a file name or sentences")
            continue
        key = f"{folder.rstrip('/')}/{name}" if folder else name
        for place, sentence in enumerate(sentences):
            number += 1
            text = sentence.get("raw") if isinstance(sentence, dict) else sentence
            yield caption_of(f"{key}#{place}", number, key, text)


def caption_of(place: str, number: int, image: str, text: Any) -> Record | SkippedRecord:
    """Return a text that a name is given, or why there is none."""
    caption = clean_text(cell_text(text))
    if not caption:
        return SkippedRecord(number, f"is an empty caption of “{image[:80]}”")
    return Record(place, number, text=caption, path=image, key=image)
