"""What a Ray cluster on this machine makes of an encode, beside the station without one.

    python tests/bench/cluster_encode.py PROJECT [MODALITY [COUNT [1,2,3,data,killed]]]

PROJECT is scanned and has its encoders chosen; a copy of its catalogue is encoded in a temporary
folder. COUNT items (600) are encoded by the station, by 1, 2 and 3 workers of a local cluster, by
Ray Data with one (where pandas is installed), and by one that is killed half-way and goes on.
Items a second are those between the first batch and the last; the start is told beside them.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from encoding import some_items

from workbench.cache import EmbeddingCache
from workbench.cluster import connected, in_silence
from workbench.encoders import load_encoder
from workbench.jobs import Progress, drain
from workbench.media import prepare
from workbench.project import Project, load_embeddings
from workbench.stations import ClusterRequest, EncodeRequest, encode

BATCH = 32


class Marks:
    """When how many items were done."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.done: list[tuple[float, int]] = []

    def add(self, done: int) -> None:
        """Take note that so many are done."""
        if done and (not self.done or done > self.done[-1][1]):
            self.done.append((time.perf_counter(), done))

    def told(self) -> tuple[float, float]:
        """Return items a second, and seconds before the first batch was there."""
        (first, few), (last, all_) = self.done[0], self.done[-1]
        return (all_ - few) / (last - first), first - self.began

    def in_words(self, alone: float | None) -> str:
        """Say it, beside how many items a second there were without a cluster."""
        rate, start = self.told()
        share = 1.0 if alone is None else rate / alone
        return f"{rate:6.1f} items/s ({share:4.0%}), first batch after {start:5.1f} s"


def by_station(project: Project, modality: str, workers: int | None, marks: Marks) -> None:
    """Encode all, by this process or by so many workers."""
    there = None if workers is None else ClusterRequest("local", workers, 0)
    name = project.encoder(modality)
    request = EncodeRequest(modality, name, "cpu", BATCH, cluster=there)

    def hear(event: object) -> None:
        if isinstance(event, Progress):
            marks.add(event.done)

    with in_silence():
        drain(encode(project, request), hear)


class Rows:
    """The same work as Ray Data would have it done: a class that maps batches."""

    def __init__(self, name: str, modality: str) -> None:
        self.encoder = load_encoder(name, modality, "cpu")
        self.preparation = getattr(self.encoder, "preparation", None)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Read and encode a batch of items."""
        media = [prepare(item, self.preparation).medium for item in batch["item"]]
        run = self.encoder.encode_prepared if self.preparation else self.encoder.encode
        return {"id": batch["id"], "vector": run(media)}


def by_ray_data(project: Project, modality: str, marks: Marks) -> None:
    """Encode all by Ray Data with one actor; nothing is written."""
    items, name = project.catalogue.items(modality), project.encoder(modality)
    with in_silence(), connected("local") as cluster:
        from ray import data

        data.DataContext.get_current().enable_progress_bars = False
        rows = data.from_items([{"id": item.id, "item": item} for item in items])
        done = 0
        encoded = rows.map_batches(
            Rows, fn_constructor_args=(name, modality), batch_size=BATCH,
            compute=data.ActorPoolStrategy(size=1), num_cpus=len(os.sched_getaffinity(0)) - 1,
        )  # fmt: skip
        for batch in encoded.iter_batches(batch_size=None):
            done += len(batch["id"])
            marks.add(done)
        assert cluster.nodes()


def killed_and_resumed(project: Project, modality: str, count: int) -> str:
    """Encode in a process that is killed half-way, then go on."""
    command = [sys.executable, __file__, "--told", str(project.root), modality]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if int(line) >= count // 2:
                break
        process.send_signal(signal.SIGKILL)
    with EmbeddingCache(project.cache_path(modality, project.encoder(modality))) as cache:
        kept = int(cache.encoded().sum())
    marks = Marks()
    by_station(project, modality, 1, marks)
    return (
        f"killed at {line.strip()}: {kept} kept, {count - kept} encoded anew, first batch after "
        f"{marks.told()[1]:.1f} s"
    )


def vectors_of(project: Project, modality: str) -> np.ndarray:
    """Return what was encoded, and delete it for the next way."""
    name = project.encoder(modality)
    _, rows = load_embeddings(project, modality, name)
    project.cache_path(modality, name).unlink()
    return rows


def main() -> None:
    """Print a line a way."""
    if sys.argv[1] == "--told":
        request = EncodeRequest(sys.argv[3], None, "cpu", BATCH, cluster=ClusterRequest("local", 1))
        for event in encode(Project.open(Path(sys.argv[2])), request):
            if isinstance(event, Progress):
                print(event.done, flush=True)
        return
    source, asked = Project.open(Path(sys.argv[1])), dict(enumerate(sys.argv[2:]))
    modality, count = asked.get(0, "image"), int(asked.get(1, 600))
    wished = asked.get(2, "1,2,3,data,killed").split(",")
    with TemporaryDirectory() as folder:
        project = some_items(source, Path(folder), count)
        count = project.catalogue.counts()[modality]
        before, alone = compared("station", project, modality, None)
        for way in wished:
            if way.isdecimal():
                compared(f"{way} on Ray", project, modality, int(way), before, alone)
            elif way == "data":
                marks = Marks()
                by_ray_data(project, modality, marks)
                print(f"{'Ray Data':10} {marks.in_words(alone)}", flush=True)
            else:
                print(killed_and_resumed(project, modality, count), flush=True)


def compared(
    way: str, project: Project, modality: str, workers: int | None,
    before: np.ndarray | None = None, alone: float | None = None,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """Encode all, print how it went, and return the vectors and items a second."""
    marks = Marks()
    by_station(project, modality, workers, marks)
    found = vectors_of(project, modality)
    away = 0.0 if before is None else np.abs(found - before).max()
    print(f"{way:10} {marks.in_words(alone)}, largest difference {away:.1e}", flush=True)
    return found, marks.told()[0]


if __name__ == "__main__":
    main()
