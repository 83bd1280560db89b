"""Items whose source has another folder now: which of those known before are meant."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workbench.media import Modality
from workbench.project.catalogue.item_paths import SourcePlace

_LOOKED_AT = 200  # items of a source


class Seen(NamedTuple):
    """What tells whether two files are the same.

    Attributes
    ----------
    path : str
        Whole.
    place : str
        Of the item's row inside its file, if it is one.
    content : str
        Of a text the mark of its words, of another file its size.
    """

    path: str
    place: str
    content: str


def moved_items(
    fresh: Mapping[Modality, Sequence[Seen]],
    lost: Mapping[Modality, Sequence[Seen]],
    places: Sequence[SourcePlace],
) -> dict[tuple[Modality, str], str]:
    """Return, by modality and path, under which path new items were known before.

    A folder that no source names any more has become the folder of another source where files have
    the same paths below both and most of these have the same content; where less agrees, it is
    another data set whose files happen to be called alike.

    Parameters
    ----------
    fresh : mapping of modality to sequence of Seen
        Items that nobody knows.
    lost : mapping of modality to sequence of Seen
        Items that were known, and are not there any more.
    places : sequence of SourcePlace
        Of all sources as they are now.
    """
    found: dict[tuple[Modality, str], str] = {}
    held = {place: place.starts() for place in dict.fromkeys(places)}
    for modality, items in fresh.items():
        starts = [each for place, own in held.items() if place.modality == modality for each in own]
        left = {
            each.path: each
            for each in lost.get(modality, ())
            if not each.path.startswith(tuple(starts))  # a source that is still there lost it
        }
        by_name: dict[str, list[Seen]] = {}
        for each in left.values() if starts else ():
            by_name.setdefault(_name(each), []).append(each)
        for start in starts if by_name else ():
            below = [each for each in items if each.path.startswith(start)]
            former = _former_start(below, len(start) - 1, by_name)
            for each in below if former is not None else ():
                before = f"{former}{each.path[len(start) - 1 :]}"
                if before in left:
                    found.setdefault((modality, each.path), before)
    return found


def _former_start(
    items: Sequence[Seen], cut: int, known: Mapping[str, Sequence[Seen]]
) -> str | None:
    """Return what paths of items began with before, where they now begin with `cut` letters."""
    alike: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for item in items[:: max(1, len(items) // _LOOKED_AT)]:
        relative = item.path[cut:]
        for each in known.get(_name(item), ()):
            if each.path.endswith(relative):
                start = each.path.removesuffix(relative)
                alike[start] += 1
                same[start] += each.content == item.content
    if not same:
        return None
    start, count = same.most_common(1)[0]
    return start if 2 * count > alike[start] else None


def _name(item: Seen) -> str:
    return f"#{item.place}" if item.place else item.path.rpartition(os.sep)[2]
