import platform
import subprocess
import sys

import pytest

from workbench.memory import keep_freed_memory

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
