"""The runs of a project in rows: what made each, and what it is worth."""

from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError
from workbench.project import Project, Recipe, Run, has_ladder

_STATES = {"running": "training or interrupted", "finished": "finished", "stopped": "stopped early"}
DAMAGED = "damaged"


@dataclass(frozen=True)
class RunRow:
    """A run as tables show it.

    Attributes
    ----------
    name, method : str
    alpha : str
        Weight of the geometric loss of each view, and where it was moved while training; nothing
        where the method has none.
    neighbours : int or None
        K of the geometric loss.
    pairs : int or None
        Budget of training pairs of each relation, or of labels in all, validation pairs included,
        where these are counted; None is all.
    recall_1, recall_10 : float or None
        Share of held-out pairs, mean of all directions; None until measured.
    preservation : float or None
        Share of nearest neighbours kept, mean of the views.
    kept_step : int or None
        After which step the heads were kept; None where nothing says so.
    seconds : float
        Of training.
    state : str
        In words.
    note : str
    created : str
        In ISO 8601; empty when the recipe is damaged.
    has_heads : bool
        Whether it can be measured, mapped, asked and exported.
    can_go_on : bool
        Whether a training is kept that can go on.
    has_ladder : bool
        Whether heads of several α are kept.
    """

    name: str
    method: str
    alpha: str = ""
    neighbours: int | None = None
    pairs: int | None = None
    recall_1: float | None = None
    recall_10: float | None = None
    preservation: float | None = None
    kept_step: int | None = None
    seconds: float = 0.0
    state: str = DAMAGED
    note: str = ""
    created: str = ""
    has_heads: bool = False
    can_go_on: bool = False
    has_ladder: bool = False


def read_row(run: Run) -> RunRow:
    """Read a run's recipe and report; what is damaged is said in its state."""
    try:
        recipe = run.recipe()
    except WorkbenchError:
        return RunRow(run.name, "?", has_heads=run.has_heads())
    try:
        report, damaged = run.report(), False
    except WorkbenchError:
        report, damaged = {}, True
    has_heads = run.has_heads()
    can_go_on = recipe.state != "finished" and run.has_training()
    return RunRow(
        name=run.name,
        method=recipe.method,
        alpha=alpha_in_words(recipe),
        neighbours=_neighbours(recipe),
        pairs=recipe.pairs or recipe.split.labels,
        recall_1=mean_recall(report, "recall@1"),
        recall_10=mean_recall(report, "recall@10"),
        preservation=_mean(list(report.get("preservation", {}).values())),
        kept_step=recipe.kept.step if recipe.kept is not None else None,
        seconds=recipe.seconds,
        state=DAMAGED if damaged else _state(recipe, has_heads or can_go_on),
        note=recipe.note,
        created=recipe.created,
        has_heads=has_heads,
        can_go_on=can_go_on,
        has_ladder=has_ladder(run),
    )


class RunRows:
    """Reads the rows of a project's runs; a run whose files are as they were is not read again.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._known: dict[str, tuple[object, RunRow]] = {}

    def marks(self) -> dict[str, object]:
        """Return marks of the files of every run; for hundreds of runs some milliseconds."""
        shelf = self.project.shelf
        marks = {name: shelf.place(name).marks() for name in shelf.names()}
        return {name: mark for name, mark in marks.items() if mark[0] is not None}

    def stale(self, marks: dict[str, object] | None = None) -> list[str]:
        """Return the runs that `rows` would have to read, and those that are gone.

        Parameters
        ----------
        marks : dict, optional
            As `marks` returned them just now.
        """
        marks = self.marks() if marks is None else marks
        gone = [name for name in self._known if name not in marks]
        return gone + [
            name
            for name, mark in marks.items()
            if name not in self._known or self._known[name][0] != mark
        ]

    def rows(self, marks: dict[str, object] | None = None) -> list[RunRow]:
        """Return a row for each run, newest first; those with a damaged recipe come last."""
        found = {}
        for name, mark in (self.marks() if marks is None else marks).items():
            known = self._known.get(name)
            if known is None or known[0] != mark:
                # its marks were taken before: what is written meanwhile is read next time
                known = mark, read_row(self.project.shelf.place(name))
            found[name] = known
        self._known = found
        rows = [row for _, row in found.values()]
        return sorted(rows, key=lambda row: (row.created, row.name), reverse=True)


def alpha_in_words(recipe: Recipe) -> str:
    """Say α of each view: “10”, “1 / 3” of two views, “10 → 1,000” when it was moved."""
    alpha = recipe.settings.get("alpha")
    if alpha is None:
        return ""
    values = list(alpha.values()) if isinstance(alpha, dict) else [alpha]
    words = " / ".join(_alpha_word(value) for value in dict.fromkeys(values))
    last = {change.name: change.value for change in recipe.changes_made()}
    moved = [value for name, value in last.items() if name.startswith("alpha")]
    return words + (f" → {_alpha_word(moved[-1])}" if moved else "")


def _alpha_word(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _state(recipe: Recipe, is_of_use: bool) -> str:
    return _STATES[recipe.state] if is_of_use else "no heads"


def mean_recall(report: dict[str, Any], name: str) -> float | None:
    """Return a measure's mean over all directions of a report, None where there is none."""
    return _mean([each.get(name) for each in report.get("retrieval", {}).values()])


def _mean(values: list[float | None]) -> float | None:
    """Return the mean of what could be measured."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _neighbours(recipe: Recipe) -> int | None:
    """Return K where there is a geometric loss."""
    value = recipe.settings.get("neighbours")
    return value if "alpha" in recipe.settings and isinstance(value, int) else None
