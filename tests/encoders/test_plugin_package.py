"""A third party's package, installed as any is, adds an encoder."""

import json
import os
import subprocess
import sys
from pathlib import Path

PLUGIN = '''
import numpy as np

from workbench.encoders import EncoderCard, EncoderEntry


class LetterCounts:
    """How often each letter from a to z stands in a text."""

    def __init__(self, device):
        self.card = EncoderCard(
            name="letters/counts",
            modality="text",
            width=26,
            library="letters 1.0",
            source=f"computed on {device}",
            revision="1.0",
            preprocessing="lower case",
        )

    def encode(self, batch):
        letters = "abcdefghijklmnopqrstuvwxyz"
        counts = [[text.lower().count(letter) for letter in letters] for text in batch]
        return np.array(counts, dtype=np.float32).reshape(len(batch), 26)


entry = EncoderEntry(
    "letters/counts", "text", "Letter counts", "Counts letters.", False, LetterCounts, lambda: None,
    width=26, licence="MIT",
)


def fails(*anything):
    raise RuntimeError("no such thing")


def more():
    return [
        EncoderEntry("letters/odd", "text", "Odd", "Fails.", False, fails, lambda: None),
        EncoderEntry("letters/worse", "text", "Worse", "Fails.", False, fails, fails),
    ]
'''

ASK = """
import dataclasses, json, sys
from workbench.encoders import *
from workbench.errors import WorkbenchError

def sentence(name):
    try:
        load_encoder(name, "text", "cpu")
    except WorkbenchError as error:
        return str(error)

listed = [entry.name for entry in list_encoders("text")]
facts = {each.name: dataclasses.asdict(each) for each in describe_encoders("text")}
eager = [m for m in ("torch", "transformers", "timm", "open_clip") if m in sys.modules]
encoder = load_encoder("letters/counts", "text", "cpu")
print(json.dumps({
    "listed": listed, "facts": facts, "eager": eager,
    "vector": encoder.encode(["Abba"])[0].tolist(), "source": encoder.card.source,
    "problems": plugin_problems(), "found": [f.name for f in describe_encoders(search="LETTER")],
    "odd": sentence("letters/odd"), "worse": sentence("letters/worse"),
}))
"""


def install(folder: Path, name: str, entry_points: str, code: str) -> None:
    """Lay a package down as an installer would."""
    package = folder / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code)
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[gera_workbench.encoders]\n{entry_points}\n")


def test_an_installed_package_adds_encoders_and_a_broken_one_does_no_harm(tmp_path):
    install(tmp_path, "letters", "letters = letters:entry\nletters-more = letters:more", PLUGIN)
    install(tmp_path, "sick", "sick = sick:entry", "raise OSError('not today')")
    odd = PLUGIN.replace('"text"', '"smell"')
    install(tmp_path, "odd", "odd = odd:entry\nmissing = odd:nothing", odd)
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(root)))},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["listed"][:4] == [
        *("bundled/minilm-l6", "letters/counts", "letters/odd", "letters/worse")
    ]
    assert told["eager"] == []
    facts = told["facts"]["letters/counts"]
    assert (facts["family"], facts["state"], facts["width"]) == ("plug-in", "here", 26)
    assert (facts["licence"], facts["title"]) == ("MIT", "Letter counts")
    assert told["found"] == ["letters/counts", "letters/odd", "letters/worse"]
    assert told["vector"][:2] == [2.0, 2.0]
    assert sum(told["vector"]) == 4.0
    assert told["source"] == "computed on cpu"
    assert "letters/odd could not be loaded (no such thing)" in told["odd"]
    assert "its plug-in is broken (RuntimeError: no such thing)" in told["worse"]
    assert told["facts"]["letters/worse"]["state"] == "unusable"
    problems = " ".join(told["problems"])
    assert len(told["problems"]) == 3
    for words in ("sick (sick:entry)", "not today", "encodes “smell”", "missing (odd:nothing)"):
        assert words in problems
