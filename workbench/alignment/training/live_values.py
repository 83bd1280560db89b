"""The values that may change while training: α of each view, temperature, learning rate."""

import math
from collections.abc import Mapping, Sequence

from workbench.alignment.settings.trained_settings import (
    ContrastiveSettings,
    GeraSettings,
    TrainedSettings,
)
from workbench.alignment.training.reports import LiveChange
from workbench.errors import WorkbenchError
from workbench.jobs import Control

# smallest and largest that a running training takes; what lies outside is brought inside
_RANGES: Mapping[str, tuple[float, float]] = {
    "alpha": (0.0, 1000.0),
    "temperature": (0.005, 0.5),
    "learning_rate": (1e-9, 1.0),
}


class LiveValues:
    """Values in force: the settings', then replayed changes, then what the control asks for.

    Parameters
    ----------
    settings : TrainedSettings
        Only GeRA has an α that moves, and only methods of InfoNCE a temperature, if it is not
        learned.
    views : sequence of str
    control : Control
        Wishes are named ``alpha`` for all views, ``alpha/VIEW``, ``temperature`` or
        ``learning_rate``; others, and values that are no numbers, are left alone.
    changes : sequence of LiveChange
        To make again at their steps.

    Attributes
    ----------
    values : dict of str to float
        ``alpha/VIEW`` of each view, ``temperature`` and ``learning_rate``; where a method has
        none, α is 0 and the temperature 1.

    Raises
    ------
    WorkbenchError
        A change, or an α of the settings, names what is not there.
    """

    def __init__(
        self,
        settings: TrainedSettings,
        views: Sequence[str],
        control: Control,
        changes: Sequence[LiveChange] = (),
    ) -> None:
        weighed = isinstance(settings, GeraSettings)
        if isinstance(settings, GeraSettings) and isinstance(settings.alpha, dict):
            _refuse(settings.alpha.keys() - set(views), "alpha names", views)
        alpha = settings.alpha_of if isinstance(settings, GeraSettings) else lambda _: 0.0
        self.values = {f"alpha/{view}": float(alpha(view)) for view in views}
        warm = isinstance(settings, ContrastiveSettings) and not settings.learn_temperature
        self.values["temperature"] = getattr(settings, "temperature", 1.0)
        self.values["learning_rate"] = settings.learning_rate
        fixed = {*(() if weighed else ("alpha",)), *(() if warm else ("temperature",))}
        self._movable = [n for n in self.values if n.partition("/")[0] not in fixed]
        self._control = control
        self._replayed = list(changes)
        unknown = {change.name for change in changes if not self._names(change.name)}
        _refuse(unknown, "a change is of", self._movable)

    def at(self, step: int) -> tuple[LiveChange, ...]:
        """Bring the values up to date for a step, and return what changed."""
        wishes = [(c.name, c.value) for c in self._replayed if c.step == step]
        before = dict(self.values)
        for name, value in wishes + self._control.take_wishes():
            if math.isfinite(value):
                low, high = _RANGES[name.partition("/")[0]] if self._names(name) else (value, value)
                for each in self._names(name):
                    self.values[each] = min(max(float(value), low), high)
        return tuple(
            LiveChange(step=step, name=name, value=value)
            for name, value in self.values.items()
            if value != before[name]
        )

    def _names(self, name: str) -> list[str]:
        """Return the movable values that a name means."""
        if name == "alpha":
            return [each for each in self._movable if each.startswith("alpha/")]
        return [name] if name in self._movable else []


def _refuse(unknown: set[str], what: str, known: Sequence[str]) -> None:
    if unknown:
        raise WorkbenchError(
            f"This cannot be trained: {what} “{min(unknown)}”, but there are only these: "
            f"{', '.join(known)}."
        )
