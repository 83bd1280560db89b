"""Whatever is done to a project by two processes at once, or killed: nothing of it is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    "seeds", [range(16), pytest.param(range(16, 416), marks=pytest.mark.slow, id="many")]
)
def test_nothing_is_lost_and_nobody_fails(tmp_path, seeds):
    paths = [str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    ended = subprocess.run(
        [sys.executable, str(TESTS / "worlds" / "at_once.py"), str(tmp_path), *map(str, seeds)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=60 * len(seeds),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(told) == len(seeds)
    assert [each for each in told if each["lost"]] == [], ended.stderr
