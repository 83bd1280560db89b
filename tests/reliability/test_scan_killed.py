"""A scan that is killed while it writes: the catalogue holds all of the new, or all of the old."""

import pytest
from worlds.fakes import make_project, write_item
from worlds.forks import Fork

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import scan

# a scan in a process of its own, which ends for good when SQLite comes to a statement
SCAN = """
import os, sqlite3, sys
from pathlib import Path
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import scan
project = Project.open(Path(sys.argv[1]))
connect = sqlite3.connect
def watched(*args, **options):
    database = connect(*args, **options)
    end = lambda statement: os._exit(9) if statement.startswith(sys.argv[2]) else None
    database.set_trace_callback(end)
    return database
sqlite3.connect = watched
drain(scan(project))
"""


def held(project):
    """Return items and pairs by path, whatever their ids."""
    path_of = {item.id: item.path for item in project.catalogue.items()}
    pairs = project.catalogue.pairs().values()
    return set(path_of.values()), {
        (path_of[first], path_of[second]) for some in pairs for first, second in some.tolist()
    }


@pytest.mark.parametrize(
    "statement", ["INSERT INTO items", "DELETE FROM pairs", "INSERT OR IGNORE INTO pairs", "COMMIT"]
)
def test_items_and_pairs_are_written_together(tmp_path, statement):
    project = make_project(tmp_path, 4)
    before = held(project)
    for modality in ("image", "text"):
        write_item(tmp_path / modality, modality, 50)
    assert Fork(SCAN, project.root, statement).wait() == (9, "", "")
    assert held(Project.open(project.root)) == before
    drain(scan(project))
    items, pairs = held(project)
    assert (len(items), len(pairs)) == (10, 5)
