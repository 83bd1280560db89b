"""Which source of a project an item, or a line of what was left out, came from."""

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from workbench.errors import WorkbenchError
from workbench.media import SUFFIXES, Record, read_records
from workbench.project import NAME_RULES, Found, Source, absolute_path
from workbench.stations.collecting.source_rules import chosen_columns


class ItemSources:
    """Tells the source of an item; of several that could hold it, the first, as the scan does.

    So it is also where sources are nested. Making one reads the tables that list files.

    Parameters
    ----------
    root : Path
        The project folder.
    sources : sequence of Source
    """

    def __init__(self, root: Path, sources: Sequence[Source]) -> None:
        self._sources = [_Held(source, absolute_path(source.path, root)) for source in sources]

    def of_item(self, item: Found) -> int | None:
        """Return the number of an item's source, or None where no source holds it any more."""
        own = [number for number, source in enumerate(self._sources) if source.holds(item)]
        # a file that is a source of its own may lie in the folder of another
        files = [number for number in own if self._sources[number].is_file] if item.place else []
        return next(iter(files or own), None)

    def folder_of(self, item: Found) -> str:
        """Return the folder that an item was found below, which its short names start from.

        Where a file of records lists it, or no source holds it any more, that is the nearest of
        the sources' folders; empty where it lies in none of them.
        """
        number = self.of_item(item)
        if number is not None and not self._sources[number].is_file:
            return self._sources[number].place
        around = [each.place for each in self._sources if each.is_around(item.path)]
        return max(around, key=len, default="")

    def of_place(self, place: str) -> int | None:
        """Return the number of the source that something left out lies in.

        Parameters
        ----------
        place : str
            A path, or ``FILE, line 3``.
        """
        near = [number for number, each in enumerate(self._sources) if each.contains(place)]
        # a folder of pictures and texts is two sources: the file's ending tells which is meant
        like = [number for number in near if self._sources[number].reads(place)]
        return next(iter(like or near), None)

    def short(self, place: str, number: int | None) -> str:
        """Return a path as it is told apart: from the name of its source on."""
        if number is None:
            return place
        return place.removeprefix(self._sources[number].above)


class _Held:
    """What one source holds."""

    def __init__(self, source: Source, place: Path) -> None:
        self._source, self.place = source, str(place)
        self._below = os.path.join(place, "")  # noqa: PTH118 - a Path has no trailing slash
        self.above = os.path.join(place.parent, "")  # noqa: PTH118
        self.is_file = place.is_file()
        self._listed = _listed_files(source, place) if self.is_file else frozenset[str]()
        named = source.modality == "text" and source.text in NAME_RULES
        self._endings = (
            SUFFIXES["image"] | SUFFIXES["speech"] if named else SUFFIXES[source.modality]
        )

    def holds(self, item: Found) -> bool:
        if item.modality != self._source.modality:
            return False
        if self.is_file:
            row = bool(item.place) and item.path.startswith(f"{self.place}#")
            return row or item.path in self._listed
        if not item.file.startswith(self._below) or not (item.place or self.reads(item.path)):
            return False
        relative = PurePath(item.file[len(self._below) :]).as_posix()
        wanted, unwanted = self._source.include, self._source.exclude
        return (not wanted or _matches(relative, wanted)) and not _matches(relative, unwanted)

    def is_around(self, path: str) -> bool:
        """Whether a path lies in the folder, whatever the source looks for there."""
        return not self.is_file and path.startswith(self._below)

    def contains(self, place: str) -> bool:
        return place == self.place or place.startswith((f"{self.place}, line ", self._below))

    def reads(self, path: str) -> bool:
        """Whether a file's ending is one of those that the source looks for."""
        return self.is_file or os.path.splitext(path)[1].lower() in self._endings  # noqa: PTH122


def _listed_files(source: Source, place: Path) -> frozenset[str]:
    """Return the files that the rows of a table name as items."""
    try:
        columns, _ = chosen_columns(source, place)
        if source.modality == "text" and (columns.text or not columns.path):
            return frozenset()  # its rows are the items
        return frozenset(
            str(absolute_path(record.path, place.parent))
            for record in read_records(place, columns)
            if isinstance(record, Record) and record.path and not record.inside
        )
    except WorkbenchError:
        return frozenset()  # the row of the source says what is wrong


def _matches(relative: str, patterns: Sequence[str]) -> bool:
    name = relative.rpartition("/")[2]
    for pattern in patterns:
        plain = pattern.removeprefix("./")
        plain += "*" * plain.endswith("/")
        if fnmatchcase(relative if "/" in plain else name, plain):
            return True
        if plain.startswith("**/") and fnmatchcase(relative, plain[3:]):
            return True
    return False
