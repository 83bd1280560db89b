"""What a source's settings mean: which columns of its table count, and what gives a key."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.media import (
    RECORD_SUFFIXES,
    Columns,
    Suggestion,
    column_names,
    first_file_name,
    first_media_name,
    is_transcript,
    media_columns,
    names_in_words,
    path_stem_of,
    record_kind,
    stem_of,
    suggest_columns,
)
from workbench.project import Source
from workbench.stations.collecting.key_pattern import KeyPattern, complaint_about
from workbench.stations.collecting.shards import check_lists, check_media


def chosen_columns(source: Source, path: Path) -> tuple[Columns, tuple[str, ...]]:
    """Return the columns of a source's table, and what was assumed to choose them.

    They are those that the user has chosen, else those that their names suggest.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or no column holds what the items are.
    """
    if path.suffix.lower() not in RECORD_SUFFIXES and not is_transcript(path):
        raise WorkbenchError(
            f"{path} is not a folder, and not a file with an item a row (such as txt, csv, jsonl "
            "or parquet): name the folder that holds the files, of an archive the unpacked one."
        )
    kind = record_kind(path)
    if kind == "captions" and source.modality != "text":
        raise WorkbenchError(f"{path} holds captions, which are texts: add it as a source of text.")
    if kind != "table":
        return Columns(), ()
    if source.columns != Columns():
        columns, assumed = Suggestion(source.columns)
    else:
        columns, assumed = suggest_columns(path, source.modality)
    if columns.path in media_columns(path):  # a row is then its picture or its text, never both
        unread = "path" if source.modality == "text" else "text"
        columns = columns.model_copy(update={unread: ""})
    if source.modality == "text":
        # of a table of pictures or recordings no column may be known to hold texts
        known = columns.text or (columns.path and not first_media_name(path, columns.path))
    else:
        known = columns.path
    if not known:
        check_lists(source, path)
        what = "the texts" if source.modality == "text" else f"the {source.modality} files"
        raise WorkbenchError(
            f"It is not clear which column of {path} holds {what}. Choose one of its columns: "
            f"{names_in_words(column_names(path))}."
        )
    if source.modality == "text" and columns.text:
        _check_texts(path, columns.text)
    check_media(source, path, columns)
    return columns, assumed


def _check_texts(path: Path, column: str) -> None:
    """Refuse a column of texts that holds names of files."""
    file = first_file_name(path, column) if column in column_names(path) else ""
    if file:
        raise WorkbenchError(
            f"The column “{column}” of {path} holds names of files, such as “{file[:80]}”, and no "
            f"texts: choose it as the path (path={column}) if these are text files, or choose the "
            "column with the texts."
        )


def key_rule(source: Source) -> Callable[[str], str]:
    """Return what gives the pairing key of a path below the source, or of a record's key cell.

    Keys are in Unicode's composed form: some systems write “é” in a file's name as two characters.

    Raises
    ------
    WorkbenchError
        The key is no regular expression with a group; or, from what is returned, a path does not
        match. `EndlessPatternError`: whether it matches cannot be found out.
    """
    plain = {"stem": stem_of, "path": path_stem_of}.get(source.key)
    if plain is not None:
        # some names begin with a blank on the disk, and in tables that were cleaned do not
        return lambda relative: _trimmed(plain(relative))
    complaint = complaint_about(source.key)
    if complaint:
        raise WorkbenchError(
            f"The key “{source.key[:200]}” of {source.path} {complaint}. Use “stem”, “path”, or a "
            "pattern with the part that pairs items in parentheses."
        )
    pattern = KeyPattern(source.key)

    def key(relative: str) -> str:
        found = pattern.key_of(relative)
        if not found:
            raise WorkbenchError(
                f"Its path does not match the key pattern “{source.key}”; "
                "correct the pattern or exclude the file."
            )
        return _trimmed(found)

    return key


def _trimmed(text: str) -> str:
    """Return a key without blanks at its ends, unless it is nothing but blanks."""
    key = unicodedata.normalize("NFC", text)
    return key.strip() or key
