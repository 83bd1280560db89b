"""What each method scores on projects' held-out pairs: the study that the defaults rest on.

    python tests/bench/study.py PROJECT[:VIEW+VIEW] … [--labels 50 200 800] [--seeds 5]
                                [--validation 0] [--parts methods choices variants unpaired]
                                [--results study.csv] [--workers 2]
    python tests/bench/study.py --table study.csv

Every seed draws another split. Labels are counted in all: a share of them is for validation, or
none; those of fewer labels are among those of more. All methods see the same pairs and the same
held-out items. The parts:

methods     each method at its defaults; those that are solved at once with GeRA's whitening too,
            and CCA with a penalty that is not chosen, as GeRA's start has one
choices     with validation pairs, a few configurations more to choose from, as many for each method
            that trains (solved methods search their own grids): of these and the defaults the one
            with the best MRR on validation pairs is taken, cell by cell
variants    GeRA with one thing changed at a time
unpaired    GeRA with fewer unpaired items of each view, as multiples of the labels

Finished cells are not computed again; a file of results holds one share of validation. A cell is
that of `gera-workbench study`, which asks the questions of users; here are those that the defaults
rest on, over several projects.
"""

import argparse
import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))
from study_cell import FIGURES, measure  # threads are counted first

DEFAULTS, WHITENED, FIXED = "defaults", "whitening 0.5", "whitening 0.5, fixed penalty"
TRAINED = ("gera", "contrastive", "structure", "sotalign")
SOLVED = ("cca", "ridge", "asif", "procrustes")
RANDOM = {"head": "linear", "start": "random", "steps": 300, "learning_rate": 1e-3}
CHOICES = {
    "gera": {"α = 0.3": {"alpha": 0.3}, "α = 30": {"alpha": 30}},
    "contrastive": {"linear, random start": RANDOM, "no mixing": {"mixing": 0}},
    "asif": {"p = 4": {"power": 4}, "k = 400": {"kept": 400}},
    "structure": {"λ = 1": {"weight": 1}, "linear, random start": RANDOM},
    "sotalign": {"weight 0.1": {"weight": 0.1}, "linear, random start": RANDOM},
}
VARIANTS = {
    "α = 0": {"alpha": 0},
    "α = 0.1": {"alpha": 0.1},
    "α = 1": {"alpha": 1},
    "α = 30": {"alpha": 30},
    "α = 300": {"alpha": 300},
    "no unpaired items": {"unpaired": "none", "coupled": False},
    "not coupled": {"coupled": False},
    "not whitened": {"whitening": None},
    "whitening 1": {"whitening": 1.0},
    "the start alone": {"checkpoint": "step", "checkpoint_step": 1, "learning_rate": 1e-9},
    "linear": {"head": "linear"},
    "mlp": {"head": "mlp"},
    "mlp, random start": {**RANDOM, "head": "mlp"},
    "linear, random start": RANDOM,
    "linear, random start, α = 0": {**RANDOM, "alpha": 0},
    "linear, random start, α = 30": {**RANDOM, "alpha": 30},
    "300 steps": {"steps": 300},
    "300 steps, α = 0": {"steps": 300, "alpha": 0},
    "no mixing": {"mixing": 0},
    "K = 10": {"neighbours": 10},
    "K = 50": {"neighbours": 50},
    "σ = 0.1": {"bandwidth": 0.1},
    "σ = 1": {"bandwidth": 1.0},
    "ε frozen": {"epsilon": "frozen"},
}
UNPAIRED = {f"{times} × unpaired": {"unpaired_a_label": times} for times in (0, 1, 10, 30)}
PARTS = ("methods", "choices", "variants", "unpaired")


def configurations(part: str) -> Iterator[tuple[str, str, dict]]:
    """Yield method, configuration and settings."""
    if part == "methods":
        for method in (*TRAINED, *SOLVED):
            yield method, DEFAULTS, {}
        for method in SOLVED:
            yield method, WHITENED, {"whitening": 0.5}
        yield "cca", FIXED, {"whitening": 0.5, "penalty": 3, "exponent": 1}
    elif part == "choices":
        for method, choices in CHOICES.items():
            for name, settings in choices.items():
                yield method, name, settings
    else:
        for name, settings in (VARIANTS if part == "variants" else UNPAIRED).items():
            yield "gera", name, settings


def run(places, labels, seeds, path: Path, workers: int, validation: float, parts) -> None:
    """Compute every cell that the results do not have yet, and add it to them."""
    done = {tuple(row[:5]) for row in _rows(path)}
    wanted = [
        (place, count, seed, method, name, settings)
        for part in parts
        for seed in range(seeds)
        for place in places
        for count in labels
        for method, name, settings in configurations(part)
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
    """Return figures by (project, labels), then by (method, configuration, seed)."""
    import numpy as np

    cells: dict = defaultdict(dict)
    for place, labels, seed, method, name, *figures in _rows(path):
        folder, sign, views = place.partition(":")
        shown = Path(folder).name + sign + views
        cells[shown, int(labels)][method, name, int(seed)] = np.array(figures, dtype=float)
    return dict(sorted(cells.items()))


def chosen_of(found: dict) -> dict:
    """Return figures by (line of the tables, seed).

    Of each method the configuration that is best on validation pairs; its defaults without any.
    """
    chosen: dict = {}
    for (method, name, seed), figures in found.items():
        if name in (WHITENED, FIXED):
            chosen[f"{method}, {name}", seed] = figures
        elif name == DEFAULTS or name in CHOICES.get(method, {}):
            best = chosen.get((method, seed), figures)
            chosen[method, seed] = max(best, figures, key=lambda each: each[0])
    return chosen


def print_tables(path: Path) -> None:
    """Print what the results say, in Markdown, project by project."""
    cells = read_cells(path)
    chosen = {cell: chosen_of(found) for cell, found in cells.items()}
    lines = [
        *TRAINED, *SOLVED, *(f"{method}, {WHITENED}" for method in SOLVED), f"cca, {FIXED}"
    ]  # fmt: skip
    titles = {
        "recall@10": "R@10 % of held-out pairs, mean ± standard deviation over splits",
        "csls_recall@10": "The same with CSLS",
        "recall@1": "R@1 %",
        "kept": "Kept of the 10 nearest neighbours, %",
        "within": "Of the ten nearest items of the same view, % with the same label",
        "zero_shot": "Zero-shot top-1 %",
        "seconds": "Processor seconds to fit",
    }
    changes = (*VARIANTS, *UNPAIRED, *CHOICES["gera"])
    for project in dict.fromkeys(name for name, _ in cells):
        columns = [cell for cell in cells if cell[0] == project]
        for figure, title in titles.items():
            place = FIGURES.index(figure)
            table = {m: [_mean(chosen[c], m, place) for c in columns] for m in lines}
            if figure == "within":
                place = FIGURES.index("within_frozen")
                table["frozen space"] = [_mean(chosen[c], "gera", place) for c in columns]
            _print_table(title, columns, table)
        _print_table(
            "GeRA changed less GeRA on the same splits: points of R@10, and of neighbours kept",
            columns, {name: [_change(cells[c], name) for c in columns] for name in changes},
        )  # fmt: skip
    print("\nGeRA less the method, R@10 points on the same splits, over all columns\n")
    print("| | mean | worst column |\n|---|---|---|")
    for line in lines:
        gaps = {cell: _gaps(found, line) for cell, found in chosen.items()}
        known = {cell: gap for cell, gap in gaps.items() if gap}
        if line != "gera" and known:
            (name, labels), worst = min(
                known.items(), key=lambda each: sum(each[1].values()) / len(each[1])
            )
            ends = _with_error(list(worst.values()))
            print(f"| {line} | {_over_columns(known)} | {ends} at {name} {labels} |")


def _print_table(title: str, columns: list, lines: dict) -> None:
    known = {name: texts for name, texts in lines.items() if any(texts)}
    if known:
        heads = [f"{name} {labels}" for name, labels in columns]
        print(f"\n{title}\n\n| | {' | '.join(heads)} |\n|---|" + "---|" * len(heads))
        for name, texts in known.items():
            print(f"| {name} | " + " | ".join(texts) + " |")


def _mean(chosen: dict, line: str, figure: int) -> str:
    import numpy as np

    values = [figures[figure] for (name, _), figures in chosen.items() if name == line]
    if not values or np.isnan(values).all():
        return ""
    return f"{np.mean(values):.1f}" + (f" ± {np.std(values, ddof=1):.1f}" if values[1:] else "")


def _gaps(chosen: dict, line: str) -> dict[int, float]:
    """Return how far GeRA is ahead on each split, by its seed."""
    place = FIGURES.index("recall@10")
    return {
        seed: float(chosen["gera", seed][place] - figures[place])
        for (name, seed), figures in chosen.items()
        if name == line and ("gera", seed) in chosen
    }


def _over_columns(gaps: dict) -> str:
    """Return the mean over columns with its error; columns of one split count as one draw."""
    import numpy as np

    columns = [list(gap.values()) for gap in gaps.values()]
    mean, variance = np.mean([np.mean(gap) for gap in columns]), 0.0
    for project in {name for name, _ in gaps}:
        own = [gap for (name, _), gap in gaps.items() if name == project]
        seeds = sorted(set.intersection(*map(set, own)))
        if len(seeds) > 1:
            of_splits = [np.mean([gap[seed] for gap in own]) for seed in seeds]
            variance += (len(own) / len(columns)) ** 2 * np.var(of_splits, ddof=1) / len(seeds)
    return f"{mean:+.1f}" + (f" ± {variance**0.5:.1f}" if variance else "")


def _change(found: dict, name: str) -> str:
    import numpy as np

    places = FIGURES.index("recall@10"), FIGURES.index("kept")
    gaps = np.array(
        [
            [figures[p] - found["gera", DEFAULTS, seed][p] for p in places]
            for (method, config, seed), figures in found.items()
            if (method, config) == ("gera", name) and ("gera", DEFAULTS, seed) in found
        ]
    )
    return ", ".join(map(_with_error, gaps.T)) if len(gaps) else ""


def _with_error(values) -> str:
    import numpy as np

    if not len(values):
        return ""
    spread = f" ± {np.std(values, ddof=1) / len(values) ** 0.5:.1f}" if len(values) > 1 else ""
    return f"{np.mean(values):+.1f}{spread}"


def main() -> None:
    """Run the study, or print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--labels", type=int, nargs="+", default=[50, 200, 800])
    parser.add_argument("--validation", type=float, default=0.0, help="share of the labels")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=["methods"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("study.csv"))
    parser.add_argument("--table", type=Path)
    arguments = parser.parse_args()
    if arguments.projects:
        run(
            arguments.projects, arguments.labels, arguments.seeds, arguments.results,
            arguments.workers, arguments.validation, arguments.parts,
        )  # fmt: skip
    print_tables(arguments.table or arguments.results)


if __name__ == "__main__":
    main()
