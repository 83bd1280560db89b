"""Seconds of a whole default fit, after imports: GeRA beside CCA and contrastive, in one run.

    python tests/bench/fits.py [--turns 3]

Views are noisy mixtures of the same things, 1,280 and 384 wide, as of the bundled encoders. There
are no validation pairs, so that penalties are chosen by leaving out pairs in turn.
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

SIZES = {"200 pairs, 1,000 items": (200, 1_000), "1,000 pairs, 20,000 items": (1_000, 20_000)}
METHODS = ("gera", "contrastive", "cca")


def main() -> None:
    """Fit each method in turn, and print seconds and ratios."""
    import numpy as np

    from workbench.alignment import fit

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args().turns
    random = np.random.default_rng(0)
    for title, (pairs, items) in SIZES.items():
        things = random.normal(size=(items, 64))
        views = {
            view: (things @ random.normal(size=(64, wide)) + random.normal(size=(items, wide)))
            for view, wide in (("image", 1280), ("text", 384))
        }
        views = {view: np.maximum(rows, 0).astype(np.float32) for view, rows in views.items()}
        # unpaired items of the two views are others
        half = (items - pairs) // 2
        views["image"] = views["image"][: pairs + half]
        views["text"] = np.concatenate([views["text"][:pairs], views["text"][pairs + half :]])
        told = {("image", "text"): np.stack([np.arange(pairs)] * 2, axis=1)}
        fit("gera", views, told, settings={"steps": 2})  # what is imported and made once
        took: dict[str, list[float]] = {method: [] for method in METHODS}
        for _ in range(turns):
            for method in METHODS:
                began = time.perf_counter()
                fit(method, views, told)
                took[method].append(time.perf_counter() - began)
        middle = {method: statistics.median(times) for method, times in took.items()}
        for method, seconds in middle.items():
            ratio = seconds / middle["contrastive"]
            print(f"{title}: {method} {seconds:.1f} s, {ratio:.2f} x contrastive", flush=True)


if __name__ == "__main__":
    main()
