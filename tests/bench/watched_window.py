"""What the measurements of the window share: projects, the window with a clock in it, its gaps.

Gaps are the times between two ticks of a 5 ms timer of the window, drawn off screen. Beside it a
twin process only sleeps for 5 ms and does the same count: what it waits is the machine's noise, and
no program could have been quicker. Own work is the processor time that the window's thread spent in
a gap: it does not grow on a busy machine.

Run by itself, this file is the twin.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

TICK = 0.005
COUNT, PAIRS, WIDTH, BLOCK = 100_000, 1_000, 384, 10_000

# --------------------------------------------------------------------------- projects


def synthetic_project(root: Path, count: int = COUNT) -> None:
    """Make a project of two views on a curved surface, with embeddings and without media."""
    import numpy as np

    from workbench.cache import EmbeddingCache, prepare_cache
    from workbench.project import Project
    from workbench.project.catalogue.catalogue import Found

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


@contextmanager
def both_projects(wished: Path | None) -> Iterator[list[tuple[str, Path]]]:
    """Make a copy of a sample project, or one anew, and that of many items; tell their titles."""
    with tempfile.TemporaryDirectory() as folder:
        sample, many = Path(folder) / "sample", Path(folder) / "many"
        if wished is None:
            sample_project(sample)
        else:
            shutil.copytree(wished, sample)
        synthetic_project(many)
        yield [("the sample", sample), (f"{COUNT:,} synthetic items a view", many)]


# --------------------------------------------------------------------------- gaps


def spread(gaps: list[float]) -> dict[str, float]:
    """Return percentiles of gaps, in ms."""
    ordered = sorted(1000 * gap for gap in gaps) or [0.0]
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
            [sys.executable, __file__],
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
    """The real window at one of its pages.

    Parameters
    ----------
    root : Path
        The project.
    page : str
    """

    def __init__(self, root: Path, page: str) -> None:
        from PySide6.QtCore import QSettings, Qt, QTimer

        from workbench.gui.frame.window import MainWindow
        from workbench.gui.starting.application import make_application
        from workbench.memory import keep_freed_memory

        keep_freed_memory()  # as the program does
        self.application = make_application()
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, tempfile.mkdtemp())
        self.said: list[str] = []
        self.window = MainWindow()
        self.window.resize(1280, 800)
        self.session = self.window.session
        self.session.noticed.connect(lambda _, sentence: self.said.append(sentence))
        self.prepare()
        self.window.show()
        self.session.open_project(root)
        self.window.go_to(page)
        self.page: Any = self.window.page(page)
        self.window.make_all_pages()
        self.wait(2.0)
        self.moments: list[float] = []
        self.work: list[float] = []  # processor time of this thread, at the same moments
        self._tick = QTimer(self.window, interval=round(1000 * TICK))
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._note)
        self._tick.start()

    def prepare(self) -> None:
        """Do what must come before the project is opened."""

    def _note(self) -> None:
        self.moments.append(time.monotonic())
        self.work.append(time.thread_time())

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

    def close(self) -> None:
        """Close the window."""
        self.session.stop_jobs()
        self.window.close()


# --------------------------------------------------------------------------- the table


def gaps_in_spans(
    watched: Watched, theirs: list[float], spans: dict[str, tuple[float, float]]
) -> dict[str, Any]:
    """Return gaps, own work and the twin's gaps of each span, and how long it took."""
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
    }


def print_gaps(found: dict[str, Any]) -> None:
    """Print the table of `gaps_in_spans`."""
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


if __name__ == "__main__":
    twin()
