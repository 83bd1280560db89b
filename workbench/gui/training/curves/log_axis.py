"""An axis whose labels do not lie on each other where it is logarithmic."""

from typing import Any

import numpy as np
import pyqtgraph as pg

_PIXELS_A_LABEL = 20
# which digits of a decade are labelled, from many to few
_DIGITS = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,))


class LogAxis(pg.AxisItem):  # type: ignore[misc]
    """A left axis; pyqtgraph labels all digits of a decade, however near they are."""

    def __init__(self) -> None:
        super().__init__("left")

    def logTickValues(
        self, minVal: float, maxVal: float, size: float, stdTicks: list[Any]
    ) -> list[tuple[float | None, list[float]]]:
        """Return where labels are; as everywhere here, in powers of ten."""
        room = _PIXELS_A_LABEL * (maxVal - minVal) / max(size, 1.0)  # that a label takes
        for digits in _DIGITS:
            places = _places(minVal, maxVal, digits)
            if (np.diff(places) >= room).all():
                break
        else:  # many decades: every so many of them
            places = places[:: int(np.ceil(room))]
        if len(places) < 2:  # of a narrow range, round values between two of these
            between = np.linspace(10**minVal, 10**maxVal, 4)[1:-1]
            places = sorted({float(np.log10(float(f"{value:.2g}"))) for value in between})
        return [(None, places)]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the labels."""
        return [f"{10**value:.3g}" for value in values]


def _places(low: float, high: float, digits: tuple[int, ...]) -> list[float]:
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    every = [float(decade + np.log10(digit)) for decade in decades for digit in digits]
    return [place for place in every if low <= place <= high]
