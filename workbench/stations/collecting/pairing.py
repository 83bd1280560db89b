"""Pairing: which items belong together by a project's rules, and what is odd about it."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
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
from workbench.stations.collecting.clues import Clues, shown_key
from workbench.stations.collecting.key_pairs import pair_by_key
from workbench.stations.collecting.table_pairs import PairTable, pair_by_table

MOST_KEYS = 3
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
    lone_keys : (tuple of str, tuple of str)
        The first keys of either side without a partner, where keys pair; else nothing.
    """

    relation: Relation
    pairs: int
    alone: tuple[int, int]
    claimed: tuple[int, int]
    lone_keys: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()), compare=False)

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

    def keys_in_words(self) -> str:
        """Say which keys found no partner: “Without partner: image keys “dog”, “cat”, …”."""
        parts = []
        for modality, keys, count in zip(self.relation, self.lone_keys, self.alone, strict=True):
            more = ", …" if count > len(keys) else ""
            told = ", ".join(f"“{key}”" for key in keys)
            parts += [f"{_NOUNS[modality]} {_counted('key', count)} {told}{more}"] if keys else []
        return f"Without partner: {'; '.join(parts)}" if parts else ""


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
    items: Sequence[Found],
    root: Path,
    settings: ProjectSettings,
    tables: Sequence[PairTable],
    clues: Sequence[Clues] | None = None,
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
    clues : sequence of Clues, optional
        What else is known of each item; without, its key is all.
    """
    known = clues or [Clues(keys=[item.key]) for item in items]
    by_modality: dict[Modality, list[int]] = {}
    for place, item in enumerate(items):
        by_modality.setdefault(item.modality, []).append(place)
    found: dict[Relation, set[IndexPair]] = {}
    made = Pairs()
    for rule, table in zip(settings.pairings, tables, strict=True):
        relation = relation_of(*rule.between)
        sides = [by_modality.get(modality, []) for modality in relation]
        pairs = found.setdefault(relation, set())
        if isinstance(rule, SidecarPairs):
            pairs.update(_by_sidecar(items, sides))
            continue
        by_rule = (
            pair_by_table(
                items, known, sides, absolute_path(rule.path, root), rule.between, relation, table
            )
            if isinstance(rule, TablePairs)
            else pair_by_key(items, known, sides, relation)
        )
        pairs.update(by_rule.pairs)
        made.problems.extend(by_rule.problems)
        made.notices.extend(by_rule.notices)
    keyed = {relation_of(*rule.between) for rule in settings.pairings if rule.kind == "key"}
    for relation, taken in found.items():
        sides = [by_modality.get(modality, []) for modality in relation]
        lone = _lone_keys(known, sides, relation, taken) if relation in keyed else ((), ())
        made.relations.append(_findings(relation, taken, [len(side) for side in sides], lone))
    made.pairs.extend(sorted(set[IndexPair]().union(*found.values())))
    return made


LoneKeys = tuple[tuple[str, ...], tuple[str, ...]]


def _lone_keys(
    clues: Sequence[Clues], sides: Sequence[Sequence[int]], relation: Relation,
    pairs: set[IndexPair],
) -> LoneKeys:  # fmt: skip
    """Return the first keys of either side whose items are in no pair."""
    first, second = (
        tuple(
            islice(
                (
                    shown_key(next(clues[place].keys_for(own, other), ""))
                    for place in places
                    if place not in taken
                ),
                MOST_KEYS,
            )
        )
        for places, own, other, taken in zip(
            sides, relation, relation[::-1],
            ({pair[0] for pair in pairs}, {pair[1] for pair in pairs}), strict=True,
        )
    )  # fmt: skip
    return first, second


def _findings(
    relation: Relation, pairs: set[IndexPair], counts: Sequence[int], lone_keys: LoneKeys
) -> RelationFindings:
    partners = [Counter(pair[side] for pair in pairs) for side in (0, 1)]
    alone = (counts[0] - len(partners[0]), counts[1] - len(partners[1]))
    several = [sum(count > 1 for count in side.values()) for side in partners]
    return RelationFindings(relation, len(pairs), alone, (several[0], several[1]), lone_keys)


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
