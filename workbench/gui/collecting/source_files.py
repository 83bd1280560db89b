"""What a file or folder holds, found out in a job: its kind, its columns, its first rows."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job
from workbench.media import (
    CONTAINERS,
    MODALITIES,
    RECORD_SUFFIXES,
    SUFFIXES,
    VIDEO,
    Assumed,
    Columns,
    Inside,
    Modality,
    Record,
    RecordKind,
    column_names,
    guess_columns,
    is_container,
    media_columns,
    read_records,
    read_rows,
    record_kind,
    suggest_columns,
)
from workbench.project import Source

TABLE_PATTERNS = "*.csv *.tsv *.tab *.jsonl *.ndjson *.parquet *.arrow"
_FIRST_ROWS = 3
_NAMES_LOOKED_AT = 3_000
_SECONDS_LOOKED = 1.5
_FEW = 0.02


# --- folders --------------------------------------------------------------------------------------


def guess_modalities(folder: Path) -> list[Modality]:
    """Return the modalities of the first few thousand files below a folder.

    A modality with less than one file in fifty does not count: a README beside photographs is no
    collection of texts. Of a folder of shards they are those that its first one holds. A slow disk
    is given up on after a moment.
    """
    from workbench.stations.collecting.shards import DOCUMENTS, find_shards

    names = [Path(name) for name in _first_names(folder)]
    suffixes = Counter(name.suffix.lower() for name in names)
    if any(suffixes[end] for end in CONTAINERS):  # a README beside them is none of their texts
        suffixes -= Counter(n.suffix.lower() for n in names if n.stem.lower() in DOCUMENTS)
    # films among pictures are no collection of recordings, though their sound could be read
    counts = {each: sum(suffixes[end] for end in SUFFIXES[each] - VIDEO) for each in MODALITIES}
    if not any(counts.values()):
        counts["speech"] = sum(suffixes[end] for end in VIDEO)
    if not any(counts.values()) and any(suffixes[end] for end in CONTAINERS):
        shards = find_shards(Source(modality="image", path=str(folder)), folder)
        return modalities_inside(shards.files[0].path) if shards else []
    enough = max(1, _FEW * sum(counts.values()))
    return [each for each in MODALITIES if counts[each] >= enough]


def _first_names(folder: Path) -> Iterator[str]:
    end, count = time.monotonic() + _SECONDS_LOOKED, 0
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]  # the scan's rule
        for name in files:
            if name.startswith("."):
                continue
            yield name
            count += 1
            if count >= _NAMES_LOOKED_AT:
                return
        if count and time.monotonic() > end:
            return


# --- files of records -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """The beginning of a file of records.

    Attributes
    ----------
    kind : {"table", "captions", "lines"}
    names : list of str
        Columns; those of captions and lines are told here.
    guess : Columns
        What the names of a table's columns suggest.
    rows : list of list of str
        The first cells of each column.
    assumed : list of str
        What was assumed to read it.
    """

    kind: RecordKind
    names: list[str] = field(default_factory=list)
    guess: Columns = field(default_factory=Columns)
    rows: list[list[str]] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)


def read_head(path: Path, modality: Modality) -> Job[Head]:
    """Read a file's columns and first rows; of a table those that make items of a modality.

    Raises
    ------
    WorkbenchError
        The file is missing, empty, damaged or no such file.
    """
    yield from ()
    kind = record_kind(path)
    if kind == "table":
        names, told = column_names(path), list[Assumed]()
        rows = [
            [_shown(cells[name]) for name in names]
            for _, cells in islice(read_rows(path, assumed=told), _FIRST_ROWS)
        ]
        guess, assumed = suggest_columns(path, modality)
        said = dict.fromkeys([*assumed, *(each.sentence for each in told)])
        return Head(kind, names, guess, rows, list(said))
    records = islice((r for r in read_records(path) if isinstance(r, Record)), _FIRST_ROWS)
    if kind == "captions":
        return Head(kind, ["image", "caption"], rows=[[r.path, r.text] for r in records])
    return Head(kind, ["text"], rows=[[r.text] for r in records])


def _shown(cell: str) -> str:
    return "(inside)" if isinstance(cell, Inside) and not cell else cell


def kind_in_words(source: Source, place: Path) -> str:
    """Say what kind of source it is: “captions file”, “table: text from “caption””.

    Raises
    ------
    WorkbenchError
        Its file cannot be read.
    """
    from workbench.stations.collecting.source_rules import chosen_columns

    said = []
    if place.is_file():
        kind = record_kind(place)
        if kind == "table":
            columns = chosen_columns(source, place)[0]
            said.append(_columns_in_words(source, columns, columns.path in media_columns(place)))
        else:
            said.append("captions file" if kind == "captions" else "a text a line")
    elif source.modality == "text":
        rule, _, prefix = source.text.partition(":")
        said += {
            "file-name": ["file names as texts"],
            "folder-name": ["folder names as texts"],
            "first-line": ["first lines"],
            "line": [f"lines after “{prefix}”"],
        }.get(rule, [])
    if source.modality == "speech":
        said.append(f"at most {source.max_seconds:g} s")
    return " · ".join(said)


def _columns_in_words(source: Source, columns: Columns, inside: bool) -> str:
    text = source.modality == "text" and columns.text
    parts = [f"text from “{columns.text}”" if text else f"files from “{columns.path}”"]
    if inside:
        parts = [f"what lies inside “{columns.path}”"]
    pairs = columns.key or columns.path or columns.id
    if pairs and (text or columns.key) and not inside:
        parts.append(f"pairs by “{pairs}”")
    if columns.label:
        parts.append(f"label from “{columns.label}”")
    return f"table: {', '.join(parts)}"


# --- what is dropped ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guess:
    """What a dropped folder or file would be as sources; the sentence says why it is none."""

    path: Path
    modalities: list[Modality] = field(default_factory=list)
    sentence: str = ""


def guess_sources(paths: Sequence[Path], control: Control) -> Job[list[Guess]]:
    """Find out what dropped folders and files hold."""
    guesses = []
    for path in paths:
        yield from ()
        if control.stopping:
            break
        guesses.append(_guess(path))
    return guesses


def _guess(path: Path) -> Guess:
    if path.is_dir():
        found = guess_modalities(path)
        said = f"{path} holds no pictures, texts or recordings, so it was not added."
        return Guess(path, found, "" if found else said)
    if path.suffix.lower() not in RECORD_SUFFIXES:
        said = (
            f"{path.name} is neither a folder nor a table of items. Drop the folder that contains "
            "it."
        )
        return Guess(path, [], said)
    try:
        inside = modalities_inside(path) if is_container(path) else []
        return Guess(path, inside or [_modality_of_file(path)])
    except WorkbenchError as error:
        return Guess(path, [], str(error))


def modalities_inside(path: Path) -> list[Modality]:
    """Return what a file holds that may have pictures and recordings in itself.

    Raises
    ------
    WorkbenchError
        The file cannot be read.
    """
    found = {held.modality for held in media_columns(path).values() if not held.several}
    if found - {None} or path.suffix.lower() == ".tar":
        found |= {"text"} if suggest_columns(path, "text").columns.text else set()
    return [each for each in MODALITIES if each in found]


def _modality_of_file(path: Path) -> Modality:
    """Return what the rows of a file are: texts, or the pictures or recordings they name."""
    if record_kind(path) != "table":
        return "text"
    names = column_names(path)
    column = guess_columns(names)
    if column.path and not column.text:
        for _, cells in islice(read_rows(path), _FIRST_ROWS):
            ending = Path(cells[column.path]).suffix.lower()
            for modality in MODALITIES:
                if ending in SUFFIXES[modality]:
                    return modality
    return "text"


def is_record_file(source: Source, place: Path) -> bool:
    """Whether a source is a file of records, told by its name wherever that is enough."""
    return place.suffix.lower() in RECORD_SUFFIXES and not place.is_dir()
