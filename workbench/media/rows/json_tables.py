"""Tables of JSON objects, one a line or a list of them."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeGuard

from workbench import words
from workbench.errors import WorkbenchError
from workbench.media.rows.columns import MAX_COLUMNS, Row, SkippedRecord, cell_text, guess_columns
from workbench.media.rows.lines import bounded_lines, is_too_long, open_text
from workbench.media.texts import MAX_TEXT_BYTES, decode_text

MAX_JSON_BYTES = 256 * 1024 * 1024
"""Largest JSON file that is read, which must be whole; several times that in memory."""

_OBJECTS_LOOKED_AT = 1000
_BLANK = "\ufeff \t\r\n\0"


def load_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    WorkbenchError
        The file cannot be read, is larger than `MAX_JSON_BYTES` or no JSON.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_JSON_BYTES + 1)
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read ({error.strerror}): check the path.") from None
    if len(content) > MAX_JSON_BYTES:
        raise WorkbenchError(
            f"{path} is larger than {words.size(MAX_JSON_BYTES)}, too much for one JSON file: save "
            "it with an object a line as .jsonl, or as .parquet."
        )
    try:
        return json.loads(decode_text(content))
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(
            f"{path} is not readable JSON ({_json_reason(error)}): save it again."
        ) from None


def whole_object(path: Path) -> dict[str, Any] | None:
    """Return the one JSON object that a file is; None where it is a list, or an object a line.

    Raises
    ------
    WorkbenchError
        As `load_json`.
    """
    line, value = first_line(path)
    if value is None and not line.startswith("{"):
        return None
    if value is not None:
        return None if _goes_on(path) else value
    content = load_json(path)
    return content if isinstance(content, dict) else None


def _goes_on(path: Path) -> bool:
    """Whether there is more in a file than its first line that is not blank."""
    with open_text(path) as file:
        filled = (line for line in bounded_lines(file) if line.strip(_BLANK))
        next(filled, None)
        return next(filled, None) is not None


def first_line(path: Path) -> tuple[str, dict[str, Any] | None]:
    """Return the first line of a file that is not blank, and the JSON object it is, or None."""
    with open_text(path) as file:
        line = next((line for line in bounded_lines(file) if line.strip(_BLANK)), "")
    value = _json_object(line)
    return line.strip(_BLANK), value if isinstance(value, dict) else None


def json_columns(path: Path) -> list[str]:
    """Return the names in the first objects.

    Raises
    ------
    WorkbenchError
        The file cannot be read or has no object among its first lines.
    """
    names: dict[str, None] = {}
    reason = "it holds no JSON object"
    for row in islice(json_rows(path), _OBJECTS_LOOKED_AT):
        if isinstance(row, SkippedRecord):
            reason = f"its line {row.number} {row.reason}"
        else:
            names.update(dict.fromkeys(row[1]))
    if not names:
        raise WorkbenchError(f"{path} is not a table of JSON objects: {reason}.")
    return list(names)


def json_rows(path: Path) -> Iterator[Row | SkippedRecord]:
    """Yield the objects of a file as rows, and reasons for those that are none."""
    if path.suffix.lower() == ".json" and not _is_an_object_a_line(path):
        for number, value in enumerate(_list_of_objects(path), start=1):
            yield _json_row(number, value if isinstance(value, dict) else "is not a JSON object")
        return
    with open_text(path) as file:
        for number, line in enumerate(bounded_lines(file), start=1):
            if line.strip(_BLANK):
                yield _json_row(number, _json_object(line))


def _is_an_object_a_line(path: Path) -> bool:
    return first_line(path)[1] is not None and _goes_on(path)


def _list_of_objects(path: Path) -> list[Any]:
    """Return the rows of a whole JSON file: a list, also within an object, or pandas' columns."""
    content = load_json(path)
    if isinstance(content, list):
        return content
    found = _within(content) if isinstance(content, dict) else None
    if found is None:
        raise WorkbenchError(
            f"{path} holds no list of JSON objects and no names with their texts, so it is not a "
            "table: save it as a list of objects, as .jsonl or as .csv."
        )
    return found


def _within(content: dict[str, Any]) -> list[Any] | None:
    """Return the rows in an object: its only list of objects (such as “data”), or its columns."""
    lists = [value for value in content.values() if _is_list_of(value, dict)]
    if len(lists) == 1:
        return list(lists[0])
    names, cells = content.get("columns"), content.get("data")
    if _is_list_of(names, str) and _is_list_of(cells, list):  # DataFrame.to_json(orient="split")
        rows = [dict(zip(names, row, strict=False)) for row in cells]
        return _with_index(content.get("index"), rows)
    found = _of_columns(content)
    if found is None and guess_columns(list(content)).text:
        return [content]
    return found


def _of_columns(content: dict[str, Any]) -> list[Any] | None:
    """Return the rows of columns, or of named rows, as pandas writes them."""
    values, has_text = list(content.values()), bool(guess_columns(list(content)).text)
    if values and all(isinstance(each, dict) and each for each in values):
        inner = values[0].keys()
        if guess_columns(list(inner)).text and not has_text:  # to_json(orient="index")
            return _with_index(list(content), values)
        if all(each.keys() == inner for each in values):  # DataFrame.to_json()
            rows = [{name: content[name][row] for name in content} for row in inner]
            return _with_index(list(inner), rows)
    lengths = {len(each) if isinstance(each, list) else -1 for each in values}
    if has_text and len(values) > 1 and len(lengths) == 1 and -1 not in lengths:
        return [dict(zip(content, row, strict=True)) for row in zip(*values, strict=True)]
    return None


def _with_index(index: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name the rows by an index that says more than their numbers, where no column names them."""
    if not rows or not isinstance(index, list):
        return rows
    guess = guess_columns(list(rows[0]))
    only_counts = [str(each) for each in index] == [str(number) for number in range(len(rows))]
    if only_counts or guess.path or guess.key or guess.id:
        return rows
    return [row | {"id": each} for each, row in zip(index, rows, strict=False)]


def _is_list_of(value: Any, kind: type) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and bool(value) and isinstance(value[0], kind)


def _json_row(number: int, value: dict[str, Any] | str) -> Row | SkippedRecord:
    if isinstance(value, str):
        return SkippedRecord(number, value)
    if len(value) > MAX_COLUMNS:
        return SkippedRecord(number, f"has more than {MAX_COLUMNS:,} names, too many for an item")
    try:
        return number, {cell_text(name): cell_text(cell) for name, cell in value.items()}
    except RecursionError:
        return SkippedRecord(number, "is nested too deeply")


def _json_object(line: str) -> dict[str, Any] | str:
    """Return the object in a line, or why there is none."""
    if is_too_long(line):
        return f"is a line of more than {MAX_TEXT_BYTES // 2**20} million characters"
    try:
        value = json.loads(line.strip(_BLANK))
    except (ValueError, RecursionError) as error:
        return f"is not JSON ({_json_reason(error)})"
    return value if isinstance(value, dict) else "is not a JSON object"


def _json_reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at character {error.pos + 1:,}"
    return str(error)[:150].lower()
