"""Where α acts on some data: heads of several α trained briefly beside each other.

Some hundred items tell it in a few steps. How much the heads find is not asked: that needs pairs
that were left out, and a whole sweep.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import Pairs
from workbench.alignment.methods.registry import check_settings, prepared
from workbench.alignment.settings.trained_settings import GeraSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.sweep.sweep_training import SweepTraining
from workbench.alignment.training.live_values import LiveValues
from workbench.alignment.training.validation import Validation
from workbench.geometry import RowSource
from workbench.geometry.rows import read_rows
from workbench.jobs import Control, Event, Progress

Floats = npt.NDArray[np.float32]

PROBE_ALPHAS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0, 10.0)
_STEPS, _ANCHORS = 20, 16
_PAIRS, _ROWS = 200, 600  # of each relation, of each view
_BEGUN, _DONE = 0.1, 0.9  # of the whole effect
_TOLD = 0.01  # neighbours kept: less is not told from noise


@dataclass(frozen=True)
class AlphaProbe:
    """How many neighbours heads keep after a short training at several α.

    Attributes
    ----------
    alphas : tuple of float
        Rising, from 0.
    kept : tuple of float
        Shares of the ten nearest neighbours, a mean over views.
    """

    alphas: tuple[float, ...]
    kept: tuple[float, ...]

    @property
    def acts(self) -> tuple[float, float] | None:
        """α where a tenth, and where nine tenths of what α can keep is kept; None if it is < 1 %.

        Between two α that were tried it is interpolated on a logarithmic scale; 0 stands a decade
        below the next.
        """
        gained = np.maximum.accumulate(np.array(self.kept) - self.kept[0])
        if gained[-1] < _TOLD:
            return None
        places = np.log10([self.alphas[1] / 10, *self.alphas[1:]])
        begun, done = (_reached(share * gained[-1], gained, places) for share in (_BEGUN, _DONE))
        return float(f"{10**begun:.2g}"), float(f"{10**done:.2g}")


def _reached(level: float, gained: npt.NDArray[Any], places: npt.NDArray[Any]) -> float:
    """Return where a rising gain first reaches a level."""
    after = max(1, int(np.searchsorted(gained, level)))
    span = slice(after - 1, after + 1)
    return float(np.interp(level, gained[span], places[span]))


def probe_alpha(
    views: Mapping[str, RowSource],
    pairs: Pairs,
    *,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    control: Control | None = None,
    start: AlignedSpace | None = None,
) -> Generator[Event, None, AlphaProbe | None]:
    """Train heads at a few α for twenty steps on up to 200 pairs and 600 items a view.

    Parameters
    ----------
    views, pairs, settings, seed, start
        As for `train`, of ``gera``; steps, α and what chooses heads count for nothing.
    control : Control, optional

    Yields
    ------
    Progress, NeighboursFound

    Returns
    -------
    AlphaProbe
        None after a stop.

    Raises
    ------
    WorkbenchError
        As `train`.
    """
    short = {"steps": _STEPS, "anchors": _ANCHORS, "until_stopped": False, "checkpoint": "last"}
    asked = {**(settings or {}), **short, "checkpoint_step": None, "learn_temperature": False}
    checked = check_settings("gera", asked)
    assert isinstance(checked, GeraSettings)  # noqa: S101 - it is the method's own class
    few, told = some_of(views, pairs, seed)
    data, _, start = prepared(few, told, checked, None, seed, start)
    control = control or Control()
    training = SweepTraining(data, checked, PROBE_ALPHAS, seed, start=start)
    live = LiveValues(checked, list(data.views), Control(), ())
    yield from training.ready(live.values, control)
    for step in range(1, _STEPS + 1):
        if control.stopping:
            return None
        training.step_all(step, live.values)
        yield Progress(step, _STEPS, "Looking where α acts")
    watch = Validation(data, None)
    kept = [watch.look_at(training.heads, number).kept for number in range(len(PROBE_ALPHAS))]
    return AlphaProbe(PROBE_ALPHAS, tuple(kept))


def some_of(
    views: Mapping[str, RowSource], pairs: Pairs, seed: int
) -> tuple[dict[str, Floats], Pairs]:
    """Return up to 200 pairs of each relation, and about 600 rows of each view with theirs."""
    random = np.random.default_rng([seed, 6])
    drawn = {r: rows[random.permutation(len(rows))[:_PAIRS]] for r, rows in pairs.items()}
    few, places = {}, {}
    for view, rows in views.items():
        paired = _rows_of(view, drawn)
        others = np.setdiff1d(np.arange(rows.shape[0]), _rows_of(view, pairs), assume_unique=True)
        more = random.permutation(others)[: max(0, _ROWS - len(paired))]
        places[view] = np.sort(np.concatenate([paired, more]))
        few[view] = read_rows(rows, places[view])
    told = {
        relation: np.stack(
            [np.searchsorted(places[v], rows[:, side]) for side, v in enumerate(relation)], axis=1
        )
        for relation, rows in drawn.items()
    }
    return few, told


def _rows_of(view: str, pairs: Pairs) -> npt.NDArray[np.int64]:
    sides: Sequence[npt.NDArray[np.int64]] = [
        rows[:, relation.index(view)] for relation, rows in pairs.items() if view in relation
    ]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *sides]))
