"""What the window's own thread does with many items, one thing after another, in milliseconds.

    python tests/bench/window_thread.py [1000000]

So many pictures and as many texts, all on one map and each in a pair, without a project: what a
map, a selection and a choice of colours cost beside the reading, which is a job's. Processor
time of the thread, which does not grow on a busy machine. No line should be above 250.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

from workbench.gui.items.item_looks import colours_of, marks_of
from workbench.gui.look import theme
from workbench.gui.points.lasso import inside_polygon
from workbench.gui.points.map_view import MapView
from workbench.gui.session import Session
from workbench.gui.starting.application import make_application
from workbench.stations import Coded, ItemColumns
from workbench.stations.selecting.item_columns import ItemWords


class Untouched:
    """Items that nobody may look at one by one."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> object:
        raise SystemExit("An item was looked at.")


def columns_of(count: int) -> ItemColumns:
    """Return the columns of pictures and texts with labels, paired one to one."""
    ids = np.arange(1, 2 * count + 1)
    items, halves = Untouched(2 * count), np.repeat([0, 1], count).astype(np.int32)
    labels = np.tile(np.arange(count) // 1000, 2).astype(np.int32)
    none = np.full(2 * count, -1, np.int32)
    return ItemColumns(
        items,  # type: ignore[arg-type]
        ids, np.stack([ids[:count], ids[count:]], axis=1), Coded(("image", "text"), halves),
        Coded(tuple(f"part-{n}" for n in range(labels.max() + 1)), labels),
        np.zeros(2 * count, bool), Coded((), none), Coded(("paired", "unpaired"), 0 * halves),
        ItemWords(items),  # type: ignore[arg-type]
    )  # fmt: skip


def spent(what: str, work: Callable[[], object]) -> object:
    """Print the processor time of a call; return what it returns."""
    began = time.thread_time()
    found = work()
    print(f"| {what} | {1000 * (time.thread_time() - began):.0f} |", flush=True)
    return found


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = make_application()
    table, session, view = columns_of(count), Session(), MapView()
    view.resize(600, 500)
    view.show()
    chance = np.random.default_rng(0)
    positions = chance.normal(size=(2 * count, 2)).astype(np.float32)
    some = table.ids[chance.random(2 * count) < 0.4]
    turns = np.linspace(0, 2 * np.pi, 200)
    outline = np.stack([np.cos(turns), np.sin(turns)], axis=1)

    def draw() -> object:
        application.processEvents()
        return view.grab()

    print(f"{2 * count:,} points\n\n| | ms |\n|---|---|")
    marks = spent("marks", lambda: marks_of(table, table.ids))
    spent("points set", lambda: view.set_points(positions, table.ids, marks))
    spent("drawn", draw)
    for by in ("modality", "label", "pairing"):
        rgba, legend = spent(f"colours by {by}", lambda by=by: colours_of(
            table, table.ids, by, theme.current()
        ))  # fmt: skip
        spent("colours set", lambda rgba=rgba: view.set_colours(rgba))
        view.set_legend(legend)
        spent("drawn", draw)
    spent("lasso", lambda: inside_polygon(positions, outline))
    for mode, ids in (("new", some), ("add", table.ids), ("remove", some), ("intersect", some),
                      ("new", table.ids)):  # fmt: skip
        spent(f"{len(ids):,} selected, {mode}", lambda m=mode, i=ids: session.select(i, m))
        spent("shown on the map", lambda: view.set_selection(session.selection))
        spent("their pairs and counts", lambda: (
            table.pairs_of(session.selection), table.count(session.selection),
        ))  # fmt: skip
        spent("drawn", draw)
    spent("undone", session.undo_selection)
    view.close()


if __name__ == "__main__":
    main()
