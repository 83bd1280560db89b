"""The cache beside numpy's own .npy file, rows written and read; and memory while encoding.

    python tests/bench/cache.py [COUNT [WIDTH]]

COUNT (1,000,000) rows of WIDTH (512) float16, under the temporary folder. Written in batches of
256 as an encode does, read whole and by 100,000 random rows; each ratio is the median of five
turns. Then the encode station runs over COUNT / 50 and COUNT / 5 tiny texts with an encoder that
costs nothing, each in a process of its own, and its peak memory is told (on Linux).
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from workbench.cache import EmbeddingCache, prepare_cache

TURNS = 5
BATCH = 256

ENCODE = """
import sys
from pathlib import Path
import numpy as np
from workbench.encoders import EncoderCard
from workbench.jobs import drain
from workbench.project import Found, Project
from workbench.stations import EncodeRequest, encode

class Free:
    card = EncoderCard(name="free", modality="text", width=64, library="numpy", source="here",
                       revision="1", preprocessing="none")
    def encode(self, batch):
        return np.ones((len(batch), 64), dtype=np.float32)

def fetch(*_):
    yield from ()
    return True

module = sys.modules["workbench.stations.encoding.encode"]
module.load_encoder, module.fetch_encoder = lambda *_, **__: Free(), fetch
count = int(sys.argv[2])
if sys.argv[3] == "fill":
    Project.create(Path(sys.argv[1])).catalogue.take([
        Found("text", f"/t#{n}", f"{n:032x}", str(n), text=f"the text number {n}")
        for n in range(count)
    ])
else:
    project = Project.open(Path(sys.argv[1]))
    report = drain(encode(project, EncodeRequest("text", "free", batch_size=256)))
    assert report.encoded == count, report
status = Path("/proc/self/status").read_text()  # ru_maxrss would also count the parent's fork
print(status.partition("VmHWM:")[2].split()[0])
"""


def seconds(work: Callable[[], object]) -> float:
    """Return the time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def write_npy(path: Path, rows: np.ndarray) -> None:
    """Write rows to a .npy in batches, through a memory map, as a script would."""
    file = np.lib.format.open_memmap(path, "w+", rows.dtype, rows.shape)
    for start in range(0, len(rows), BATCH):
        file[start : start + BATCH] = rows[start : start + BATCH]
    file.flush()


def write_cache(path: Path, rows: np.ndarray, names: np.ndarray) -> None:
    """Lay out a cache and write rows to it in batches."""
    path.unlink(missing_ok=True)
    numbers = np.arange(len(rows))
    prepare_cache(path, {"width": rows.shape[1]}, numbers, names, "float16")
    with EmbeddingCache(path, "r+") as cache:
        for start in range(0, len(rows), BATCH):
            some = slice(start, start + BATCH)
            cache.write(numbers[some], rows[some], names[some])


def read_cache(path: Path, rows: np.ndarray | slice) -> np.ndarray:
    """Read rows as they are stored."""
    with EmbeddingCache(path) as cache:
        return cache.read(rows, stored=True)


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    """Print the median ratio of two ways, taken in turn."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(TURNS)]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"{name:14} cache {mine:7.3f} s   .npy {other:7.3f} s   ratio {ratio:5.2f}", flush=True)


def peak(folder: Path, count: int, what: str) -> float:
    """Return the peak memory in MB of a process that fills a catalogue, or encodes one."""
    place = folder / f"project-{count}"
    command = [sys.executable, "-c", ENCODE, str(place), str(count), what]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(result.stdout) * 1024 / 1e6


def main() -> None:
    """Print the ratios, then the memory."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    width = int(sys.argv[2]) if len(sys.argv) > 2 else 512
    random = np.random.default_rng(0)
    rows = random.normal(size=(count, width)).astype(np.float16)
    names = np.array([f"{number:032x}" for number in range(count)], dtype="S64")
    some = random.choice(count, min(count, 100_000), replace=False)
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "x.h5", Path(folder) / "x.npy"
        print(f"{count:,} × {width} float16, {rows.nbytes / 1e9:.2f} GB")
        compare("write", lambda: write_cache(ours, rows, names), lambda: write_npy(theirs, rows))
        assert np.array_equal(read_cache(ours, slice(None)), rows)
        compare("read whole", lambda: read_cache(ours, slice(None)), lambda: np.load(theirs))
        compare(
            "random rows", lambda: read_cache(ours, some),
            lambda: np.array(np.load(theirs, mmap_mode="r")[some]),
        )  # fmt: skip
        ours.unlink()
        theirs.unlink()
        for size in (count // 50, count // 5):
            peak(Path(folder), size, "fill")
            print(f"encoding {size:9,} texts: {peak(Path(folder), size, 'encode'):6.0f} MB at most")


if __name__ == "__main__":
    main()
