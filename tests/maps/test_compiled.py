"""What numba compiles is kept for the next process, and nothing that befalls it stops a map."""

import os
import subprocess
import sys

SCRIPT = """
import pathlib, sys
from workbench.maps.compiled import keep_compiled
keep_compiled()
import numba
from numba.core import caching

def twice(number):
    return 2 * number

def call(number):
    f = numba.njit(twice)
    assert f(number) == 2 * number
    return sum(f.stats.cache_hits.values()), sum(f.stats.cache_misses.values())

place = pathlib.Path(sys.argv[1])
if not place.is_dir():
    print(call(3))
    sys.exit()
print(call(3), call(3))
kept = [file for file in place.rglob("*") if file.is_file()]
assert kept and all(f"numba-{numba.__version__}" in file.parent.parent.name for file in kept), kept
for ending in (".nbi", ".nbc"):
    for damage in (b"", file_of(ending).read_bytes()[:-9], b"nonsense"):
        file_of(ending).write_bytes(damage)
        print(call(3), call(3))

def full(*_):
    raise OSError(28, "No space left on device")

caching.IndexDataCacheFile.save = full
print(call(3.5), call(3.5))
""".replace("file_of(ending)", "next(place.rglob('*' + ending))")


def run(script, place):
    # from a file: numba keeps nothing of a function that is in none
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(place)}
    done = subprocess.run(
        [sys.executable, script, place], capture_output=True, text=True, timeout=120,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.splitlines()


def test_it_is_compiled_once_or_again_if_what_was_kept_is_damaged(tmp_path):
    script, place = tmp_path / "twice.py", tmp_path / "kept"
    script.write_text(SCRIPT, encoding="utf-8")
    place.mkdir()
    compiled_then_kept = "(0, 1) (1, 0)"
    assert run(script, place) == [compiled_then_kept] * 7 + ["(0, 1) (0, 1)"]
    assert run(script, place)[0] == "(1, 0) (1, 0)"
