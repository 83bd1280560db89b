"""Ready-made studies: a table of questions, and the grids that answer them in a project."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from workbench.alignment import SWEEP_ALPHAS, GeraSettings, methods
from workbench.errors import WorkbenchError
from workbench.geometry import Kernel
from workbench.stations.studies.design import Design
from workbench.stations.studies.facts import ProjectFacts
from workbench.stations.studies.grid import Grid
from workbench.stations.studies.refusals import able

SIZES = (10, 15, 20, 30, 50, 75, 100, 150)
TIMES = (0.0, 1.0, 10.0)
_FEWEST_LABELS = 25
_MOST_BUDGETS = 12
_USUAL_LABELS = 200  # where labels are not the question: few enough that everything else counts
_MOST_ENCODERS = 36
_PAIRS_ONLY = {"unpaired": ["none"]}


@dataclass(frozen=True)
class ReadyMade:
    """A study that needs nothing but a project.

    Attributes
    ----------
    name, title, question : str
    x : str
        As `Design` has it.
    grids : callable
        Returns the grids for a project.
    lacks : callable
        Returns why a project cannot be asked this, in a sentence; empty where it can.
    seeds : int
    """

    name: str
    title: str
    question: str
    x: str
    grids: Callable[[ProjectFacts], list[Grid]]
    lacks: Callable[[ProjectFacts], str] = lambda _: ""
    seeds: int = 5

    def design(self, facts: ProjectFacts) -> Design:
        """Return the study for a project.

        Raises
        ------
        WorkbenchError
            The project lacks what it needs.
        """
        lacking = self.missing(facts)
        if lacking:
            raise WorkbenchError(f"“{self.title}” cannot be studied here: {lacking}")
        return Design(
            kind=self.name, title=self.title, question=self.question, x=self.x,
            seeds=list(range(self.seeds)), grids=self.grids(facts),
        )  # fmt: skip

    def missing(self, facts: ProjectFacts) -> str:
        """Return why a project cannot be asked this; empty where it can."""
        return facts.missing or self.lacks(facts)


def budgets(labels: int) -> list[int]:
    """Return label budgets: 25, doubled as long as there are more, and all."""
    doubled = [_FEWEST_LABELS * 2**power for power in range(_MOST_BUDGETS)]
    return [*(each for each in doubled if each < 0.9 * labels), labels]


def _usual(facts: ProjectFacts) -> list[Any]:
    return [min(_USUAL_LABELS, facts.labels)]


def _able(names: list[str], facts: ProjectFacts) -> list[str]:
    """Return the methods that align as many views as the project has."""
    return able(names, facts.chosen, facts.pairs)


def _label_efficiency(facts: ProjectFacts) -> list[Grid]:
    every = _able([each.name for each in methods()], facts)
    return [Grid(methods=every, labels=list(budgets(facts.labels)))]


def _alpha(facts: ProjectFacts) -> list[Grid]:
    alphas = sorted({*SWEEP_ALPHAS, GeraSettings().alpha})  # type: ignore[type-var]
    return [Grid(labels=_usual(facts), settings={"alpha": alphas})]


def _sizes(facts: ProjectFacts) -> list[Grid]:
    return [Grid(labels=_usual(facts), settings={"neighbours": list(SIZES)})]


def _kernels(facts: ProjectFacts) -> list[Grid]:
    settings = {"kernel": list(get_args(Kernel)), "bandwidth": [0.1, 0.3, 1.0]}
    return [Grid(labels=_usual(facts), settings=settings)]


def _unpaired(facts: ProjectFacts) -> list[Grid]:
    labels = _usual(facts)
    there = facts.unpaired(labels[0]) / labels[0]  # more than there are would be all, once more
    times = [each for each in TIMES if each < there]
    return [
        Grid(labels=labels, unpaired_times=[*(times or [0.0]), "all"]),
        Grid(labels=labels, unpaired_times=["all"], settings=_PAIRS_ONLY),
    ]


def _validation(facts: ProjectFacts) -> list[Grid]:
    labels = sorted({min(each, facts.labels) for each in (50, _USUAL_LABELS)})
    some = _able(["gera", "cca", "ridge"], facts)
    return [Grid(methods=some, labels=list(labels), validation=[0.0, 0.2])]


def _encoders(facts: ProjectFacts) -> list[Grid]:
    some = _able(["gera", "cca"], facts)
    return [Grid(methods=some, labels=_usual(facts), encoders=_encoder_choices(facts))]


def _encoder_choices(facts: ProjectFacts) -> list[Any]:
    """Return every choice of complete encoders, that of the project first."""
    views = list(facts.chosen)
    every = [
        dict(zip(views, names, strict=True))
        for names in itertools.product(*(facts.encoders[view] for view in views))
    ]
    return [facts.chosen, *(each for each in every if each != facts.chosen)][:_MOST_ENCODERS]


def _too_few_encoders(facts: ProjectFacts) -> str:
    if len(_encoder_choices(facts)) > 1:
        return ""
    return (
        "the items are encoded by one encoder of each modality. Encode one of them by another on "
        "the Encode page."
    )


def _third(facts: ProjectFacts) -> list[Grid]:
    direct = {view: facts.chosen[view] for view in ("image", "speech")}
    through = ["image-text", "text-speech"]
    common: dict[str, Any] = {"labels": _usual(facts), "measured": "image-speech"}
    return [
        Grid(encoders=[direct], relations=[["image-speech"]], **common),
        Grid(encoders=[facts.chosen], relations=[through, [*through, "image-speech"]], **common),
    ]  # fmt: skip


def _no_third(facts: ProjectFacts) -> str:
    wanted = ("image", "text"), ("text", "speech"), ("image", "speech")
    without = [f"{one}–{other}" for one, other in wanted if (one, other) not in facts.pairs]
    if not without:
        return ""
    return (
        "it needs pictures, texts and recordings with pairs of each two of them, and there are "
        f"none of {', '.join(without)}."
    )


READY_MADE = (
    ReadyMade(
        "label-efficiency", "Label efficiency",
        "How many pairs must be labelled, and which method makes most of them?",
        "labels", _label_efficiency,
    ),
    ReadyMade(
        "alpha", "The weight α",
        "Does the geometric term help: what is found, and how many neighbours are kept?",
        "alpha", _alpha,
    ),
    ReadyMade(
        "neighbourhood-size", "Neighbourhood size K",
        "What does a larger neighbourhood bring, and what does it cost in time and memory?",
        "neighbours", _sizes,
    ),
    ReadyMade(
        "kernels", "Kernels",
        "Does the kernel of the diffusion operator matter, and how wide it is?", "kernel", _kernels,
    ),
    ReadyMade(
        "unpaired", "Unpaired items",
        "Do unpaired items help? None, as many as paired ones, ten times as many, all; beside them "
        "a control that sees the paired items alone.",
        "unpaired_times", _unpaired,
    ),
    ReadyMade(
        "validation", "Validation pairs",
        "Is a label better spent on learning, or on choosing what is learned?",
        "validation", _validation,
    ),
    ReadyMade(
        "encoders", "Encoders", "Which of the frozen encoders align best with each other?",
        "encoders", _encoders, _too_few_encoders,
    ),
    ReadyMade(
        "third-modality", "Third modality",
        "Do pictures and recordings meet better directly, or by way of texts?",
        "relations", _third, _no_third,
    ),
)  # fmt: skip


def find_ready_made(name: str) -> ReadyMade | None:
    """Return a ready-made study by its name, if there is one."""
    return next((each for each in READY_MADE if each.name == name), None)
