"""The jobs of the Label page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.gui.training.blas_threads import blas_on_one_core
from workbench.job_process import in_kept_process
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.project import Item, Project
    from workbench.stations import LoadedEncoders, RunStore
    from workbench.stations.labelling.gain import Gain
    from workbench.stations.labelling.proposals import Proposals
    from workbench.stations.labelling.suspicious import SuspiciousPairs

_MOST_FOUND = 9


@dataclass(frozen=True)
class Wish:
    """What to ask about: what is None is chosen by the station; an empty strategy is the usual."""

    view: "Modality | None" = None
    other: "Modality | None" = None
    strategy: str = ""


@dataclass(frozen=True)
class Batch:
    """Proposals, and all items in them by id."""

    proposals: "Proposals"
    items: "dict[int, Item]"


@dataclass(frozen=True)
class Doubts:
    """Suspicious pairs, and all items in them by id."""

    pairs: "SuspiciousPairs"
    items: "dict[int, Item]"


def propose_job(
    project: "Project", run: str, wish: Wish, skipped: Sequence[int], store: "RunStore"
) -> Callable[[Control], Job[Batch]]:
    """Return what chooses the next items to ask about."""

    def make_job(control: Control) -> Job[Batch]:
        from workbench.stations.labelling.proposals import DEFAULT_STRATEGY, propose

        with blas_on_one_core():
            found = yield from propose(
                project, run, view=wish.view, other=wish.other,
                strategy=wish.strategy or DEFAULT_STRATEGY, skipped=skipped, control=control,
                store=store,
            )  # fmt: skip
        ids = {each.item for each in found.proposals}
        ids |= {partner.item for each in found.proposals for partner in each.partners}
        return Batch(found, _items(project, ids))

    return make_job


def found_job(
    project: "Project", words: str, view: "Modality"
) -> "Callable[[Control], Job[tuple[list[Item], int]]]":
    """Return what finds items of a view by words: a few of them, and how many there are."""

    def make_job(_: Control) -> "Job[tuple[list[Item], int]]":
        from workbench.stations import find_items

        yield Progress(0, 0, "Looking for a partner")
        ids = find_items(project, modality=view, containing=words)
        return project.catalogue.items_of(ids[:_MOST_FOUND].tolist()), len(ids)

    return make_job


def asked_job(
    project: "Project", run: str, words: str, view: "Modality",
    store: "RunStore", encoders: "LoadedEncoders",
) -> "Callable[[Control], Job[list[tuple[Item, float]]]]":  # fmt: skip
    """Return what asks a run with words: the nearest items of a view, and how near they are."""

    def make_job(_: Control) -> "Job[list[tuple[Item, float]]]":
        from workbench.stations import Question, Searcher

        question = Question(text=words)
        searcher = Searcher(project, run, store=store, encoders=encoders)
        missing = searcher.to_load(question)
        yield Progress(0, 0, f"Loading {missing[0]}, for the first question" if missing else "")
        found = searcher.ask(question, view, _MOST_FOUND)
        return [(each.item, each.score) for each in found]

    return make_job


def suspicious_job(project: "Project", run: str | None) -> Callable[[Control], Job[Doubts | None]]:
    """Return what lists suspicious pairs; in a process, for it keeps the processor busy."""

    def make_job(control: Control) -> Job[Doubts | None]:
        from workbench.stations.labelling.suspicious import suspicious_pairs

        found = yield from in_kept_process(suspicious_pairs, project, run, control=control)
        if found is None:
            return None
        return Doubts(found, _items(project, {
            number for each in found.pairs for number in (each.first, each.second, *each.nearest)
        }))  # fmt: skip

    return make_job


@dataclass(frozen=True)
class TrainingAgain:
    """A training with own pairs, and what becomes of it when the window is closed meanwhile."""

    project: "Project"
    run: str
    kept: str = (
        "The training stops at its next step and is kept as a run with its heads so far. “Resume” "
        "on the Train page continues it later."
    )

    def __call__(self, control: Control) -> "Job[Gain]":
        """Begin; called in the job's thread."""
        from workbench.stations.labelling.gain import train_again

        with blas_on_one_core():
            return (
                yield from in_kept_process(train_again, self.project, self.run, control=control)
            )


def _items(project: "Project", ids: set[int]) -> "dict[int, Item]":
    return {item.id: item for item in project.catalogue.items_of(sorted(ids))}
