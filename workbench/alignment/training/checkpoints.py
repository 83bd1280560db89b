"""Which heads of a training are kept, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.alignment.training.trainable_heads import PlainMap
from workbench.alignment.training.validation import Look
from workbench.jobs import Event

Rule = Literal["auto", "best", "last", "step"]
Reason = Literal["best", "last", "step", "neighbours"]
Maps = Mapping[str, PlainMap]


@dataclass(frozen=True)
class HeadsKept(Event):
    """Which heads a training returns.

    Attributes
    ----------
    step : int
        After which; 0 is the start.
    rule : {"best", "last", "step", "neighbours"}
        What decided: the best validation, the end, a step that was asked for, or the most
        neighbours kept among heads that find as well as the best.
    why : str
        A sentence.
    figures : dict of str to float
        Of these heads on the validation pairs, as `StepReport.validation`; empty where they were
        not looked at.
    """

    step: int
    rule: Reason
    why: str
    figures: dict[str, float]


@dataclass(frozen=True)
class Candidate:
    """Heads that may be kept.

    Attributes
    ----------
    step : int
    look : Look
        What they score on the validation pairs.
    maps : mapping of view to PlainMap
    """

    step: int
    look: Look
    maps: Maps


class Checkpoints:
    """Collects the heads of a training that may be kept, and chooses among them at its end.

    By the rule ``auto`` the last heads are kept where there are no validation pairs, and where α
    was moved while training: who steers wants what was steered to. Otherwise heads are kept that
    preserve most neighbours among those that find as well as the best: whose mean reciprocal rank
    on the validation pairs is at most one standard error below it, paired over the queries. The
    best alone would be chosen by noise, which a hundred pairs have much of, and would give away
    what the geometric loss has won.

    Parameters
    ----------
    rule : {"auto", "best", "last", "step"}
    step : int or None
        Which heads ``step`` keeps.
    patience : int
        Steps without a better validation after which to stop; 0 never stops.

    Attributes
    ----------
    candidates : list of Candidate
        In order of steps. Heads that another candidate beats in finding and keeping are left out.
    best_step : int or None
        Of the best validation so far.
    best_score : float
        Its mean reciprocal rank.
    """

    def __init__(self, rule: Rule, step: int | None = None, patience: int = 0) -> None:
        self.rule: Rule = rule
        self.candidates: list[Candidate] = []
        self.best_step: int | None = None
        self.best_score = -np.inf
        self._step, self._patience = step, patience

    def judge(self, step: int, look: Look, maps: Callable[[], Maps]) -> bool:
        """Take heads that were looked at; return whether none before found better."""
        is_best = look.mrr > self.best_score
        if is_best:
            self.best_step, self.best_score = step, look.mrr
        if self.rule == "best" and is_best:
            self.candidates = [Candidate(step, look, maps())]
        elif self.rule == "auto":
            self._add(Candidate(step, look, maps()))
        return is_best

    def _add(self, new: Candidate) -> None:
        every = [*self.candidates, new]
        best = max(every, key=lambda each: each.look.mrr)
        self.candidates = [
            each
            for each in every
            if finds_as_well(each.look, best.look)
            and not any(_beats(other.look, each.look) for other in every if other is not each)
        ]

    def out_of_patience(self, step: int) -> bool:
        """Return whether the best is too long ago."""
        if not self._patience or self.best_step is None:
            return False
        return step - self.best_step >= self._patience

    def restore(
        self, best_score: float, best_step: int | None, candidates: Sequence[Candidate]
    ) -> None:
        """Take over what was collected before."""
        self.best_score, self.best_step = best_score, best_step
        self.candidates = list(candidates)

    def wants(self, step: int) -> bool:
        """Return whether the heads after this step are those that were asked for."""
        return self.rule == "step" and step == self._step

    def chosen(self, done: int, moved: bool) -> tuple[HeadsKept, Maps | None]:
        """Return which heads are kept, and their maps; None for the last.

        Parameters
        ----------
        done : int
            The last step made.
        moved : bool
            Whether α was moved while training.
        """
        if self.wants(done):
            return HeadsKept(done, "step", f"Step {done:,}, as was asked for.", {}), None
        if self.candidates and not (moved and self.rule == "auto"):
            return self._of_candidates()
        if self.rule == "last":
            why = "as was asked for"
        elif self.rule == "step":
            why = f"as step {self._step} was not reached"
        elif self.candidates:
            why = "as α was moved while training"
        else:
            why = "as there are no validation pairs to choose by"
        return HeadsKept(done, "last", f"Step {done:,}: the last heads, {why}.", {}), None

    def _of_candidates(self) -> tuple[HeadsKept, Maps]:
        best = max(self.candidates, key=lambda each: each.look.mrr)
        if self.rule == "best":
            kept, why = best, "the best on the validation pairs"
        else:
            kept = max(self.candidates, key=lambda each: (each.look.kept, each.look.mrr, each.step))
            why = (
                "the best on the validation pairs; no others find as well and keep more neighbours"
                if kept is best
                else f"of the heads that find as well as the best, of step {best.step:,}, within "
                "one standard error, those that keep most neighbours"
            )
        reason: Reason = "best" if kept is best else "neighbours"
        sentence = f"Step {kept.step:,}: {why}."
        return HeadsKept(kept.step, reason, sentence, kept.look.figures), kept.maps


def finds_as_well(look: Look, best: Look) -> bool:
    """Return whether heads find at most one standard error worse than the best.

    Of the mean difference of reciprocal ranks, query by query: the same queries are hard for both.
    """
    less: npt.NDArray[np.float64] = best.reciprocal_ranks - look.reciprocal_ranks
    error = less.std(ddof=1) / len(less) ** 0.5 if len(less) > 1 else 0.0
    return bool(less.mean() <= error)


def _beats(one: Look, other: Look) -> bool:
    """Return whether heads find and keep at least as much as others, and one of them more."""
    at_least = one.mrr >= other.mrr and one.kept >= other.kept
    return at_least and (one.mrr > other.mrr or one.kept > other.kept)
