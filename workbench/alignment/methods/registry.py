"""The methods: a table of entries, and the two ways to run one."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from workbench.alignment.checks import checked_rows
from workbench.alignment.closed_form.cca import cca
from workbench.alignment.closed_form.procrustes_asif import asif, procrustes
from workbench.alignment.closed_form.ridge import ridge
from workbench.alignment.data import (
    HeldOut,
    Pairs,
    TrainingData,
    prepare,
    prepare_held_out,
)
from workbench.alignment.methods.entry import MethodEntry
from workbench.alignment.methods.plugins import plugin_entries, plugin_problems
from workbench.alignment.settings.method_settings import MethodSettings, WhitenedSettings
from workbench.alignment.settings.solved_settings import (
    AsifSettings,
    CcaSettings,
    ProcrustesSettings,
    RidgeSettings,
    WordsSettings,
)
from workbench.alignment.settings.trained_settings import (
    ContrastiveSettings,
    GeraSettings,
    SotalignSettings,
    StructureSettings,
    TrainedSettings,
)
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.reports import LiveChange
from workbench.alignment.training.started_from import check_start, learned_heads, preparations
from workbench.alignment.training.trainer import train_heads
from workbench.alignment.training.training_state import TrainingState
from workbench.errors import WorkbenchError
from workbench.geometry import RowSource
from workbench.jobs import Control, Event, drain

_METHODS = {
    entry.name: entry
    for entry in (
        MethodEntry(
            "gera", "GeRA",
            "Brings pairs together and preserves each encoder's local geometry, also that of "
            "unpaired items.",
            "arXiv 2310.00672", GeraSettings,
        ),
        MethodEntry(
            "contrastive", "Contrastive", "GeRA with α = 0: no geometric loss.",
            "arXiv 1807.03748", ContrastiveSettings,
        ),
        MethodEntry(
            "procrustes", "Procrustes", "One rotation from the pairs, in closed form.",
            "Schönemann 1966", ProcrustesSettings, procrustes,
        ),
        MethodEntry(
            "asif", "ASIF",
            "No training: an item is described by its similarities to the paired items.",
            "arXiv 2210.01738", AsifSettings, asif,
        ),
        MethodEntry(
            "ridge", "Ridge", "Least squares from one view to the other, in closed form.",
            "Hoerl & Kennard 1970", RidgeSettings, ridge,
        ),
        MethodEntry(
            "cca", "CCA",
            "Directions in which the pairs correlate, weighted by the correlations (CSA), in "
            "closed form.",
            "arXiv 2410.07610", CcaSettings, cca,
        ),
        MethodEntry(
            "structure", "STRUCTURE",
            "Brings pairs together and preserves the similarities within each batch.",
            "arXiv 2506.16895", StructureSettings,
        ),
        MethodEntry(
            "sotalign", "SOTAlign",
            "Brings pairs together and matches other items as a linear teacher does.",
            "arXiv 2602.23353", SotalignSettings,
        ),
    )
}  # fmt: skip


def _learns_nothing(
    data: TrainingData, settings: MethodSettings, held_out: HeldOut | None = None
) -> AlignedSpace:
    raise WorkbenchError(
        "An encoder's own words are not learned from pairs: align a project by “words”, or use "
        "space_of_words."
    )


OWN_WORDS = MethodEntry(
    "words", "Own words",
    "Needs no pairs: the names of the classes that an image encoder knows, or of folders, put "
    "items into the space of the text encoder.",
    "arXiv 1312.5650", WordsSettings, _learns_nothing,
)  # fmt: skip
"""Not one of `methods`: it learns from no pair, and needs to know what encoders know."""


def methods() -> list[MethodEntry]:
    """Return all methods: the workbench's own, then those of plug-ins."""
    return [*_METHODS.values(), *plugin_entries(taken=_METHODS)]


def method_problems() -> list[str]:
    """Return a sentence for each plug-in whose methods are left out, with the reason."""
    return plugin_problems(taken=_METHODS)


def find_method(name: str) -> MethodEntry:
    """Return a method by name.

    Raises
    ------
    WorkbenchError
        There is none of that name.
    """
    known = {entry.name: entry for entry in (*methods(), OWN_WORDS)}
    if name not in known:
        raise WorkbenchError(f"There is no method “{name}”. Methods: {', '.join(known)}.")
    return known[name]


def check_settings(method: str, settings: Mapping[str, Any] | None) -> MethodSettings:
    """Return validated settings of a method.

    Raises
    ------
    WorkbenchError
        A name is unknown or a value is outside its range.
    """
    entry = find_method(method)
    try:
        return entry.settings.model_validate(dict(settings or {}))
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"]) or "settings"
        if problem["type"] == "extra_forbidden":
            known = ", ".join(entry.settings.model_fields)
            raise WorkbenchError(f"{method} has no setting “{name}”. It has: {known}.") from None
        words = problem["msg"].removeprefix("Value error, ")
        raise WorkbenchError(f"The setting “{name}” of {method} is not valid: {words}.") from None


def train(
    method: str,
    views: Mapping[str, RowSource],
    pairs: Pairs,
    *,
    settings: Mapping[str, Any] | None = None,
    validation: HeldOut | None = None,
    seed: int = 0,
    control: Control | None = None,
    changes: Sequence[LiveChange] = (),
    stop_after: int | None = None,
    state: TrainingState | None = None,
    device: str = "cpu",
    shown: Mapping[str, npt.NDArray[np.float32]] | None = None,
    start: AlignedSpace | None = None,
) -> Generator[Event, None, AlignedSpace]:
    """Align views by a method, telling of each step.

    Parameters
    ----------
    method : str
        A name of `methods`.
    views : mapping of str to ndarray, shape (n, d)
        Frozen embeddings; views may differ in length and width, and may be memory maps or HDF5
        data sets, which are read in blocks.
    pairs : mapping of (str, str) to ndarray of int, shape (p, 2)
        Rows that belong together. Rows in no pair are unpaired.
    settings : mapping, optional
        Of the method; what is missing takes its default.
    validation : HeldOut, optional
    seed : int
    control : Control, optional
    changes, stop_after, state, device, shown
        To repeat a run, to go on with one, where, and what to have glimpses of: see `train_heads`.
    start : AlignedSpace, optional
        Heads of an earlier training to begin with, of methods that train; see `started_from`.

    Yields
    ------
    StepReport, Notice, Progress, TrainingState, Snapshot

    Returns
    -------
    AlignedSpace

    Raises
    ------
    WorkbenchError
        Before any work, when method, settings, views, pairs or start are not right.
    """
    checked = check_settings(method, settings)
    data, validation, start = prepared(views, pairs, checked, validation, seed, start)
    solve = find_method(method).solve
    if solve is not None:
        return solve(data, checked, validation)
    assert isinstance(checked, TrainedSettings)  # noqa: S101 - what is not solved is trained
    return (
        yield from train_heads(
            data, checked, validation, seed, control, changes, stop_after, state, device, shown,
            start,
        )
    )  # fmt: skip


def prepared(
    views: Mapping[str, RowSource],
    pairs: Pairs,
    settings: MethodSettings,
    validation: HeldOut | None,
    seed: int,
    start: AlignedSpace | None = None,
) -> tuple[TrainingData, HeldOut | None, AlignedSpace | None]:
    """Return checked data, and the heads to begin with, if any; raise as `train` does."""
    if not 0 <= seed < 2**63:
        raise WorkbenchError(f"The seed is {seed}; it must be from 0 to 2⁶³ - 1.")
    strength = settings.whitening if isinstance(settings, WhitenedSettings) else None
    given = None
    if start is not None:
        start = learned_heads(start)
        widths = {view: checked_rows(view, rows).shape[1] for view, rows in views.items()}
        check_start(start, settings, widths)
        given = preparations(start, views)
    data = prepare(views, pairs, whitening=strength, given=given)
    if isinstance(settings, GeraSettings) and settings.unpaired == "none":
        # also centre and start must not know them, or the control would show nothing
        data = data.without_unpaired()
    return data, prepare_held_out(validation, data), start


def fit(
    method: str,
    views: Mapping[str, RowSource],
    pairs: Pairs,
    *,
    settings: Mapping[str, Any] | None = None,
    validation: HeldOut | None = None,
    seed: int = 0,
    control: Control | None = None,
) -> AlignedSpace:
    """Align views by a method and return the space; parameters as `train`."""
    return drain(
        train(
            method, views, pairs,
            settings=settings, validation=validation, seed=seed, control=control,
        )
    )  # fmt: skip
