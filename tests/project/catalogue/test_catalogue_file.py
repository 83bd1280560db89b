"""What lies in a catalogue's place is looked at before it is touched."""

import os
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing

import pytest

from workbench.errors import WorkbenchError
from workbench.project import Catalogue, Found

links = pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "project" / "catalogue.sqlite"


def make(path, *statements):
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
    return path.read_bytes()


OTHERS = {
    "another program’s": ["CREATE TABLE notes (words TEXT)"],
    "another program’s with a version": ["CREATE TABLE a (b)", "PRAGMA user_version = 2"],
    "one that only looks like ours": ["CREATE TABLE items (id)", "CREATE TABLE pairs (first)"],
    "one whose items are a view": [
        "CREATE TABLE pairs (first, second)", "PRAGMA user_version = 2",
        "CREATE VIEW items AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n)"
        " SELECT * FROM n",
    ],
    "one whose items are made by code": [
        "CREATE TABLE pairs (first, second)", "PRAGMA user_version = 2",
        "CREATE VIRTUAL TABLE items USING fts5(path)",
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_a_database_of_others_is_refused_and_stays_as_it_was(path, kind):
    before = make(path, *OTHERS[kind])
    with pytest.raises(WorkbenchError, match="no catalogue of the workbench"):
        Catalogue(path)
    assert path.read_bytes() == before


def test_a_trigger_never_runs(path):
    make(path)
    Catalogue(path)
    before = make(path, "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM pairs; END")
    with pytest.raises(WorkbenchError, match="no catalogue of the workbench"):
        Catalogue(path)
    assert path.read_bytes() == before


@links
def test_a_link_is_not_followed(path, tmp_path):
    other = tmp_path / "other.sqlite"
    before = make(other, *OTHERS["another program’s"])
    path.parent.mkdir()
    for target in (other, tmp_path / "nowhere.sqlite"):
        path.unlink(missing_ok=True)
        path.symlink_to(target)
        with pytest.raises(WorkbenchError, match="it is a link to another place"):
            Catalogue(path)
    assert other.read_bytes() == before
    assert not (tmp_path / "nowhere.sqlite").exists()


@links
def test_a_pipe_is_not_waited_for(path):
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(WorkbenchError, match="it is not a file"):
        Catalogue(path)


# a change that is cut off in its middle, which leaves a journal to undo it by
CUT_OFF = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA cache_size = 5")
database.execute("UPDATE items SET path = 'lost' || id")
os._exit(9)
"""


@pytest.fixture
def cut_off(path):
    """Return a catalogue with the journal of a change that was cut off."""
    path.parent.mkdir()
    items = [Found("text", f"/{number}" * 50, "mark", "key") for number in range(500)]
    Catalogue(path).take(items)
    command = [sys.executable, "-c", CUT_OFF, str(path)]
    assert subprocess.run(command, check=False).returncode == 9
    journal = path.with_name("catalogue.sqlite-journal")
    assert journal.stat().st_size > 512
    return path, journal


def test_a_change_that_was_cut_off_is_undone(cut_off):
    path, journal = cut_off
    assert Catalogue(path).items()[0].path == "/0" * 50
    assert not journal.exists()


def test_a_journal_that_would_delete_another_file_is_refused(cut_off, tmp_path):
    path, journal = cut_off
    precious = tmp_path / "precious.txt"
    precious.write_text("content\n")
    name = str(precious).encode()
    content = journal.read_bytes()
    content += bytes(-len(content) % 512)
    content += struct.pack(">I", (1 << 30) // 4096 + 1) + name
    content += struct.pack(">II", len(name), sum(name)) + bytes.fromhex("d9d505f920a163d7")
    journal.write_bytes(content)
    with pytest.raises(WorkbenchError, match="was not written by the workbench"):
        Catalogue(path)
    assert precious.exists()
    with closing(sqlite3.connect(path)) as database:  # what SQLite itself does
        database.execute("SELECT * FROM items").fetchone()
    assert not precious.exists()
