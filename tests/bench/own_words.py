"""What an encoder's own words find: alone, and beside heads learned from few and many pairs.

    python tests/bench/own_words.py ~/emoji ~/icons --methods ridge cca gera --pairs 10 50 200

For each project and budget: R@10 % of held-out items, mean of both directions and of the seeds, of
the learned heads, of them with the words at the share that the pairs give, and the gain ± its
standard error over seeds; the share, and the gain at the best share of a grid, which no rule could
know; neighbours kept without and with the words. The text encoder is loaded where the project has
not been aligned with words before. Seeds draw other splits; two hundred texts are held out. With
`--validation` a share of the pairs validates, else none: the rule then stands alone.
"""

import argparse
from pathlib import Path

import numpy as np

from workbench.alignment import AlignedSpace, fit, joined, judge, space_of_words, standardise
from workbench.evaluation import neighbour_overlap, retrieve
from workbench.jobs import Control, drain
from workbench.project import Project, SplitSettings, load_dataset
from workbench.stations.training.own_words import find_words, find_words_of_labels

HELD_OUT = 200
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def recall(space: AlignedSpace, held_out) -> float:
    ((first, second), pairs) = next(iter(held_out.pairs.items()))
    ours, theirs = (space.embed(view, held_out.views[view]) for view in (first, second))
    ways = retrieve(ours, theirs, pairs), retrieve(theirs, ours, pairs[:, ::-1])
    return 100 * float(np.mean([way.recall[10] for way in ways]))


def kept(space: AlignedSpace, held_out) -> dict[str, float]:
    return {
        view: 100
        * neighbour_overlap(
            standardise(rows, space.heads[view].centre), space.embed(view, rows), 10
        )
        for view, rows in held_out.views.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="+", type=Path)
    parser.add_argument("--methods", nargs="+", default=["ridge", "cca"])
    parser.add_argument("--pairs", nargs="+", type=int, default=[10, 25, 50, 100, 200, 400])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--validation", type=float, default=0.0)
    parser.add_argument("--labels", action="store_true", help="folders' names, not a classifier's")
    asked = parser.parse_args()
    for place in asked.projects:
        project = Project.open(place)
        data = load_dataset(project)
        (relation, pairs) = next(iter(data.pairs.items()))
        groups = len(np.unique(pairs[:, relation.index("text")]))
        alone = []
        for budget in asked.pairs:
            rows: dict[str, list[tuple[float, ...]]] = {method: [] for method in asked.methods}
            for seed in range(asked.seeds):
                split = data.split(
                    SplitSettings(seed=seed, test=HELD_OUT / groups, validation=asked.validation),
                    budget,
                )
                views, training = data.training(split)
                held_out, validation = data.held_out(split.test), data.held_out(split.validation)
                seen = {view: split.training_rows(view) for view in data.views}
                job = (
                    find_words_of_labels(project, data, seen, Control())
                    if asked.labels
                    else find_words(project, data, Control())
                )
                found = drain(job)
                known = space_of_words(found.words, views)
                alone.append(recall(known, held_out))
                judges = validation if validation.pairs else None
                for method, told in rows.items():
                    learned = fit(method, views, training, validation=judges, seed=seed)
                    judged = judge(learned, known, found.words, views, training, judges)
                    both = joined(learned, known, judged.share)
                    best = max(recall(joined(learned, known, s), held_out) for s in SHARES)
                    before, after = kept(learned, held_out), kept(both, held_out)
                    told.append(
                        (
                            recall(learned, held_out), recall(both, held_out), best, judged.share,
                            before["image"], after["image"], before["text"], after["text"],
                        )
                    )  # fmt: skip
            for method, told in rows.items():
                plain, summed, best, share, *around = np.mean(told, axis=0)
                gains = [each[1] - each[0] for each in told]
                error = np.std(gains, ddof=1) / len(gains) ** 0.5 if len(gains) > 1 else 0.0
                print(
                    f"{place.name:10} {method:12} {budget:5} pairs: {plain:5.1f} -> {summed:5.1f} "
                    f"({summed - plain:+.1f} ± {error:.1f}; best share {best - plain:+.1f}), "
                    f"share {share:.2f}, kept image {around[0]:.0f} -> {around[1]:.0f}, "
                    f"text {around[2]:.0f} -> {around[3]:.0f}",
                    flush=True,
                )
        print(f"{place.name:10} words alone: {np.mean(alone):.1f} ± {np.std(alone):.1f}")


if __name__ == "__main__":
    main()
