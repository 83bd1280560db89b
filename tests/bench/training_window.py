"""The Train page while it trains: gaps of its event loop, how soon α acts, and what it costs.

    python tests/bench/training_window.py [SAMPLE PROJECT] [--seconds 60] [--turns 3]

On a copy of the sample project (its encoded pictures and names; without one, it is made and encoded
first, which takes minutes), and on a project of 100,000 synthetic items a view with 1,000 pairs.
Each measurement has a process of its own with the real window, drawn off screen.

Gaps: see `watched_window`; from the click on “Train” to the stop, the start of the training
included.

Slider: a click beside the handle of an α slider at random moments. Steps are counted from the last
one that had ended at the click to the one in which the change acts: 2 is the very next step that
begins after the click. Milliseconds run until its report is in the window's process.

Cost: the recipe's own seconds of the same recipe in the window and by the align station in a plain
process, in turns.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watched_window import (
    Twin,
    Watched,
    both_projects,
    gaps_in_spans,
    gaps_within,
    print_gaps,
)

MOVES_APART = (0.6, 1.6)  # seconds
FOREVER = 1_000_000  # steps, more than any measurement makes

# --------------------------------------------------------------------------- the window


class Training(Watched):
    """The real window at its Train page, with a clock in every event of its jobs."""

    reports: list[tuple[float, Any]]

    def prepare(self) -> None:
        """Note when each step's report is in this process, before it waits for the window."""
        self.reports = []
        start = self.session.start

        def stamped(title: str, make_job: Callable[[Any], Any], **options: Any) -> Any:
            def stamp(control: Any) -> Any:
                job = make_job(control)
                while True:
                    try:
                        event = next(job)
                    except StopIteration as end:
                        return end.value
                    if hasattr(event, "row"):
                        self.reports.append((time.monotonic(), event))
                    yield event

            return start(title, stamp, **options)

        self.session.start = stamped  # type: ignore[method-assign]

    def train(self, **settings: Any) -> float:
        """Click on “Train”; return when."""
        self.page.setup.form.set_values(settings)
        began = time.monotonic()
        self.page.setup.train.click()
        return began

    def move_alpha(self, chance: random.Random) -> float:
        """Click beside the handle of a slider; return when."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        slider = self.page.alpha.slider(chance.choice(("image", "text")))
        right = slider.value() < slider.maximum() / 2
        place = QPoint(slider.width() - 12 if right else 12, slider.height() // 2)
        before, now = slider.value(), time.monotonic()
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)
        if slider.value() == before:
            raise SystemExit("The click did not move the slider.")
        return now


def effect_of(moved: float, reports: list[tuple[float, Any]]) -> tuple[int, float] | None:
    """Return after how many steps and seconds a change at a moment acted."""
    ended = max((report.step for at, report in reports if at <= moved), default=0)
    for at, report in reports:
        if at > moved and report.changes:
            return report.step - ended, at - moved
    return None


def watch(root: Path, seconds: float) -> dict[str, Any]:
    """Train with the page open, move α, and return gaps and effects."""
    watched, other = Training(root, "train"), Twin()
    chance = random.Random(0)
    watched.wait(3.0)
    quiet = watched.moments[0], time.monotonic()
    began = watched.train(steps=FOREVER)
    watched.until(lambda: bool(watched.reports))
    first = watched.reports[0][0]
    end, moves = time.monotonic() + seconds, []
    while time.monotonic() < end:
        watched.wait(chance.uniform(*MOVES_APART))
        moves.append(watched.move_alpha(chance))
    watched.wait(1.0)
    stopped = time.monotonic()
    watched.page.setup.stop.click()
    watched.until(lambda: not watched.session.jobs)  # the run is measured, too
    ended, theirs = time.monotonic(), other.moments()
    watched.close()
    effects = [found for moved in moves if (found := effect_of(moved, watched.reports))]
    spans = {
        "before": quiet, "start": (began, first), "training": (first, stopped),
        "stop, evaluation": (stopped, ended),
    }  # fmt: skip
    return gaps_in_spans(watched, theirs, spans) | {
        "step": statistics.median(
            1000 * gap for gap in gaps_within([at for at, _ in watched.reports], first, stopped)
        ),
        "moves": len(moves), "steps": [steps for steps, _ in effects],
        "ms": [1000 * late for _, late in effects],
    }  # fmt: skip


# --------------------------------------------------------------------------- cost


def in_window(root: Path, steps: int) -> float:
    """Train in the window to the end; return the recipe's seconds."""
    watched = Training(root, "train")
    watched.train(steps=steps)
    watched.until(lambda: watched.page._job is None)
    name = watched.session.current_run
    assert watched.session.project is not None
    assert name is not None
    found = watched.session.project.run(name).recipe().seconds
    watched.close()
    return found


def in_a_plain_process(root: Path, steps: int) -> float:
    """Train by the station; return the recipe's seconds."""
    from workbench.jobs import drain
    from workbench.memory import keep_freed_memory
    from workbench.project import Project
    from workbench.stations import AlignRequest, align

    keep_freed_memory()
    run = drain(align(Project.open(root), AlignRequest(settings={"steps": steps})))
    return run.recipe().seconds


# --------------------------------------------------------------------------- the tables


def apart(what: str, root: Path, number: float) -> Any:
    """Measure in a process of its own."""
    ended = subprocess.run(
        [sys.executable, __file__, "--in", what, str(root), str(number)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(ended.stdout.splitlines()[-1])


def print_effects(found: dict[str, Any]) -> None:
    """Print how soon the slider acted."""
    steps, late = sorted(found["steps"]), sorted(found["ms"])
    print(
        f"{len(steps)} of {found['moves']} moves of α acted, in steps of {found['step']:.1f} ms: "
        f"after {statistics.median(steps):.0f} steps and {statistics.median(late):.0f} ms in the "
        f"median, {steps[-1]} and {late[-1]:.0f} at most, "
        f"{sum(each > 2 for each in steps)} after more than 2 steps",
        flush=True,
    )


def compare(root: Path, steps: int, turns: int) -> None:
    """Print what training costs in the window, against a plain process."""
    took: dict[str, list[float]] = {"window": [], "plain": []}
    for turn in range(turns):
        for way in ("window", "plain") if turn % 2 == 0 else ("plain", "window"):
            took[way].append(apart(way, root, steps))
    ratios = [mine / other for mine, other in zip(*took.values(), strict=True)]
    print(
        f"{steps:,} steps: window {statistics.median(took['window']):.1f} s, plain process "
        f"{statistics.median(took['plain']):.1f} s, ratio {statistics.median(ratios):.3f} "
        f"({', '.join(f'{ratio:.3f}' for ratio in ratios)})",
        flush=True,
    )


def main() -> None:
    """Print the tables."""
    if sys.argv[1:2] == ["--in"]:
        what, *rest = sys.argv[2:]
        measure = {"watch": watch, "window": in_window, "plain": in_a_plain_process}[what]
        number = float(rest[1]) if what == "watch" else int(float(rest[1]))
        print(json.dumps(measure(Path(rest[0]), number)))  # type: ignore[operator]
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("sample", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--steps", type=int, nargs=2, default=(200, 100))
    parser.add_argument("--turns", type=int, default=3)
    wished = parser.parse_args()
    with both_projects(wished.sample) as projects:
        for (title, root), steps in zip(projects, wished.steps, strict=True):
            print(f"\n{title}\n", flush=True)
            if wished.seconds:
                found = apart("watch", root, wished.seconds)
                print_gaps(found)
                print_effects(found)
            if wished.turns:
                compare(root, steps, wished.turns)


if __name__ == "__main__":
    main()
