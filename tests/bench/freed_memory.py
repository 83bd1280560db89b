"""Pictures encoded a second with and without `keep_freed_memory`, in turn, in new processes.

    python tests/bench/freed_memory.py FOLDER_OF_PICTURES

Prints pictures a second, and page faults, for the bundled EfficientNet-Lite0 on 96 pictures.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path


def measure(folder: Path, keep: bool) -> str:
    """Encode 96 pictures in this process, and say how it went."""
    from workbench.encoders import load_encoder
    from workbench.media import read_image
    from workbench.memory import keep_freed_memory

    if keep:
        keep_freed_memory()
    encoder = load_encoder("bundled/efficientnet-lite0", "image")
    pictures = [read_image(path) for path in sorted(folder.rglob("*.png"))[:96]]
    faults, began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.perf_counter()
    for start in range(0, len(pictures), 32):
        encoder.encode(pictures[start : start + 32])
    seconds = time.perf_counter() - began
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    return f"{len(pictures) / seconds:6.1f} pictures/s  {faults:9,} page faults"


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(measure(Path(sys.argv[1]), sys.argv[2] == "keep"))
    else:
        for how in ("keep", "return") * 3:
            print(f"{how:8}", end="", flush=True)
            subprocess.run([sys.executable, __file__, sys.argv[1], how], check=True)
