"""The Train page while it trains: gaps of its event loop, how soon α acts, and what it costs.

    python tests/bench/training_window.py [SAMPLE PROJECT] [--seconds 60] [--turns 3]

On a copy of the sample project (its encoded pictures and names; without one, it is made and encoded
first, which takes minutes), and on a project of 100,000 synthetic items a view with 1,000 pairs.
Each measurement has a process of its own with the real window, drawn off screen.

Gaps: the time between two ticks of a 5 ms timer of the window, from the click on “Train” to the
stop, the start of the training included. Beside it a twin process only sleeps for 5 ms and does the
same count: what it waits is the machine's noise, and no program could have been quicker. Own work
is the processor time that the window's thread spent in a gap: it does not grow on a busy machine.

Slider: a click beside the handle of an α slider at random moments. Steps are counted from the last
one that had ended at the click to the one in which the change acts: 2 is the very next step that
begins after the click. Milliseconds run until its report is in the window's process.

Cost: the recipe's own seconds of the same recipe in the window and by the align station in a plain
process, in turns.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

TICK = 0.005
COUNT, PAIRS, WIDTH, BLOCK = 100_000, 1_000, 384, 10_000
MOVES_APART = (0.6, 1.6)  # seconds
FOREVER = 1_000_000  # steps, more than any measurement makes

# --------------------------------------------------------------------------- projects


def synthetic_project(root: Path, count: int = COUNT) -> None:
    """Make a project of two views on a curved surface, with embeddings and without media."""
    import numpy as np

    from workbench.cache import EmbeddingCache, prepare_cache
    from workbench.project import Project
    from workbench.project.catalogue import Found

    project = Project.create(root)
    chance = np.random.default_rng(0)
    for view in ("image", "text"):
        project.catalogue.take(
            [*known(project), *(Found(view, f"{view}/{n}", f"{view}{n}", str(n))
            for n in range(count))]
        )  # fmt: skip
    bends = {v: chance.normal(size=(24, 256)).astype(np.float32) / 5 for v in ("image", "text")}
    outs = {v: chance.normal(size=(256, WIDTH)).astype(np.float32) / 16 for v in bends}
    hidden = chance.normal(size=(count, 24)).astype(np.float32)
    for view in bends:
        name = f"synthetic/{view}"
        ids, marks = project.catalogue.fingerprints(view)
        project.choose_encoder(view, name)
        path = project.cache_path(view, name)
        prepare_cache(path, {"name": name, "modality": view, "width": WIDTH}, ids, marks)
        with EmbeddingCache(path, "r+") as cache:
            for start in range(0, count, BLOCK):
                rows = np.arange(start, min(start + BLOCK, count))
                noise = 0.05 * chance.normal(size=(len(rows), WIDTH))
                mapped = np.tanh(hidden[rows] @ bends[view]) @ outs[view] + noise
                cache.write(rows, mapped.astype(np.float32))
    firsts, seconds = (project.catalogue.fingerprints(view)[0] for view in bends)
    paired = zip(firsts[:PAIRS].tolist(), seconds[:PAIRS].tolist(), strict=True)
    project.catalogue.take_pairs(paired)


def known(project: Any) -> list[Any]:
    """Return what the catalogue has, as a scan would find it again."""
    return list(project.catalogue.known().values())


def sample_project(root: Path) -> None:
    """Make the sample and encode it."""
    from workbench.jobs import drain
    from workbench.project import Project
    from workbench.stations import EncodeRequest, encode, sample

    drain(sample(root))
    project = Project.open(root)
    for modality in project.settings.encoders:
        drain(encode(project, EncodeRequest(modality=modality)))


# --------------------------------------------------------------------------- gaps


def spread(gaps: list[float]) -> dict[str, float]:
    """Return percentiles of gaps, in ms."""
    ordered = sorted(1000 * gap for gap in gaps)
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[int(len(ordered) * 0.99)],
        "most": ordered[-1],
        "above 50": sum(gap > 50 for gap in ordered),
        "above 250": sum(gap > 250 for gap in ordered),
        "count": len(ordered),
    }


def twin() -> None:
    """Sleep for 5 ms again and again until the input ends; print the moments."""
    import threading

    ended, moments = threading.Event(), [time.monotonic()]
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    print("ready", flush=True)
    while not ended.is_set():
        time.sleep(TICK)
        moments.append(time.monotonic())
    print(json.dumps(moments))


class Twin:
    """The twin process, seen from here."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--in", "twin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def moments(self) -> list[float]:
        """End it, and return when it woke."""
        found: list[float] = json.loads(self._process.communicate("")[0])
        return found


def gaps_within(moments: list[float], start: float, end: float) -> list[float]:
    """Return the times between moments that end within a span."""
    return [now - before for before, now in pairwise(moments) if start <= now <= end]


def work_within(
    work: list[float], moments: list[float], start: float, end: float
) -> dict[str, float]:
    """Return percentiles of the processor time between moments that end within a span, in ms."""
    spent = (now - before for before, now in pairwise(work))
    return spread(
        [each for each, now in zip(spent, moments[1:], strict=True) if start <= now <= end]
    )


# --------------------------------------------------------------------------- the window


class Watched:
    """The real window at its Train page, with a clock in every event of its jobs."""

    def __init__(self, root: Path) -> None:
        from PySide6.QtCore import QSettings, Qt, QTimer

        from workbench.gui.application import make_application
        from workbench.gui.window import MainWindow
        from workbench.memory import keep_freed_memory

        keep_freed_memory()  # as the program does
        self.application = make_application()
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, tempfile.mkdtemp())
        self.reports: list[tuple[float, Any]] = []
        self.said: list[str] = []
        self.window = MainWindow()
        self.window.resize(1280, 800)
        self.session = self.window.session
        self.session.noticed.connect(lambda _, sentence: self.said.append(sentence))
        self._stamp_events()
        self.window.show()
        self.session.open_project(root)
        self.window.go_to("train")
        self.page: Any = self.window.page("train")
        self.window.make_all_pages()
        self.wait(2.0)
        self.moments: list[float] = []
        self.work: list[float] = []  # processor time of this thread, at the same moments
        self._tick = QTimer(self.window, interval=round(1000 * TICK))
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._note)
        self._tick.start()

    def _note(self) -> None:
        self.moments.append(time.monotonic())
        self.work.append(time.thread_time())

    def _stamp_events(self) -> None:
        """Note when each step's report is in this process, before it waits for the window."""
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

    def wait(self, seconds: float) -> None:
        """Let the window live for a while."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def until(self, condition: Callable[[], bool], seconds: float = 900) -> None:
        """Wait for a condition."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"Still waiting after {seconds:.0f} s: {self.said}")
            self.wait(0.05)

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

    def close(self) -> None:
        """Close the window."""
        self.session.stop_jobs()
        self.window.close()


def effect_of(moved: float, reports: list[tuple[float, Any]]) -> tuple[int, float] | None:
    """Return after how many steps and seconds a change at a moment acted."""
    ended = max((report.step for at, report in reports if at <= moved), default=0)
    for at, report in reports:
        if at > moved and report.changes:
            return report.step - ended, at - moved
    return None


def watch(root: Path, seconds: float) -> dict[str, Any]:
    """Train with the page open, move α, and return gaps and effects."""
    watched, other = Watched(root), Twin()
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
    return {
        "gaps": {
            name: [
                spread(gaps_within(watched.moments, *span)),
                work_within(watched.work, watched.moments, *span),
                spread(gaps_within(theirs, *span)),
            ]
            for name, span in spans.items()
        },
        "seconds": {name: span[1] - span[0] for name, span in spans.items()},
        "step": statistics.median(
            1000 * gap for gap in gaps_within([at for at, _ in watched.reports], first, stopped)
        ),
        "moves": len(moves), "steps": [steps for steps, _ in effects],
        "ms": [1000 * late for _, late in effects],
    }  # fmt: skip


# --------------------------------------------------------------------------- cost


def in_window(root: Path, steps: int) -> float:
    """Train in the window to the end; return the recipe's seconds."""
    watched = Watched(root)
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


def print_gaps(found: dict[str, Any]) -> None:
    """Print the table of gaps, and the line on the slider."""
    print("| | s | gap, median ms | 99 % | longest | > 50 ms | > 250 ms |", end="")
    print(" own work, 99 % | longest | twin’s gap, 99 % | longest |")
    print("|---" * 11 + "|")
    for name, (mine, work, other) in found["gaps"].items():
        print(
            f"| {name} | {found['seconds'][name]:.1f} | {mine['p50']:.1f} | {mine['p99']:.1f} "
            f"| {mine['most']:.0f} | {mine['above 50']} of {mine['count']} | {mine['above 250']} "
            f"| {work['p99']:.1f} | {work['most']:.0f} | {other['p99']:.1f} "
            f"| {other['most']:.0f} |"
        )
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
        if what == "twin":
            twin()
            return
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
    with tempfile.TemporaryDirectory() as folder:
        sample, many = Path(folder) / "sample", Path(folder) / "many"
        if wished.sample is None:
            sample_project(sample)
        else:
            shutil.copytree(wished.sample, sample)
        synthetic_project(many)
        for title, root, steps in (
            ("the sample", sample, wished.steps[0]),
            (f"{COUNT:,} synthetic items a view", many, wished.steps[1]),
        ):
            print(f"\n{title}\n", flush=True)
            if wished.seconds:
                print_gaps(apart("watch", root, wished.seconds))
            if wished.turns:
                compare(root, steps, wished.turns)


if __name__ == "__main__":
    main()
