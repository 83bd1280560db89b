"""What a ladder of α costs beside one training, and beside as many trainings as it has rungs.

    python tests/bench/ladder.py

Two views of 20,000 × 384 on a curved, clustered surface, with GeRA's defaults (residual heads,
K = 20, 32 anchors), 256 and 2,048 pairs. Steps are made in turn in one run; medians and their
ratios are printed, of time on the wall and of processor time, without the start and the finding of
neighbours, which a ladder does once and single trainings once each. Then whole trainings of 100
steps on 1,000 pairs, with the start, the neighbours and the looks at 200 validation pairs.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import statistics
import time

import numpy as np
from operators import rows_of_a_surface

from workbench.alignment import SWEEP_ALPHAS, HeldOut, check_settings, train, train_sweep
from workbench.alignment.data import prepare
from workbench.alignment.sweep.sweep_training import SweepTraining
from workbench.alignment.training.training import Training
from workbench.jobs import Control, drain
from workbench.memory import keep_freed_memory

TURNS, LEFT_OUT = 16, 3
VALUES = {"alpha/a": 10.0, "alpha/b": 10.0, "temperature": 0.05, "learning_rate": 3e-4}


def main() -> None:
    """Print the table."""
    keep_freed_memory()
    base = rows_of_a_surface(20_000, 384, 2.0)
    other = base @ np.linalg.qr(np.random.default_rng(1).normal(size=(384, 384)))[0]
    views = {"a": base, "b": other.astype(np.float32)}
    for pairs in (256, 2048):
        data = prepare(views, {("a", "b"): np.stack([np.arange(pairs)] * 2, axis=1)})
        settings = check_settings("gera", {"batch_pairs": pairs})
        one = Training(data, settings, 0)
        ladder = SweepTraining(data, settings, SWEEP_ALPHAS, 0)
        for training in (one, ladder):
            drain(training.ready(VALUES, Control()))
        steps = {"one α": one.step, f"{len(SWEEP_ALPHAS)} α": ladder.step_all}
        wall, cpu = ({name: [] for name in steps} for _ in range(2))
        for turn in range(TURNS):
            for name, step in steps.items():
                began, busy = time.perf_counter(), time.process_time()
                step(turn + 1, VALUES)
                wall[name].append(1000 * (time.perf_counter() - began))
                cpu[name].append(1000 * (time.process_time() - busy))
        for kind, took in (("wall", wall), ("processor", cpu)):
            middle = {name: statistics.median(times[LEFT_OUT:]) for name, times in took.items()}
            alone, together = middle.values()
            words = ", ".join(f"{name} {time_:.0f} ms" for name, time_ in middle.items())
            print(
                f"{pairs:,} pairs, {kind} a step: {words}; ratio {together / alone:.2f}, "
                f"beside {len(SWEEP_ALPHAS)} trainings {together / alone / len(SWEEP_ALPHAS):.2f}"
            )
    whole(views)


def whole(views: dict[str, np.ndarray]) -> None:
    """Print what whole trainings take."""
    pairs = {("a", "b"): np.stack([np.arange(1000)] * 2, axis=1)}
    held_out = HeldOut(
        {view: rows[-200:] for view, rows in views.items()},
        {("a", "b"): np.stack([np.arange(200)] * 2, axis=1)},
    )
    seen = {view: rows[:-200] for view, rows in views.items()}
    began = time.perf_counter()
    drain(train("gera", seen, pairs, validation=held_out))
    middle = time.perf_counter()
    drain(train_sweep(seen, pairs, validation=held_out))
    alone, together = middle - began, time.perf_counter() - middle
    print(
        f"100 steps, 1,000 pairs, whole: one α {alone:.0f} s, {len(SWEEP_ALPHAS)} α "
        f"{together:.0f} s; ratio {together / alone:.2f}"
    )


if __name__ == "__main__":
    main()
