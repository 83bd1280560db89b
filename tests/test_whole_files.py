"""A file is whole or not there; nothing is written through a link; what the dead left goes."""

import os
import subprocess
import sys

import pytest

from workbench.whole_files import draft_folder, make_own_folder, open_own, whole_file, write_whole

links = pytest.mark.skipif(sys.platform == "win32", reason="needs links")

# a process that is killed while it writes a file or fills a folder
KILLED = """
import os, sys
from pathlib import Path
from workbench.whole_files import draft_folder, whole_file
path = Path(sys.argv[2])
if sys.argv[1] == "file":
    with whole_file(path) as file:
        file.write(b"half")
        file.flush()
        os._exit(9)
with draft_folder(path) as folder:
    (folder / "half").touch()
    os._exit(9)
"""


def kill_while_it_writes(kind, path):
    command = [sys.executable, "-c", KILLED, kind, str(path)]
    assert subprocess.run(command, check=False).returncode == 9


@pytest.mark.parametrize("length", [1, 100, 250])
def test_a_file_is_replaced_whole(tmp_path, length):
    path = tmp_path / ("ä" * (length // 2) + "x")
    path.write_bytes(b"old")
    with whole_file(path) as file:
        (draft,) = {*tmp_path.iterdir()} - {path}
        file.write(b"new")
        file.flush()
        assert (path.read_bytes(), draft.read_bytes()) == (b"old", b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_its_rights_are_those_of_any_new_file(tmp_path):
    (tmp_path / "any").write_bytes(b"")
    write_whole(tmp_path / "whole", b"")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "any").stat().st_mode


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()], ids=repr)
def test_a_failure_leaves_what_was_there_and_no_draft(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail():
        with whole_file(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_came_meanwhile_stays_where_it_shall_not_be_replaced(tmp_path):
    path = tmp_path / "file"

    def make(meanwhile):
        with whole_file(path, replace=False) as file:
            file.write(b"mine")
            meanwhile()

    with pytest.raises(FileExistsError):
        make(lambda: path.write_bytes(b"theirs"))
    assert path.read_bytes() == b"theirs"
    path.unlink()
    make(lambda: None)
    assert path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]


def test_without_second_names_it_is_the_same(tmp_path, monkeypatch):
    def none(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", none)
    test_what_came_meanwhile_stays_where_it_shall_not_be_replaced(tmp_path)


@links
def test_a_link_is_replaced_and_never_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "file"
    for name in ("file", "file.new", ".file.new"):
        (folder / name).symlink_to(outside)
    write_whole(path, b"new")
    assert outside.read_bytes() == b"precious"
    assert not path.is_symlink()
    assert path.read_bytes() == b"new"
    for name in ("file.new", ".file.new"):
        with pytest.raises(OSError):
            os.close(open_own(folder / name, os.O_WRONLY | os.O_TRUNC))
    assert outside.read_bytes() == b"precious"


@links
def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="remove the link"):
        make_own_folder(tmp_path / "link")
    make_own_folder(tmp_path / "own")
    make_own_folder(tmp_path / "own")


@links
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_one_left_goes_with_the_next_and_a_living_one_stays(tmp_path, kind):
    path = tmp_path / "x"
    kill_while_it_writes(kind, path)
    (left,) = tmp_path.iterdir()
    other = tmp_path / ".y.0123456789abcdef.new"  # of another file
    other.touch()
    with whole_file(path):
        assert not left.exists()
        (living,) = {*tmp_path.iterdir()} - {other}
        write_whole(path, b"another")
        with draft_folder(path) as filled:
            (filled / "file").touch()
            assert living.exists()
            write_whole(path, b"a third")
            assert filled.exists()
        assert not filled.exists()
    assert sorted(tmp_path.iterdir()) == [other, path]


def test_a_folder_that_was_moved_away_stays(tmp_path):
    with draft_folder(tmp_path / "x") as draft:
        (draft / "file").write_text("content")
        draft.rename(tmp_path / "x")
    assert (tmp_path / "x" / "file").read_text() == "content"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]
