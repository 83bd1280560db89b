"""Gather: from the folders and files of a project's sources to items, nothing written."""

import hashlib
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.media import (
    RECORD_SUFFIXES,
    Columns,
    FoundFile,
    Modality,
    Record,
    SkippedFile,
    SkippedRecord,
    column_names,
    find_files,
    guess_columns,
    path_stem_of,
    pick_text,
    read_records,
    read_text,
    record_kind,
    speech_seconds,
    stem_of,
    text_of_name,
)
from workbench.project import NAME_RULES, Found, ProjectSettings, Source, absolute_path

_REPORT_EVERY = 500
Known = Mapping[tuple[Modality, str], Found]
_Candidate = Callable[[], Found] | str  # what makes an item, or why there is none


@dataclass
class Gathered:
    """What the sources of a project hold.

    Attributes
    ----------
    items : list of Found
    problems : list of (str, str)
        Path and reason of what cannot be taken.
    notices : list of str
        What the user should know besides.
    complete : bool
        False when it was stopped.
    """

    items: list[Found] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    complete: bool = True


def gather(root: Path, settings: ProjectSettings, known: Known, control: Control) -> Job[Gathered]:
    """Find the items of all sources.

    Parameters
    ----------
    root : Path
        The project folder, where relative paths start.
    settings : ProjectSettings
        Checked by `workbench.stations.scan.check_rules`.
    known : mapping of (modality, path) to Found
        Items of an earlier scan: what has not changed since is not read again.
    control : Control

    Yields
    ------
    Progress

    Returns
    -------
    Gathered
    """
    gathered, watch = Gathered(), Stopwatch()
    source_of: dict[tuple[Modality, str], Source] = {}
    for source in settings.sources:
        reader = _Reader(source, absolute_path(source.path, root), known)
        yield Progress(len(gathered.items), 0, f"Scanning {reader.root}")
        for number, finding in enumerate(reader.findings()):
            if number % _REPORT_EVERY == 0:
                done = len(gathered.items)
                yield Progress(done, 0, f"Scanning {reader.root}", watch.rate(done))
            if control.paused:
                control.wait_while_paused()
            if control.stopping:
                gathered.complete = False
                return gathered
            if not isinstance(finding, Found):
                gathered.problems.append(finding)
                continue
            holder = source_of.setdefault((finding.modality, finding.path), source)
            if holder is not source:
                gathered.problems.append(
                    (finding.path, "Two sources of the project contain it; the first one is used.")
                )
            elif len(source_of) > len(gathered.items):  # a table may list a file twice
                gathered.items.append(finding)
        if reader.cut:
            gathered.notices.append(
                f"{reader.cut:,} recordings in {reader.root} are longer than "
                f"{source.max_seconds:g} s: only that much from their start is encoded."
            )
    return gathered


class _Reader:
    """Reads the items of one source."""

    def __init__(self, source: Source, root: Path, known: Known) -> None:
        self.source, self.root, self._known = source, root, known
        self.cut = 0  # recordings longer than is encoded
        self._key = key_rule(source)
        self._rule = {"text": source.text, "speech": f"{source.max_seconds:g}"}.get(
            source.modality, ""
        )

    def findings(self) -> Iterator[Found | tuple[str, str]]:
        """Yield items, and path and reason of what is none."""
        candidates = self._records() if self.root.is_file() else self._files()
        for path, make in candidates:
            if isinstance(make, str):
                yield path, make
                continue
            try:
                item = make()
            except WorkbenchError as error:
                yield path, str(error)
                continue
            yield item
            self.cut += item.heard < item.seconds

    # --- files of a folder -----------------------------------------------------------------------

    def _files(self) -> Iterator[tuple[str, _Candidate]]:
        source = self.source
        kinds: tuple[Modality, ...] = (source.modality,)
        if source.modality == "text" and source.text in NAME_RULES:
            kinds = ("image", "speech")  # whose names are the texts
        for kind in kinds:
            for file in find_files(self.root, kind, source.include, source.exclude):
                if isinstance(file, SkippedFile):
                    yield file.path_text, _saying(file.reason)
                else:
                    yield file.path_text, partial(self._of_file, file)

    def _of_file(self, file: FoundFile) -> Found:
        folders, _, _ = file.relative.rpartition("/")
        label = folders.partition("/")[0] if self.source.label == "folder" else ""
        key, path = self._key(file.relative), file.path_text
        if self.source.modality == "text" and self.source.text in NAME_RULES:
            if self.source.text == "folder-name" and not folders:
                raise WorkbenchError("It is in no folder below the source that could name it.")
            name = file.relative if self.source.text == "file-name" else f"{folders}.x"
            text = text_of_name(name)
            return Found("text", path, _digest(text), key, label, text)
        return self._whole_file(path, file.size, file.modified_ns, key, label)

    def _whole_file(
        self, path: str, size: int, modified_ns: int, key: str, label: str, language: str = ""
    ) -> Found:
        """Return the item that a file is, read only where it has changed since the last scan."""
        modality = self.source.modality
        stamp = f"{size} {modified_ns} {self._rule}"
        before = self._known.get((modality, path))
        text, seconds, heard = "", 0.0, 0.0
        if before is not None and before.stamp == stamp:
            mark, text = before.fingerprint, before.text
            seconds, heard = before.seconds, before.heard
        elif modality == "text":
            text = pick_text(read_text(Path(path)), self.source.text)
            mark = _digest(text)
        else:
            # the path is part of it: a catalogue made anew may give a file's id to another file
            facts = f"{path}\0{size}\0{modified_ns}"
            if modality == "speech":
                seconds = speech_seconds(Path(path))
                heard = min(seconds, self.source.max_seconds)
                facts += f"\0{heard}"
            mark = _digest(facts)
        return Found(modality, path, mark, key, label, text, "", language, seconds, heard, stamp)

    # --- rows of a file --------------------------------------------------------------------------

    def _records(self) -> Iterator[tuple[str, _Candidate]]:
        for record in read_records(self.root, chosen_columns(self.source, self.root)):
            where = f"{self.root}, line {record.number}"
            if isinstance(record, SkippedRecord):
                yield where, _saying(record.reason)
            else:
                yield where, partial(self._of_record, record)

    def _of_record(self, record: Record) -> Found:
        key, source = self._key(record.key), self.source
        if source.modality == "text" and record.text:
            text = pick_text(record.text)
            path = f"{self.root}#{record.place}"
            return Found(
                "text", path, _digest(text), key, record.label, text, record.place, record.language
            )
        # of a plain list of files, each line is a path
        file = absolute_path(record.path or record.text, self.root.parent)
        try:
            facts = file.stat()
        except (OSError, ValueError):
            raise WorkbenchError(f"The file {file} does not exist: correct this row.") from None
        if not stat.S_ISREG(facts.st_mode):
            raise WorkbenchError(f"{file} is not a file: correct this row.")
        return self._whole_file(
            str(file), facts.st_size, facts.st_mtime_ns, key, record.label, record.language
        )


def chosen_columns(source: Source, path: Path) -> Columns:
    """Return the columns of a source's table: those chosen, else those that their names suggest.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or no column holds what the items are.
    """
    if path.suffix.lower() not in RECORD_SUFFIXES:
        raise WorkbenchError(
            f"{path} is not a folder, and not a file with an item a row (such as txt, csv, jsonl "
            "or parquet): name the folder that holds the files."
        )
    kind = record_kind(path)
    if kind == "captions" and source.modality != "text":
        raise WorkbenchError(f"{path} holds captions, which are texts: add it as a source of text.")
    if kind != "table":
        return Columns()
    columns, names = source.columns, column_names(path)
    if columns == Columns():
        columns = guess_columns(names)
    if not columns.path and not (source.modality == "text" and columns.text):
        what = "the texts" if source.modality == "text" else f"the {source.modality} files"
        raise WorkbenchError(
            f"It is not clear which column of {path} holds {what}. Choose one of its columns: "
            f"{', '.join(names)}."
        )
    return columns


def key_rule(source: Source) -> Callable[[str], str]:
    """Return what gives the pairing key of a path below the source, or of a record's key cell.

    Keys are in Unicode's composed form: some systems write “é” in a file's name as two characters.

    Raises
    ------
    WorkbenchError
        The key is no regular expression with a group.
    """
    plain = {"stem": stem_of, "path": path_stem_of}.get(source.key)
    if plain is not None:
        return lambda relative: composed(plain(relative))
    try:
        pattern = re.compile(source.key, re.DOTALL)  # names may hold a newline
    except (re.error, OverflowError) as error:
        raise WorkbenchError(
            f"The key “{source.key}” of {source.path} is not a regular expression: {error}. "
            "Use “stem”, “path”, or a pattern with one group."
        ) from None
    if pattern.groups < 1:
        raise WorkbenchError(
            f"The key “{source.key}” of {source.path} has no group. "
            "Put the part that pairs items into parentheses."
        )

    def key(relative: str) -> str:
        match = pattern.fullmatch(relative)
        if not match or not match[1]:
            raise WorkbenchError(
                f"Its path does not match the key pattern “{source.key}”; "
                "correct the pattern or exclude the file."
            )
        return composed(match[1])

    return key


def composed(text: str) -> str:
    """Return a text in Unicode's composed form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _saying(reason: str) -> str:
    """Make a sentence of half a one, such as “is empty (0 bytes)”."""
    return f"It {reason}." if reason[:1].islower() else reason
