"""Keys of the rows of tables and shards that hold pictures or recordings themselves.

What lies in one row belongs together. A row is named by its file and its number (or its key in a
shard), as shortly as tells all files of a modality apart: ``train-00000-of-00005#12``.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from workbench.media import Modality
from workbench.project import Found
from workbench.stations.collecting.clues import Clues


def name_rows(items: list[Found], clues: Sequence[Clues]) -> None:
    """Give items that are rows of such files the keys that pair them, in place."""
    rows = [place for place, each in enumerate(clues) if each.rows]
    if not rows:
        return
    files: dict[Modality, set[str]] = {}
    of_key: dict[tuple[Modality, str], set[str]] = {}
    for place in rows:
        modality = items[place].modality
        for file, name in clues[place].rows:
            files.setdefault(modality, set()).add(file)
            of_key.setdefault((modality, name), set()).add(file)
    # keys that no two shards share tell enough, also of pictures and texts in shards of their own
    bare = all(file.lower().endswith(".tar") for some in files.values() for file in some) and all(
        len(some) == 1 for some in of_key.values()
    )
    short = {} if bare else _short_names(files)
    for place in rows:
        own = clues[place]
        own.keys = [name if bare else f"{short[file]}#{name}" for file, name in own.rows]
        items[place] = replace(items[place], key=own.keys[0])


def _short_names(files: dict[Modality, set[str]]) -> dict[str, str]:
    """Return the ends of paths, without endings, that tell the files of each modality apart."""
    every = set[str]().union(*files.values())
    deepest = max(len(PurePath(file).parts) for file in every)
    short: dict[str, str] = {}
    for depth in range(1, deepest + 1):
        short = {file: "/".join(PurePath(file).with_suffix("").parts[-depth:]) for file in every}
        if all(len({short[file] for file in some}) == len(some) for some in files.values()):
            break
    return short
