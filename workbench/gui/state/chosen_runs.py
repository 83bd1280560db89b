"""Which run is the current one of each project, also after a restart."""

from pathlib import Path

from pydantic import BaseModel

from workbench.gui.state.per_project import PerProject


class _Chosen(BaseModel):
    """The choice that all pages share."""

    run: str = ""


class ChosenRuns:
    """Keeps the current run of each project; a `RunMemory` of the session."""

    def __init__(self) -> None:
        self._kept = PerProject("session", _Chosen)

    def of(self, root: Path) -> str:
        """Return the run that was the current one; empty where nothing is remembered."""
        return self._kept.of(root).run

    def keep(self, root: Path, name: str) -> None:
        """Remember a run."""
        self._kept.keep(root, _Chosen(run=name))
