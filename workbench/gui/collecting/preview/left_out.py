"""What was left out: one list of what the scan and the encoders could not take."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.project import Project

if TYPE_CHECKING:
    from workbench.stations import ItemSources

_ROW_OF_A_FILE = re.compile(r"(?P<file>.*), line \d+", re.DOTALL)


@dataclass(frozen=True, eq=False)
class LeftOut:
    """One thing that was left out; equal to itself alone, so that a table finds it quickly.

    Attributes
    ----------
    place : str
        A path, a row of a file (``FILE, line 3``) or a key.
    where : str
        What could not take it: “Scan” or an encoder's name.
    reason : str
    shown : str
        The place from the name of its source on, as it is told apart from others.
    file : str
        What can be opened, or nothing.
    source : int or None
        Number of the source it lies in.
    by_encoder : bool
    keys : tuple of str
        What the columns show, without capitals, to sort by.
    words : str
        The same in one, to search.
    """

    place: str
    where: str
    reason: str
    shown: str = ""
    file: str = ""
    source: int | None = None
    by_encoder: bool = False
    keys: tuple[str, str, str] = field(init=False)
    words: str = field(init=False)

    def __post_init__(self) -> None:
        # made once, in the job: a hundred thousand of them are sorted while the user waits
        keys = (
            (self.shown or self.place).casefold(),
            self.where.casefold(),
            self.reason.casefold(),
        )
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "words", "\n".join(keys))


def left_out_of_scan(problems: Iterable[tuple[str, str]], sources: "ItemSources") -> list[LeftOut]:
    """Return what a scan left out, from its places and reasons."""
    found = []
    for place, reason in problems:
        row = _ROW_OF_A_FILE.fullmatch(place)
        file = row["file"] if row else place
        if not Path(file).is_absolute():  # a key that too many items share
            file = ""
        source = sources.of_place(place)
        found.append(LeftOut(place, "Scan", reason, sources.short(place, source), file, source))
    return found


def left_out_of_encoders(project: Project, sources: "ItemSources") -> list[LeftOut]:
    """Return the items that encoders could not take."""
    from workbench.stations import list_problems

    found = []
    for problem in list_problems(project):
        item, source = problem.item, sources.of_item(problem.item)
        shown = sources.short(item.path, source)
        found.append(
            LeftOut(item.path, problem.encoder, problem.reason, shown, item.file, source, True)
        )
    return found
