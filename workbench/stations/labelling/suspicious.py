"""Suspicious pairs: which given pairs all the others speak against, to be looked at by the user."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.labelling.suspicion import LEAST_PAIRS, Suspicion, suspicion
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.project import Dataset, Project, load_dataset
from workbench.stations.labelling.answers import confirmed_pairs
from workbench.stations.runs.run_views import encoders_of

Relation = tuple[str, str]
Rows = npt.NDArray[np.int64]

_LISTED = 50


@dataclass(frozen=True)
class SuspiciousPair:
    """A pair to look at.

    Attributes
    ----------
    first, second : int
        Item ids.
    ranks : tuple of int
        At which place each half finds the other, from 1; learned from the other pairs.
    nearest : tuple of int
        What each half finds first: an item of the second view, and one of the first.
    """

    first: int
    second: int
    ranks: tuple[int, int]
    nearest: tuple[int, int]


@dataclass(frozen=True)
class SuspiciousPairs:
    """Pairs that the others speak against.

    Attributes
    ----------
    relation : tuple of modality
    pairs : tuple of SuspiciousPair
        The most suspicious first.
    among : tuple of int
        How many items each half's partner was looked for among.
    looked_at : int
        How many pairs there are of which something is known.
    confirmed : int
        Pairs that are not listed since the user has confirmed them.
    as_if_shuffled : int
        About how many of those looked at look as if drawn at random; hard ones are among them.
    """

    relation: Relation
    pairs: tuple[SuspiciousPair, ...]
    among: tuple[int, int]
    looked_at: int
    confirmed: int
    as_if_shuffled: int

    def sentence(self) -> str:
        """Say how many pairs may be wrong, and what that is worth."""
        if not self.looked_at:
            return "No pair could be judged by the others: nearly all of them share an item."
        found = (
            f"{self.looked_at:,} pairs were each judged by the others. "
            f"About {self.as_if_shuffled:,} look as if drawn at random"
        )
        return found + (
            "; right pairs that are hard to find are among them." if self.as_if_shuffled else "."
        )


def suspicious_pairs(
    project: Project,
    run_name: str | None = None,
    *,
    relation: Relation | None = None,
    count: int = _LISTED,
    control: Control | None = None,
) -> Job[SuspiciousPairs | None]:
    """List the pairs that all the others speak against most.

    All pairs of the project are looked at, for whatever a run would use them. Pairs that the user
    made or confirmed teach, and are not listed.

    Parameters
    ----------
    project : Project
    run_name : str, optional
        Whose encoders are meant; without, the project's.
    relation : pair of modalities, optional
        The one with most pairs where not given.
    count : int
        How many to list, at most.
    control : Control, optional

    Yields
    ------
    Progress

    Returns
    -------
    SuspiciousPairs or None
        None when stopped.

    Raises
    ------
    WorkbenchError
        There are fewer than 20 pairs, or none of the relation; items are not encoded; the run is
        missing; the list of answers cannot be read.
    """
    yield Progress(0, 0, "Reading embeddings")
    data = load_dataset(project, encoders_of(project.run(run_name)) if run_name else None)
    relation = _relation(data, relation)
    first, second = (data.views[view] for view in relation)
    pairs = data.pairs[relation]
    if len(pairs) < LEAST_PAIRS:
        raise WorkbenchError(
            f"There are {len(pairs)} pairs of {' and '.join(relation)}. At least {LEAST_PAIRS} are "
            "needed to judge each by the others."
        )
    views = {name: view.embeddings for name, view in data.views.items() if name in relation}
    found = yield from suspicion(views, relation, pairs, control)
    if found is None:
        return None
    ids = np.stack([first.ids[pairs[:, 0]], second.ids[pairs[:, 1]]], axis=1)
    confirmed = _confirmed(project, relation, ids)
    listed = tuple(
        SuspiciousPair(
            int(ids[place, 0]), int(ids[place, 1]), _places(found, place),
            (int(second.ids[found.nearest[place, 0]]), int(first.ids[found.nearest[place, 1]])),
        )
        for place in found.order[~confirmed[found.order]][:count].tolist()
    )  # fmt: skip
    return SuspiciousPairs(
        relation, listed, found.among, len(found.order), int(confirmed.sum()), found.as_if_shuffled
    )


def _relation(data: Dataset, wanted: Relation | None) -> Relation:
    if wanted is None:
        return max(data.pairs, key=lambda each: len(data.pairs[each]))
    for relation in data.pairs:
        if set(relation) == set(wanted):
            return relation
    known = ", ".join(f"{a} and {b}" for a, b in data.pairs)
    raise WorkbenchError(f"There are no pairs of {wanted[0]} and {wanted[1]}. There are: {known}.")


def _places(found: Suspicion, pair: int) -> tuple[int, int]:
    """Return the ranks of a pair's halves as places from 1."""
    first, second = (
        1 + round(share * among)
        for share, among in zip(found.ranks[pair].tolist(), found.among, strict=True)
    )
    return first, second


def _confirmed(project: Project, relation: Relation, ids: Rows) -> npt.NDArray[np.bool_]:
    """Return which pairs the user has made or confirmed."""
    said = {
        tuple(pair)
        for known, pairs in confirmed_pairs(project).items()
        for pair in (pairs if known == relation else pairs[:, ::-1]).tolist()
        if set(known) == set(relation)
    }
    return np.array([tuple(pair) in said for pair in ids.tolist()], dtype=bool)
