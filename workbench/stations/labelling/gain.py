"""Training again with what the user has said since, and what that has brought on held-out pairs."""

from dataclasses import dataclass

from workbench.errors import WorkbenchError
from workbench.evaluation import Difference
from workbench.item_ids import pairs_among
from workbench.jobs import Control, Job, Notice
from workbench.project import PairSets, Project
from workbench.stations.evaluating.compare import compare
from workbench.stations.training.align import align
from workbench.stations.training.align_request import AlignRequest
from workbench.words import several

_FIGURE = "recall@10"
_NAMED = "-and-own-pairs"


@dataclass(frozen=True)
class Gain:
    """What own answers have brought.

    Attributes
    ----------
    run, before : str
        The new run, and the one it was trained as.
    more, fewer : int
        Pairs that came, and that were taken apart, since that one was begun.
    difference : Difference or None
        Of R@10 on the held-out pairs, mean over directions; None where both were not measured on
        the same ones.
    why_not : str
        Why there is no difference.
    """

    run: str
    before: str
    more: int
    fewer: int
    difference: Difference | None
    why_not: str = ""

    def sentence(self) -> str:
        """Say it: what was learned besides, and by how much more is found."""
        new = f"“{self.run}” learned with {_changed(self.more, self.fewer)}"
        found = self.difference
        if found is None:
            return f"{new}. {self.why_not}"
        value, low, high = (100 * each for each in (found.value, found.low, found.high))
        doubt = "" if found.clear else ", which may be chance alone"
        return (
            f"{new}. R@10 on the same held-out pairs: {value:+.1f} points against "
            f"“{self.before}” (95 % interval {low:+.1f} to {high:+.1f}){doubt}."
        )


def _changed(more: int, fewer: int) -> str:
    parts = [f"{several(more, 'pair')} more"] if more or not fewer else []
    parts += [f"{several(fewer, 'pair')} taken apart"] if fewer else []
    return " and ".join(parts)


def answered_since(project: Project, run_name: str) -> tuple[int, int]:
    """Return how many pairs came by the user's word since a run was begun, and how many went.

    Raises
    ------
    WorkbenchError
        There is no such run, or the list of answers cannot be read.
    """
    before = project.catalogue.pair_sets(project.run(run_name).recipe().created)
    return _differ(project.catalogue.pair_sets(), before)


def _differ(now: PairSets, before: PairSets) -> tuple[int, int]:
    more = fewer = 0
    for relation in {*now.now, *before.now}:
        sides = [sets.now.get(relation) for sets in (now, before)]
        here, there = (
            ids if ids is not None else next(each for each in sides if each is not None)[:0]
            for ids in sides
        )
        more += int((~pairs_among(here, there)).sum())
        fewer += int((~pairs_among(there, here)).sum())
    return more, fewer


def train_again(project: Project, run_name: str, control: Control | None = None) -> Job[Gain]:
    """Train as a run was trained, with the user's answers of now, and compare both.

    Parameters
    ----------
    project : Project
    run_name : str
    control : Control, optional
        A stop keeps the heads trained so far, and compares nothing.

    Yields
    ------
    What `align` and `compare` do.

    Returns
    -------
    Gain

    Raises
    ------
    WorkbenchError
        Nothing was said since the run was begun; or it cannot be repeated.
    """
    control = control or Control()
    more, fewer = answered_since(project, run_name)
    if not more and not fewer:
        raise WorkbenchError(
            f"You have paired nothing since the run “{run_name}” was begun, so another one would "
            "be the same. Label some pairs first."
        )
    request = AlignRequest.of_run(project.run(run_name))
    name = f"{run_name.partition(_NAMED)[0]}{_NAMED}"
    wanted = {"data_fingerprint": None, "name": name}
    run = yield from align(project, request.model_copy(update=wanted), control)
    if control.stopping:
        return Gain(run.name, run_name, more, fewer, None, "It was stopped before it was compared.")
    try:
        reports = yield from compare(project, [run_name, run.name], control)
    except WorkbenchError as error:  # the heads are there all the same
        yield Notice(str(error), "warning")
        return Gain(run.name, run_name, more, fewer, None, str(error))
    told = reports.get(run.name, {}).get("difference")
    if told is None:
        return Gain(run.name, run_name, more, fewer, None, "It was stopped before it was compared.")
    if not told["same_test_items"]:
        return Gain(run.name, run_name, more, fewer, None, told["sentence"])
    found = told["retrieval"]["mean"][_FIGURE]
    difference = Difference(found["value"], found["low"], found["high"])
    return Gain(run.name, run_name, more, fewer, difference)
