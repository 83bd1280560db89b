"""Reading one source: its files, or the rows of its tables and shards, as items."""

import hashlib
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbench.errors import WorkbenchError
from workbench.export import is_readme_of_bundle
from workbench.media import (
    SUFFIXES,
    Assumed,
    Columns,
    FoundFile,
    Modality,
    Record,
    SkippedFile,
    SkippedRecord,
    column_names,
    find_files,
    guess_columns,
    is_transcript,
    media_columns,
    path_stem_of,
    pick_text,
    plain_path,
    read_records,
    read_text,
    record_kind,
    speech_seconds,
    text_of_name,
)
from workbench.project import NAME_RULES, Found, Source, absolute_path
from workbench.stations.collecting.clues import Clues, Counted
from workbench.stations.collecting.key_pattern import EndlessPatternError
from workbench.stations.collecting.passed_over import OtherFiles
from workbench.stations.collecting.shards import Shards, find_shards, is_document
from workbench.stations.collecting.source_rules import chosen_columns, key_rule
from workbench.words import several

_NO_TEXTS = SUFFIXES["image"] | SUFFIXES["speech"]
_PLAIN_KEYS = ("stem", "path")
_SPLIT = re.compile(  # a folder that divides a data set, and is no class of it
    r"(train|training|val|valid|validation|dev|eval|test|testing)([-_]?(clean|other|\d{4}))?"
)
Known = Mapping[tuple[Modality, str], Found]
_Candidate = Callable[[], tuple[Found, Clues]] | str  # what makes an item, or why there is none


class Left(NamedTuple):
    """What is no item: where it lies, and why it is left out."""

    place: str
    reason: str


class SourceReader:
    """Reads the items of one source.

    Parameters
    ----------
    source : Source
    root : Path
        Its folder or file.
    known : mapping of (modality, path) to Found
        Items of an earlier scan: what has not changed since is not read again.

    Attributes
    ----------
    is_empty : bool
        Whether nothing was there to be tried, so far.
    others : OtherFiles
        What lies in its folder and is none of its items.
    """

    def __init__(self, source: Source, root: Path, known: Known) -> None:
        self.source, self.root, self._known = source, root, known
        self.others = OtherFiles(source.modality, root)
        self.is_empty = True
        self._cut = 0  # recordings longer than is encoded
        self._assumed: dict[str, None] = {}
        self._passed: set[str] = set()  # first folders that are no labels
        self._key = key_rule(source)
        self._rule = {"text": source.text, "speech": f"{source.max_seconds:g}"}.get(
            source.modality, ""
        )

    def findings(self) -> Iterator[tuple[Found, Clues] | Left]:
        """Yield items with what pairs them, and path and reason of what is none."""
        candidates = self._records(self.root) if self.root.is_file() else self._files()
        for path, make in candidates:
            self.is_empty = False
            if isinstance(make, str):
                yield Left(path, make)
                continue
            try:
                item, clues = make()
            except EndlessPatternError:  # of every item, one after another
                raise
            except WorkbenchError as error:
                yield Left(path, str(error))
                continue
            self._cut += item.heard < item.seconds
            yield item, clues

    def notices(self) -> Iterator[str]:
        """Yield what was assumed or cut, in sentences."""
        yield from (f"{sentence}." for sentence in self._assumed)
        if self._passed:
            yield (
                f"Labels of {self.root} are the folders below {', '.join(sorted(self._passed))}, "
                "which are parts of a data set and no classes."
            )
        if self._cut:
            yield (
                f"{several(self._cut, 'recording')} in {self.root} "
                f"{'is' if self._cut == 1 else 'are'} longer than "
                f"{self.source.max_seconds:g} s: only that much from their start is encoded."
            )

    # --- files of a folder -----------------------------------------------------------------------

    def _files(self) -> Iterator[tuple[str, _Candidate]]:
        """Yield the files of the folder; where it has none, what lies inside its shards."""
        documents: list[tuple[str, _Candidate]] | None = []  # until there is another file
        for each in self._plain_files():
            if documents is not None and isinstance(each, FoundFile):
                if is_document(each) and self.source.modality == "text":
                    documents.append((each.path_text, partial(self._of_file, each)))
                    continue
                yield from documents
                documents = None
            if isinstance(each, SkippedFile):
                yield each.path_text, _saying(each.reason)
            elif self.source.modality == "text" and self._is_transcript(each):
                yield from self._records(each.path)
            else:
                yield each.path_text, partial(self._of_file, each)
        if documents is None:
            return
        names = self.source.modality == "text" and self.source.text in NAME_RULES
        shards = find_shards(self.source, self.root) if self.others.containers and not names else (
            None
        )  # fmt: skip
        yield from documents if shards is None else self._of_shards(shards)

    def _plain_files(self) -> Iterator[FoundFile | SkippedFile]:
        source = self.source
        kinds: tuple[Modality, ...] = (source.modality,)
        if source.modality == "text" and source.text in NAME_RULES:
            kinds = ("image", "speech")  # whose names are the texts
        for kind in kinds:
            found = find_files(self.root, kind, source.include, source.exclude, self.others.take)
            for each in found:
                path = each.path_text
                # of an exported run, in a project that lies around its data
                if not (path.endswith(".md") and is_readme_of_bundle(Path(path))):
                    yield each

    def _of_shards(self, shards: Shards) -> Iterator[tuple[str, _Candidate]]:
        self.others.without_containers()
        self._assumed[shards.sentence(self.root)] = None
        yield from ((each.path_text, _saying(each.reason)) for each in shards.skipped)
        for file in shards.files:
            try:
                yield from self._records(file.path, told_of=self.root)
            except WorkbenchError as error:  # of one shard, which is no reason to lose the others
                yield file.path_text, str(error)

    def _is_transcript(self, file: FoundFile) -> bool:
        return self.source.text == "whole" and is_transcript(file.path) and (
            record_kind(file.path) == "captions"
        )  # fmt: skip

    def _of_file(self, file: FoundFile) -> tuple[Found, Clues]:
        item = self._item_of(file)
        return item, Clues(plain_path(path_stem_of(file.relative)), [item.key])

    def _item_of(self, file: FoundFile) -> Found:
        folders, _, _ = file.relative.rpartition("/")
        label, key, path = self._label(folders), self._key(file.relative), file.path_text
        if self.source.modality == "text" and self.source.text in NAME_RULES:
            if self.source.text == "folder-name" and not folders:
                raise WorkbenchError("It is in no folder below the source that could name it.")
            name = file.relative if self.source.text == "file-name" else f"{folders}.x"
            text = text_of_name(name)
            return Found("text", path, _digest(text), key, label, text)
        return self._whole_file(path, file.size, file.modified_ns, key, label)

    def _label(self, folders: str) -> str:
        """Return the label of a file by the folders that it lies in."""
        first, *deeper = folders.split("/")
        rule = self.source.label
        if rule == "none":
            return ""
        if rule == "folder" and _SPLIT.fullmatch(first.lower()):
            self._passed.add(first)
            return deeper[-1] if deeper else ""
        return (deeper or [first])[-1] if rule == "last-folder" else first

    def _whole_file(
        self, path: str, size: int, modified_ns: int, key: str, label: str, language: str = "",
        place: str = "",
    ) -> Found:  # fmt: skip
        """Return the item that a file is, read only where it has changed since the last scan.

        Of an item inside another file, `path` ends in its place, and size and time are the file's.
        """
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
            facts = f"{self._as_settings_name(path)}\0{size}\0{modified_ns}"
            if modality == "speech":
                seconds = speech_seconds(Path(path))
                heard = min(seconds, self.source.max_seconds)
                facts += f"\0{heard}"
            mark = _digest(facts)
        return Found(modality, path, mark, key, label, text, place, language, seconds, heard, stamp)

    def _as_settings_name(self, path: str) -> str:
        """Return a path from where the settings' begins, which is the same in a moved project."""
        root = str(self.root)
        return self.source.path + path[len(root) :] if path.startswith(root) else path

    # --- rows of a file --------------------------------------------------------------------------

    def _records(self, path: Path, told_of: Path | None = None) -> Iterator[tuple[str, _Candidate]]:
        """Yield the rows of a file; what is assumed is told of it, or of the folder of many."""
        columns, assumed = chosen_columns(self.source, path)
        told_of = told_of or path
        self._assumed.update(dict.fromkeys(f"{told_of}: {sentence}" for sentence in assumed))
        others = self._other_columns(path, columns)
        counted = _counted(path, columns)
        for record in read_records(path, columns, others):
            where = f"{path}, line {getattr(record, 'number', 0)}"
            if isinstance(record, SkippedRecord):
                yield where, _saying(record.reason)
            elif isinstance(record, Assumed):
                self._assumed[f"{told_of}: {record.sentence}"] = None
            else:
                yield where, partial(self._of_record, record, path, counted)

    def _other_columns(self, path: Path, columns: Columns) -> dict[Modality, str]:
        """Return, of a table of several modalities, the columns of their files."""
        if columns.key or record_kind(path) != "table" or media_columns(path):
            return {}  # rows that hold their pictures themselves are paired as rows
        names = column_names(path)
        found: dict[Modality, str] = {
            "image": guess_columns(names, "image").path,
            "speech": guess_columns(names, "speech").path,
        }
        own = self.source.modality
        if own in found and columns.path:
            found[own] = columns.path
        return found if all(found.values()) and found["image"] != found["speech"] else {}

    def _of_record(
        self, record: Record, table: Path, counted: Counted | None
    ) -> tuple[Found, Clues]:
        item = self._item_of_record(record, table)
        if record.row_name and self.source.key in _PLAIN_KEYS and not self.source.columns.key:
            return item, Clues(keys=[item.key], rows=[(str(table), record.row_name)])
        about: dict[Modality, list[str]] = {
            modality: [self._key(cell)]
            for modality, cell in record.about
            if modality != self.source.modality and cell
        }
        keys = [item.key] if item.key else []  # an empty cell says that it belongs to nothing
        line = {"line": record.number, "row": record.row}[counted] if counted else 0
        below = plain_path(path_stem_of(record.path))
        return item, Clues(below, keys, about, line, counted or "line")

    def _item_of_record(self, record: Record, table: Path) -> Found:
        key, source = self._key(record.key) if record.key else "", self.source
        if source.modality == "text" and record.text:
            text = pick_text(record.text)
            path = f"{table}#{record.place}"
            return Found(
                "text", path, _digest(text), key, record.label, text, record.place, record.language
            )
        if record.inside:
            facts = table.stat()
            return self._whole_file(
                f"{table}#{record.place}", facts.st_size, facts.st_mtime_ns, key, record.label,
                record.language, record.place,
            )  # fmt: skip
        # of a plain list of files, each line is a path
        named = record.path or record.text
        file = absolute_path(plain_path(named), table.parent)
        try:
            facts = file.stat()
        except (OSError, ValueError):
            raise WorkbenchError(f"The file {file} does not exist: correct this row.") from None
        if not stat.S_ISREG(facts.st_mode):
            raise WorkbenchError(f"{file} is not a file: correct this row.")
        if source.modality == "text" and file.suffix.lower() in _NO_TEXTS:
            raise WorkbenchError(
                f"{file} is a picture or a recording, not a text: choose the column with the texts."
            )
        return self._whole_file(
            str(file), facts.st_size, facts.st_mtime_ns, key, record.label, record.language
        )


def _counted(path: Path, columns: Columns) -> Counted | None:
    """Say by what the items of a file are counted that have no other names."""
    kind = record_kind(path)
    if kind == "lines":
        return "line"
    named = columns.id or columns.path or columns.key
    return "row" if kind == "table" and not named else None


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _saying(reason: str) -> str:
    """Make a sentence of half a one, such as “is empty (0 bytes)”."""
    return f"It {reason}." if reason[:1].islower() else reason
