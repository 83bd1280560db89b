"""Scan: from folders to a catalogue of items and pairs."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import (
    FoundFile,
    Modality,
    SkippedFile,
    decode_text,
    find_files,
    pick_text,
    read_text,
)
from workbench.project import (
    Changes,
    Found,
    Item,
    KeyPairs,
    Project,
    ProjectSettings,
    Relation,
    Source,
    TablePairs,
    absolute_path,
    relation_of,
)

_REPORT_EVERY = 200

TableRow = tuple[int, str, str]


@dataclass(frozen=True)
class ScanReport:
    """What a scan found.

    Attributes
    ----------
    items : dict of modality to int
    changes : Changes
        Items new, changed, unchanged and vanished since the last scan.
    pairs : dict of relation to int
    unpaired : dict of modality to int
        Items in no pair.
    problems : list of (str, str)
        Path and reason for each thing that was left out.
    """

    items: dict[Modality, int]
    changes: Changes
    pairs: dict[Relation, int]
    unpaired: dict[Modality, int]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """Say it in words, one line a fact."""
        lines = [
            ", ".join(f"{count:,} {modality} items" for modality, count in self.items.items())
            or "No items were found"
        ]
        for (first, second), count in self.pairs.items():
            lines.append(f"{count:,} {first}–{second} pairs")
        if len(self.items) > 1 and not self.pairs:
            lines.append("No pairs were found: nothing can be aligned until some are")
        lines += [
            f"{n:,} {modality} items without a pair" for modality, n in self.unpaired.items() if n
        ]
        if self.problems:
            lines.append(f"{len(self.problems):,} files or table rows left out")
        return lines


def scan(project: Project, control: Control | None = None) -> Job[ScanReport]:
    """Find the items of all sources, and pair them by the project's rules.

    Parameters
    ----------
    project : Project
    control : Control, optional
        A stop leaves the catalogue as it was.

    Yields
    ------
    Progress, Notice

    Returns
    -------
    ScanReport

    Raises
    ------
    WorkbenchError
        No source is set, a folder is missing, or a pairing rule cannot be followed.
    """
    control = control or Control()
    tables = check_rules(project.root, project.settings)
    found: dict[tuple[Modality, str], Found] = {}
    problems: list[tuple[str, str]] = []
    for source in project.settings.sources:
        root = project.source_folder(source)
        key_of = _key_rule(source)
        yield Progress(len(found), 0, f"Scanning {root}")
        for file in find_files(root, source.modality, source.include, source.exclude):
            control.wait_while_paused()
            if control.stopping:
                yield Notice("The scan was stopped; the catalogue is as it was.")
                return _report(project, Changes(0, 0, 0, 0), problems)
            if isinstance(file, SkippedFile):
                problems.append((file.path_text, file.reason))
                continue
            try:
                item = _item(source, file, key_of(file.relative))
            except WorkbenchError as error:
                problems.append((str(file.path), str(error)))
                continue
            if (item.modality, item.path) in found:
                problems.append(
                    (item.path, "Two folders of the project hold it; the first counts.")
                )
                continue
            found[item.modality, item.path] = item
            if len(found) % _REPORT_EVERY == 0:
                yield Progress(len(found), 0, f"Scanning {root}")
    changes = project.catalogue.take(list(found.values()))
    items = project.catalogue.items()
    pairs: set[tuple[int, int]] = set()
    for rule, table in zip(project.settings.pairings, tables, strict=True):
        if isinstance(rule, KeyPairs):
            relation = relation_of(*rule.between)
            pairs.update(_pairs_by_key(items, relation))
            yield from _crowded_keys(items, relation)
        else:
            taken, missing = _pairs_by_table(project, items, rule, table)
            pairs.update(taken)
            problems += missing
    project.catalogue.take_pairs(sorted(pairs))
    report = _report(project, changes, problems)
    yield Progress(len(found), len(found), "Scanned")
    for path, reason in problems[:20]:
        yield Notice(f"{path}: {reason}", "warning")
    if len(problems) > 20:
        yield Notice(f"… and {len(problems) - 20:,} more left out.", "warning")
    return report


def check_rules(root: Path, settings: ProjectSettings) -> list[list[TableRow]]:
    """Check that settings can be scanned by, and return the rows of the tables they name.

    Parameters
    ----------
    root : Path
        The project folder; it need not exist yet.
    settings : ProjectSettings

    Returns
    -------
    list of list of (int, str, str)
        For each pairing: line number and the two cells of each row of its table; empty by key.

    Raises
    ------
    WorkbenchError
        No source is set, a folder is missing, or a key, text or pairing rule cannot be followed.
    """
    if not settings.sources:
        raise WorkbenchError(
            f"The project “{settings.name}” has no folders yet. Add one on the Data page, "
            "or with “gera-workbench new PROJECT --image FOLDER --text FOLDER”."
        )
    for source in settings.sources:
        _key_rule(source)
        folder = absolute_path(source.path, root)
        try:
            find_files(folder, source.modality)
        except OSError as error:  # such as a name that is too long
            raise WorkbenchError(
                f"The folder {folder} cannot be read: {error.strerror}. Check the path."
            ) from None
        if source.modality == "text" and not re.fullmatch("whole|first-line|line:.+", source.text):
            raise WorkbenchError(
                f"The text rule “{source.text}” of {source.path} is unknown. "
                "Use “whole”, “first-line” or “line:PREFIX”."
            )
    tables = [
        _read_table(absolute_path(rule.path, root), rule) if isinstance(rule, TablePairs) else []
        for rule in settings.pairings
    ]
    sources = {source.modality for source in settings.sources}
    for rule in settings.pairings:
        absent = [modality for modality in rule.between if modality not in sources]
        if absent and isinstance(rule, TablePairs):
            raise WorkbenchError(
                f"The table {rule.path} pairs {absent[0]} items, but the project has no folder of "
                "them. Add one; the cells of the table name its files."
            )
    return tables


def _item(source: Source, file: FoundFile, key: str) -> Found:
    folders = PurePosixPath(file.relative).parts[:-1]
    label = folders[0] if source.label == "folder" and folders else ""
    if source.modality == "text":
        text = pick_text(read_text(file.path), source.text)
        mark = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    else:
        text = ""
        # the path is part of it: a catalogue made anew may give a file's id to another file
        facts = f"{file.path}\0{file.size}\0{file.modified_ns}"
        mark = hashlib.blake2b(facts.encode(), digest_size=16).hexdigest()
    return Found(source.modality, str(file.path), mark, key, label, text)


class _KeyRule:
    """Gives the pairing key of a path below the source folder."""

    def __init__(self, pattern: re.Pattern[str] | None, whole_path: bool) -> None:
        self.pattern = pattern
        self.whole_path = whole_path

    def __call__(self, relative: str) -> str:
        path = PurePosixPath(relative)
        if self.pattern is None:
            return str(path.with_suffix("")) if self.whole_path else path.stem
        match = self.pattern.fullmatch(relative)
        if not match or not match[1]:
            raise WorkbenchError(
                f"Its path does not match the key pattern “{self.pattern.pattern}”; "
                "correct the pattern or exclude the file."
            )
        return match[1]


def _key_rule(source: Source) -> _KeyRule:
    if source.key in ("stem", "path"):
        return _KeyRule(None, source.key == "path")
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
    return _KeyRule(pattern, False)


def _pairs_by_key(items: list[Item], relation: Relation) -> Iterator[tuple[int, int]]:
    by_key: dict[str, list[int]] = {}
    for item in items:
        if item.modality == relation[1]:
            by_key.setdefault(item.key, []).append(item.id)
    for item in items:
        if item.modality == relation[0]:
            for partner in by_key.get(item.key, ()):
                yield item.id, partner


def _crowded_keys(items: list[Item], relation: Relation) -> Iterator[Notice]:
    """Tell of keys with several items on both sides: then everything pairs with everything."""
    counts = [Counter(item.key for item in items if item.modality == side) for side in relation]
    crowded = [key for key, count in counts[0].items() if count > 1 and counts[1][key] > 1]
    if crowded:
        yield Notice(
            f"{len(crowded):,} keys, such as “{crowded[0]}”, name several {relation[0]} and "
            f"several {relation[1]} items, and all of them were paired with each other. If folders "
            "tell them apart, pair by “path”.",
            "warning",
        )


def _read_table(path: Path, rule: TablePairs) -> list[TableRow]:
    """Return line number and two cells of each row; commas, semicolons or tabs part the cells."""
    try:
        content = decode_text(path.read_bytes())
    except OSError as error:
        raise WorkbenchError(
            f"The table {path} cannot be read: {error.strerror}. Check the path."
        ) from None
    columns: list[str] = []
    delimiters = "\t,;" if path.suffix.lower() in (".tsv", ".tab") else ",;\t"
    try:
        for delimiter in delimiters:
            table = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter)
            columns = max(columns, list(table.fieldnames or ()), key=len)
            if set(rule.columns) <= set(table.fieldnames or ()):
                first, second = rule.columns
                return [(table.line_num, row[first] or "", row[second] or "") for row in table]
    except csv.Error as error:
        raise WorkbenchError(f"{path} is no table that can be read: {error}.") from None
    absent = next(name for name in rule.columns if name not in columns)
    raise WorkbenchError(
        f"{path} has no column “{absent}”. Its columns: {', '.join(columns) or 'none'}."
    )


def _pairs_by_table(
    project: Project, items: list[Item], rule: TablePairs, rows: list[TableRow]
) -> tuple[list[tuple[int, int]], list[tuple[str, str]]]:
    """Return the pairs a table names, and the rows that name no item with the reason."""
    path = absolute_path(rule.path, project.root)
    names: dict[Modality, dict[str, list[int]]] = {}
    roots = [project.source_folder(source) for source in project.settings.sources]
    for item in items:
        known = names.setdefault(item.modality, {})
        inside = [r for r in roots if Path(item.path).is_relative_to(r)]
        aliases = {
            item.key,
            item.path,
            *(Path(item.path).relative_to(r).as_posix() for r in inside),
        }
        for alias in aliases:
            known.setdefault(alias, []).append(item.id)
    relation = relation_of(*rule.between)
    pairs, missing = [], []
    for line, *named in rows:
        cells = dict(zip(rule.between, named, strict=True))
        sides = [names.get(modality, {}).get(cells[modality], []) for modality in relation]
        for modality, ids in zip(relation, sides, strict=True):
            if not ids:
                missing.append((f"{path}, line {line}", f"No {modality} item “{cells[modality]}”."))
        pairs += [(first, second) for first in sides[0] for second in sides[1]]
    return pairs, missing


def _report(project: Project, changes: Changes, problems: list[tuple[str, str]]) -> ScanReport:
    counts = project.catalogue.counts()
    pairs = project.catalogue.pairs()
    paired: dict[Modality, set[int]] = {modality: set() for modality in counts}
    for relation, ids in pairs.items():
        for side, modality in enumerate(relation):
            paired[modality].update(ids[:, side].tolist())
    unpaired = {modality: count - len(paired[modality]) for modality, count in counts.items()}
    sizes = {relation: len(ids) for relation, ids in pairs.items()}
    return ScanReport(counts, changes, sizes, unpaired, problems)
