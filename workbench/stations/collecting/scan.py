"""Scan: from folders to a catalogue of items and pairs; or only a look at what that would give."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import Modality, find_files, read_records
from workbench.project import (
    Changes,
    Found,
    Project,
    ProjectSettings,
    Relation,
    Source,
    TablePairs,
    absolute_path,
)
from workbench.stations.collecting.ingest import Ingested, ingest
from workbench.stations.collecting.pairing import Pairs, RelationFindings, pair_items
from workbench.stations.collecting.source_reader import Known
from workbench.stations.collecting.source_rules import chosen_columns, key_rule
from workbench.stations.collecting.table_pairs import PairTable, read_tables
from workbench.stations.collecting.touched import keep_marks_of_touched

_SHOWN_PROBLEMS = 20
_TEXT_RULES = "whole|first-line|line:.+|file-name|folder-name"


@dataclass(frozen=True)
class ScanReport:
    """What a scan found.

    Attributes
    ----------
    items : dict of modality to int
    changes : Changes
        Items new, changed, unchanged and vanished since the last scan.
    relations : list of RelationFindings
        Pairs of two modalities each, and what is odd about them.
    unpaired : dict of modality to int
        Items in no pair at all.
    problems : list of (str, str)
        Path and reason for each thing that was left out.
    own : str
        How many of the user’s own answers count; nothing where there are none.
    """

    items: dict[Modality, int]
    changes: Changes
    relations: list[RelationFindings]
    unpaired: dict[Modality, int]
    problems: list[tuple[str, str]] = field(default_factory=list)
    own: str = ""

    @property
    def pairs(self) -> dict[Relation, int]:
        """How many pairs there are of each two modalities."""
        return {each.relation: each.pairs for each in self.relations if each.pairs}

    def sentences(self) -> list[str]:
        """Say it in words, one line a fact."""
        lines = [
            ", ".join(f"{count:,} {modality} items" for modality, count in self.items.items())
            or "No items were found"
        ]
        for each in self.relations:
            lines.append(each.sentence())
            lines += [each.keys_in_words()] if not each.pairs and each.keys_in_words() else []
        lines += [self.own] if self.own else []
        if len(self.items) > 1 and not self.pairs and not self.own:
            lines.append("No pairs were found: nothing can be aligned until some are")
        if len(self.relations) > 1:
            lines += [f"{n:,} {modality} items in no pair" for modality, n in self.unpaired.items()
                      if n]  # fmt: skip
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
        No source is set, a folder is missing, a pairing rule cannot be followed, or the list of
        the user’s answers cannot be read.
    """
    control = control or Control()
    tables = check_rules(project.root, project.settings)
    catalogue = project.catalogue
    catalogue.answers()  # a list that cannot be read is told before hours of reading
    known = catalogue.known()
    ingested = yield from ingest(project.root, project.settings, known, control)
    if not ingested.complete or not (
        yield from keep_marks_of_touched(project, ingested.items, known, control)
    ):
        yield Notice("The scan was stopped; the catalogue is as it was.")
        return ScanReport(catalogue.counts(), Changes(0, 0, 0, 0), [], {}, ingested.problems)
    del known  # of a million items gigabytes, where much has changed
    total = len(ingested.items)
    yield Progress(total, total, "Pairing")
    made = pair_items(ingested.items, project.root, project.settings, tables, ingested.clues)
    ingested.clues.clear()
    yield Progress(total, total, "Writing the catalogue")
    problems = [*ingested.problems, *made.problems]
    changes = catalogue.take(ingested.items, problems, made.pairs, project.source_places())
    yield Progress(total, total, "Scanned")
    for sentence in (*ingested.notices, *made.notices):
        yield Notice(sentence, "warning")
    for path, reason in problems[:_SHOWN_PROBLEMS]:
        yield Notice(f"{path}: {reason}", "warning")
    if len(problems) > _SHOWN_PROBLEMS:
        yield Notice(f"… and {len(problems) - _SHOWN_PROBLEMS:,} more left out.", "warning")
    answers = catalogue.answers()
    for sentence in answers.doubts():
        yield Notice(sentence, "warning")
    return replace(_report(ingested, made, changes), own=answers.sentence())


class Preview:
    """Says what a scan by some settings would find, and writes nothing.

    What the sources hold is remembered, so that another pairing rule is answered without reading
    the folders again.

    Parameters
    ----------
    root : Path
        The project folder; it need not exist yet.
    known : mapping of (modality, path) to Found, optional
        Items of the catalogue, which saves reading unchanged files again.
    """

    def __init__(self, root: Path, known: Known | None = None) -> None:
        self._root, self._known = root, known or {}
        self._sources: list[Source] | None = None
        self._ingested = Ingested()
        self._pairs: Sequence[tuple[int, int]] = ()

    @property
    def items(self) -> list[Found]:
        """What the sources held at the last look."""
        return self._ingested.items

    def some_pairs(self, count: int) -> list[tuple[Found, Found]]:
        """Return so many of the pairs of the last look at most, at equal steps."""
        step, items = max(1.0, len(self._pairs) / count), self._ingested.items
        places = [self._pairs[int(step * each)] for each in range(min(count, len(self._pairs)))]
        return [(items[one], items[other]) for one, other in places]

    def look(self, settings: ProjectSettings, control: Control | None = None) -> Job[ScanReport]:
        """Return what `scan` would report by these settings.

        Raises
        ------
        WorkbenchError
            As `scan`.
        """
        control = control or Control()
        tables = check_rules(self._root, settings)
        if self._sources != settings.sources:
            ingested = yield from ingest(self._root, settings, self._known, control)
            if not ingested.complete:
                return ScanReport({}, Changes(0, 0, 0, 0), [], {}, ingested.problems)
            self._ingested = ingested
            self._sources = [source.model_copy(deep=True) for source in settings.sources]
        total = len(self._ingested.items)
        yield Progress(total, total, "Pairing")
        made = pair_items(self._ingested.items, self._root, settings, tables, self._ingested.clues)
        self._pairs = made.pairs
        for sentence in (*self._ingested.notices, *made.notices):
            yield Notice(sentence, "warning")
        return _report(self._ingested, made, Changes(0, 0, 0, 0))


def _report(ingested: Ingested, made: Pairs, changes: Changes) -> ScanReport:
    counts: dict[Modality, int] = {}
    for item in ingested.items:
        counts[item.modality] = counts.get(item.modality, 0) + 1
    unpaired = dict(counts)
    for place in {place for pair in made.pairs for place in pair}:
        unpaired[ingested.items[place].modality] -= 1
    problems = [*ingested.problems, *made.problems]
    return ScanReport(counts, changes, made.relations, unpaired, problems)


def check_rules(root: Path, settings: ProjectSettings) -> list[PairTable]:
    """Check that settings can be scanned by, and return the rows of the tables they name.

    Parameters
    ----------
    root : Path
        The project folder; it need not exist yet.
    settings : ProjectSettings

    Returns
    -------
    list of PairTable
        For each pairing: what its table says; nothing where it has none.

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
        _check_source(source, absolute_path(source.path, root))
    tables = read_tables(root, settings)
    present = {source.modality for source in settings.sources}
    for rule in settings.pairings:
        absent = [modality for modality in rule.between if modality not in present]
        if absent and isinstance(rule, TablePairs):
            raise WorkbenchError(
                f"The table {rule.path} pairs {absent[0]} items, but the project has no folder of "
                "them. Add one; the cells of the table name its files."
            )
    return tables


def _check_source(source: Source, place: Path) -> None:
    key_rule(source)
    try:
        if place.is_file():
            read_records(place, chosen_columns(source, place)[0])
        else:
            find_files(place, source.modality)
    except (OSError, ValueError) as error:  # such as a name that is too long
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbenchError(
            f"The folder {place} cannot be read: {reason}. Check the path."
        ) from None
    if source.modality == "text" and not re.fullmatch(_TEXT_RULES, source.text):
        raise WorkbenchError(
            f"The text rule “{source.text}” of {source.path} is unknown. Use “whole”, "
            "“first-line”, “line:PREFIX”, “file-name” or “folder-name”."
        )
