"""The classes that items are named by: from labels, typed, or from a file."""

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.media import decode_text
from workbench.project import absolute_path
from workbench.received.small import read_bytes
from workbench.words import label_in_words, listed, several

MOST_CLASSES = 1000  # as many as ImageNet has; beyond, labels name items rather than kinds
OF_LABELS = "labels"
_IS, _OR = " = ", " | "
_FILES = (".txt", ".csv", ".tsv")
_SHOWN = 5


@dataclass(frozen=True)
class NamedClass:
    """A class.

    Attributes
    ----------
    label : str
        As labels of items spell it.
    words : tuple of str
        What it is called in prompts, in one way or more.
    """

    label: str
    words: tuple[str, ...]

    def line(self) -> str:
        """Return it as `parse_class` reads it."""
        plain = self.words == (_words_of(self.label),)
        return self.label if plain else self.label + _IS + _OR.join(self.words)


@dataclass(frozen=True)
class ClassList:
    """Classes, each once.

    Attributes
    ----------
    classes : tuple of NamedClass
    merged : tuple of str
        Labels that are spelt like an earlier one but for capitals and spaces, and count as it.
    """

    classes: tuple[NamedClass, ...]
    merged: tuple[str, ...] = ()

    @property
    def labels(self) -> list[str]:
        """The labels of all classes."""
        return [each.label for each in self.classes]

    def numbers(self) -> dict[str, int]:
        """Return the number of each class by the key of its label, see `class_key`."""
        return {class_key(each.label): place for place, each in enumerate(self.classes)}

    def only(self, places: Iterable[int]) -> "ClassList":
        """Return some of the classes, by number."""
        return ClassList(tuple(self.classes[place] for place in places), self.merged)

    def remarks(self) -> list[str]:
        """Say which labels were taken for the same class."""
        if not self.merged:
            return []
        verb = "is" if len(self.merged) == 1 else "are"
        return [
            f"{several(len(self.merged), 'label')} {verb} spelt like another but for capitals, "
            f"spaces, “-” or “_”, and {'counts' if verb == 'is' else 'count'} as the same class: "
            f"{some_of(self.merged)}."
        ]

    def check(self) -> None:
        """Refuse fewer than two classes, between which there is nothing to choose.

        Raises
        ------
        WorkbenchError
        """
        if not self.classes:
            raise WorkbenchError("There are no classes. Name at least two.")
        if len(self.classes) == 1:
            raise WorkbenchError(
                f"There is one class, “{self.classes[0].label}”, so every item would be right. "
                "Name at least two."
            )


def class_key(label: str) -> str:
    """Return what is the same for labels that differ in capitals, spaces, “-” or “_” alone."""
    # canonical caseless matching, Unicode 15 section 3.13
    folded = unicodedata.normalize("NFD", _words_of(label)).casefold()
    return unicodedata.normalize("NFD", folded)


def class_list(classes: Iterable[NamedClass]) -> ClassList:
    """Return classes, each once: those of one key are one, by what all of them are called.

    Raises
    ------
    WorkbenchError
        A class has no name.
    """
    found: dict[str, NamedClass] = {}
    merged = []
    for each in classes:
        key = class_key(each.label)
        if not key or not each.words or not all(word.strip() for word in each.words):
            raise WorkbenchError("A class has no name. Write a word, or leave its line out.")
        if key in found:
            merged.append(each.label)
            known = found[key]
            other = {class_key(word) for word in known.words}
            words = [word for word in each.words if class_key(word) not in other]
            found[key] = NamedClass(known.label, (*known.words, *words))
        else:
            found[key] = each
    return ClassList(tuple(found.values()), tuple(merged))


def classes_of_labels(labels: Iterable[str]) -> ClassList:
    """Return the classes that labels name, sorted; empty labels name none."""
    named = sorted({label for label in labels if class_key(label)})
    return class_list(NamedClass(label, (_words_of(label),)) for label in named)


def parse_class(line: str) -> NamedClass:
    """Read “label”, “label = words” or “label = words | other words”."""
    label, sign, words = f"{line} ".partition(_IS)
    called = [each.strip() for each in f" {words} ".split(_OR)] if sign else [_words_of(label)]
    return NamedClass(label.strip(), tuple(called))


def parse_lines(text: str) -> ClassList:
    """Return the classes of lines, one each; empty lines are none."""
    return class_list(parse_class(line) for line in text.splitlines() if line.strip())


def parse_classes(given: Sequence[str]) -> ClassList | None:
    """Return the classes that somebody typed, or gave as a file.

    Parameters
    ----------
    given : sequence of str
        Each “labels”, a file, or names with commas between them.

    Returns
    -------
    ClassList or None
        None for the labels of the items.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or a class has no name.
    """
    if not given or list(given) == [OF_LABELS]:
        return None
    found: list[NamedClass] = []
    for each in given:
        if each == OF_LABELS:
            raise WorkbenchError(
                "Classes are either the items' labels or named. Leave out “labels”, or all others."
            )
        if _is_file(each):
            found += read_classes(absolute_path(each)).classes
        else:
            found += [parse_class(part) for part in each.split(",") if part.strip()]
    return class_list(found)


def read_classes(path: Path) -> ClassList:
    """Read classes from a file.

    Of a table (.csv, .tsv) the first column has the labels, and further ones what a class is
    called. Any other file has a class a line, see `parse_class`.

    Raises
    ------
    WorkbenchError
        It cannot be read, or names no class.
    """
    text = decode_text(read_bytes(path, "The file of classes"))
    if path.suffix.lower() in (".csv", ".tsv"):
        rows = csv.reader(text.splitlines(), delimiter="," if path.suffix[1:2] in "cC" else "\t")
        try:
            cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
        except csv.Error as error:
            raise WorkbenchError(f"{path} is no table: {error}.") from None
        found = class_list(
            NamedClass(row[0], tuple(row[1:]) or (_words_of(row[0]),)) for row in cells if row
        )
    else:
        found = parse_lines(text)
    if not found.classes:
        raise WorkbenchError(f"{path} names no classes. Write one a line.")
    return found


def some_of(labels: Sequence[str]) -> str:
    """Name a few labels in a sentence."""
    shown = [f"“{each}”" for each in labels[:_SHOWN]]
    more = len(labels) - len(shown)
    return f"{', '.join(shown)} and {more:,} more" if more > 0 else listed(shown)


def _is_file(given: str) -> bool:
    """Whether a file is meant: there is one, or the name can be of nothing else."""
    try:
        there = Path(given).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # too long for a name, or no home
        there = False
    return there or ("," not in given and given.lower().endswith(_FILES))


def _words_of(label: str) -> str:
    return label_in_words(label) or label.strip()
