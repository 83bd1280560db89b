"""What each method scores on projects' held-out pairs: the study that the defaults rest on.

    python tests/bench/study.py PROJECT[:VIEW+VIEW] … [--labels 50 200 800] [--seeds 5]
                                [--validation 0] [--only 30] [--results study.csv] [--workers 2]
    python tests/bench/study.py --table study.csv

Every seed draws another split. Labels are counted in all: a share of them is for validation, or
none; those of fewer labels are among those of more. All methods see the same pairs and the same
held-out items. With validation pairs each method has a few configurations to choose from
(`CHOICES`, as many for each that trains; solved methods search their own grids): the one with the
best MRR on them is taken, cell by cell, and scored on the test pairs. Without any there is nothing
to choose by, and each has its defaults. Other configurations (`VARIANTS`) are measured beside, one
thing changed at a time. Finished cells are not computed again; a file of results holds one share
of validation.
"""

import argparse
import csv
import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")

RANDOM = {"head": "linear", "start": "random", "learning_rate": 1e-3}
CHOICES = {
    "gera": {"defaults": {}, "α = 1": {"alpha": 1}, "α = 100": {"alpha": 100}},
    "contrastive": {"defaults": {}, "linear, random start": RANDOM, "no mixing": {"mixing": 0}},
    "procrustes": {"defaults": {}},
    "asif": {"defaults": {}, "p = 4": {"power": 4}, "k = 400": {"kept": 400}},
    "ridge": {"defaults": {}},
    "cca": {"defaults": {}},
    "structure": {
        "defaults": {}, "λ = 1": {"weight": 1}, "linear, random start": RANDOM,
    },
    "sotalign": {
        "defaults": {}, "weight 0.1": {"weight": 0.1}, "linear, random start": RANDOM,
    },
}  # fmt: skip
VARIANTS = {
    "α = 0": {"alpha": 0},
    "the start alone": {"checkpoint": "step", "checkpoint_step": 1, "learning_rate": 1e-9},
    "not coupled": {"coupled": False},
    "not whitened": {"whitening": None},
    "whitening 1": {"whitening": 1.0},
    "α = 1000": {"alpha": 1000},
    "K = 10": {"neighbours": 10},
    "K = 50": {"neighbours": 50},
    "σ = 0.1": {"bandwidth": 0.1},
    "σ = 1": {"bandwidth": 1.0},
    "local scale": {"scale": "local"},
    "ε frozen": {"epsilon": "frozen"},
    "no unpaired items": {"unpaired": "none"},
    "no mixing": {"mixing": 0},
    "linear": {"head": "linear"},
    "linear, Procrustes start": {"head": "linear", "start": "procrustes"},
    "linear, random start": RANDOM,
    "linear, random start, α = 100": {**RANDOM, "alpha": 100},
}
RIVALS = {"whitening 0.5": {"whitening": 0.5}}  # of methods that are solved at once
FIGURES = ("validation_mrr", "recall@1", "recall@10", "csls_recall@10", "kept", "seconds")


def configurations():
    """Yield (method, configuration, settings), what matters most first."""
    for place in range(max(map(len, CHOICES.values()))):
        for method, choices in CHOICES.items():
            if place < len(choices):
                yield method, *list(choices.items())[place]
    for method in ("cca", "ridge", "asif", "procrustes"):
        for name, settings in RIVALS.items():
            yield method, name, settings
    for name, settings in VARIANTS.items():
        yield "gera", name, settings


def measure(
    place: str, labels: int, seed: int, method: str, settings: dict, validated: float
) -> list[float]:
    """Return the figures of one cell."""
    import numpy as np

    from workbench.alignment import fit, standardise
    from workbench.evaluation import neighbour_overlap, retrieve

    def both_ways(space, held_out, csls=None):
        found = []
        for (first, second), rows in held_out.pairs.items():
            ours, theirs = (space.embed(v, held_out.views[v]) for v in (first, second))
            found.append(retrieve(ours, theirs, rows, csls=csls))
            found.append(retrieve(theirs, ours, rows[:, ::-1], csls=csls))
        return found

    data, split = project_data(place, seed, labels, validated)
    views, pairs = data.training(split)
    validation, test = data.held_out(split.validation), data.held_out(split.test)
    validation = validation if validation.pairs else None
    began = time.perf_counter()
    space = fit(method, views, pairs, settings=settings, validation=validation, seed=seed)
    seconds = time.perf_counter() - began
    tested, corrected = both_ways(space, test), both_ways(space, test, csls=10)
    kept = [
        neighbour_overlap(standardise(rows, space.heads[view].centre), space.embed(view, rows))
        for view, rows in test.views.items()
    ]
    return [
        float(np.mean([each.mrr for each in both_ways(space, validation)])) if validation else 0.0,
        100 * float(np.mean([each.recall[1] for each in tested])),
        100 * float(np.mean([each.recall[10] for each in tested])),
        100 * float(np.mean([each.recall[10] for each in corrected])),
        100 * float(np.mean(kept)),
        seconds,
    ]


_READ: dict = {}


def project_data(place: str, seed: int, labels: int, validation: float):
    """Return a project's data, read once a process, and its split."""
    from workbench.project import Project, load_dataset

    if place not in _READ:
        folder, _, views = place.partition(":")
        project = Project.open(Path(folder))
        encoders = project.settings.encoders
        chosen = {v: encoders[v] for v in views.split("+")} if views else None
        _READ[place] = (project.settings.split, load_dataset(project, chosen))
    settings, data = _READ[place]
    own = {"seed": seed, "labels": labels, "validation": validation}
    return data, data.split(settings.model_copy(update=own))


def run(places, labels, seeds, path: Path, workers: int, validation: float, only: int) -> None:
    """Compute every cell that the results do not have yet, and add it to them."""
    done = {tuple(row[:5]) for row in _rows(path)}
    wanted = [
        (place, count, seed, method, name, settings)
        for method, name, settings in list(configurations())[: only or None]
        if validation or name not in CHOICES[method] or name == "defaults"
        for seed in range(seeds)
        for place in places
        for count in labels
    ]
    waiting = [w for w in wanted if tuple(map(str, w[:5])) not in done]
    print(f"{len(waiting)} of {len(wanted)} cells to compute", file=sys.stderr)
    with ProcessPoolExecutor(workers) as pool, path.open("a", newline="") as file:
        futures = {pool.submit(measure, *w[:4], w[5], validation): w[:5] for w in waiting}
        for future in as_completed(futures):
            csv.writer(file).writerow([*futures[future], *(f"{x:.5g}" for x in future.result())])
            file.flush()


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.reader(file))


def read_cells(path: Path) -> dict:
    """Return figures by (project, budget), then by (method, configuration, seed)."""
    import numpy as np

    cells: dict = defaultdict(dict)
    for place, budget, seed, method, name, *figures in _rows(path):
        folder, sign, views = place.partition(":")
        shown = Path(folder).name + sign + views
        cells[shown, int(budget)][method, name, int(seed)] = np.array(figures, dtype=float)
    return dict(sorted(cells.items()))


def choose(found: dict) -> dict:
    """Return the figures of each (method, seed) by the configuration best on validation pairs."""
    chosen = {}
    for (method, name, seed), figures in found.items():
        if name in CHOICES[method]:
            best = chosen.get((method, seed), figures)
            chosen[method, seed] = max(best, figures, key=lambda each: each[0])
    return chosen


def print_tables(path: Path) -> None:
    """Print what the results say, in Markdown."""
    cells = read_cells(path)
    chosen = {cell: choose(found) for cell, found in cells.items()}
    heading = "| | " + " | ".join(f"{name} {budget}" for name, budget in cells) + " |\n|---|"
    heading += "---|" * len(cells)

    def print_table(title: str, rows: dict) -> None:
        print(f"\n{title}\n\n{heading}")
        for name, texts in rows.items():
            print(f"| {name} | " + " | ".join(texts) + " |")

    for title, figure in (
        ("R@10 % of held-out pairs, each method's configuration chosen on validation pairs", 2),
        ("The same with CSLS", 3),
        ("R@1 %", 1),
        ("Kept of the 10 nearest neighbours, %", 4),
        ("Seconds to fit", 5),
    ):
        print_table(
            title,
            {m: [_mean(_of(chosen[c], m), figure) for c in cells] for m in CHOICES},
        )
    print_table(
        "GeRA less the method, R@10 points on the same splits, mean ± standard error",
        {m: [_difference(chosen[c], m) for c in cells] for m in CHOICES if m != "gera"},
    )
    names = dict.fromkeys((m, n) for m, n, _ in configurations())
    print_table(
        "Each configuration: validation MRR, and R@10 % of held-out pairs",
        {f"{m}: {n}": [_configuration(found, m, n) for found in cells.values()] for m, n in names},
    )


def _of(chosen: dict, method: str) -> list:
    return [figures for (name, _), figures in chosen.items() if name == method]


def _mean(found: list, figure: int) -> str:
    import numpy as np

    values = [figures[figure] for figures in found]
    spread = f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
    return f"{np.mean(values):.1f}{spread}" if values else ""


def _difference(chosen: dict, method: str) -> str:
    import numpy as np

    gaps = [
        chosen["gera", seed][2] - figures[2]
        for (name, seed), figures in chosen.items()
        if name == method and ("gera", seed) in chosen
    ]
    if len(gaps) < 2:
        return ""
    return f"{np.mean(gaps):+.1f} ± {np.std(gaps, ddof=1) / len(gaps) ** 0.5:.1f}"


def _configuration(found: dict, method: str, name: str) -> str:
    import numpy as np

    figures = [f for (m, n, _), f in found.items() if (m, n) == (method, name)]
    mean = np.mean(figures, axis=0) if figures else None
    return "" if mean is None else f"{mean[0]:.3f}, {mean[2]:.1f}"


def main() -> None:
    """Run the study, or print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--labels", type=int, nargs="+", default=[50, 200, 800])
    parser.add_argument("--validation", type=float, default=0.2, help="share of the labels")
    parser.add_argument("--only", type=int, default=0, help="so many configurations, from the top")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("study.csv"))
    parser.add_argument("--table", type=Path)
    arguments = parser.parse_args()
    if arguments.projects:
        run(
            arguments.projects, arguments.labels, arguments.seeds, arguments.results,
            arguments.workers, arguments.validation, arguments.only,
        )  # fmt: skip
    print_tables(arguments.table or arguments.results)


if __name__ == "__main__":
    main()
