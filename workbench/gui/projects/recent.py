"""The projects opened before, remembered between sessions."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

if TYPE_CHECKING:
    from workbench.project import Project

_KEY = "recent_projects"
_MOST = 12


@dataclass(frozen=True)
class RecentProject:
    """A project as it was when it was last open.

    Attributes
    ----------
    path, name : str
    opened : str
        ISO time.
    counts : dict of modality to int
    """

    path: str
    name: str
    opened: str
    counts: dict[str, int] = field(default_factory=dict)

    def exists(self) -> bool:
        """Whether its folder still holds a project."""
        return (Path(self.path) / "project.toml").is_file()

    def when(self) -> datetime:
        """When it was last opened, in local time."""
        return datetime.fromisoformat(self.opened).astimezone()


def recent_projects() -> list[RecentProject]:
    """Return the remembered projects, newest first; what cannot be read is forgotten."""
    try:
        rows = json.loads(str(QSettings().value(_KEY, "[]")))
        return [RecentProject(**row) for row in rows]
    except (ValueError, TypeError):
        return []


def remember(project: "Project") -> None:
    """Put a project first, with its counts as they are now."""
    entry = RecentProject(
        str(project.root),
        project.settings.name,
        datetime.now(UTC).isoformat(timespec="seconds"),
        {str(modality): count for modality, count in project.catalogue.counts().items()},
    )
    _write([entry, *(each for each in recent_projects() if each.path != entry.path)][:_MOST])


def forget(path: str) -> None:
    """Take a project off the list; nothing of it is deleted."""
    _write([each for each in recent_projects() if each.path != path])


def _write(entries: list[RecentProject]) -> None:
    QSettings().setValue(_KEY, json.dumps([asdict(each) for each in entries]))
