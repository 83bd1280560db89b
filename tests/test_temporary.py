import subprocess
import sys
import tempfile

import pytest

from workbench.temporary import TemporaryFolder

MAKES_ONE = """
from workbench.temporary import TemporaryFolder
folder = TemporaryFolder()
(folder.path / "rows").write_text("rows")
print(folder.path, flush=True)
input()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where temporary folders are made, here and in other processes."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def another():
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", MAKES_ONE], stdin=pipe, stdout=pipe, text=True)


def test_it_goes_with_who_made_it(place):
    folder = TemporaryFolder()
    (folder.path / "file").write_text("x")
    assert folder.path.stat().st_mode & 0o77 == 0
    del folder
    assert list(place.iterdir()) == []
    with another() as process:
        assert process.stdout.readline().strip() in map(str, place.iterdir())
        process.communicate("\n")
    assert list(place.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be told from left ones")
def test_what_a_killed_process_left_goes_when_the_next_one_is_made_and_no_other(place):
    with another() as killed:
        left = killed.stdout.readline().strip()
        killed.kill()
    with another() as living:
        theirs = living.stdout.readline().strip()
        mine = TemporaryFolder()
        assert {str(each) for each in place.iterdir()} == {theirs, str(mine.path)} != {left}
        living.communicate("\n")
