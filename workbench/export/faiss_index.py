"""The part “index”: an exact faiss index of each view, which answers with item ids."""

from pathlib import Path
from typing import Any

from workbench.export.contents import Contents
from workbench.jobs import Control, Job, Progress
from workbench.media import MODALITIES

_ROWS_AT_ONCE = 65_536


def size(contents: Contents) -> int:
    """Estimate the bytes of the indexes."""
    return contents.item_count * (4 * contents.width + 8)


def write(folder: Path, contents: Contents, control: Control) -> Job[dict[str, Any]]:
    """Write an index a view: modalities lie a little apart, so each is searched by itself.

    Yields
    ------
    Progress
    """
    import faiss
    import numpy as np

    files, done = {}, 0
    for view in (view for view in MODALITIES if view in contents.space.views):
        yield Progress(done, contents.item_count, f"Reading {view} items")
        items = contents.items(view)
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(contents.width))
        for first in range(0, len(items.ids), _ROWS_AT_ONCE):
            control.wait_while_paused()
            if control.stopping:
                return {}
            some = slice(first, first + _ROWS_AT_ONCE)
            rows = np.ascontiguousarray(items.rows[some], dtype=np.float32)
            index.add_with_ids(rows, np.ascontiguousarray(items.ids[some], dtype=np.int64))
            yield Progress(done := done + len(rows), contents.item_count, f"Indexing {view} items")
        files[view] = f"{view}.faiss"
        with (folder / files[view]).open("wb") as file:  # by name a full disk is a RuntimeError
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined]
            faiss.write_index(index, writer)
    return {"views": files, "metric": "inner product of unit rows: the cosine"}
