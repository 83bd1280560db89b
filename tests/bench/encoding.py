"""What the encode station costs beside a bare loop over the same encoder, items and batches.

    python tests/bench/encoding.py PROJECT [COUNT [ROUNDS]]

PROJECT is scanned and has its encoders chosen; its own caches are not touched: a copy of its
catalogue is encoded in a temporary folder. Three ways, in turn, COUNT (2,000) items a modality:

- bare: read, encode and keep in an array, in one process;
- ahead: the same with torch's DataLoader reading in one process, where the station has some;
- station: the encode station with its cache, marks, hashes, problems and progress.
"""

import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from workbench.encoders import PreparingEncoder, load_encoder
from workbench.jobs import drain
from workbench.media import read_medium
from workbench.memory import keep_freed_memory
from workbench.project import Item, Project
from workbench.stations import EncodeRequest, encode
from workbench.stations.encoding.prefetch import most_workers

BATCH = 32


class Reading:
    """What both bare loops read: the item as the encoder takes it."""

    def __init__(self, items: list[Item], preparation: Callable | None) -> None:
        self.items, self.preparation = items, preparation

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> object:
        item = self.items[place]
        medium = read_medium(item.modality, item.path, item.text, item.heard or None)
        return self.preparation(medium) if self.preparation else medium


def as_it_is(batch: list) -> list:
    """Hand a batch on."""
    return batch


def bare(encoder: object, reading: Reading, workers: int) -> None:
    """Encode all, as a script would."""
    from torch.utils.data import DataLoader

    loader = DataLoader(
        reading, BATCH, num_workers=workers, collate_fn=as_it_is,
        multiprocessing_context="spawn" if workers else None,
    )  # fmt: skip
    prepared = isinstance(encoder, PreparingEncoder)
    run = encoder.encode_prepared if prepared else encoder.encode
    np.concatenate([run(batch) for batch in loader])


def station(project: Project, modality: str, name: str) -> None:
    """Encode all by the station, into a cache of its own."""
    project.cache_path(modality, name).unlink(missing_ok=True)
    report = drain(encode(project, EncodeRequest(modality, name, batch_size=BATCH)))
    done = report.encoded + report.copied
    if not report.complete or report.failed:
        raise SystemExit(f"The station failed at {report.failed} items.")
    if report.copied:
        print(f"  ({report.copied} of {done} had the content of another)")


def some_items(source: Project, root: Path, count: int) -> Project:
    """Copy a project with at most `count` items of each modality, no two of one content."""
    shutil.copy(source.root / "project.toml", root / "project.toml")
    project = Project.open(root)
    taken: dict[str, int] = {}
    chosen, texts = [], set()
    for item in source.catalogue.items():
        if taken.get(item.modality, 0) < count and (not item.text or item.text not in texts):
            taken[item.modality] = taken.get(item.modality, 0) + 1
            texts.add(item.text)
            chosen.append(item)
    project.catalogue.take(chosen)
    return project


def main() -> None:
    """Print one line a modality and way."""
    keep_freed_memory()
    source = Project.open(Path(sys.argv[1]))
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    with TemporaryDirectory() as folder:
        project = some_items(source, Path(folder), count)
        for modality, name in source.settings.encoders.items():
            encoder = load_encoder(name, modality, "cpu")
            station_module = sys.modules["workbench.stations.encoding.encode"]
            # loading is no part of what is compared
            station_module.load_encoder = lambda *_, encoder=encoder, **__: encoder
            items = project.catalogue.items(modality)
            preparation = encoder.preparation if isinstance(encoder, PreparingEncoder) else None
            reading = Reading(items, preparation)
            workers = min(1, most_workers(modality, len(items)))
            ways = {
                "bare": lambda e=encoder, r=reading: bare(e, r, 0),
                f"ahead {workers}": lambda e=encoder, r=reading, w=workers: bare(e, r, w),
                "station": lambda m=modality, n=name: station(project, m, n),
            }
            times: dict[str, list[float]] = {way: [] for way in ways}
            bare(encoder, Reading(items[:BATCH], preparation), 0)  # warm
            for turn in range(rounds):
                for way in list(ways)[:: 1 if turn % 2 else -1]:
                    began = time.perf_counter()
                    ways[way]()
                    times[way].append(time.perf_counter() - began)
            least = statistics.median(times["bare"])
            for way, each in times.items():
                middle = statistics.median(each)
                print(
                    f"{modality:7} {way:9} {len(items) / middle:8.1f} items/s  "
                    f"{middle / least:5.2f} × bare  ({', '.join(f'{t:.1f}' for t in each)} s)",
                    flush=True,
                )


if __name__ == "__main__":
    main()
