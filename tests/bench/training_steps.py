"""Milliseconds a training step: GeRA beside the contrastive baseline and a loop over anchors.

    python tests/bench/training_steps.py

Two views of 20,000 × 384 on a curved, clustered surface, linear heads, K = 50, 64 anchors a view,
with 256 and with 2,048 pairs. All ways take steps in turn, in one run; medians and their ratios are
printed, of processor time, since other work on the machine stretches the time on the wall. The
loop does what GeRA's step does, an anchor at a time: its neighbourhood through the head, its
operator, its difference. How many distinct rows there are an anchor decides what a step costs; on
6,900 real pictures and texts it was 14.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import statistics
import time
from functools import partial

import numpy as np
import torch
from operators import rows_of_a_surface

from workbench.alignment import check_settings
from workbench.alignment.data import prepare
from workbench.alignment.training.training import Training
from workbench.jobs import Control, drain
from workbench.memory import keep_freed_memory

TURNS, LEFT_OUT = 30, 5
VALUES = {"alpha/a": 10.0, "alpha/b": 10.0, "temperature": 0.05, "learning_rate": 3e-4}


def looped_loss(term, heads, batches, generator):
    """Return a geometric term's loss by a loop over anchors, as straightforward code has it."""
    groups = term._draw(generator)
    term._keep(term._kept, groups)
    losses = []
    for anchor in (a for group in groups for a in range(*term._spans[group])):
        mapped = heads[term._view](term._rows[term._places[anchor]])
        frozen = term._kept[anchor].to(mapped)
        losses.append((term._operator.of(mapped) - frozen).square().sum())
    return torch.stack(losses).mean()


def trainings(pairs: int) -> dict[str, Training]:
    """Return the ways to compare, ready to take steps."""
    base = rows_of_a_surface(20_000, 384, 2.0)
    other = base @ np.linalg.qr(np.random.default_rng(1).normal(size=(384, 384)))[0]
    data = prepare(
        {"a": base, "b": other.astype(np.float32)},
        {("a", "b"): np.stack([np.arange(pairs)] * 2, axis=1)},
    )
    shared = {"head": "linear", "start": "procrustes", "mixing": 0, "batch_pairs": pairs}
    gera = check_settings("gera", shared | {"neighbours": 50, "anchors": 64})
    found = {
        "contrastive": Training(data, check_settings("contrastive", shared), 0),
        "gera": Training(data, gera, 0),
        "loop over anchors": Training(data, gera, 0),
    }
    for training in found.values():
        drain(training.ready(VALUES, Control()))
    for term in found["loop over anchors"].terms:
        term.loss = partial(looped_loss, term)
    return found


def main() -> None:
    """Print the table."""
    keep_freed_memory()
    for pairs in (256, 2048):
        ways = trainings(pairs)
        took = {name: [] for name in ways}
        for turn in range(TURNS):
            for name, training in ways.items():
                began = time.process_time()
                training.step(turn + 1, VALUES)
                took[name].append(1000 * (time.process_time() - began))
        middle = {name: statistics.median(times[LEFT_OUT:]) for name, times in took.items()}
        term = ways["gera"].terms[0]
        groups = term._draw(torch.Generator().manual_seed(0))
        anchors = torch.cat([torch.arange(*term._spans[group]) for group in groups])
        distinct = len(torch.unique(term._places[anchors])) / len(anchors)
        print(f"{pairs} pairs, {torch.get_num_threads()} threads, {distinct:.0f} rows an anchor")
        for name, value in middle.items():
            ratio = value / middle["contrastive"]
            print(f"  {name:18} {value:7.1f} ms  {ratio:5.1f} x contrastive")
        print(f"  loop / gera {middle['loop over anchors'] / middle['gera']:.1f}")


if __name__ == "__main__":
    main()
