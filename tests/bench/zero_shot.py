"""Zero-shot classification over several splits: by words, by other words, and by examples.

    python tests/bench/zero_shot.py ~/copy-of-emoji --classes words.txt --methods gera ridge

For each split and method a run is trained in the project, so give it a copy; runs that are there
from an earlier call are used again. Printed are top-1, top-5 and balanced accuracy of held-out
items in %, mean ± standard deviation over the splits, chance and the largest class beside: by the
bare words, in the usual templates, by the words of a file (`label = words | other words`), and by
examples of the view itself in the run's space and in the frozen one.
"""

import argparse
from pathlib import Path

import numpy as np

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import (
    AlignRequest,
    LoadedEncoders,
    RunStore,
    ZeroShotRequest,
    align,
    read_classes,
    zero_shot,
)

SHOTS = (1, 2, 5, 20, None)
FIGURES = ("top1", "top5", "balanced")


def trained(project: Project, method: str, seed: int, pairs: int) -> str:
    """Return the name of a run, trained where it is not there yet."""
    name = f"{method}-{pairs}-{seed}"
    if name not in project.shelf.names():
        split = project.settings.split.model_copy(update={"seed": seed})
        drain(align(project, AlignRequest(method=method, name=name, pairs=pairs, split=split)))
    return name


def ways(view: str | None, classes: Path | None) -> dict[str, ZeroShotRequest]:
    """Return what is asked, by what it is called."""
    found = {
        "bare words": ZeroShotRequest(templates=("{}",), view=view),
        "usual templates": ZeroShotRequest(view=view),
    }
    if classes is not None:
        own = read_classes(classes)
        found["words of the file"] = ZeroShotRequest(own, ("{}",), view=view)
        found["words of the file in templates"] = ZeroShotRequest(own, view=view)
    for shots in SHOTS:
        words = f"{shots or 'all'} examples"
        found[words] = ZeroShotRequest(view=view or "image", by=view or "image", shots=shots or 999)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--methods", nargs="+", default=["gera", "ridge"])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--classes", type=Path)
    parser.add_argument("--view")
    asked = parser.parse_args()
    project = Project.open(asked.project)
    store, encoders = RunStore(), LoadedEncoders()
    figures: dict[tuple[str, str], list[list[float]]] = {}
    chance: list[list[float]] = []
    for seed in range(asked.seeds):
        runs = [trained(project, each, seed, asked.pairs) for each in asked.methods]
        for way, request in ways(asked.view, asked.classes).items():
            frozen = [] if request.by_words else [f"frozen:{runs[0]}"]
            job = zero_shot(project, runs + frozen, request, store=store, encoders=encoders)
            found = drain(job).runs
            for method, run in zip([*asked.methods, "frozen"], found, strict=False):
                values = run.found.figures()
                figures.setdefault((way, method), []).append([values[name] for name in FIGURES])
        of = found[0].found
        chance.append([of.chance(1), of.chance(5), 1 / of.classes, of.largest(1), of.largest(5)])
        print(f"split {seed}: {len(found[0].ids)} items, {of.classes} classes", flush=True)
    print(f"| | | {' | '.join(FIGURES)} |")
    for (way, method), rows in figures.items():
        mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1)
        cells = (f"{100 * m:.1f} ± {100 * s:.1f}" for m, s in zip(mean, spread, strict=True))
        print(f"| {way} | {method} | {' | '.join(cells)} |")
    top1, top5, balanced, largest1, largest5 = 100 * np.mean(chance, axis=0)
    print(f"| chance | | {top1:.1f} | {top5:.1f} | {balanced:.1f} |")
    print(f"| largest class | | {largest1:.1f} | {largest5:.1f} | {balanced:.1f} |")


if __name__ == "__main__":
    main()
