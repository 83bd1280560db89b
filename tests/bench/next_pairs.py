"""Does it matter which items are labelled next: strategies against random, with simulated answers.

    python tests/bench/next_pairs.py PROJECT … [--method cca] [--seeds 10] [--results next.csv]
                                     [--strategies random representative …] [--labels 25 50 …]
    python tests/bench/next_pairs.py --table next.csv

Each seed draws another fifth of the pairs for the test. The partners of all other items are hidden,
both halves staying among the items, as with folders that nobody has paired; a strategy asks about
one item after another of the view that is not text, and the hidden pair answers. After each number
of labels the method is trained with what was answered, and what it is unsure of is asked about
next; a strategy that looks at a space begins with as many random items as the first number says,
the others choose those too. Told are R@10 of the held-out pairs, the mean of both directions, and
how often the partner was among the nine that the labelling page offers. There are no validation
pairs. Finished lines are not computed again.
"""

import argparse
import csv
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")

FIGURES = ("recall@10", "recall@1", "offered", "seconds")
METHODS = {
    "gera": {},
    # GeRA's start without the coupling: much quicker, and unsure of the same items
    "cca": {"whitening": 0.5, "penalty": 3, "exponent": 1},
}


def simulate(place: str, method: str, strategy: str, seed: int, labels: list[int]):
    """Yield the labels and `FIGURES` of each round of asking, answering and training."""
    import numpy as np

    from workbench.alignment import fit
    from workbench.alignment.labelling.partners import likely_partners
    from workbench.alignment.labelling.strategies import STRATEGIES, Pool, choose_items
    from workbench.evaluation import retrieve
    from workbench.geometry import unit_differences
    from workbench.project import Project, SplitSettings, load_dataset

    data = load_dataset(Project.open(Path(place)))
    split = data.split(SplitSettings(seed=seed, validation=0.0, test=0.2))
    views, hidden = data.training(split)
    test = data.held_out(split.test)
    ((relation, pairs),) = hidden.items()
    side = 1 if relation[0] == "text" else 0
    view, other = relation[side], relation[1 - side]
    asked, first = np.unique(pairs[:, side], return_index=True)
    answer = np.full(len(views[view]), -1)
    answer[asked] = pairs[first, 1 - side]  # an item has one answer, also where it has partners
    frozen = unit_differences(views[view], views[view].mean(axis=0))
    needs = {each.name: each.needs_space for each in STRATEGIES}[strategy]
    known, space, offered = np.zeros(0, dtype=np.int64), None, float("nan")
    for number in labels:
        if number > len(asked):
            return
        began = time.process_time()
        free = np.setdiff1d(asked, known)
        margins, way = None, strategy
        if space is not None:
            joint, others = (space.embed(v, views[v]) for v in (view, other))
            if needs:
                margins = likely_partners(joint[free], others, 2, others=joint).margins
        elif needs:
            way = "random"
        chosen = choose_items(Pool(frozen, free, known, margins), way, number - len(known), seed)
        seconds = time.process_time() - began
        if space is not None:
            nine = likely_partners(joint[chosen], others, 9, others=joint).rows
            offered = float(np.mean((nine == answer[chosen, None]).any(axis=1)))
        known = np.concatenate([known, chosen])
        told = np.stack([known, answer[known]][:: 1 - 2 * side], axis=1)
        space = fit(method, views, {relation: told}, settings=METHODS[method], seed=seed)
        held = [space.embed(each, test.views[each]) for each in relation]
        there = test.pairs[relation]
        found = retrieve(*held, there), retrieve(*held[::-1], there[:, ::-1])
        recalls = [100 * sum(each.recall[k] for each in found) / 2 for k in (10, 1)]
        yield number, [*recalls, 100 * offered, seconds]


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.reader(file))


def print_table(path: Path) -> None:
    """Print R@10 of random choices, and by how much the others are ahead on the same splits."""
    import numpy as np

    cells: dict = defaultdict(dict)
    for place, method, strategy, seed, labels, *figures in _rows(path):
        key = Path(place).name, method, int(labels)
        cells[key][strategy, int(seed)] = [float(each) for each in figures]
    for project, method in dict.fromkeys(key[:2] for key in cells):
        columns = [key for key in cells if key[:2] == (project, method)]
        print(f"\n{project}, {method}: R@10 %, and points ahead of random ± standard error\n")
        print(f"| | {' | '.join(str(key[2]) for key in columns)} | offered |")
        print("|---|" + "---|" * (len(columns) + 1))
        for strategy in dict.fromkeys(name for key in columns for name, _ in cells[key]):
            texts, offered = [], []
            for key in columns:
                found = cells[key]
                seeds = [s for n, s in found if n == strategy and ("random", s) in found]
                gaps = [found[strategy, s][0] - found["random", s][0] for s in seeds]
                offered += [found[strategy, s][2] for s in seeds]
                if strategy == "random":
                    values = [found[strategy, s][0] for s in seeds]
                    texts.append(f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}")
                elif gaps:
                    error = np.std(gaps, ddof=1) / len(gaps) ** 0.5
                    texts.append(f"{np.mean(gaps):+.1f} ± {error:.1f}")
                else:
                    texts.append("")
            print(f"| {strategy} | {' | '.join(texts)} | {np.nanmean(offered):.0f} % |")


def main() -> None:
    """Run the study, or print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--method", choices=METHODS, default="cca")
    parser.add_argument("--strategies", nargs="+", default=None)
    parser.add_argument("--labels", type=int, nargs="+", default=[25, 50, 100, 200, 400])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--results", type=Path, default=Path("next.csv"))
    parser.add_argument("--table", type=Path)
    arguments = parser.parse_args()
    from workbench.alignment.labelling.strategies import STRATEGIES

    strategies = arguments.strategies or [each.name for each in reversed(STRATEGIES)]
    done = {tuple(row[:4]) for row in _rows(arguments.results)}
    for seed in range(arguments.seeds) if arguments.projects else ():
        for place in arguments.projects:
            for strategy in strategies:
                begun = place, arguments.method, strategy, str(seed)
                if begun in done:
                    continue
                lines = [
                    [*begun, labels, *(f"{each:.5g}" for each in figures)]
                    for labels, figures in simulate(
                        place, arguments.method, strategy, seed, arguments.labels
                    )
                ]
                with arguments.results.open("a", newline="") as file:
                    csv.writer(file).writerows(lines)
                print(*begun, file=sys.stderr)
    print_table(arguments.table or arguments.results)


if __name__ == "__main__":
    main()
