"""Ingest: from the folders and files of a project's sources to items, nothing written."""

from dataclasses import dataclass, field
from pathlib import Path

from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.media import Modality
from workbench.project import Found, ProjectSettings, Source, absolute_path
from workbench.stations.collecting.clues import Clues
from workbench.stations.collecting.row_names import name_rows
from workbench.stations.collecting.source_reader import Known, Left, SourceReader

_REPORT_EVERY = 500


@dataclass
class Ingested:
    """What the sources of a project hold.

    Attributes
    ----------
    items : list of Found
    clues : list of Clues
        Of each item, what pairs it.
    problems : list of (str, str)
        Path and reason of what cannot be taken.
    notices : list of str
        What the user should know besides.
    complete : bool
        False when it was stopped.
    """

    items: list[Found] = field(default_factory=list)
    clues: list[Clues] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    complete: bool = True


def ingest(root: Path, settings: ProjectSettings, known: Known, control: Control) -> Job[Ingested]:
    """Find the items of all sources.

    Parameters
    ----------
    root : Path
        The project folder, where relative paths start.
    settings : ProjectSettings
        Checked by `workbench.stations.collecting.scan.check_rules`.
    known : mapping of (modality, path) to Found
        Items of an earlier scan: what has not changed since is not read again.
    control : Control

    Yields
    ------
    Progress

    Returns
    -------
    Ingested
    """
    ingested, watch = Ingested(), Stopwatch()
    place_of: dict[tuple[Modality, str], tuple[int, Source]] = {}
    for source in settings.sources:
        reader = SourceReader(source, absolute_path(source.path, root), known)
        yield Progress(len(ingested.items), 0, f"Scanning {reader.root}")
        for number, finding in enumerate(reader.findings()):
            if number % _REPORT_EVERY == 0:
                done = len(ingested.items)
                yield Progress(done, 0, f"Scanning {reader.root}", watch.rate(done))
            if control.paused:
                control.wait_while_paused()
            if control.stopping:
                ingested.complete = False
                return ingested
            if isinstance(finding, Left):
                ingested.problems.append((finding.place, finding.reason))
            else:
                item, clues = finding
                before = known.get((item.modality, item.path))
                # of what has not changed the words are held once
                _take(ingested, place_of, source, before if before == item else item, clues)
        ingested.notices += reader.notices()
        ingested.problems += reader.others.problems(reader.is_empty)
    name_rows(ingested.items, ingested.clues)
    ingested.problems = list(dict.fromkeys(ingested.problems))
    ingested.notices = list(dict.fromkeys(ingested.notices))
    return ingested


def _take(
    ingested: Ingested, place_of: dict[tuple[Modality, str], tuple[int, Source]], source: Source,
    item: Found, clues: Clues,
) -> None:  # fmt: skip
    """Add an item, unless it is there already; a table may name a file in several rows."""
    place, holder = place_of.setdefault((item.modality, item.path), (len(ingested.items), source))
    if holder is not source:
        ingested.problems.append(
            (item.path, "Two sources of the project contain it; the first one is used.")
        )
    elif place < len(ingested.items):
        ingested.clues[place].add(clues)
    else:
        ingested.items.append(item)
        ingested.clues.append(clues)
