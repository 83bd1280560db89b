"""The Explore page at work: gaps of its event loop, and how long what was asked for takes.

    python tests/bench/exploring_window.py [SAMPLE PROJECT]

On a copy of the sample project, with its encoders for questions (without one, it is made and
encoded first, which takes minutes), and on a project of 100,000 synthetic items a view. Each with a
run of Procrustes. Each measurement has a process of its own with the real window; gaps are
explained in `watched_window`.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from watched_window import (
    Twin,
    Watched,
    both_projects,
    gaps_in_spans,
    print_gaps,
)

LOOKS, QUESTIONS, MOVES = 20, 5, 60
WORDS = ("a red fruit", "an angry face", "an old ship", "musical instrument", "heavy rain")


class Spans:
    """Names what is being done, and waits for its end."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self.found: dict[str, tuple[float, float]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        began = time.monotonic()
        yield
        self._watched.wait(0.1)  # what is painted in the end belongs to it
        self.found[name] = began, time.monotonic()

    def until(self, name: str, begin: Callable[[], object], done: Callable[[], bool]) -> None:
        """Begin something, and wait until it is done."""
        with self.of(name):
            begin()
            self._watched.until(done)


def explore(root: Path, sample: bool) -> dict[str, Any]:
    """Do what a user does, and return gaps; of the sample also what needs encoders and figures."""
    import numpy as np

    watched = Watched(root, "start")
    page, session, window = watched.window.page("explore"), watched.session, watched.window
    other, spans = Twin(), Spans(watched)

    def maps_are_there() -> bool:
        return page.table is not None and all(p.shown_map is not None for p in page.panels)

    spans.until("first sight: two maps", lambda: window.go_to("explore"), maps_are_there)
    spans.until("run read", lambda: None, lambda: page.explored.looking.size() is not None)
    if sample:  # many items are measured only when somebody asks for it, for minutes
        measured = page.explored.looking.figures
        spans.until("all items measured", lambda: None, lambda: measured() is not None)
    watched.wait(1.0)
    chosen = page.table.ids[:: len(page.table.ids) // LOOKS][:LOOKS].tolist()
    with spans.of(f"{LOOKS} items inspected"):
        for item in chosen:
            session.select(np.array([item]))
            watched.until(lambda item=item: getattr(page.inspector.item.look, "item", None) == item)
    with spans.of("a tenth selected, and undone"):
        session.select(page.table.ids[::10])
        watched.wait(1.0)
        session.undo_selection()
        watched.wait(0.5)
    colours = ("distortion", "rank", "label") if sample else ("pairing", "split")
    with spans.of(f"colours: {', '.join(colours)}"):
        for colour in colours:
            page.colours.choose(colour)
            watched.wait(1.0)
    with spans.of(f"{MOVES} steps of panning and zooming"):
        box = page.left.view.canvas.box
        for number in range(MOVES):
            box.scaleBy((0.97, 0.97) if number < MOVES // 2 else (1.03, 1.03))
            box.translateBy(x=0.01, y=0.005)
            watched.wait(0.016)
    if sample:
        for number, words in enumerate(WORDS[:QUESTIONS]):
            page.query.line.setText(words)
            spans.until(
                f"{'first' if not number else 'later'} question{f' {number}' if number else ''}",
                page.explored.query.ask,
                lambda words=words: words in page.answers.words.text(),
            )
    else:  # an item needs no encoder; the run is large enough for an index
        answers = page.answers.strip.items
        spans.until(
            "first question, an item", lambda: page.explored.ask_with(page.table.ids[:1]),
            lambda: len(answers.ids) > 0,
        )  # fmt: skip
        spans.until("the index is made", lambda: None, lambda: not session.jobs)
        page.explored.query.clear()
        spans.until(
            "question by the index", lambda: page.explored.ask_with(page.table.ids[1:2]),
            lambda: len(answers.ids) > 0,
        )  # fmt: skip
    found = gaps_in_spans(watched, other.moments(), spans.found) | {"said": watched.said}
    watched.close()
    return found


def with_run(root: Path) -> None:
    """Align by Procrustes."""
    from workbench.jobs import drain
    from workbench.project import Project
    from workbench.stations import AlignRequest, align

    drain(align(Project.open(root), AlignRequest(method="procrustes", name="for-exploring")))


def main() -> None:
    """Print the tables."""
    if sys.argv[1:2] == ["--in"]:
        print(json.dumps(explore(Path(sys.argv[2]), sample=sys.argv[3] == "True")))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("sample", nargs="?", type=Path)
    wished = parser.parse_args()
    with both_projects(wished.sample) as projects:
        for (title, root), is_sample in zip(projects, (True, False), strict=True):
            with_run(root)
            print(f"\n{title}\n", flush=True)
            ended = subprocess.run(
                [sys.executable, __file__, "--in", str(root), str(is_sample)],
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            found = json.loads(ended.stdout.splitlines()[-1])
            print_gaps(found)
            for sentence in found["said"]:
                print(sentence, flush=True)


if __name__ == "__main__":
    main()
