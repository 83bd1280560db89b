"""Milliseconds a training step: GeRA beside the contrastive baseline, in one run.

    python tests/bench/training_steps.py

Two views of 5,000 × 384, 256 pairs, the methods' defaults; medians of 50 steps.
"""

import time

import numpy as np

from workbench.alignment import train
from workbench.jobs import drain
from workbench.memory import keep_freed_memory


def median_step(method: str) -> float:
    """Return the median milliseconds of a step, the first ten left out."""
    random = np.random.default_rng(0)
    views = {name: random.normal(size=(5000, 384)).astype(np.float32) for name in ("a", "b")}
    pairs = {("a", "b"): np.stack([np.arange(256)] * 2, axis=1)}
    moments: list[float] = []
    job = train(method, views, pairs, settings={"steps": 60})
    drain(job, lambda _: moments.append(time.perf_counter()))
    return 1000 * float(np.median(np.diff(moments)[10:]))


if __name__ == "__main__":
    keep_freed_memory()
    contrastive, gera = median_step("contrastive"), median_step("gera")
    print(f"contrastive {contrastive:.1f} ms, gera {gera:.1f} ms, ratio {gera / contrastive:.1f}")
