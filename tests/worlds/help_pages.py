"""The README and the pages of help, block by block, and a home in which what they say is done."""

import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from worlds.fakes import write_item

from workbench.__main__ import main
from workbench.cli import aligning
from workbench.encoders import ClassWords, EncoderCard, registry
from workbench.stations.collecting import openmoji

ROOT = Path(__file__).parents[2]
HELP = ROOT / "resources" / "help"
README = ROOT / "README.md"
PAGES = (README, *sorted(HELP.glob("*.md")))

NOT_RUN = {
    "python3 packaging/bootstrap.py": "installs 7 GB; tests/packaging tries what it decides",
    "pip install": "installs Ray",
    "gera-workbench encode ~/emoji --cluster": "starts one; tests/stations/encoding has another",
    "gera-workbench encode ~/emoji image --cluster": "no cluster runs there",
    "gera-workbench study ~/emoji alpha --cluster": "the same; tests/stations/studies has one",
    "pip wheel": "fetches the builder of wheels",
    "pipx install": "installs 7 GB",
    "uv tool install": "installs 7 GB",
    "apt-get install": "installs packages of the system",
    "gera-workbench fetch": "downloads; tests/encoders fetches from a server of its own",
    "gera-workbench sample ~/stamps": "needs the pictures of a Debian package",
    "gera-workbench encoders image --search dinov2 --all": "imports two large libraries",
    "gera-workbench map ~/emoji run:first --method umap": "UMAP takes long; tests/maps makes one",
    "gera-workbench next-pairs ~/emoji": "all are paired there; tests/stations/labelling asks",
    "gera-workbench window": "stays open; tests/gui shows it",
    "gera-workbench tour": "walks all of the sample; tests/road does",
    "gera-workbench study ~/emoji label-efficiency --report": "draws; tests/stations/studies does",
    "python tests/bench/": "measures for minutes",
}
"""The beginnings of commands that no test runs, with the reason: what is not here is run.

Their options are looked at all the same.
"""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EVERY = 24  # of the sample's pictures
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str


def blocks(page, *languages):
    """Return the blocks of a page, of these languages or of all."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text[: found.start()].count("\n") + 1, found[1], found[2])
        for found in _FENCE.finditer(text)
        if not languages or found[1] in languages
    ]


def commands(page):
    """Return the commands of a page's shell blocks, in order; without their remarks."""
    return [line for block in blocks(page, "sh") for line in commands_of(block)]


def commands_of(block):
    """Return the commands of a shell block, without their remarks."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [line for line in (each.partition(" #")[0].strip() for each in lines) if line]


def why_not_run(command):
    """Return why a command is not run; None where it is."""
    reasons = (why for beginning, why in NOT_RUN.items() if command.startswith(beginning))
    return next(reasons, None)


def call(command, home):
    """Run the program as a shell would, in this process; return exit code, output and errors."""
    program, *arguments = shlex.split(command)
    assert program == "gera-workbench", f"nobody knows how to run “{command}”"
    said, told = StringIO(), StringIO()
    sys.argv = [program, *(re.sub("^~", str(home), each) for each in arguments)]
    with redirect_stdout(said), redirect_stderr(told):
        try:
            main()
        except SystemExit as end:
            return end.code or 0, said.getvalue(), told.getvalue()
    raise AssertionError(f"“{command}” did not end as a program does")


class TinyEncoder:
    """Stands in for a bundled encoder: vectors of what is in an item, at no cost."""

    def __init__(self, entry):
        width = {"image": 48, "text": len(_SIGNS)}[entry.modality]
        self.card = EncoderCard(
            name=entry.name, modality=entry.modality, width=width, library="numpy",
            source="tests", revision="1", preprocessing="none",
        )  # fmt: skip

    def encode(self, batch):
        if self.card.modality == "image":
            rows = [np.asarray(each.convert("RGB").resize((4, 4))).ravel() for each in batch]
        else:
            rows = [[text.lower().count(each) + 0.01 for each in _SIGNS] for text in batch]
        return np.array(rows, dtype=np.float32).reshape(len(batch), self.card.width)

    def class_words(self):
        """Tell of five classes, of an image encoder."""
        random = np.random.default_rng(0)
        weight = random.normal(size=(5, self.card.width)).astype(np.float32)
        names = "dog, canine", "heart", "apple, fruit", "house", "rainbow"
        return ClassWords(weight, np.zeros(5, np.float32), names)


def small_world(patch):
    """Let the bundled encoders be tiny, the sample small, and a sweep of three α."""
    tiny = tuple(
        replace(entry, factory=lambda device, entry=entry: TinyEncoder(entry))
        for entry in registry.BUNDLED
    )
    patch.setattr(registry, "BUNDLED", tiny)
    every = list(openmoji._catalogue())
    few = [each for n, each in enumerate(every) if n % _EVERY == 0 or "heart" in each.name]
    patch.setattr(openmoji, "_catalogue", lambda: few)
    patch.setattr(openmoji, "PIXELS", 16)
    patch.setattr(aligning, "SWEEP_ALPHAS", (0.0, 3.0, 10.0))


def furnish(home, count=12):
    """Put the folders and tables of a user into a home, as the pages speak of them."""
    for number in range(count):
        write_item(home / "photos", "image", number)
        write_item(home / "photos", "text", number)
        write_item(home / "captions", "text", number)
        write_item(home / "clips", "speech", number)
        write_item(home / "words", "text", number)
    names = [f"thing-{number:03}" for number in range(count)]
    lines = [f"{name}.png,a thing {number}" for number, name in enumerate(names)]
    (home / "captions.txt").write_text("\n".join(["image,caption", *lines]) + "\n")
    table = {"file": [f"{name}.png" for name in names], "title": [f"A {name}" for name in names]}
    pq.write_table(pa.table(table), home / "items.parquet")
    rows = [f"{name}.wav,{name}.txt" for name in names]
    (home / "pairs.csv").write_text("\n".join(["clip,sentence", *rows]) + "\n")
