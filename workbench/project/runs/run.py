"""A run: one trained aligned space, with everything that made it."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from workbench.alignment import (
    AlignedSpace,
    TrainingState,
    load_space,
    load_state,
    save_space,
    save_state,
)
from workbench.errors import WorkbenchError
from workbench.project.runs.changing_together import carry_out, changing_together, is_decided
from workbench.project.runs.curves import add_to_curves, read_curves, write_curves
from workbench.project.runs.recipe import Recipe
from workbench.project.runs.reports import REPORT
from workbench.project.writing import write_text
from workbench.received.small import MissingFileError, read_checked
from workbench.whole_files import make_own_folder

RECIPE_FILE = "recipe.json"
MAPS_FOLDER = "maps"
_HEADS_FILE = "heads.safetensors"
_CURVES_FILE = "curves.csv"
_REPORT_FILE = "report.json"
_TRAINING_FILE = "training.safetensors"
_START_FILE = "start.safetensors"

# when a file was written, how long it is, and which one: each is written anew under another name
Mark = tuple[int, int, int]


_RECIPE = TypeAdapter(Recipe)


class Run:
    """A run's folder.

    Parameters
    ----------
    folder : Path
        ``runs/NAME`` of a project.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The run's name: that of its folder."""
        return self.folder.name

    @contextmanager
    def trained_alone(self) -> Iterator[None]:
        """Let nobody else train the run meanwhile.

        The lock is the system's: it ends with the process that holds it, however that ends.

        Raises
        ------
        WorkbenchError
            It is being trained already.
        """
        with self._held(
            "trained", "is being trained by another process. Stop it there, or wait until it ends."
        ):
            yield

    @contextmanager
    def left_alone(self, done: str) -> Iterator[None]:
        """Let nobody train the run while something else is done to it, such as “renamed”.

        Raises
        ------
        WorkbenchError
            It is being trained.
        """
        with self._held(
            done, f"is being trained. It can be {done} when the training has ended or is stopped."
        ):
            yield

    @contextmanager
    def _held(self, done: str, why_not: str) -> Iterator[None]:
        # beside the folder, which holds the run and nothing else
        lock = FileLock(self.folder.with_name(f".{self.name}.lock"), thread_local=False)
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            raise WorkbenchError(f"The run “{self.name}” {why_not}") from None
        except OSError as error:
            raise WorkbenchError(
                f"The run “{self.name}” cannot be {done}: {lock.lock_file} cannot be written: "
                f"{error.strerror}."
            ) from None
        with held:
            yield

    def carry_out_change(self) -> None:
        """Bring a change of several files to its end that a killed process had decided on."""
        if is_decided(self.folder):
            # who holds the run does it himself; where nothing can be written it stays as it is
            with suppress(WorkbenchError, OSError), self.left_alone("changed"):
                carry_out(self.folder)

    def make_folder(self, name: str) -> Path:
        """Make a folder in that of the run, if it is not there; return it.

        Raises
        ------
        OSError
            It cannot be made, the run is gone meanwhile, or a link is in the way.
        WorkbenchError
            The run itself is a link.
        """
        self.refuse_link()
        make_own_folder(self.folder / name)
        return self.folder / name

    def refuse_link(self) -> None:
        """Refuse a run that is a link, before anything is written into it.

        Raises
        ------
        WorkbenchError
        """
        if self.folder.is_symlink():
            raise WorkbenchError(
                f"The run “{self.name}” is a link to another place, into which nothing is written. "
                "Put a copy of its folder there."
            )

    def recipe(self) -> Recipe:
        """Read the recipe.

        Raises
        ------
        WorkbenchError
            It is missing or damaged.
        """
        return read_checked(_RECIPE, self.folder / RECIPE_FILE, "The recipe")

    def created(self) -> str:
        """Return when the run was made, in ISO 8601; empty when its recipe is damaged."""
        try:
            return self.recipe().created
        except WorkbenchError:
            return ""

    def write_recipe(self, recipe: Recipe) -> None:
        """Replace the recipe."""
        self.refuse_link()
        write_text(self.folder / RECIPE_FILE, _as_json(recipe))

    def space(self) -> AlignedSpace:
        """Read the trained heads.

        Raises
        ------
        WorkbenchError
            The run has none yet, or the file is damaged.
        """
        path = self.folder / _HEADS_FILE
        if not path.exists():
            raise WorkbenchError(
                f"The run “{self.name}” has no heads yet: it is training, or was interrupted. "
                "Resume it, or align again."
            )
        return load_space(path)

    def has_heads(self) -> bool:
        """Whether the run can be evaluated, mapped, queried and exported."""
        return (self.folder / _HEADS_FILE).exists()

    def marks(self) -> tuple[Mark | None, ...]:
        """Return marks of recipe, report, heads and kept training, which differ once they change.

        None stands for a file that is not there. What was read of files with the same marks needs
        no reading again.
        """
        files = RECIPE_FILE, _REPORT_FILE, _HEADS_FILE, _TRAINING_FILE
        folder = f"{self.folder}{os.sep}"  # no Path: this is asked for hundreds of runs
        return tuple(file_mark(folder + name) for name in files)

    def heads_written(self) -> int | None:
        """Return when the heads were written, in ns since 1970; None if there are none."""
        try:
            return (self.folder / _HEADS_FILE).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def write_space(
        self,
        space: AlignedSpace,
        recipe: Recipe | None = None,
        curves: Sequence[Mapping[str, float]] | None = None,
    ) -> None:
        """Save the heads; what was measured of those before them is deleted.

        A recipe and curves that belong to them change with them: all do, or nothing does.

        Raises
        ------
        WorkbenchError
            They cannot be written.
        """
        self.refuse_link()
        try:
            with changing_together(self.folder) as draft:
                save_space(space, draft / _HEADS_FILE)
                if recipe is not None:
                    write_text(draft / RECIPE_FILE, _as_json(recipe))
                if curves is not None:
                    write_curves(draft / _CURVES_FILE, curves)
                (draft / _REPORT_FILE).touch()  # empty: it is deleted
        except OSError as error:
            raise WorkbenchError(
                f"The heads cannot be written to {self.folder}: {error.strerror}. "
                "Make room on the disk and align again."
            ) from None

    def curves(self) -> list[dict[str, float]]:
        """Read the curves: one row a step report, empty cells left out.

        Raises
        ------
        WorkbenchError
            The file is damaged.
        """
        return read_curves(self.folder / _CURVES_FILE)

    def write_curves(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Replace the curves by rows as `StepReport.row` makes them."""
        self.refuse_link()
        write_curves(self.folder / _CURVES_FILE, rows)

    def add_to_curves(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Add rows at the end of the curves."""
        self.refuse_link()
        add_to_curves(self.folder / _CURVES_FILE, rows)

    def has_training(self) -> bool:
        """Whether a training is kept that can go on."""
        return (self.folder / _TRAINING_FILE).exists()

    def training(self) -> TrainingState:
        """Read the kept training.

        Raises
        ------
        WorkbenchError
            There is none, or the file is damaged.
        """
        return load_state(self.folder / _TRAINING_FILE)

    def keep_training(self, state: TrainingState) -> None:
        """Keep where the training stands, in place of what was kept before.

        Raises
        ------
        WorkbenchError
            It cannot be written.
        """
        self.refuse_link()
        try:
            save_state(state, self.folder / _TRAINING_FILE)
        except OSError as error:
            raise WorkbenchError(
                f"The training state cannot be saved in {self.folder}: {error.strerror}. Make "
                "room on the disk."
            ) from None

    def keep_start(self, space: AlignedSpace) -> None:
        """Keep the heads that the training begins with: it can go on without the run they are of.

        Raises
        ------
        WorkbenchError
            They cannot be written.
        """
        self.refuse_link()
        try:
            save_space(space, self.folder / _START_FILE)
        except OSError as error:
            raise WorkbenchError(
                f"The heads to start from cannot be kept in {self.folder}: {error.strerror}. Make "
                "room on the disk and align again."
            ) from None

    def start_space(self) -> AlignedSpace:
        """Read the heads that the kept training began with.

        Raises
        ------
        WorkbenchError
            The file is missing or damaged.
        """
        return load_space(self.folder / _START_FILE)

    def drop_training(self) -> None:
        """Delete the kept training, if there is one, and what it began with."""
        for name in (_TRAINING_FILE, _START_FILE):
            (self.folder / name).unlink(missing_ok=True)

    def map_path(self, method: str) -> Path:
        """Return where a 2-D map of the run's space lies: with the run, wherever that goes."""
        return self.folder / MAPS_FOLDER / f"{method}.h5"

    def report(self) -> dict[str, Any]:
        """Read what evaluation found; empty when it has not been evaluated.

        Raises
        ------
        WorkbenchError
            The file is damaged.
        """
        try:
            found: dict[str, Any] = read_checked(REPORT, self.folder / _REPORT_FILE, "The report")
        except MissingFileError:
            return {}
        return found

    def write_report(self, report: dict[str, Any]) -> None:
        """Save what evaluation found."""
        self.refuse_link()
        write_text(self.folder / _REPORT_FILE, json.dumps(report, indent=2) + "\n")


def _as_json(recipe: Recipe) -> str:
    return recipe.model_dump_json(indent=2) + "\n"


def file_mark(path: str | Path) -> Mark | None:
    """Return a mark of a file, which differs once it has been written; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - of hundreds of files, again and again
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
