"""No home, little memory, no room for temporary files: sentences, and never a traceback."""

import os
import subprocess
import sys

import pytest
from worlds.fakes import make_project

# as for a user of whom the system knows nothing
HOMELESS = """
import os, pwd, runpy
def nobody(number):
    raise KeyError(number)
pwd.getpwuid = nobody
del os.environ["HOME"]
runpy.run_module("workbench", run_name="__main__", alter_sys=True)
"""
# as in a batch job: torch's libraries alone take more
LITTLE_MEMORY = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))
runpy.run_module("workbench", run_name="__main__", alter_sys=True)
"""
FULL = """
import runpy, tempfile
tempfile._candidate_tempdir_list = lambda: ["/proc/full"]
runpy.run_module("workbench", run_name="__main__", alter_sys=True)
"""


def run(way, *arguments):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("TORCHINDUCTOR_CACHE_DIR", None)  # torch leaves it to those who come after
    return subprocess.run(
        [sys.executable, "-c", way, *map(str, arguments)],
        env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="has no pwd")
def test_a_user_without_a_home_can_start_it():
    done = run(HOMELESS, "--version")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_torch_that_does_not_fit_into_the_memory_is_told_in_a_sentence(tmp_path):
    project = make_project(tmp_path, 3, ("text",))
    done = run(LITTLE_MEMORY, "encode", project.root, "text=bundled/minilm-l6")
    assert done.returncode == 2, done.stderr
    assert "memory" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_temporary_folder_is_told_in_a_sentence(tmp_path):
    project = make_project(tmp_path, 3, ("image",))
    done = run(FULL, "encode", project.root, "image=bundled/efficientnet-lite0", "--workers", 1)
    assert done.returncode == 2, done.stderr
    assert "temporary folder" in done.stderr
    assert "Traceback" not in done.stderr
