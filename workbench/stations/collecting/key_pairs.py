"""Pairs of items with equal keys; where several share one, paths tell which belong together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from workbench.media import Modality
from workbench.project import Found, Relation
from workbench.stations.collecting.clues import Clues, shown_key
from workbench.words import several

MOST_PAIRS_OF_A_KEY = 10_000

IndexPair = tuple[int, int]
Places = Sequence[int]


@dataclass
class KeyPairsMade:
    """Pairs by key, with what is to be told of them.

    Attributes
    ----------
    pairs : set of (int, int)
    problems : list of (str, str)
    notices : list of str
    """

    pairs: set[IndexPair] = field(default_factory=set)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def pair_by_key(
    items: Sequence[Found], clues: Sequence[Clues], sides: Sequence[Places], relation: Relation
) -> KeyPairsMade:
    """Pair items of equal keys.

    A text that is the name of a file belongs to that file alone. Where a key names several items
    on both sides, those of equal paths below their sources belong together; where paths tell
    nothing, all of them do, up to `MOST_PAIRS_OF_A_KEY`, and it is said.

    Parameters
    ----------
    items : sequence of Found
    clues : sequence of Clues
        Of each item.
    sides : sequence of sequence of int
        Places of the items of either modality.
    relation : (modality, modality)
    """
    made = KeyPairsMade()
    own = _of_one_file(items, sides)
    made.pairs.update(own)
    taken = {place for pair in own for place in pair if items[place].modality == "text"}
    keyed = [
        _by_key(clues, [place for place in places if place not in taken], own_kind, other)
        for places, own_kind, other in zip(sides, relation, relation[::-1], strict=True)
    ]
    _number_lines(keyed, items, clues, relation, made)
    _pair_equal(keyed, clues, relation, made)
    return made


def _of_one_file(items: Sequence[Found], sides: Sequence[Places]) -> set[IndexPair]:
    """Return pairs of a file and the text that its name, or its folder's name, is."""
    by_path = {items[place].path: place for place in sides[0] if not items[place].place}
    return {
        (by_path[items[place].path], place)
        for place in sides[1]
        if not items[place].place and items[place].path in by_path
    }


def _by_key(
    clues: Sequence[Clues], places: Places, own: Modality, other: Modality
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in places:
        for key in clues[place].keys_for(own, other):
            found.setdefault(key, []).append(place)
    return found


# --- numbers --------------------------------------------------------------------------------------


def _number_lines(
    keyed: list[dict[str, list[int]]], items: Sequence[Found], clues: Sequence[Clues],
    relation: Relation, made: KeyPairsMade,
) -> None:  # fmt: skip
    """Let lines or rows without names meet files with numbers, which may count from 0 or 001."""
    for side, found in enumerate(keyed):
        lines = [
            place
            for key, places in found.items()
            for place in places
            if clues[place].line and key == str(clues[place].line)
        ]
        decimals = [key for key in keyed[1 - side] if key.isdecimal()]
        numbers = {int(key): key for key in sorted(decimals, key=len, reverse=True)}  # 1 before 01
        if not lines or not numbers:
            continue
        shift = 1 if min(numbers) == 0 else 0
        for place in lines:
            line = clues[place].line
            found[str(line)].remove(place)
            key = numbers.get(line - shift, str(line))
            found.setdefault(key, []).append(place)
        files = {items[place].file: clues[place].counted for place in lines}
        start = "counted from 0 as the files are" if shift else "counted from 1"
        made.notices += [
            f"The {counted}s of {file} have no names, so they were paired with "
            f"{relation[1 - side]} files by {counted} number, {start}: {counted} 1 is "
            f"“{numbers.get(1 - shift, 1)}”."
            for file, counted in files.items()
        ]


# --- equal keys -----------------------------------------------------------------------------------


def _pair_equal(
    keyed: Sequence[dict[str, list[int]]], clues: Sequence[Clues], relation: Relation,
    made: KeyPairsMade,
) -> None:  # fmt: skip
    crowded, by_path, alone = [], [], 0
    for key, ones in keyed[0].items():
        others = keyed[1].get(key, [])
        if len(ones) + len(others) <= 2 or not others:  # the usual case
            made.pairs.update((one, other) for one in ones for other in others)
            continue
        exact = _of_equal_paths(clues, ones, others)
        if exact:
            made.pairs.update(exact)
            left = len(ones) + len(others) - len({p for pair in exact for p in pair})
            folders = {clues[one].below for one, _ in exact}
            by_path += [key] if left or len(folders) > 1 else []
            alone += left
        elif len(ones) > 1 and len(others) > 1 and len(ones) * len(others) > MOST_PAIRS_OF_A_KEY:
            made.problems.append(_crowd(key, len(ones), len(others), relation))
        else:
            crowded += [key] if len(ones) > 1 and len(others) > 1 else []
            made.pairs.update((one, other) for one in ones for other in others)
    if by_path:
        rest = f"; {several(alone, 'item')} without such a partner left alone" if alone else ""
        made.notices.append(
            f"{_keys(by_path)} files in several folders: {relation[0]} and {relation[1]} files of "
            f"the same folder were paired{rest}."
        )
    if crowded:
        made.notices.append(
            f"{_keys(crowded)} several {relation[0]} and several {relation[1]} items, and all of "
            "them were paired with each other. If folders tell them apart, pair by “path”."
        )


def _of_equal_paths(clues: Sequence[Clues], ones: Places, others: Places) -> set[IndexPair]:
    """Return the pairs whose files lie at equal paths, or at paths that end alike."""
    if any(not clues[place].below for place in (*ones, *others)):
        return set()
    at = Counter(clues[place].below for place in others)
    if any(clues[place].below in at for place in ones):
        found = {(one, other) for one in ones for other in others
                 if clues[one].below == clues[other].below}  # fmt: skip
        # one that has no folder stands for all: a caption folder beside pictures in folders
        return found if any("/" in clues[one].below for one, _ in found) else set()
    if len(ones) * len(others) > MOST_PAIRS_OF_A_KEY:
        return set()
    depth = {
        (one, other): _shared_folders(clues[one].below, clues[other].below)
        for one in ones
        for other in others
    }
    return {
        (one, other)
        for (one, other), shared in depth.items()
        if shared
        and shared == max(depth[one, each] for each in others)
        and shared == max(depth[each, other] for each in ones)
    }


def _shared_folders(first: str, second: str) -> int:
    """Return how many folders right above two files are called alike."""
    count = 0
    pairs = zip(PurePosixPath(first).parts[-2::-1], PurePosixPath(second).parts[-2::-1],
                strict=False)  # fmt: skip
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _keys(keys: Sequence[str]) -> str:
    if len(keys) == 1:
        return f"The key “{shown_key(keys[0])}” names"
    return f"{len(keys):,} keys, such as “{shown_key(keys[0])}”, name"


def _crowd(key: str, ones: int, others: int, relation: Relation) -> tuple[str, str]:
    return (
        f"key “{shown_key(key)}”",
        f"It names {ones:,} {relation[0]} and {others:,} {relation[1]} items that would all be "
        "paired with each other, so none was paired. If folders tell them apart, pair by “path”.",
    )
