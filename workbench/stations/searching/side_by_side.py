"""Side by side: one question answered by several runs, and what moved up and down between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Project
from workbench.stations.runs.store import RunStore
from workbench.stations.searching.query import Answer, Encoded, LoadedEncoders, Searcher
from workbench.stations.searching.questions import Asked, items_in

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class MovedAnswer:
    """An answer of one run beside the first run's.

    Attributes
    ----------
    answer : Answer
    first_rank : int or None
        Its rank among the answers of the first run, however far down; None where that run has no
        place for it.
    """

    answer: Answer
    first_rank: int | None

    @property
    def moved(self) -> int | None:
        """By how many ranks it stands higher than in the first run; negative when lower."""
        return None if self.first_rank is None else self.first_rank - self.answer.rank


@dataclass(frozen=True)
class RunAnswers:
    """What one run answers.

    Attributes
    ----------
    run_name : str
    answers : list of MovedAnswer
        Best first.
    dropped : list of (Answer, int or None)
        Answers of the first run that are not among these, with the rank they have here, which is
        None where this run has no place for them.
    place : ndarray, shape (1, w)
        Of the question in the joint space of this run.
    heads_written : int or None
        When the heads were written that this is by, see `Run.heads_written`.
    """

    run_name: str
    answers: list[MovedAnswer]
    dropped: list[tuple[Answer, int | None]]
    place: Floats = field(compare=False)
    heads_written: int | None = field(compare=False)


def ask_runs(
    searchers: Sequence[Searcher], asked: Asked, to: Modality | None = None, top: int = 10
) -> list[RunAnswers]:
    """Ask several runs the same, and set each beside the first.

    What runs of one encoder are asked is encoded once.

    Parameters
    ----------
    searchers : sequence of Searcher
        One a run, of one project.
    asked : Question or Combination
    to : {"image", "text", "speech"}, optional
    top : int

    Raises
    ------
    WorkbenchError
        A run cannot answer; see `Searcher.ask`.
    """
    without = items_in(asked)
    for searcher in searchers:
        searcher.check(to, top)
    encoded: Encoded = {}
    places = [searcher.embed(asked, encoded) for searcher in searchers]
    found = [
        searcher.answers_at(place, to, top, without)
        for searcher, place in zip(searchers, places, strict=True)
    ]
    together = []
    for searcher, place, answers in zip(searchers, places, found, strict=True):
        # the first run's own answers have the ranks they have
        known = {answer.item.id: answer.rank for answer in found[0]}
        strangers = [answer.item.id for answer in answers if answer.item.id not in known]
        ranks = _ranks(searchers[0], places[0], strangers, to, without)
        first = {**known, **dict(zip(strangers, ranks, strict=True))}
        own = {answer.item.id for answer in answers}
        gone = [answer for answer in found[0] if answer.item.id not in own]
        now = _ranks(searcher, place, [each.item.id for each in gone], to, without)
        together.append(
            RunAnswers(
                searcher.run.name,
                [MovedAnswer(answer, first[answer.item.id]) for answer in answers],
                list(zip(gone, now, strict=True)),
                place,
                searcher.heads_written,
            )
        )
    return together


def query_runs(
    project: Project,
    run_names: Sequence[str],
    asked: Asked,
    *,
    to: Modality | None = None,
    top: int = 10,
    searchers: Sequence[Searcher] | None = None,
    control: Control | None = None,
) -> Job[list[RunAnswers]]:
    """Answer a question by several runs; see `ask_runs`.

    Parameters
    ----------
    run_names : sequence of str
        Each once; the others are set beside the first.
    searchers : sequence of Searcher, optional
        Of these runs, used before: then nothing needs loading.
    control : Control, optional

    Yields
    ------
    Progress

    Returns
    -------
    list of RunAnswers
        Empty when stopped.

    Raises
    ------
    WorkbenchError
        No run is named, one is named twice, or a run cannot answer.
    """
    asked.check()
    twice = [name for place, name in enumerate(run_names) if name in run_names[:place]]
    if twice:
        raise WorkbenchError(f"The run “{twice[0]}” is named twice. Name each run once.")
    if not run_names:
        raise WorkbenchError("Name at least one run to query.")
    ready = list(searchers or [])
    store, encoders = RunStore(), LoadedEncoders()
    for name in run_names if not ready else ():
        yield Progress(len(ready), len(run_names), f"Reading the space of {name}")
        if control is not None and control.stopping:
            return []
        ready.append(Searcher(project, name, store=store, encoders=encoders))
    yield Progress(0, 1, "Answering")
    answers = ask_runs(ready, asked, to, top)
    yield Progress(1, 1, "Answered")
    return answers


def _ranks(
    searcher: Searcher, place: Floats, ids: Sequence[int], to: Modality | None, without: set[int]
) -> list[int | None]:
    """Return which answer to a place, shape (1, w), each item would be; None without a place."""
    if not ids:
        return []
    views = [searcher.view(each) for each in (searcher.modalities if to is None else (to,))]
    all_ids = np.concatenate([view.ids for view in views])
    scores = np.concatenate([view.rows.scores(place[0]) for view in views])
    answers = ~np.isin(all_ids, list(without))
    all_ids, scores = all_ids[answers], scores[answers]
    found: list[int | None] = []
    for item in ids:
        own = np.flatnonzero(all_ids == item)
        if len(own) == 0:
            found.append(None)
            continue
        level = (scores == scores[own[0]]) & (all_ids < item)
        found.append(1 + int(np.count_nonzero((scores > scores[own[0]]) | level)))
    return found
