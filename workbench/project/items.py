"""Items, as a scan finds them and as the catalogue knows them."""

from dataclasses import dataclass

from workbench.media import Modality

_LONGEST_NAME = 120  # letters


def first_words(text: str) -> str:
    """Return what a text is called: a whole page is not laid out for a row of a few words."""
    return " ".join(text[:_LONGEST_NAME].split())


@dataclass(frozen=True, slots=True)
class Found:
    """An item as the scan found it.

    Attributes
    ----------
    path : str
        Of the file; of a row in a file, ``FILE#PLACE``. Unique in its modality.
    fingerprint : str
        Changes when the content does; of texts, it is that of the content alone.
    key : str
        What pairs it with other modalities.
    label, language : str
    text : str
        Of a text.
    place : str
        What names the item's row inside its file; empty when the file is the item.
    seconds, heard : float
        Length of a recording, and how much of it from the start is encoded; 0 for the rest.
    stamp : str
        Says from which state of the file, and by which rules, this was read.
    """

    modality: Modality
    path: str
    fingerprint: str
    key: str
    label: str = ""
    text: str = ""
    place: str = ""
    language: str = ""
    seconds: float = 0.0
    heard: float = 0.0
    stamp: str = ""

    @property
    def name(self) -> str:
        """What it is called: a text by its words, a file by its name."""
        words = self.text if self.modality == "text" else self.key
        return first_words(words or self.key)

    @property
    def file(self) -> str:
        """The file that holds the item."""
        return self.path.removesuffix(f"#{self.place}") if self.place else self.path


@dataclass(frozen=True, slots=True)
class Item(Found):
    """An item of the catalogue; `id` is stable across rescans."""

    id: int = 0


@dataclass(frozen=True)
class Changes:
    """What a scan did to the catalogue, in numbers of items."""

    new: int
    changed: int
    unchanged: int
    vanished: int
