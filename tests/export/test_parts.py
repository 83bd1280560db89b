"""The table of parts, and what becomes of a folder in which they are written."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.exports import contents, random_rows, space_of
from worlds.fakes import tree

from workbench.errors import WorkbenchError
from workbench.export import (
    PARTS,
    Part,
    ViewItems,
    find_parts,
    is_readme_of_bundle,
    load,
    write_bundle,
)
from workbench.jobs import Control, Progress, drain

SPACE = space_of("linear")


def items(view):
    rows = SPACE.embed(view, random_rows(5, SPACE.width(view)))
    words = [f"{view} {n}" for n in range(5)]
    return ViewItems(np.arange(5), rows, words, words, [""] * 5, [""] * 5)


MADE = contents(SPACE, items=items, counts={"image": 5, "text": 5})


def names(folder):
    return sorted(tree(folder))


BASE = ["README.md", "config.json", "example.py", "heads.safetensors", "load_heads.py"]
VECTORS = ["vectors/ids.npy", "vectors/items.parquet", "vectors/vectors.npy"]
INDEX = ["index/image.faiss", "index/text.faiss"]


def test_parts_are_found_by_name():
    assert [part.name for part in find_parts(["index", "vectors"])] == ["vectors", "index"]
    assert find_parts([]) == ()
    with pytest.raises(
        WorkbenchError, match=r"no part “maps”\. Parts: vectors, index, sentence-tr"
    ):
        find_parts(["maps"])


def test_a_part_whose_package_is_not_there_is_refused_and_left_out_of_all(monkeypatch):
    lacking = Part("x", "X", "", lambda _: 0, PARTS[0].write, ("no_such_package",), "extra")
    monkeypatch.setattr("workbench.export.parts.PARTS", (PARTS[0], lacking))
    with pytest.raises(
        WorkbenchError, match=r"needs the Python package no_such_package.*\[extra\]"
    ):
        find_parts(["x"])
    assert find_parts(["all"]) == (PARTS[0],)


def test_its_words_are_no_text_of_anybodys_data(tmp_path):
    folder = drain(write_bundle(tmp_path / "b", MADE))
    inner, other = folder / "onnx" / "text", folder / "onnx"
    inner.mkdir(parents=True)
    for place in (folder, inner, other):
        (place / "README.md").write_text("words")
        (place / "CONTRIBUTING.md").write_text("words")
    assert is_readme_of_bundle(folder / "README.md")
    assert is_readme_of_bundle(inner / "README.md")
    for path in (other / "README.md", folder / "CONTRIBUTING.md", tmp_path / "README.md"):
        assert not is_readme_of_bundle(path)


def test_what_was_estimated_is_near_to_what_is_written(tmp_path):
    many = 3000
    rows = SPACE.embed("image", random_rows(many, SPACE.width("image")))
    words = [f"/a/path/as/long/as/they/are/{n}" for n in range(many)]
    views = {view: ViewItems(np.arange(many), rows, words, words, words, words)
             for view in ("image", "text")}  # fmt: skip
    made = contents(SPACE, items=views.get, counts={"image": many, "text": many})
    folder = drain(write_bundle(tmp_path / "b", made, find_parts(["vectors", "index"])))
    for part in find_parts(["vectors", "index"]):
        told = load(folder).configuration["parts"][part.name]["files"]
        written = sum(file["bytes"] for file in told.values())
        assert 0.5 < part.size(made) / written < 2, part.name
        assert {f"{part.name}/{name}" for name in told} == {
            name for name in tree(folder) if name.startswith(f"{part.name}/")
        }


def test_parts_that_are_not_wanted_again_go(tmp_path):
    folder = tmp_path / "b"
    for alone in (True, False):
        if not alone:
            (folder / "notes").mkdir()
            (folder / "notes" / "mine.txt").write_text("mine")
        other = [] if alone else ["notes/mine.txt"]
        drain(write_bundle(folder, MADE, find_parts(["vectors", "index"])))
        assert names(folder) == sorted([*BASE, *VECTORS, *INDEX, *other])
        drain(write_bundle(folder, MADE, find_parts(["index"])))
        assert names(folder) == sorted([*BASE, *INDEX, *other])
        assert not (folder / "vectors").exists()


def test_files_of_others_in_a_part_stay_and_are_not_written_over(tmp_path):
    folder = tmp_path / "b"
    drain(write_bundle(folder, MADE, find_parts(["index"])))
    (folder / "index" / "mine.txt").write_text("mine")
    drain(write_bundle(folder, MADE))
    assert names(folder) == sorted([*BASE, "index/mine.txt"])
    (folder / "vectors").mkdir()
    (folder / "vectors" / "ids.npy").write_text("mine")
    before = tree(folder)
    with pytest.raises(WorkbenchError, match=r"ids\.npy is in the way"):
        drain(write_bundle(folder, MADE, find_parts(["vectors"])))
    assert tree(folder) == before


@pytest.mark.parametrize("part", ["vectors", "index"])
def test_a_stop_leaves_what_was_there(tmp_path, part):
    folder = tmp_path / "b"
    for before in ([], ["vectors"]):
        if before:
            drain(write_bundle(folder, MADE, find_parts(before)))
        known, control = tree(tmp_path), Control()

        def stop(event, control=control):
            if isinstance(event, Progress) and "text" in event.message:
                control.stop()

        job = write_bundle(folder, MADE, find_parts([part]), control)
        assert drain(job, stop) is None
        assert tree(tmp_path) == known


@pytest.mark.parametrize("parts", [[], ["vectors"], ["vectors", "index"]], ids=str)
def test_the_example_runs_as_it_stands(tmp_path, parts):
    folder = drain(write_bundle(tmp_path / "b", MADE, find_parts(parts)))
    ran = subprocess.run(
        [sys.executable, "-I", "-c",
         f"import sys, runpy; sys.path.insert(0, {str(folder)!r}); "
         f"runpy.run_path({str(folder / 'example.py')!r}, run_name='__main__')"],
        capture_output=True, text=True, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "become rows (3, 6)" in ran.stdout
    if parts:
        assert "1.000       0  image 0" in ran.stdout
    if "index" in parts:
        assert "image items by the index: [0," in ran.stdout


def test_the_card_says_what_is_known_and_claims_no_licence(tmp_path):
    figures = {"recall@1": 0.25, "median_rank": 3.0, "queries": 20, "candidates": 40,
               "chance": {"recall@1": 0.025}, "interval": {"recall@1": [0.1, 0.4]}}  # fmt: skip
    recipe = {"method": "gera", "seed": 3, "state": "stopped", "kept": {"why": "Step 4: why."},
              "words": {"share": 0.2, "view": "image"}, "settings": {"alpha": 7}}  # fmt: skip
    made = contents(
        SPACE, items=items, counts={"image": 5, "text": 5}, pairs=lambda: {"training": 1234},
        encoders={"text": {"name": "t", "source": "hub owner/model", "licence": "MIT"}},
        facts={"recipe": recipe, "report": {"retrieval": {"text→image": figures}}},
    )  # fmt: skip
    folder = drain(write_bundle(tmp_path / "b", made, find_parts(["vectors"])))
    card = (folder / "README.md").read_text("utf-8")
    head = card.split("---")[1]
    assert "base_model:\n- owner/model\n" in head
    assert "licen" not in head
    for said in (
        "| text→image | 25.0% (10.0% – 40.0%), chance 2.5% |  |  | 3 | 20 of 40 |",
        "5 image items and 5 text items. Pairs: 1,234 for training.",
        "method: gera, seed 3", "settings: alpha 7", "Step 4: why.", "count for 20%",
        "The training was stopped before its end.", "| MIT |", "arXiv 2310.00672",
        "embedding-atlas vectors/items.parquet --vector vector --text text",
        "No licence is claimed for the heads",
    ):  # fmt: skip
        assert said in card
    told = json.loads((folder / "config.json").read_text("utf-8"))
    assert told["schema_version"] == 2
    assert set(told) == {
        "format", "views", "schema_version", "run", "heads_sha256", "encoders", "recipe",
        "report", "parts",
    }  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize(("part", "file"), [("index", "image.faiss"), ("vectors", "vectors.npy")])
def test_a_full_disk_is_an_error_of_the_system(tmp_path, part, file):
    (tmp_path / file).symlink_to("/dev/full")
    (chosen,) = find_parts([part])
    with pytest.raises(OSError, match="No space left on device"):
        drain(chosen.write(tmp_path, MADE, Control()))


def test_an_encoders_words_add_nothing_to_the_card(tmp_path):
    """They may be those of a project that somebody sent."""
    card = {"name": "x|y", "source": "hub a/b\nlicense: mit", "revision": "1\n\n# title"}
    known = {"name": "fake/text", "source": "hub org/name.of-it"}
    made = contents(SPACE, encoders={"image": card, "text": known})
    folder = drain(write_bundle(tmp_path / "b", made))
    words = (folder / "README.md").read_text("utf-8")
    assert words.split("---")[1].endswith("base_model:\n- org/name.of-it\n")
    assert "| image | x\\|y | hub a/b license: mit | 1 # title | 9 |  |\n" in words
