"""Worlds that are made once and copied for each test: to make one takes several times longer."""

import shutil
from pathlib import Path

from workbench.project import Project


def copy_world(world: Path, into: Path) -> Project:
    """Copy a project in `world`/project and the files beside it; open it."""
    shutil.copytree(world, into, dirs_exist_ok=True)
    return Project.open(into / "project")
