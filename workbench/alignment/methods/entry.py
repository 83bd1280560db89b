"""What a list of methods knows of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.alignment.data import HeldOut, TrainingData
from workbench.alignment.settings.method_settings import MethodSettings
from workbench.alignment.space import AlignedSpace

Solve = Callable[[TrainingData, Any, HeldOut | None], AlignedSpace]


@dataclass(frozen=True)
class MethodEntry:
    """A method as lists show it.

    Attributes
    ----------
    name, title, summary : str
    source : str
        Where it was published.
    settings : type of MethodSettings
        Its fields carry defaults, ranges and help.
    solve : callable or None
        Solves it at once, from checked data, settings and held-out pairs; None for methods that
        train and yield step reports.
    """

    name: str
    title: str
    summary: str
    source: str
    settings: type[MethodSettings]
    solve: Solve | None = None

    @property
    def trains(self) -> bool:
        """Whether it yields step reports; otherwise it is solved at once."""
        return self.solve is None

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the settings: defaults, ranges, units and help."""
        return self.settings.model_json_schema()
