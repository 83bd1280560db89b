"""What a user said about items that are there: the answers of the list, by ids of the catalogue.

The newest answer about two items counts. Those of before a moment can be asked for: a run is of the
answers that there were when it was begun, and stays whole when others are given later.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from workbench.media import MODALITIES, Modality
from workbench.project.answers.answer_file import AnswerList, Line, Named, OddLine
from workbench.project.items import first_words
from workbench.received.words import for_cell
from workbench.words import several

_AS_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", re.ASCII)
_TOLD = 5  # lines that make no sense

Ids = npt.NDArray[np.int64]
Pair = tuple[int, int]
Alone = tuple[int, Modality]  # an item, and the view in which it has no partner


@dataclass(frozen=True)
class Answer:
    """An answer that counts.

    Attributes
    ----------
    line : Line
        As the list has it.
    first, second : int
        Ids, in the order of `relation_of`; of “no partner” the item, and 0.
    """

    line: Line
    first: int
    second: int = 0

    @property
    def relation(self) -> tuple[Modality, Modality]:
        """The modalities of both, in their order; of “no partner” the second is the view."""
        first, second = self.line.first.modality, self.line.second.modality
        return (first, second) if not self.second or _in_order(self.line) else (second, first)


@dataclass(frozen=True)
class OwnAnswers:
    """What counts of the list, and what does not.

    Attributes
    ----------
    pairs, refused : list of Answer
        Items that belong together by the user's word, also where a rule says so too; and that do
        not.
    alone : list of Answer
        Items without a partner in a view.
    waiting : list of Line
        Of items that are not there, or whose words are others now.
    replaced : list of Line
        Newer ones say something about the same items.
    odd : sequence of OddLine
        Lines that cannot be understood.
    """

    pairs: list[Answer] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    alone: list[Answer] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    replaced: list[Line] = field(default_factory=list)
    odd: Sequence[OddLine] = ()

    def ids(self, some: Sequence[Answer]) -> Ids:
        """Return the ids of answers about two items, shape (n, 2)."""
        pairs = sorted((each.first, each.second) for each in some)
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def sentence(self) -> str:
        """Say how many answers count; nothing where there are none."""
        if not (self.pairs or self.refused or self.alone):
            return ""
        return (
            f"Your own answers: {several(len(self.pairs), 'pair')}, {len(self.refused):,} refused, "
            f"{several(len(self.alone), 'item')} without a partner"
        )

    def doubts(self) -> list[str]:
        """Say what in the list cannot count now, a sentence a fact."""
        told = []
        if self.waiting:
            told.append(
                "Waiting for items that are no longer there, or whose words are others: "
                f"{several(len(self.waiting), 'answer')} of yours."
            )
        told += [
            f"Line {each.number} of your own pairs is not heeded: {each.why}."
            for each in self.odd[:_TOLD]
        ]
        if len(self.odd) > _TOLD:
            told.append(f"… and {len(self.odd) - _TOLD:,} more lines.")
        return told


def moment_of(line: Line) -> str:
    """Return when an answer was given, as recipes say it; empty where nobody can tell."""
    if _AS_WRITTEN.fullmatch(line.when):  # all but those of a spreadsheet: a tenth of the time
        return line.when
    try:
        when = datetime.fromisoformat(line.when)
        # without a zone it is that of the list
        when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # a spreadsheet wrote it in its own way
        return ""
    return when.isoformat(timespec="milliseconds")


def now() -> str:
    """Return the moment, as recipes and the list have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def resolve(database: sqlite3.Connection, found: AnswerList, until: str = "") -> OwnAnswers:
    """Return which answers count.

    Parameters
    ----------
    database : sqlite3.Connection
        The catalogue.
    found : AnswerList
    until : str
        Only answers of no later moment. Those of which none is known, or one that is yet to come,
        count always.
    """
    present = now()
    moments = [moment_of(line) for line in found.lines]
    lines = [
        line
        for moment, line in sorted(zip(moments, found.lines, strict=True), key=itemgetter(0))
        if not until or moment <= until or moment > present
    ]
    items = _Items(database)
    about: dict[Pair, Answer] = {}
    asked: dict[int, set[Pair]] = {}  # by item, the pairs that somebody has spoken of
    alone: dict[Alone, Answer] = {}
    own = OwnAnswers(odd=found.odd)
    for line in lines:
        named = [line.first, line.second] if line.second.path else [line.first]
        known = [items.id_of(name) for name in named]
        ids = [number for number in known if number is not None]
        if len(ids) < len(known):
            own.waiting.append(line)
        elif len(ids) == 1:
            key = ids[0], line.second.modality
            own.replaced.extend(_said_before(line, [alone.pop(key, None)]))
            if line.said == "no partner":
                pairs = [pair for pair in asked.get(ids[0], ()) if _is_pair(about.get(pair), key)]
                own.replaced.extend(about.pop(pair).line for pair in pairs)
                alone[key] = Answer(line, ids[0])
        else:
            first, second = ids if _in_order(line) else ids[::-1]
            own.replaced.extend(_said_before(line, [about.pop((first, second), None)]))
            if line.said == "pair":
                sides = (ids[0], line.second.modality), (ids[1], line.first.modality)
                own.replaced.extend(_said_before(line, [alone.pop(side, None) for side in sides]))
            if line.said != "withdrawn":
                about[first, second] = Answer(line, first, second)
                for number in ids:
                    asked.setdefault(number, set()).add((first, second))
    for each in about.values():
        (own.pairs if each.line.said == "pair" else own.refused).append(each)
    own.alone.extend(alone.values())
    return own


def _in_order(line: Line) -> bool:
    return MODALITIES.index(line.first.modality) < MODALITIES.index(line.second.modality)


def _said_before(line: Line, before: Sequence[Answer | None]) -> Iterator[Line]:
    """Give the lines that one replaces; what is withdrawn was meant to go."""
    for each in before:
        if each is not None and line.said != "withdrawn":
            yield each.line


def _is_pair(answer: Answer | None, key: Alone) -> bool:
    """Whether an item is paired in a view by this answer."""
    return answer is not None and answer.line.said == "pair" and (
        key[1] in (answer.line.first.modality, answer.line.second.modality)
    )  # fmt: skip


class _Items:
    """Ids of items by the names that the list has for them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: dict[Named, int | None] = {}
        self._by_words: dict[str, dict[str, list[int]]] = {}  # of the rows of a file

    def id_of(self, item: Named) -> int | None:
        """Return the id of an item; None where it is not there."""
        if item not in self._known:
            self._known[item] = self._find(item)
        return self._known[item]

    def _find(self, item: Named) -> int | None:
        row = self._database.execute(
            "SELECT id, CAST(text AS TEXT), CAST(place AS TEXT) FROM items "
            "WHERE modality = ? AND path = ? AND vanished = 0",
            (item.modality, item.path),
        ).fetchone()
        if item.modality != "text" or not item.name:
            return row[0] if row else None
        if row and (not row[2][:1].isdigit() or _is_called(row[1], item.name)):
            return int(row[0])
        # a line that was put into a file moves all below it: the words tell which is meant
        file = item.path.rpartition("#")[0]
        same = self._rows_of(file).get(item.name, []) if file else []
        return same[0] if len(same) == 1 else None

    def _rows_of(self, file: str) -> dict[str, list[int]]:
        if file not in self._by_words:
            found = self._by_words[file] = {}
            rows = self._database.execute(
                "SELECT id, CAST(text AS TEXT) FROM items WHERE modality = 'text' "
                "AND path >= ? AND path < ? AND vanished = 0",
                (f"{file}#", f"{file}{chr(ord('#') + 1)}"),
            )
            for number, text in rows:
                found.setdefault(for_cell(first_words(text)), []).append(number)
        return self._by_words[file]


def _is_called(text: str, name: str) -> bool:
    return name in (first_words(text), for_cell(first_words(text)))
