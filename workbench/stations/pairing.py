"""Pairing: which items belong together by a project's rules, and what is odd about it."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from workbench.media import Modality
from workbench.project import (
    Found,
    ProjectSettings,
    Relation,
    SidecarPairs,
    TablePairs,
    absolute_path,
    relation_of,
)
from workbench.stations.pair_tables import PairTable

MOST_PAIRS_OF_A_KEY = 10_000
_NOUNS = {"image": "image", "text": "text", "speech": "recording"}

IndexPair = tuple[int, int]


@dataclass(frozen=True)
class RelationFindings:
    """What pairing two modalities gave.

    Attributes
    ----------
    relation : (modality, modality)
    pairs : int
    alone : (int, int)
        Items of either side without a partner on the other.
    claimed : (int, int)
        Items of either side with several partners.
    """

    relation: Relation
    pairs: int
    alone: tuple[int, int]
    claimed: tuple[int, int]

    def sentence(self) -> str:
        """Say it: “1,204 image–text pairs; 31 images without text; 2 images have several texts”."""
        first, second = (_NOUNS[modality] for modality in self.relation)
        noun = _counted("pair", self.pairs)
        parts = [f"{self.pairs:,} {self.relation[0]}–{self.relation[1]} {noun}"]
        for count, one, other in zip(self.alone, (first, second), (second, first), strict=True):
            if count:
                parts.append(f"{count:,} {_counted(one, count)} without {other}")
        for count, one, other in zip(self.claimed, (first, second), (second, first), strict=True):
            if count:
                verb = "has" if count == 1 else "have"
                parts.append(f"{count:,} {_counted(one, count)} {verb} several {other}s")
        return "; ".join(parts)


@dataclass(frozen=True)
class Pairs:
    """Pairs of items, by their place in the list that was paired.

    Attributes
    ----------
    pairs : list of (int, int)
        The first is of the modality that `relation_of` puts first; ascending, none twice.
    relations : list of RelationFindings
    problems : list of (str, str)
        Where and why: table rows that name no item, keys that too many items share.
    notices : list of str
        What looks odd, though it was paired.
    """

    pairs: list[IndexPair] = field(default_factory=list)
    relations: list[RelationFindings] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def _counted(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def pair_items(
    items: Sequence[Found], root: Path, settings: ProjectSettings, tables: Sequence[PairTable]
) -> Pairs:
    """Pair items by all rules of a project.

    Parameters
    ----------
    items : sequence of Found
    root : Path
        The project folder.
    settings : ProjectSettings
    tables : sequence of PairTable
        What `read_tables` returns for these settings.
    """
    by_modality: dict[Modality, list[int]] = {}
    for place, item in enumerate(items):
        by_modality.setdefault(item.modality, []).append(place)
    found: dict[Relation, set[IndexPair]] = {}
    made = Pairs()
    for rule, table in zip(settings.pairings, tables, strict=True):
        relation = relation_of(*rule.between)
        sides = [by_modality.get(modality, []) for modality in relation]
        if isinstance(rule, TablePairs):
            pairs = _by_table(items, sides, root, settings, rule, table, made)
        elif isinstance(rule, SidecarPairs):
            pairs = _by_sidecar(items, sides)
        else:
            pairs = _by_key(items, sides, relation, made)
        found.setdefault(relation, set()).update(pairs)
    for relation, taken in found.items():
        counts = [len(by_modality.get(modality, ())) for modality in relation]
        made.relations.append(_findings(relation, taken, counts))
    made.pairs.extend(sorted(set[IndexPair]().union(*found.values())))
    return made


def _findings(relation: Relation, pairs: set[IndexPair], counts: Sequence[int]) -> RelationFindings:
    partners = [Counter(pair[side] for pair in pairs) for side in (0, 1)]
    alone = (counts[0] - len(partners[0]), counts[1] - len(partners[1]))
    several = [sum(count > 1 for count in side.values()) for side in partners]
    return RelationFindings(relation, len(pairs), alone, (several[0], several[1]))


# --- by key ---------------------------------------------------------------------------------------


def _by_key(
    items: Sequence[Found],
    sides: Sequence[Sequence[int]],
    relation: Relation,
    made: Pairs,
) -> Iterator[IndexPair]:
    """Pair items of equal keys; a key that names crowds on both sides pairs nothing."""
    crowded = []
    by_key: list[dict[str, list[int]]] = [{}, {}]
    for side, places in enumerate(sides):
        for place in places:
            by_key[side].setdefault(items[place].key, []).append(place)
    for key, ones in by_key[0].items():
        others = by_key[1].get(key, ())
        if len(ones) > 1 and len(others) > 1:
            crowded.append(key)
        if len(ones) > 1 and len(others) > 1 and len(ones) * len(others) > MOST_PAIRS_OF_A_KEY:
            crowded.pop()
            made.problems.append(
                (
                    f"key “{key}”",
                    f"It names {len(ones):,} {relation[0]} and {len(others):,} {relation[1]} "
                    "items that would all be paired with each other, so none was paired. If "
                    "folders tell them apart, pair by “path”.",
                )
            )
            continue
        for one in ones:
            for other in others:
                yield one, other
    if crowded:
        made.notices.append(
            f"{len(crowded):,} keys, such as “{crowded[0]}”, name several {relation[0]} and "
            f"several {relation[1]} items, and all of them were paired with each other. If folders "
            "tell them apart, pair by “path”."
        )


# --- side by side ---------------------------------------------------------------------------------


def _by_sidecar(items: Sequence[Found], sides: Sequence[Sequence[int]]) -> Iterator[IndexPair]:
    """Pair dog.jpg with dog.txt and with dog.jpg.txt of the same folder."""
    names: dict[str, list[int]] = {}
    for place in sides[0]:
        whole, bare = _side_names(items[place])
        names.setdefault(whole, []).append(place)
        names.setdefault(bare, []).append(place)
    for place in sides[1]:
        whole, bare = _side_names(items[place])
        for one in {*names.get(bare, ()), *names.get(whole, ())}:
            yield one, place


def _side_names(item: Found) -> tuple[str, str]:
    path = unicodedata.normalize("NFC", item.path)
    return path, str(PurePath(path).with_suffix(""))


# --- by a table -----------------------------------------------------------------------------------


def _by_table(
    items: Sequence[Found],
    sides: Sequence[Sequence[int]],
    root: Path,
    settings: ProjectSettings,
    rule: TablePairs,
    table: PairTable,
    made: Pairs,
) -> Iterator[IndexPair]:
    """Pair the items that a row names; rows that name none become problems."""
    path = absolute_path(rule.path, root)
    relation = relation_of(*rule.between)
    folders = [os.path.join(absolute_path(source.path, root), "") for source in settings.sources]  # noqa: PTH118
    names = [_names_of(items, places, folders) for places in sides]
    turned = relation != rule.between
    for skipped in table.skipped:
        made.problems.append((f"{path}, line {skipped.number}", f"It {skipped.reason}."))
    for line, *cells in table.rows:
        named = cells[::-1] if turned else cells
        found = [
            known.get(unicodedata.normalize("NFC", cell), ())
            for known, cell in zip(names, named, strict=True)
        ]
        for modality, cell, places in zip(relation, named, found, strict=True):
            if not places:
                made.problems.append((f"{path}, line {line}", f"No {modality} item “{cell}”."))
        for one in found[0]:
            for other in found[1]:
                yield one, other


def _names_of(
    items: Sequence[Found], places: Sequence[int], folders: Sequence[str]
) -> dict[str, list[int]]:
    """Return items by every name a table may use: path, path below a source, file name, key, id."""
    known: dict[str, list[int]] = {}
    for place in places:
        item = items[place]
        names = {item.key, item.path, PurePath(item.file).name}
        names.update(
            PurePath(item.path[len(folder) :]).as_posix()
            for folder in folders
            if item.path.startswith(folder)
        )
        if item.place:  # a row's file name is that of all its neighbours
            names = {item.key, item.path, item.place}
        for name in names:
            if name:
                known.setdefault(unicodedata.normalize("NFC", name), []).append(place)
    return known
