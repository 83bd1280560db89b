"""Curves and sweeps of runs as charts."""

from collections.abc import Sequence

import numpy as np

from workbench.alignment import AlphaSweep
from workbench.charts import Axis, Curve, Lines
from workbench.charts.palette import ACCENT, GOOD, MODALITIES, MUTED
from workbench.charts.training_curves import (
    PLOTS,
    SHARES,
    Plot,
    RunCurves,
    curve_chart,
    curve_title,
    is_drawn,
    plot_of,
)
from workbench.errors import WorkbenchError
from workbench.project import Project, read_ladder


def picture_of_curves(project: Project, names: Sequence[str], plot: str = "loss") -> Lines:
    """Return the curves of runs as a chart.

    Parameters
    ----------
    project : Project
    names : sequence of str
    plot : {"loss", "validation", "spread"}

    Raises
    ------
    WorkbenchError
        There is no such run or plot, or a run has no curves of it.
    """
    wanted = _plot(plot)
    runs, marks, chance = [], [], None
    for name in names:
        run = project.run(name)
        rows = run.curves()
        figures = {
            figure: np.array(
                [(row["step"], row[figure]) for row in rows if figure in row], np.float64
            ).T
            for figure in dict.fromkeys(each for row in rows for each in row)
            if is_drawn(figure) and plot_of(figure) == wanted
        }
        if not figures:
            raise WorkbenchError(
                f"“{name}” has no curves of “{plot}”: it was solved in closed form, or is imported."
            )
        runs.append(RunCurves(name, {each: (x, y) for each, (x, y) in figures.items()}))
        if len(names) == 1:
            changes = run.recipe().changes_made()
            marks = [(each.step, f"{each.name.replace('alpha', 'α')} {each.value:g}")
                     for each in changes]  # fmt: skip
            told = [row["chance@10"] for row in rows if "chance@10" in row]
            chance = told[-1] if told else None
    return curve_chart(wanted, runs, marks=marks, chance=chance)


def picture_of_sweep(project: Project, name: str) -> Lines:
    """Return what each α of a sweep gives on the validation pairs, as a chart.

    Raises
    ------
    WorkbenchError
        There is no such run, or it is no sweep.
    """
    return sweep_chart(read_ladder(project.run(name)), name)


def sweep_chart(sweep: AlphaSweep, name: str) -> Lines:
    """Return a sweep as a chart: recall and neighbours kept against α, and the knee.

    Parameters
    ----------
    sweep : AlphaSweep
    name : str
        Of its run; may be empty.

    Raises
    ------
    WorkbenchError
        It was measured on no validation pairs.
    """
    figures = sweep.rungs[0].figures
    if not figures:
        raise WorkbenchError(f"The sweep “{name}” was measured on no validation pairs.")
    shown = ["recall@1", "recall@10", *(each for each in figures if "preservation/" in each)]
    places = np.arange(len(sweep.rungs), dtype=np.float64)  # α = 0 has no place on a log scale
    knee = sweep.knee()
    marks = []
    if knee is not None and knee is not sweep.rungs[-1]:
        marks.append((float(sweep.rungs.index(knee)), f"knee, α = {knee.alpha:g}"))
    curves = tuple(
        Curve(
            curve_title(each), places, np.array([rung.figures[each] for rung in sweep.rungs]),
            _colour(each), "--" if "preservation" in each else "-", dots=True,
        )
        for each in shown
    )  # fmt: skip
    return Lines(
        f"What α gives and costs: {name}".removesuffix(": "),
        Axis("α", ticks=tuple((at, f"{alpha:g}") for at, alpha in enumerate(sweep.alphas))),
        SHARES,
        curves, tuple(marks), caption=f"On {sweep.pairs:,} validation pairs.",
    )  # fmt: skip


def _colour(figure: str) -> str:
    known = {"recall@1": GOOD, "recall@10": ACCENT}
    return known.get(figure) or MODALITIES.get(figure.partition("/")[2], MUTED)


def _plot(name: str) -> Plot:
    found = next((each for each in PLOTS if each == name), None)
    if found is None:
        raise WorkbenchError(f"There is no plot “{name}” of curves. Plots: {', '.join(PLOTS)}.")
    return found
