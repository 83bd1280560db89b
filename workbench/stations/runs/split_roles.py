"""Roles: for what a run used each of its items."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.media import Modality
from workbench.project import Project, RowPairs, Split, rows_in
from workbench.stations.runs.data import data_of_run_if_unchanged, split_of_run
from workbench.stations.runs.run_space import RunSpace
from workbench.stations.runs.run_views import encoders_of

Ids = npt.NDArray[np.int64]
Role = Literal["training", "validation", "test", "unpaired", "left out"]

ROLES: tuple[Role, ...] = ("training", "validation", "test", "unpaired", "left out")
"""In a pair to train with, to watch it by, or held out; alone, but seen in training; unseen."""


def split_roles(project: Project, run_name: str) -> dict[Modality, tuple[Ids, list[Role]]] | None:
    """Return for what a run used its items, one a distinct content.

    Parameters
    ----------
    project : Project
    run_name : str

    Returns
    -------
    dict of modality to (ids, roles), or None
        Ids ascending. None where items, pairs or embeddings have changed since the run was made:
        then nobody knows any more.

    Raises
    ------
    WorkbenchError
        The run is missing, or its recipe damaged.
    """
    run = project.run(run_name)
    recipe = run.recipe()
    data = data_of_run_if_unchanged(project, run, recipe)
    if data is None:
        return None
    split = split_of_run(data, recipe)
    return {
        modality: (data.views[modality].ids, _roles(len(data.views[modality].ids), split, modality))
        for modality in encoders_of(run)
        if modality in data.views
    }


def _roles(count: int, split: Split, view: str) -> list[Role]:
    found = np.full(count, ROLES.index("left out"))
    found[split.unpaired[view]] = ROLES.index("unpaired")
    parts: dict[Role, RowPairs] = {
        "training": split.training, "validation": split.validation, "test": split.test
    }  # fmt: skip
    for role, pairs in reversed(parts.items()):
        found[rows_in(pairs, view)] = ROLES.index(role)
    return [ROLES[number] for number in found.tolist()]


def split_role_of_items(
    known: Mapping[Modality, tuple[Ids, list[Role]]], space: RunSpace
) -> Callable[[Ids], Ids]:
    """Return how to find the role of each item of a run; copies have that of the first of them.

    Parameters
    ----------
    known : dict of modality to (ids, roles)
        See `split_roles`.
    space : RunSpace

    Returns
    -------
    callable
        From ids, shape (n,), to places in `ROLES`, shape (n,); -1 of those that have none.
    """
    of_row = {}
    for modality, (ids, roles) in known.items():
        view = space.views[modality]
        of_row[modality] = np.full(len(view.ids) + 1, -1, np.int64)  # last: those without a row
        rows = view.rows_of(ids)
        numbers = np.array([ROLES.index(role) for role in roles], np.int64)
        of_row[modality][rows[rows >= 0]] = numbers[rows >= 0]

    def role_of(ids: Ids) -> Ids:
        found = np.full(len(ids), -1, np.int64)
        for modality, places in of_row.items():
            rows = space.views[modality].rows_of(ids)
            found = np.where(rows >= 0, places[rows], found)
        return found

    return role_of
