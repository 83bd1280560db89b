"""What each method scores on a project's held-out pairs, with its default settings.

    python tests/bench/sample_quality.py PROJECT [--pairs 200] [--seeds 5]

Every seed draws another split; all methods see the same pairs and the same held-out items. Prints
a table of mean ± standard deviation over seeds, as the README shows it.
"""

import argparse
from pathlib import Path

import numpy as np

from workbench.alignment import fit, methods, standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import neighbour_overlap, retrieval
from workbench.project import Project, load_dataset


def measure(data, settings, method: str, pairs: int, seed: int) -> list[float]:
    """Return R@1, R@10 and median rank (mean of both directions), preservation, and chance."""
    split = data.split(settings.model_copy(update={"seed": seed}), pairs)
    views, training = data.training(split)
    validation, test = data.held_out(split.validation), data.held_out(split.test)
    space = fit(method, views, training, validation=validation, seed=seed)
    found = []
    for (first, second), rows in test.pairs.items():
        scores = space.similarity(first, test.views[first], second, test.views[second])
        found += [retrieval(scores, rows), retrieval(scores.T, rows[:, ::-1])]
    kept = [
        neighbour_overlap(standardise(rows, space.heads[view].centre), space.embed(view, rows))
        for view, rows in test.views.items()
    ]
    return [
        100 * np.mean([each.recall[1] for each in found]),
        100 * np.mean([each.recall[10] for each in found]),
        np.mean([each.median_rank for each in found]),
        100 * np.mean(kept),
        100 * np.mean([each.chance_recall[10] for each in found]),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    project = Project.open(arguments.project)
    data = load_dataset(project)
    print(f"{arguments.pairs} training pairs, {arguments.seeds} seeds\n")
    print("| method | R@1 % | R@10 % | median rank | neighbours kept % | chance R@10 % |")
    print("|---|---|---|---|---|---|")
    for entry in methods():
        try:
            rows = np.array(
                [
                    measure(data, project.settings.split, entry.name, arguments.pairs, seed)
                    for seed in range(arguments.seeds)
                ]
            )
        except WorkbenchError as error:  # such as a method that knows two views only
            print(f"| {entry.name} | {error} | | | | |")
            continue
        mean, spread = rows.mean(axis=0), rows.std(axis=0, ddof=1)
        cells = [f"{m:.1f} ± {s:.1f}" for m, s in zip(mean[:4], spread[:4], strict=True)]
        print(f"| {entry.name} | " + " | ".join(cells) + f" | {mean[4]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
