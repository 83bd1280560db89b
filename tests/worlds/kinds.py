"""A world whose classes are known: item k is of kind k mod 3, and some are labelled wrongly."""

import numpy as np
from worlds.fakes import (
    WIDTHS,
    FakeEncoder,
    FakeShelf,
    encode_all,
    number_in,
    settings_of,
    write_item,
)

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, scan

WRONG = (9, 19, 29, 39, 49, 59)
"""Pictures that lie in the folder of the next kind."""


class EncoderOfKinds(FakeEncoder):
    """Gives all things of a kind nearly the same vector, words as well as pictures.

    It reads six words of a text.
    """

    longest = 6

    def encode(self, batch):
        numbers = [number_in(self.card.modality, medium) for medium in batch]
        self.seen += numbers
        return np.stack([kind_vector(self.card.modality, number) for number in numbers])

    def count_longer(self, batch):
        return sum(len(text.split()) > self.longest for text in batch)


class ShelfOfKinds(FakeShelf):
    def __call__(self, name, modality, device="auto", **_):
        self.loaded[modality] = EncoderOfKinds(modality, name, **self.options)
        return self.loaded[modality]


def kind_vector(modality, number):
    centre = np.random.default_rng(number % 3).normal(size=5)
    turn = np.random.default_rng([7, WIDTHS[modality]]).normal(size=(5, WIDTHS[modality]))
    noise = np.random.default_rng([number, WIDTHS[modality]]).normal(size=WIDTHS[modality])
    return (centre @ turn + 0.05 * noise).astype(np.float32)


def project_of_kinds(root, modalities=("image", "text"), count=60, label=None):
    """Make a project with two runs, “good” and “poor”; pictures are labelled as said."""
    label = label or (lambda number: f"kind-{(number + (number in WRONG)) % 3}")
    for number in range(count):
        for view in modalities:
            folder = root / view
            name = label(number)
            write_item(folder / name if name and view != "text" else folder, view, number)
    made = Project.create(root / "project", settings_of(modalities))
    drain(scan(made))
    encode_all(made)
    drain(align(made, AlignRequest(method="ridge", name="good")))
    drain(align(made, AlignRequest(method="procrustes", name="poor", pairs=3)))
    return made
