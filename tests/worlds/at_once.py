"""Two things done to one project at once, in processes of their own, of which one may be killed.

``python at_once.py FOLDER SEED…`` writes a line a seed, in JSON: what was done, and what was lost
by it. It is a program of its own: whoever has threads must not fork.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from worlds.fakes import FakeShelf, encode_all, settings_of, vector, write_item, write_world

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project, SplitSettings, load_embeddings
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    align,
    encode,
    evaluate,
    export,
    make_map,
    scan,
)

COUNT = 24
FINE, REFUSED, WRONG = 0, 1, 2


class Patch:
    """Sets attributes for good, where a test has monkeypatch."""

    setattr = staticmethod(setattr)


def touch(project: Project) -> None:
    """Give pictures another time, as when they are copied."""
    for picture in (project.root / "image").rglob("*.png"):
        picture.touch()


DEEDS: dict[str, Callable[[Project], object]] = {
    "scan": lambda project: drain(scan(project)),
    "touch": touch,
    "add": lambda project: write_item(project.root / "text" / "kind-0", "text", 77),
    "encode": lambda project: drain(encode(project, EncodeRequest("image"))),
    "align": lambda project: drain(align(project, AlignRequest(method="procrustes", name="new"))),
    "map": lambda project: drain(make_map(project, "run:a")),
    "export": lambda project: drain(export(project, "a", project.root / "exports" / "a")),
    "evaluate": lambda project: drain(evaluate(project, "b")),
    "rename": lambda project: project.shelf.rename("a", "c"),
    "rename the other": lambda project: project.shelf.rename("b", "c"),
    "delete": lambda project: project.shelf.delete("a"),
    "restore": lambda project: project.shelf.restore(project.shelf.deleted()[0]),
    "split": lambda project: project.change(split=SplitSettings(seed=3)),
}  # fmt: skip


def make(root: Path) -> None:
    """Make a project around its data, with two runs."""
    write_world(root, COUNT)
    settings = settings_of()
    for source in settings.sources:
        source.path = source.modality
    project = Project.create(root, settings)
    drain(scan(project))
    encode_all(project)
    for name in ("a", "b", "gone"):
        drain(align(project, AlignRequest(method="procrustes", name=name)))
    drain(make_map(project, "run:a"))
    project.shelf.delete("gone")


def begin(root: Path, deed: str) -> int:
    """Do something in a process of its own, and return its number."""
    number = os.fork()
    if number:
        return number
    code = WRONG
    try:
        DEEDS[deed](Project.open(root))
        code = FINE
    except WorkbenchError:
        code = REFUSED
    except BaseException as error:
        print(f"{deed}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def losses(root: Path, before: dict[tuple[str, str], int]) -> list[str]:
    """Say what is missing or wrong in a project after all that was done to it."""
    found = []
    project = Project.open(root)
    drain(scan(project))
    encode_all(project)
    now = {(item.modality, item.path): item.id for item in project.catalogue.items()}
    if any(now.get(name) != number for name, number in before.items()):
        found.append("items have other ids")
    for modality, encoder in project.settings.encoders.items():
        ids, rows = load_embeddings(project, modality, encoder)
        names = {item.id: Path(item.path).stem for item in project.catalogue.items(modality)}
        right = [vector(modality, int(names[number][6:])) for number in ids.tolist()]
        if len(ids) != len(names) or not np.array_equal(rows, right):
            found.append(f"vectors of {modality} items are wrong")
    shelf = project.shelf
    runs = [run for run in shelf.runs() if run.name != "new"]  # which may be cut off
    if len(runs) + len(shelf.deleted()) != len(("a", "b", "gone")):
        found.append(f"runs: {[run.name for run in runs]}, deleted: {shelf.deleted()}")
    try:
        for run in runs:
            run.space()
            run.recipe()
        drain(align(project, AlignRequest(method="procrustes", name="after")))
        drain(evaluate(project, "after"))
    except WorkbenchError as error:
        found.append(str(error))
    return found


def attack(world: Path, root: Path, seed: int) -> dict[str, object]:
    """Do two things at once to a copy of a project; of every second pair one is killed."""
    shutil.copytree(world, root)
    project, chance = Project.open(root), random.Random(seed)
    before = {(item.modality, item.path): item.id for item in project.catalogue.items()}
    deeds = chance.sample(sorted(DEEDS), 2)
    numbers = []
    for deed in deeds:
        numbers.append(begin(root, deed))
        time.sleep(chance.choice((0, 0.01, 0.05)) * chance.random())
    killed = chance.choice(numbers) if seed % 2 else None
    if killed:
        time.sleep(0.1 * chance.random())
        os.kill(killed, signal.SIGKILL)
    ends = [os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) for number in numbers]
    wrong = [
        f"{deed} ended with {end}"
        for deed, number, end in zip(deeds, numbers, ends, strict=True)
        if end not in (FINE, REFUSED) and number != killed
    ]
    found = wrong + losses(root, before)
    shutil.rmtree(root)
    return {"seed": seed, "deeds": deeds, "killed": bool(killed), "lost": found}


def main() -> None:
    """Make the world, and attack copies of it."""
    folder = Path(sys.argv[1])
    FakeShelf().put(Patch)
    make(folder / "world")
    for seed in map(int, sys.argv[2:]):
        print(json.dumps(attack(folder / "world", folder / f"{seed}", seed)), flush=True)


if __name__ == "__main__":
    main()
