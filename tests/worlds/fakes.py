"""Tiny folders and encoders of known truth: item k of every modality means the same thing."""

import os
import re
import signal
import sys
import time
from functools import cache
from io import BytesIO

import numpy as np
import soundfile
from PIL import Image

from workbench.encoders import EncoderCard
from workbench.jobs import drain
from workbench.project import KeyPairs, Project, ProjectSettings, Source, SplitSettings
from workbench.stations import AlignRequest, EncodeRequest, align, encode, scan

WIDTHS = {"image": 10, "text": 8, "speech": 6}
SUFFIXES = {"image": ".png", "text": ".txt", "speech": ".wav"}
ENCODERS = {modality: f"fake/{modality}" for modality in WIDTHS}


@cache  # most worlds are of the same few numbers
def vector(modality, number):
    """Embedding of item `number`: one latent point a number, one linear map a modality."""
    latent = np.random.default_rng(number).normal(size=5)
    turn = np.random.default_rng([7, WIDTHS[modality]]).normal(size=(5, WIDTHS[modality]))
    noise = np.random.default_rng([number, WIDTHS[modality]]).normal(size=WIDTHS[modality])
    row = (latent @ turn + 0.02 * noise).astype(np.float32)
    row.flags.writeable = False
    return row


def number_in(modality, medium):
    if modality == "image":
        red, green, _ = medium.getpixel((0, 0))
        return red + 256 * green
    if modality == "text":
        return int(re.search(r"\d+", medium)[0]) if re.search(r"\d+", medium) else len(medium)
    return len(medium) - 1000


class FakeEncoder:
    def __init__(self, modality, name=None, delay=0.0, revision="1", wrong=(), dtype="float32"):
        self.card = EncoderCard(
            name=name or ENCODERS[modality], modality=modality, width=WIDTHS[modality],
            library="numpy", source="tests", revision=revision, preprocessing="none",
            dtype=dtype,
        )  # fmt: skip
        self.delay = delay
        self.wrong = set(wrong)
        self.seen = []

    def encode(self, batch):
        time.sleep(self.delay)
        numbers = [number_in(self.card.modality, medium) for medium in batch]
        self.seen += numbers
        rows = np.stack([vector(self.card.modality, number) for number in numbers])
        for row, number in enumerate(numbers):
            if number in self.wrong:
                rows[row, 0] = np.nan
        return rows


def crash_on_numbers(picture):
    """Prepare a picture, and die of those whose number ends in 7, as a broken decoder would."""
    number = number_in("image", picture)
    if number % 10 == 7:
        os.kill(os.getpid(), signal.SIGSEGV)
    return np.full(3, number)


def hang_on_numbers(picture):
    """Prepare a picture, and never be done with those whose number ends in 3."""
    number = number_in("image", picture)
    while number % 10 == 3:
        time.sleep(1)
    return np.full(3, number)


class FakeShelf:
    """Stands in for `load_encoder`, and remembers what was loaded."""

    def __init__(self, **options):
        self.options = options
        self.loaded = {}

    def __call__(self, name, modality, device="auto", **_):
        self.loaded[modality] = FakeEncoder(modality, name, **self.options)
        return self.loaded[modality]

    def fetch(self, name, modality, control):
        """Stand in for `fetch_encoder`: a fake needs nothing of the network."""
        yield from ()
        return True

    def put(self, monkeypatch):
        encoding = sys.modules["workbench.stations.encoding.encode"]
        others = ("stations.searching.query", "stations.exporting.contents", "export.loading")
        for station in (encoding, *(sys.modules[f"workbench.{name}"] for name in others)):
            monkeypatch.setattr(station, "load_encoder", self)
        monkeypatch.setattr(encoding, "fetch_encoder", self.fetch)
        return self


@cache
def picture(size, colour):
    """Return the bytes of a PNG of one colour."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "png")
    return buffer.getvalue()


def write_item(folder, modality, number, name=None):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or f'thing-{number:03}'}{SUFFIXES[modality]}"
    if modality == "image":
        path.write_bytes(picture((2, 2), (number % 256, number // 256, 9)))
    elif modality == "text":
        path.write_text(f"thing {number}\n", encoding="utf-8")
    else:
        soundfile.write(path, np.full(1000 + number, 0.1, dtype=np.float32), 16000)
    return path


def write_world(root, count=40, modalities=("image", "text"), extra=0):
    """Write `count` things in every modality, and `extra` more of each that have no partner."""
    for place, modality in enumerate(modalities):
        lone = range(1000 * (place + 1), 1000 * (place + 1) + extra)
        for number in (*range(count), *lone):
            folder = root / modality / f"kind-{number % 3}"
            write_item(folder, modality, number)


def settings_of(modalities=("image", "text"), **more):
    rules = [KeyPairs(between=(modalities[0], other)) for other in modalities[1:]]
    return ProjectSettings(
        name="fakes",
        sources=[Source(modality=modality, path=f"../{modality}") for modality in modalities],
        pairings=rules,
        **more,
    )


def make_project(root, count=40, modalities=("image", "text"), extra=0, **more):
    """Make a scanned project beside its folders."""
    write_world(root, count, modalities, extra)
    project = Project.create(root / "project", settings_of(modalities, **more))
    drain(scan(project))
    return project


def encode_all(project):
    for modality in project.catalogue.counts():
        drain(encode(project, EncodeRequest(modality, ENCODERS[modality], batch_size=16)))
    return project


def three_runs(root):
    """Make a project with a good run, one of few pairs, and one of another split."""
    made = encode_all(make_project(root, 60))
    drain(align(made, AlignRequest(method="procrustes", name="good")))
    drain(align(made, AlignRequest(method="procrustes", name="poor", pairs=3)))
    other = SplitSettings(seed=9)
    drain(align(made, AlignRequest(method="procrustes", name="elsewhere", split=other)))
    return made


def tree(folder):
    """Return every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
