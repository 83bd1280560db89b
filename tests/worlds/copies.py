"""Worlds that are made once and copied for each test: to make one takes several times longer."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from workbench.project import Project


def copy_world(world: Path, into: Path) -> Project:
    """Copy a project in `world`/project and the files beside it, as if made there; open it."""
    shutil.copytree(world, into, dirs_exist_ok=True)
    root = into / "project"
    with closing(sqlite3.connect(root / "catalogue.sqlite")) as catalogue, catalogue:
        for table in ("items", "left_out"):
            # a source's path is relative, an item's is not
            catalogue.execute(
                f"UPDATE {table} SET path = ? || substr(path, ?)"  # noqa: S608 - our own names
                " WHERE substr(path, 1, ?) = ?",
                (str(into), len(str(world)) + 1, len(str(world)), str(world)),
            )
    return Project.open(root)
