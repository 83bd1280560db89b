"""Imports of heavy libraries in several threads at once."""

import subprocess
import sys

import pytest

_AT_ONCE = """
import builtins
import sys
import threading

from workbench.gui.jobs.import_order import keep_import_order

keep_import_order()
keep_import_order()
builtins.began, builtins.ended = began, ended = threading.Event(), threading.Event()
failed = []


def first():
    try:
        import torch
    except BaseException as error:
        failed.append(error)


def second():
    try:
        began.wait(60)
        import scipy.stats
    except BaseException as error:
        failed.append(error)
    finally:
        ended.set()


threads = [threading.Thread(target=each) for each in (first, second)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(failed)
"""
_HALF = """
import builtins

builtins.began.set()
builtins.ended.wait(60)


class Tensor:
    pass
"""


def test_scipy_may_be_imported_while_torch_is(tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(_HALF)  # as slow as the real one, but surely
    order = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    ended = subprocess.run(
        [sys.executable, "-c", order + _AT_ONCE],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert ended.stdout == "[]\n", ended.stderr


def test_what_is_imported_is_the_real_one_and_scipy_is_there_before(tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(
        "import sys; before, half = 'scipy.stats' in sys.modules, sys.modules['torch']\n"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from workbench.gui.jobs.import_order import keep_import_order; keep_import_order()\n"
        "import torch; print(torch.before, torch.half is torch is sys.modules['torch'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False
    )
    assert ended.stdout == "True True\n", ended.stderr


_LOADED = """
import sys
import threading

from workbench.gui.jobs import import_order

import_order.keep_import_order()
loaded = []
load = import_order._load_libraries


def watched(spec):
    before = "torch._C" in sys.modules
    load(spec)
    with open("/proc/self/maps") as maps:
        loaded.append((before, "libtorch_cpu.so" in maps.read()))


import_order._load_libraries = watched
import torch
print(loaded, torch.ones(2).sum().item())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems load libraries otherwise")
def test_the_libraries_of_torch_are_there_before_it_is_imported():
    ended = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, timeout=120
    )
    assert (ended.stdout.strip(), ended.returncode) == ("[(False, True)] 2.0", 0), ended.stderr
