"""The whole road with many items: seconds, memory and pauses of the window, station by station.

    python tests/bench/million.py [--folder FOLDER] [--stations scan,align,…] [10000 100000 1000000]

COUNT pictures of 8 × 8 pixels in folders of a thousand and COUNT texts in a file a line, made by
rule and paired by name; 1,000 of the pairs are known to the training. Two cheap encoders, which
this file adds as a plug-in does, turn both into rows of width 384, so that what is measured is the
workbench and not a network. Each station is the command a user types, in a process of its own, and
the window is the real one, drawn off screen.

Of each station: seconds, processor seconds with those of its children, and the most memory that it
and its children held at once beyond mapped files (what the embeddings take in a mapped file is not
counted, what is read of them is). Of the window: its longest pause in each thing that is done, and
the processor time of its own thread in that pause, see `watched_window`.

FOLDER keeps what was made, so that single stations can be measured again; by default it is one that
is removed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from workbench.encoders import EncoderCard, EncoderEntry

HERE = Path(__file__).parent
MEANINGS, LEVELS, WIDTH, LABELS, CLASSES = 16, 16, 384, 1000, 20
SIDE, A_FOLDER = 8, 1000
SELECTED = "lassoed"

# --------------------------------------------------------------------------- items made by rule


def meanings(numbers: np.ndarray) -> np.ndarray:
    """Return what things mean: a level in each of some directions, shape (n, MEANINGS)."""
    centres = np.random.default_rng(1).normal(size=(CLASSES, MEANINGS))
    chance = np.random.default_rng([2, int(numbers[0])])
    points = centres[numbers % CLASSES] + chance.normal(size=(len(numbers), MEANINGS))
    return (LEVELS / (1 + np.exp(-points))).astype(np.uint8)


def write_items(root: Path, count: int) -> None:
    """Write pictures and texts."""
    from PIL import Image

    with (root / "texts.csv").open("w", encoding="utf-8") as lines:
        lines.write("id,text\n")
        for start in range(0, count, A_FOLDER):
            numbers = np.arange(start, min(start + A_FOLDER, count))
            folder = root / "pictures" / f"part-{start // A_FOLDER:04}"
            folder.mkdir(parents=True)
            grain = np.random.default_rng([3, start]).integers(
                0, 4, (len(numbers), SIDE, SIDE, 3), np.uint8
            )
            for number, levels, pixels in zip(numbers, meanings(numbers), grain, strict=True):
                red = np.repeat(levels, SIDE * SIDE // MEANINGS).reshape(SIDE, SIDE)
                pixels[..., 0] += red * np.uint8(240 // LEVELS)
                Image.fromarray(pixels).save(folder / f"thing-{number:07}.png", compress_level=1)
                said = " ".join(f"{chr(97 + place)}{level}" for place, level in enumerate(levels))
                lines.write(f"thing-{number:07},Thing {number} {said}\n")


# --------------------------------------------------------------------------- the plug-in


class Cheap:
    """Rows of a curved surface from the levels that an item tells."""

    def __init__(self, modality: Any, read: Callable[[Sequence[Any]], np.ndarray]) -> None:
        self.card = EncoderCard(
            name=f"cheap/{modality}", modality=modality, width=WIDTH, library="numpy",
            source="tests/bench/million.py", revision="1", preprocessing="none",
        )  # fmt: skip
        self._read = read
        chance = np.random.default_rng([5, len(modality)])
        self._bend = chance.normal(size=(MEANINGS, 64)).astype(np.float32) / 3
        self._out = chance.normal(size=(64, WIDTH)).astype(np.float32) / 8

    def encode(self, batch: Sequence[Any]) -> np.ndarray:
        """Return a row an item."""
        levels = self._read(batch) / np.float32(LEVELS / 2) - 1
        rows: np.ndarray = np.tanh(levels.astype(np.float32) @ self._bend) @ self._out
        return rows


def levels_of_pictures(batch: Sequence[Any]) -> np.ndarray:
    """Return what pictures tell, with their grain."""
    red = np.stack([np.asarray(picture)[..., 0] for picture in batch])
    return red.reshape(len(batch), MEANINGS, -1).mean(axis=2) / (240 / LEVELS)


def levels_of_texts(batch: Sequence[str]) -> np.ndarray:
    """Return what texts tell; 0 where they say nothing."""
    found = np.zeros((len(batch), MEANINGS), np.float32)
    for row, text in enumerate(batch):
        for word in text.split():
            if word[0] in "abcdefghijklmnop" and word[1:].isdecimal():
                found[row, ord(word[0]) - 97] = int(word[1:])
    return found


def _entry(modality: Any, read: Callable[[Sequence[Any]], np.ndarray]) -> EncoderEntry:
    return EncoderEntry(
        name=f"cheap/{modality}", modality=modality, title="Cheap", summary="Made by rule.",
        needs_download=False, factory=lambda _device: Cheap(modality, read),
        available=lambda: None, width=WIDTH,
    )  # fmt: skip


def entries() -> list[EncoderEntry]:
    """Return what the plug-in adds."""
    return [_entry("image", levels_of_pictures), _entry("text", levels_of_texts)]


def install(folder: Path) -> dict[str, str]:
    """Install the plug-in into a folder; return the environment of processes that have it."""
    facts = folder / "cheap_encoders-1.0.dist-info"
    facts.mkdir(parents=True, exist_ok=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: cheap-encoders\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[gera_workbench.encoders]\ncheap = million:entries\n")
    places = [str(folder), str(HERE), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(place for place in places if place)}


# --------------------------------------------------------------------------- stations


def stations(root: Path) -> dict[str, list[str]]:
    """Return the command of each station, in the order of the road."""
    project, program = str(root / "project"), [sys.executable, "-m", "workbench"]

    def command(*words: str) -> list[str]:
        return [*program, words[0], project, *words[1:]]

    return {
        "scan": command("new", "--image", str(root / "pictures"), "--text",
                        str(root / "texts.csv"), "--table-columns", "text=text,key=id"),
        "scan again": command("scan"),
        "encode pictures": command("encode", "image=cheap/image", "--device", "cpu"),
        "encode texts": command("encode", "text=cheap/text", "--device", "cpu"),
        "align, 1,000 pairs": command("align", "--labels", str(LABELS), "--name", "first"),
        "evaluate": command("evaluate", "first"),
        "PCA map of pictures": command("map", "image"),
        "PCA map of the run": command("map", "run:first"),
        "first question": command("query", "first", "--text", "a3 b9 c12", "--to", "image"),
        "window": [sys.executable, __file__, "--window", project],
        "export the selection": command(
            "export-items", str(root / "selected.csv"), "--run", "first", "--selection", SELECTED,
            "--replace",
        ),
        "export the run": command("export", "first", str(root / "exported"), "--with", "vectors"),
    }  # fmt: skip


def held_by_tree(top: int) -> int:
    """Return the bytes that a process and all below it hold now, mapped files left out."""
    held, family = 0, [top]
    while family:
        process = family.pop()
        with suppress(OSError):  # it has ended meanwhile
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
            held += sum(
                1024 * int(line.split()[1])
                for line in lines
                if line.startswith(("RssAnon:", "RssShmem:"))
            )
            for each in Path(f"/proc/{process}/task").iterdir():  # any thread may have started one
                family += map(int, (each / "children").read_text().split())
    return held


@contextmanager
def most_held(process: subprocess.Popen[str]) -> Iterator[list[int]]:
    """Watch the memory of a process; the list's only number is the most so far."""
    most, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            most[0] = max(most[0], held_by_tree(process.pid))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield most
    finally:
        ended.set()
        watching.join()


def run(command: list[str], environment: dict[str, str], log: Path) -> tuple[list[str], str]:
    """Run a station; return its cells of the table and the last line that it printed."""
    began = time.monotonic()
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        with most_held(process) as most:
            assert process.stdout is not None
            said = process.stdout.read()
            _, status, spent = os.wait4(process.pid, 0)  # with the children that it waited for
            process.returncode = os.waitstatus_to_exitcode(status)
        errors.write(said)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: see {log}")
    seconds, work = time.monotonic() - began, spent.ru_utime + spent.ru_stime
    return [f"{seconds:.1f}", f"{work:.1f}", f"{most[0] / 2**30:.2f}"], said.strip().split("\n")[-1]


# --------------------------------------------------------------------------- the window


def watch(root: Path) -> dict[str, Any]:
    """Explore as somebody would, and return the gaps of what was done."""
    from exploring_window import Spans
    from watched_window import Twin, Watched, gaps_in_spans

    from workbench.project import save_selection

    watched = Watched(root, "start")
    page, session, window = watched.window.page("explore"), watched.session, watched.window
    other, spans = Twin(), Spans(watched)

    def maps_are_there() -> bool:
        return page.table is not None and all(p.shown_map is not None for p in page.panels)

    spans.until("open Explore: two maps", lambda: window.go_to("explore"), maps_are_there)
    spans.until("run read", lambda: None, lambda: page.explored.looking.size() is not None)
    answers = page.answers.strip.items
    spans.until(
        "first question, an item", lambda: page.explored.ask_with(page.table.ids[:1]),
        lambda: len(answers.ids) > 0,
    )  # fmt: skip
    spans.until("the rest of it, such as the index", lambda: None, lambda: not session.jobs)
    page.query.line.setText("a3 b9 c12")
    spans.until(
        "question in words", page.explored.query.ask,
        lambda: "a3 b9" in page.answers.words.text() and not session.jobs,
    )  # fmt: skip
    page.explored.query.clear()
    with spans.of("lasso"):
        draw_lasso(page.left.view.canvas)
        watched.wait(1.0)
    with spans.of("all selected, undone, redone"):
        session.select(page.table.ids)
        watched.wait(1.0)
        session.undo_selection()
        watched.wait(1.0)
        session.redo_selection()
        watched.wait(1.0)
        session.undo_selection()
        watched.wait(1.0)
    with spans.of("colours: label, split"):
        for colour in ("label", "split", "modality"):
            page.colours.choose(colour)
            watched.wait(1.5)
    with spans.of("panned and zoomed"):
        box = page.left.view.canvas.box
        for number in range(40):
            box.scaleBy((0.97, 0.97) if number < 20 else (1.03, 1.03))
            box.translateBy(x=0.01, y=0.005)
            watched.wait(0.016)
    with spans.of("table of all items"):
        page.selected.set_view("table")
        watched.wait(2.0)
    with spans.of("table sorted by name"):
        page.selected.table.rows.sort(0)
        watched.wait(4.0)
    save_selection(session.project, SELECTED, session.selection)
    with spans.of("selection exported"):
        export(page.tools, root.parent / "from-window.csv")
        watched.until(lambda: not session.jobs)
    with spans.of("every other page"):
        for name in ("data", "encode", "train", "label", "export", "explore"):
            window.go_to(name)
            watched.wait(1.5)
            watched.until(lambda: not session.jobs)
    found = gaps_in_spans(watched, other.moments(), spans.found) | {"said": watched.said}
    watched.close()
    return found


def draw_lasso(canvas: Any) -> None:
    """Draw round the right half of what is seen, corner by corner, as a hand does."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    canvas.set_tool("lasso")
    wide, high = canvas.viewport().width(), canvas.viewport().height()
    turns = np.linspace(0, 2 * np.pi, 60)
    corners = [
        QPoint(round(wide * (0.6 + 0.3 * np.cos(t))), round(high * (0.5 + 0.45 * np.sin(t))))
        for t in turns
    ]
    where, left = canvas.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(where, left, pos=corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(where, corner)
    QTest.mouseRelease(where, left, pos=corners[-1])
    canvas.set_tool("pan")


def export(tools: Any, path: Path) -> None:
    """Export the selection as the menu does, with the file chosen."""
    module = sys.modules[type(tools).__module__]
    module.choose_new_file = lambda *_: path  # type: ignore[attr-defined]
    tools.export()


# --------------------------------------------------------------------------- the tables


def measure(root: Path, count: int, wanted: list[str]) -> None:
    """Walk the road with so many items, and print a row a station."""
    root.mkdir(parents=True, exist_ok=True)
    if not (root / "texts.csv").exists():
        write_items(root, count)
    environment, log = install(root / "plug-in"), root / "log.txt"
    print(f"\n{count:,} pictures and {count:,} texts\n")
    print("| station | s | processor s | GiB held at most |\n|---|---|---|---|", flush=True)
    pauses = None
    for name, command in stations(root).items():
        if wanted and not any(word in name for word in wanted):
            continue
        cells, last = run(command, environment, log)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
        if name == "window":
            pauses = json.loads(last)
    if pauses:
        from watched_window import print_gaps

        print()
        print_gaps(pauses)
        print(*pauses["said"], sep="\n", flush=True)


def main() -> None:
    """Print the tables."""
    if sys.argv[1:2] == ["--window"]:
        print(json.dumps(watch(Path(sys.argv[2]))))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--stations", default="")
    parser.add_argument("counts", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    wished = parser.parse_args()
    wanted = [word for word in wished.stations.split(",") if word]
    for count in wished.counts:
        if wished.folder is not None:
            measure(wished.folder.absolute() / str(count), count, wanted)
            continue
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), count, wanted)


if __name__ == "__main__":
    main()
