"""Numbers behind the curves: growing series, honest smoothing, drawing few of many points."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Series:
    """Values at growing steps, kept in arrays that double when they are full."""

    def __init__(self) -> None:
        self._data = np.empty((2, 256))
        self._count = 0
        self.rewound = 0  # how often values were replaced

    @classmethod
    def of(cls, steps: Floats, values: Floats) -> "Series":
        """Return the series that appending one by one makes, at once where steps only grow.

        Parameters
        ----------
        steps, values : ndarray, shape (n,)
        """
        series, finite = cls(), np.isfinite(values)
        steps, values = steps[finite], values[finite]
        if len(steps) > series._data.shape[1] and (np.diff(steps) > 0).all():
            series._data, series._count = np.stack([steps, values]), len(steps)
            return series
        for step, value in zip(steps, values, strict=True):
            series.append(step, value)
        return series

    def __len__(self) -> int:
        return self._count

    def append(self, step: float, value: float) -> None:
        """Take one more value; what is not finite is left out, as it cannot be drawn.

        A step told again, of a training that goes on from before, takes the place of what was
        there from it on.
        """
        if not np.isfinite(value):
            return
        if self._count and step <= self._data[0, self._count - 1]:
            self._count = int(np.searchsorted(self.steps, step))
            self.rewound += 1
        if self._count == self._data.shape[1]:
            self._data = np.concatenate([self._data, np.empty_like(self._data)], axis=1)
        self._data[:, self._count] = step, value
        self._count += 1

    @property
    def steps(self) -> Floats:
        """Steps so far, shape (n,)."""
        return self._data[0, : self._count]

    @property
    def values(self) -> Floats:
        """Values so far, shape (n,)."""
        return self._data[1, : self._count]

    def at(self, step: float) -> float | None:
        """Return the last value at or before a step, or None before the first."""
        place = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self.values[place]) if place >= 0 else None


def series_in(
    rows: Sequence[Mapping[str, float]], wanted: Callable[[str], bool]
) -> dict[str, Series]:
    """Return the wanted figures of rows by their names, a whole series at a time.

    Of a long run it takes long: a job does it, where there is one.

    Parameters
    ----------
    rows : sequence of mappings
        As `StepReport.row` makes them.
    wanted : callable
        Of a figure's name.
    """
    found = {}
    for name in filter(wanted, dict.fromkeys(name for row in rows for name in row)):
        points = [(row.get("step", 0.0), row[name]) for row in rows if name in row]
        found[name] = Series.of(*np.array(points, dtype=np.float64).T)
    return found


def smoothed(values: Floats, weight: float) -> Floats:
    """Return the running mean that forgets by `weight` a value, without its start-up bias.

    ``weight`` 0 returns the values themselves; the result has as many values as went in, so that
    the newest are never hidden.

    Parameters
    ----------
    values : ndarray, shape (n,)
    weight : float
        From 0 to below 1.
    """
    if weight <= 0 or len(values) == 0:
        return values.copy()
    biased = _forgetting_sum(values, weight, 0.0)
    result: Floats = biased / (1 - weight ** np.arange(1, len(values) + 1))
    return result


class RunningMean:
    """What `smoothed` gives of a series that grows: only what is new is computed."""

    def __init__(self) -> None:
        self._weight, self._rewound, self._count = -1.0, 0, 0
        self._biased = 0.0  # the running mean before its start-up bias is taken out
        self._mean: Floats = np.empty(256)

    def of(self, series: Series, weight: float) -> Floats:
        """Return the running mean of all values so far, shape (n,); treat it as read-only."""
        if weight <= 0:
            return series.values
        if (weight, series.rewound) != (self._weight, self._rewound):
            self._weight, self._rewound = weight, series.rewound
            self._count, self._biased = 0, 0.0
        count, total = self._count, len(series)
        if total > len(self._mean):
            grown = np.empty(max(total, 2 * len(self._mean)))
            grown[:count] = self._mean[:count]
            self._mean = grown
        if total > count:
            new = _forgetting_sum(series.values[count:], weight, self._biased)
            self._biased = float(new[-1])
            self._mean[count:total] = new / (1 - weight ** np.arange(count + 1, total + 1))
            self._count = total
        return self._mean[:total]


def _forgetting_sum(values: Floats, weight: float, before: float) -> Floats:
    """Return y[t] = w y[t-1] + (1 - w) x[t], where y was `before`; shape (n,)."""
    from scipy.signal import lfilter

    found: Floats = lfilter([1 - weight], [1, -weight], values, zi=[weight * before])[0]
    return found


def get_ready_to_smooth() -> None:
    """Import what smooths: it takes a second or more, so the job that brings curves does it."""
    import scipy.signal  # noqa: F401


def decimated(steps: Floats, values: Floats, most: int) -> tuple[Floats, Floats]:
    """Return at most about `most` points that draw the same line: every extreme is kept.

    Parameters
    ----------
    steps, values : ndarray, shape (n,)
    most : int
        Points wanted; two for each pixel of width are enough.
    """
    count = len(steps)
    buckets = max(most // 2, 1)
    if count <= 2 * buckets:
        return steps, values
    size = -(-count // buckets)
    whole = count // size * size
    table = values[:whole].reshape(-1, size)
    starts = np.arange(len(table)) * size
    keep = [starts + table.argmin(axis=1), starts + table.argmax(axis=1), [0, count - 1]]
    if whole < count:
        rest = values[whole:]
        keep.append([whole + int(rest.argmin()), whole + int(rest.argmax())])
    chosen = np.unique(np.concatenate(keep)).astype(np.intp)
    return steps[chosen], values[chosen]
