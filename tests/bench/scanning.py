"""How fast folders are scanned, beside os.walk and os.stat of each file in the same run.

    python tests/bench/scanning.py [COUNT]

COUNT (100,000) small pictures in 100 folders are made under the temporary folder and removed. Each
time is the least of three, first scan and rescan of the station in turn.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.jobs import drain
from workbench.media import find_files
from workbench.project import Project, ProjectSettings, Source
from workbench.stations import scan

FOLDERS = 100
ROUNDS = 3


def write_files(root: Path, count: int) -> None:
    """Write files of one byte: a scan reads what the folder tells, not the pictures."""
    for number in range(FOLDERS):
        folder = root / f"folder-{number:03}"
        folder.mkdir(parents=True)
        for place in range(number, count, FOLDERS):
            (folder / f"thing-{place:07}.png").write_bytes(b"x")


def walk_and_stat(root: Path) -> int:
    """Do the least that a scan must do."""
    count = 0
    for folder, _, names in os.walk(root):
        for name in names:
            os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - the bare calls
            count += 1
    return count


def seconds(work: Callable[[], object]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(root: Path, count: int) -> dict[str, float]:
    """Return the least times of each kind, in turn so that all meet the same machine."""
    times: dict[str, list[float]] = {}
    settings = ProjectSettings(
        name="scanning", sources=[Source(modality="image", path=str(root / "files"))]
    )
    for number in range(ROUNDS):
        project = Project.create(root / f"project-{number}", settings)
        for name, work in {
            "os.walk + os.stat": lambda: walk_and_stat(root / "files"),
            "find_files": lambda: sum(1 for _ in find_files(root / "files", "image")),
            "first scan": lambda project=project: drain(scan(project)),
            "rescan": lambda project=project: drain(scan(project)),
        }.items():
            times.setdefault(name, []).append(seconds(work))
        found = project.catalogue.counts()["image"]
        if found != count:
            raise SystemExit(f"The scan found {found:,} of {count:,} files.")
    return {name: min(each) for name, each in times.items()}


def main() -> None:
    """Print one table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with TemporaryDirectory() as folder:
        write_files(Path(folder) / "files", count)
        times = measure(Path(folder), count)
    bare = times["os.walk + os.stat"]
    print(f"{count:,} files in {FOLDERS} folders")
    for name, value in times.items():
        print(f"{name:<20}{value:9.3f} s{value / bare:8.2f} ×{count / value:12,.0f} files/s")


if __name__ == "__main__":
    main()
