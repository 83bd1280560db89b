"""The files of a run's ladder: the heads of each rung, their figures and curves.

They lie in the folder ``ladder`` of the run: ``figures.json``, and ``N.safetensors`` and ``N.csv``
of each rung, from the smallest α up.
"""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, TypeAdapter

from workbench.alignment import AlignedSpace, AlphaSweep, Rung, load_space, save_space
from workbench.errors import WorkbenchError
from workbench.project.runs.curves import Row, add_to_curves, read_curves
from workbench.project.runs.run import Run
from workbench.project.writing import write_text
from workbench.received.small import read_checked

_FOLDER = "ladder"
_FIGURES_FILE = "figures.json"


class _Figures(BaseModel):
    """What is known of a ladder beside its heads."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    alphas: list[float]
    figures: list[dict[str, float]]
    between: list[dict[str, float]]
    pairs: int


_FIGURES = TypeAdapter(_Figures)


def write_ladder(run: Run, ladder: AlphaSweep) -> None:
    """Keep a ladder with its run.

    Raises
    ------
    WorkbenchError
        It cannot be written.
    """
    folder = run.folder / _FOLDER
    try:
        run.make_folder(_FOLDER)
        for number, rung in enumerate(ladder.rungs):
            save_space(rung.space, folder / f"{number}.safetensors")
    except OSError as error:
        raise WorkbenchError(
            f"The sweep cannot be written to {folder}: {error.strerror}. Make room on the disk "
            "and train it again."
        ) from None
    # last: a ladder without it is none
    figures = _Figures(
        alphas=ladder.alphas, figures=[rung.figures for rung in ladder.rungs],
        between=list(ladder.between), pairs=ladder.pairs,
    )  # fmt: skip
    write_text(folder / _FIGURES_FILE, figures.model_dump_json(indent=2) + "\n")


def has_ladder(run: Run) -> bool:
    """Whether a ladder is kept with a run."""
    return (run.folder / _FOLDER / _FIGURES_FILE).exists()


def read_ladder(run: Run) -> AlphaSweep:
    """Read the ladder of a run.

    Raises
    ------
    WorkbenchError
        It has none, or its files are damaged.
    """
    if not has_ladder(run):
        raise WorkbenchError(
            f"The run “{run.name}” has no sweep: it was trained at one α. Train one with "
            "“gera-workbench align PROJECT --sweep”."
        )
    known = read_ladder_figures(run)
    rungs = [
        replace(rung, space=load_space(run.folder / _FOLDER / f"{number}.safetensors"))
        for number, rung in enumerate(known.rungs)
    ]
    return replace(known, rungs=tuple(rungs))


def read_ladder_figures(run: Run) -> AlphaSweep:
    """Read what is known of a run's ladder, which it has, without the heads: they are many.

    Raises
    ------
    WorkbenchError
        The file is damaged.
    """
    known = _read_figures(run)
    rungs = [
        Rung(alpha, AlignedSpace({}), figures)
        for alpha, figures in zip(known.alphas, known.figures, strict=True)
    ]
    return AlphaSweep(tuple(rungs), tuple(known.between), known.pairs)


def add_to_rung_curves(run: Run, rung: int, rows: Sequence[Row]) -> None:
    """Add rows, as `StepReport.row` makes them, to the curves of one rung, by its number.

    Raises
    ------
    WorkbenchError
        They cannot be written.
    """
    path = run.folder / _FOLDER / f"{rung}.csv"
    try:
        run.make_folder(_FOLDER)
    except OSError as error:
        raise WorkbenchError(f"{path.parent} cannot be made: {error.strerror}.") from None
    add_to_curves(path, rows)


def read_rung_curves(run: Run, rung: int) -> list[dict[str, float]]:
    """Read the curves of one rung, by its number."""
    return read_curves(run.folder / _FOLDER / f"{rung}.csv")


def _read_figures(run: Run) -> _Figures:
    path = run.folder / _FOLDER / _FIGURES_FILE
    known = read_checked(_FIGURES, path, "The sweep")
    sizes = len(known.alphas), len(known.figures), len(known.between) + 1
    seen = not known.pairs or all("recall@10" in figures for figures in known.figures)
    if len(set(sizes)) > 1 or sizes[0] < 2 or known.alphas != sorted(known.alphas) or not seen:
        raise WorkbenchError(f"The sweep {path} is damaged. Train it again.")
    return known
