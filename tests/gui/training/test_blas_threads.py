"""Threads of a process's BLAS while a training of another process has the cores."""

import subprocess
import sys

# in a process of its own: after other tests OpenBLAS was seen to keep the number it had
_LIMITS = """
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from workbench.gui.training.blas_threads import blas_on_one_core

def threads():
    np.ones((2, 2)) @ np.ones((2, 2))
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}

with threadpool_limits(3, user_api="blas"):
    first, second = blas_on_one_core(), blas_on_one_core()
    first.__enter__()
    assert threads() == {1}
    second.__enter__()
    first.__exit__(None, None, None)
    assert threads() == {1}
    second.__exit__(None, None, None)
    assert threads() == {3}
    with blas_on_one_core():
        assert threads() == {1}
    assert threads() == {3}
"""


def test_one_thread_until_the_last_one_is_done():
    command = [sys.executable, "-c", _LIMITS]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
