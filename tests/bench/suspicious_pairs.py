"""How well suspicious pairs are found: some pairs of a project are shuffled, and looked for.

    python tests/bench/suspicious_pairs.py PROJECT … [--share 0.1] [--seeds 3] [--most 2000]

Told are the precision of a list as long as there are wrong pairs, the recall of one twice as long,
and how many pairs the program says look as if drawn at random, mean ± standard deviation over
shuffles. Of a project with more pairs than `--most` so many are drawn, with their items alone.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")


def measure(views, relation, pairs, share: float, seed: int) -> list[float]:
    """Return precision, recall, pairs that look shuffled, and processor seconds."""
    import numpy as np

    from workbench.alignment.labelling.suspicion import suspicion
    from workbench.jobs import drain

    count = round(share * len(pairs))
    bad = np.random.default_rng(seed).permutation(len(pairs))[:count]
    pairs = pairs.copy()
    pairs[bad, 1] = pairs[np.roll(bad, 1), 1]
    began = time.process_time()
    found = drain(suspicion(views, relation, pairs, seed=seed))
    seconds = time.process_time() - began
    is_bad = np.zeros(len(pairs), dtype=bool)
    is_bad[bad] = True
    hits = is_bad[found.order]
    return [
        100 * hits[:count].mean(), 100 * hits[: 2 * count].sum() / count,
        found.as_if_shuffled, seconds,
    ]  # fmt: skip


def fewer(views, relation, pairs, most: int):
    """Return some of the pairs with their items alone."""
    import numpy as np

    if len(pairs) <= most:
        return views, pairs
    pairs = pairs[np.random.default_rng(0).permutation(len(pairs))[:most]]
    own, sides = {}, []
    for side, view in enumerate(relation):
        rows, place = np.unique(pairs[:, side], return_inverse=True)
        own[view] = views[view][rows]
        sides.append(place)
    return own, np.stack(sides, axis=1)


def main() -> None:
    """Print a line of each project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="+")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--most", type=int, default=2000)
    arguments = parser.parse_args()
    import numpy as np

    from workbench.project import Project, load_dataset

    print("| | pairs | wrong | precision % | recall of twice as many % | look shuffled | s |")
    print("|---|---|---|---|---|---|---|")
    for place in arguments.projects:
        data = load_dataset(Project.open(Path(place)))
        relation = max(data.pairs, key=lambda each: len(data.pairs[each]))
        views = {view: data.views[view].embeddings for view in relation}
        views, pairs = fewer(views, relation, data.pairs[relation], arguments.most)
        found = [
            measure(views, relation, pairs, arguments.share, seed)
            for seed in range(arguments.seeds)
        ]
        means, deviations = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
        cells = [f"{m:.0f} ± {d:.0f}" for m, d in zip(means, deviations, strict=True)]
        wrong = round(arguments.share * len(pairs))
        print(f"| {Path(place).name} | {len(pairs):,} | {wrong} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
