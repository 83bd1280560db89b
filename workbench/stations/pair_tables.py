"""Tables that name pairs, one a row."""

from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.media import SkippedRecord, read_rows, table_columns
from workbench.project import ProjectSettings, TablePairs, absolute_path


@dataclass(frozen=True)
class PairTable:
    """The rows of a table of pairs: line number and two cells each; and rows without them."""

    rows: list[tuple[int, str, str]] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)


def read_tables(root: Path, settings: ProjectSettings) -> list[PairTable]:
    """Return the table of each pairing rule; an empty one where the rule has none.

    Raises
    ------
    WorkbenchError
        A table cannot be read, or a column is missing.
    """
    return [
        _read_table(absolute_path(rule.path, root), rule)
        if isinstance(rule, TablePairs)
        else PairTable()
        for rule in settings.pairings
    ]


def _read_table(path: Path, rule: TablePairs) -> PairTable:
    first, second = rule.columns
    names = table_columns(path)
    absent = next((name for name in rule.columns if name not in names), None)
    if absent is not None:
        raise WorkbenchError(
            f"{path} has no column “{absent}”. Its columns: {', '.join(names) or 'none'}."
        )
    table = PairTable()
    for number, cells in read_rows(path, table.skipped):
        table.rows.append((number, cells[first].strip(), cells[second].strip()))
    return table
