"""What is known of a found item beside the item itself, for pairing it with others."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from workbench.media import Modality

Counted = Literal["line", "row"]
"""What numbers stand for that are the only names of items."""

_PART = "\0"  # stands in no key


@dataclass(slots=True)
class Clues:
    """How an item may be named by others.

    Attributes
    ----------
    below : str
        Path of its file below its source, with forward slashes and without its ending; of a row of
        a table, of the file that it names, as written there.
    keys : list of str
        What pairs it: usually one; of a picture that several rows name, the key of each.
    about : dict of modality to list of str
        Of an item of a table whose rows name files of several modalities: the keys of its partners
        in the others.
    line : int
        Which line or row it is, from 1, of a file where nothing else names the items; else 0.
    counted : {"line", "row"}
        What `line` counts.
    rows : list of (str, str)
        File and name of the rows that it is, of files that hold pictures or recordings themselves.
    """

    below: str = ""
    keys: list[str] = field(default_factory=list)
    about: dict[Modality, list[str]] = field(default_factory=dict)
    line: int = 0
    counted: Counted = "line"
    rows: list[tuple[str, str]] = field(default_factory=list)

    def keys_for(self, own: Modality, other: Modality) -> Iterator[str]:
        """Yield what pairs the item, which is of modality `own`, with items of another.

        Where a row names both files they meet by that, and not by names that happen to be equal:
        a key is then that of one modality, and so is every item's own.
        """
        if other in self.about:
            yield from (f"{other}{_PART}{key}" for key in dict.fromkeys(self.about[other]))
        else:
            yield from dict.fromkeys(self.keys)
        yield from (f"{own}{_PART}{key}" for key in dict.fromkeys(self.keys))

    def add(self, other: "Clues") -> None:
        """Take what another row says of the same item."""
        self.keys += other.keys
        self.rows += other.rows
        for modality, keys in other.about.items():
            self.about.setdefault(modality, []).extend(keys)


def shown_key(key: str) -> str:
    """Return a key of `Clues.keys_for` as its files have it."""
    return key.rpartition(_PART)[2]
