"""Every call that writes is made to fail, or to be the last, and nothing is lost or strange.

As on a full disk, or when the process is killed: over all that is done to a project. A few cases of
each by default; `-m slow` has all of them.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from worlds import faults

HERE = Path(next(iter(faults.__path__)))
TESTS = HERE.parents[1]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None,
    reason="stands between the program and the system by a library that is compiled here",
)


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    made = tmp_path_factory.mktemp("shim") / "faults.so"
    command = ["cc", "-shared", "-fPIC", "-o", str(made), str(HERE / "faults.c"), "-ldl"]
    subprocess.run(command, check=True)
    return made


@pytest.mark.timeout(0)
@pytest.mark.parametrize("cases", [1, pytest.param(0, marks=pytest.mark.slow, id="all")])
def test_nothing_is_lost(tmp_path, shim, cases):
    paths = [str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    surroundings = {
        **os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "worlds.faults.runs", str(tmp_path / "kept"),
        str(tmp_path / "world"), str(cases), "1",
    ]  # fmt: skip
    ended = subprocess.run(
        command,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
        timeout=10_000 if cases == 0 else 900,
    )
    assert ended.returncode == 0, ended.stderr
    tried, lost, wrong = Counter(), Counter(), []
    for line in ended.stdout.splitlines():
        name, kind, point, calls, found = json.loads(line)
        tried[name, kind] += 1
        lost[name, kind] += bool(found)
        wrong += [f"{name}, {kind} at call {point} of {calls}: {each}" for each in found]
    print(f"{'done':16}{'fault':12}{'tries':>6}{'losses':>8}")
    for (name, kind), count in sorted(tried.items()):
        print(f"{name:16}{kind:12}{count:6}{lost[name, kind]:8}")
    assert not wrong, "\n".join(wrong)
    assert "Traceback" not in ended.stderr, ended.stderr  # such as HDF5 prints when it closes
    assert len({name for name, _ in tried}) == 19
