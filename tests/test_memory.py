import platform
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.memory import keep_freed_memory, physical_memory

# allocate, touch and free 50 MB, as a layer's activations are; print the page faults it took
CHURN = """
import resource, sys
import numpy as np
from workbench.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(50_000_000, dtype=np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has this setting")
def test_freed_memory_is_used_again():
    faults = {
        how: int(
            subprocess.run(
                [sys.executable, "-c", CHURN, how], capture_output=True, text=True, check=True
            ).stdout
        )
        for how in ("keep", "return")
    }
    assert faults["keep"] < faults["return"] / 5


def test_elsewhere_it_does_nothing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_freed_memory() is False


def test_the_computer_has_some_memory(monkeypatch):
    found = physical_memory()
    assert 2**28 < found < 2**50
    if sys.platform == "linux":
        told = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()[0]
        assert found == 1024 * int(told.split()[1])  # MemTotal, in kB

    def untold(_):
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr("workbench.memory.os.sysconf", untold, raising=False)
    if sys.platform != "win32":
        assert physical_memory() == 8 * 2**30
