"""SIGKILL while UMAP computes: its process ends as well, and nothing of the rows stays anywhere."""

import os
import subprocess
import sys

import pytest
from worlds.family import children_of, outliving

MAP = """
import numpy as np
from workbench.jobs import Control
from workbench.maps import umap_map
rows = np.random.default_rng(0).normal(size=(3000, 32)).astype(np.float32)
for event in umap_map(rows, 15, 0.1, 0, Control()):
    print(event.message, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_of_a_killed_map_stays(tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "NUMBA_DISABLE_JIT": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", MAP], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            if "comparing items" in line:  # the rows have arrived
                break
        family = children_of(process.pid)
        process.kill()
    assert family
    assert outliving(family) == []
    assert list(temporary.iterdir()) == []
