"""Signs that a training fails, in words (mathematics.md, Signs of failure).

They are read from step reports, or from the rows of a run's curves, all or every tenth: a mean over
the first fifth of the rows stands for the beginning, one over the last fifth for now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench.alignment.training.reports import StepReport

Row = Mapping[str, float]

# nothing is said before a training has gone so far
_STEPS, _LOOKS = 40, 4
# how far held-out MRR may fall below its best, as a share of it and in itself
_FALL, _LEAST_FALL = 0.15, 0.02
# a recall@10 this near to guessing, in multiples of it
_NEAR_CHANCE = 1.3
# which share of the effective rank a collapse leaves, and from which mean cosine on it is one
_RANK_LEFT, _ALIKE = 1 / 3, 0.5
# a validation figure that has not changed by so much has not changed
_STILL = 1e-3
# a temperature that changes by more than this share from row to row was set, not learned
_SET = 0.1
# a loss that is below this share of what it was has fallen
_FALLEN = 0.8
# what is compared without validation, where losses of batches are noisy, and from how many rows on
_MOVING, _ROWS_FOR_TREND = ("contrastive", "effective_rank", "mean_cosine", "gradient_norm"), 30


@dataclass(frozen=True)
class Diagnosis:
    """A sign of failure.

    Attributes
    ----------
    name : str
        ``geometry``, ``overfitting``, ``guessing``, ``stuck``, ``collapse`` or ``diverging``.
    step : int
        The step at which it is seen.
    sentence : str
        What is seen, and what to do.
    """

    name: str
    step: int
    sentence: str


def diagnose(reports: Sequence[StepReport | Row], clip: float = 1.0) -> list[Diagnosis]:
    """Return the signs of failure in a training so far.

    Parameters
    ----------
    reports : sequence of StepReport, or of mapping of str to float
        In order of steps; rows are as `StepReport.row` makes them, empty ones left out.
    clip : float
        The largest gradient norm of the settings.

    Returns
    -------
    list of Diagnosis
        Empty for a training that is well, or too young to tell.
    """
    rows = [each.row() if isinstance(each, StepReport) else each for each in reports]
    if len(rows) < _LOOKS or rows[-1]["step"] - rows[0]["step"] < _STEPS:
        return []
    course = _Course(rows)
    found = []
    for name, sign in _SIGNS.items():
        sentence = sign(course, clip)
        if sentence:
            found.append(Diagnosis(name, int(rows[-1]["step"]), sentence))
    return found


class _Course:
    """Rows of a training, and what they say by and by."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.window = max(2, len(rows) // 5)
        self.looks = [row for row in rows if "mrr" in row]
        self.views = [name.partition("/")[2] for name in rows[-1] if name.startswith("alpha/")]

    def began(self, of: Callable[[Row], float]) -> float:
        """Return a figure at the beginning."""
        return float(np.mean([of(row) for row in self.rows[: self.window]]))

    def now(self, of: Callable[[Row], float]) -> float:
        """Return a figure as it is now."""
        return float(np.mean([of(row) for row in self.rows[-self.window :]]))

    def lowest(self, of: Callable[[Row], float]) -> float:
        """Return the lowest running mean of a figure."""
        return float(_running_means([of(row) for row in self.rows], self.window).min())

    def geometric(self, row: Row) -> float:
        """Return what the geometric losses count in a row, by the α in force now."""
        return sum(
            self.rows[-1][f"alpha/{view}"] * row.get(f"geometric/{view}", 0.0)
            for view in self.views
        )

    def parts(self) -> list[str]:
        """Return the losses that count in the last row, each of which can be told by itself."""
        return _parts(self.rows[-1], self.views)

    def means(self, name: str) -> npt.NDArray[np.float64]:
        """Return the running means of a figure that all rows have."""
        return _running_means([row[name] for row in self.rows], self.window)

    def since_losses_are_alike(self) -> "_Course":
        """Return the rows since the same losses count, and the temperature was set last."""
        start = 0
        for place, (before, row) in enumerate(pairwise(self.rows), start=1):
            was_set = abs(row["temperature"] / before["temperature"] - 1) > _SET
            if was_set or _parts(row, self.views) != _parts(before, self.views):
                start = place
        return _Course(self.rows[start:])

    def falls(self) -> bool:
        """Return whether held-out retrieval has stayed below its best."""
        scores = [row["mrr"] for row in self.looks]
        if len(scores) < _LOOKS:
            return False
        best, recent = max(scores), max(scores[-(_LOOKS - 1) :])
        return recent < (1 - _FALL) * best and best - recent > _LEAST_FALL

    def geometry_rules(self) -> bool:
        """Return whether the geometric losses outweigh the pairs'."""
        return self.now(self.geometric) > self.now(_contrastive)


def _running_means(values: Sequence[float], window: int) -> npt.NDArray[np.float64]:
    return np.convolve(values, np.full(window, 1 / window), mode="valid")


def _parts(row: Row, views: Sequence[str]) -> list[str]:
    return ["contrastive", *(f"geometric/{view}" for view in views if f"geometric/{view}" in row)]


def _contrastive(row: Row) -> float:
    return row["contrastive"]


def _geometry(course: _Course, clip: float) -> str:
    """See geometry get its way, and the pairs not."""
    if not course.geometry_rules():
        return ""
    began, now = course.began(_contrastive), course.now(_contrastive)
    given_up = now > max(1.5 * course.lowest(_contrastive), 0.05) or now > 0.4 * began
    # from a random start the pairs' loss is above one; where both losses are slow, nothing rules
    kept_down = (
        now > max(0.4 * course.rows[0]["contrastive"], 1)
        and course.now(course.geometric) < 0.5 * course.geometric(course.rows[0])
    )  # fmt: skip
    if (course.falls() and given_up) or kept_down:
        return (
            "The geometric loss is too strong: it outweighs the contrastive loss, which stays "
            "high, and retrieval on held-out pairs suffers. Lower α, or use fewer neighbours."
        )
    return ""


def _overfitting(course: _Course, clip: float) -> str:
    """See the training loss fall, and held-out retrieval too."""
    if not course.falls() or _geometry(course, clip):
        return ""
    best = max(course.looks, key=lambda row: row["mrr"])
    if course.now(_contrastive) > max(best["contrastive"], 1.2 * course.lowest(_contrastive)):
        return ""
    return (
        "The heads memorise the training pairs: the training loss falls, but retrieval on "
        f"held-out pairs has fallen since step {best['step']:,.0f}. Train for fewer steps or with "
        "a lower learning rate, raise mixing or α, or add pairs."
    )


def _guessing(course: _Course, clip: float) -> str:
    """See held-out partners found no better than by chance."""
    known = [row for row in course.looks if "chance@10" in row]
    if len(known) < _LOOKS or known[-1]["chance@10"] > 0.5:
        return ""
    third = max(2, len(known) // 3)
    before, now = (
        np.mean([row["recall@10"] for row in some]) for some in (known[:third], known[-third:])
    )
    if now > _NEAR_CHANCE * known[-1]["chance@10"] or now > 1.2 * before:
        return ""
    return (
        "Retrieval on held-out pairs is no better than chance. Check that the pairs are correct "
        "and that there are enough of them; after a random start train longer, with a higher "
        "learning rate."
    )


def _stuck(course: _Course, clip: float) -> str:
    """See nothing move, although the learning rate has reached its height."""
    rates = [row["learning_rate"] for row in course.rows]
    if rates[-1] >= max(rates):
        return ""
    if course.looks:
        # what is found already need not change: neighbourhoods would
        figures = [n for n in course.looks[-1] if n == "mrr" or n.startswith("preservation/")]
        moved = any(
            np.ptp([row[name] for row in course.looks]) > _STILL
            for name in figures
        )  # fmt: skip
    else:
        moved = len(course.rows) < _ROWS_FOR_TREND or any(
            _trends([row.get(name, 0.0) for row in course.rows]) for name in course.rows[0]
            if name in _MOVING or name.startswith("geometric/")
        )  # fmt: skip
    if moved:
        return ""
    return (
        f"The loss hardly changes: the learning rate of {max(rates):.1g} or the batch is too "
        "small. Raise the learning rate, or put more pairs into a batch."
    )


def _trends(values: Sequence[float]) -> bool:
    """Return whether the first and the last third differ by more than their noise."""
    third = max(2, len(values) // 3)
    first, last = np.array(values[:third]), np.array(values[-third:])
    noise = np.sqrt((first.var(ddof=1) + last.var(ddof=1)) / third)
    return bool(abs(last.mean() - first.mean()) > 3 * noise)


def _collapse(course: _Course, clip: float) -> str:
    """See all items end up in few directions, or in one."""
    rank = course.now(lambda row: row["effective_rank"])
    cosine = course.now(lambda row: row["mean_cosine"])
    narrow = rank < _RANK_LEFT * course.rows[0]["effective_rank"]
    if not narrow and cosine < max(_ALIKE, course.rows[0]["mean_cosine"] + 0.2):
        return ""
    began, now = course.rows[0]["effective_rank"], course.rows[-1]["temperature"]
    return (
        f"The space collapses: its effective rank is {rank:.1f}, at the start it was {began:.1f}, "
        f"and the mean cosine of two items is {cosine:.2f}. Raise the temperature (now "
        f"{now:.3g}), lower the learning rate, or raise α."
    )


def _diverging(course: _Course, clip: float) -> str:
    """See a loss rise, none of the others having fallen since it was lowest, every gradient cut.

    Losses are compared each by itself: their sum rises with α though no head has changed. And
    where one falls while another rises, as when α is moved, it is a bargain.
    """
    if min(row["gradient_norm"] for row in course.rows[-course.window :]) <= clip:
        return ""
    alike = course.since_losses_are_alike()
    if len(alike.rows) < _LOOKS:
        return ""
    courses = [alike.means(name) for name in alike.parts()]
    for means in courses:
        lowest = int(means.argmin())
        rises = means[-1] > 1.5 * means[lowest] + 0.5
        if rises and not any(other[-1] < _FALLEN * other[lowest] for other in courses):
            return (
                "The training diverges: a loss rises and none falls, and every gradient is "
                "clipped. Lower the learning rate, or go back to an earlier α."
            )
    return ""


_SIGNS: Mapping[str, Callable[[_Course, float], str]] = {
    "geometry": _geometry,
    "overfitting": _overfitting,
    "guessing": _guessing,
    "stuck": _stuck,
    "collapse": _collapse,
    "diverging": _diverging,
}
