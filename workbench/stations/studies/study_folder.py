"""The folder of a study, with its recipe and table; and all studies of a project."""

import errno
import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.memory import physical_memory
from workbench.project import Project, SplitSettings, spoken_name
from workbench.project.named_folders import Bin, Deleted, take_name
from workbench.project.writing import write_text
from workbench.received.small import read_checked
from workbench.stations.studies.design import Design
from workbench.stations.studies.grid import Cell, expand
from workbench.stations.studies.table import Results, read_table, write_table
from workbench.whole_files import draft_folder, make_own_folder

_RECIPE_FILE = "recipe.json"
TABLE_FILE = "table.csv"
_MOST_SITTINGS = 500
_PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "faiss-cpu")
_Line = Annotated[str, Field(max_length=300)]
_Names = Annotated[str, Field(max_length=20_000)]  # of encoders, which may be paths


class Sitting(BaseModel):
    """One time that the study was worked at.

    Attributes
    ----------
    begun : str
        In ISO 8601.
    workers : int
    machine : str
    versions : dict of package to version
    """

    model_config = ConfigDict(extra="forbid")

    begun: _Line
    workers: int = Field(1, ge=1, le=4096)
    machine: _Line = ""
    versions: dict[_Line, _Line] = Field({}, max_length=40)

    @classmethod
    def now(cls, workers: int) -> "Sitting":
        """Return one that begins now, on this machine."""
        return cls(
            begun=datetime.now(UTC).isoformat(timespec="seconds"), workers=workers,
            machine=_machine(), versions=_versions(),
        )  # fmt: skip


class StudyRecipe(BaseModel):
    """Everything that makes a study's figures.

    Attributes
    ----------
    design : Design
        With all labels as a number and encoders by their names.
    split : SplitSettings
        Of the project when the study was made; its test share is that of all cells.
    data : dict of encoders to fingerprint
        What was measured on: of items, pairs and embeddings by each choice of encoders.
    device : str
    sittings : list of Sitting
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    schema_version: int = Field(1, ge=1, le=1)
    design: Design
    split: SplitSettings
    data: dict[_Names, _Line] = Field({}, max_length=1000)
    device: _Line = "cpu"
    sittings: list[Sitting] = Field([], max_length=_MOST_SITTINGS)
    created: _Line = Field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )

    def cells(self) -> list[Cell]:
        """Return all cells, in their order."""
        return expand(self.design.grids, self.design.seeds)


_RECIPE = TypeAdapter(StudyRecipe)


class Study:
    """A study's folder.

    Parameters
    ----------
    folder : Path
        ``studies/NAME`` of a project.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The study's name: that of its folder."""
        return self.folder.name

    @property
    def table_path(self) -> Path:
        """Where the table lies."""
        return self.folder / TABLE_FILE

    def exists(self) -> bool:
        """Whether there is a recipe."""
        return (self.folder / _RECIPE_FILE).exists()

    def recipe(self) -> StudyRecipe:
        """Read the recipe.

        Raises
        ------
        WorkbenchError
            It is missing, damaged, or of a newer version of the program.
        """
        return read_checked(_RECIPE, self.folder / _RECIPE_FILE, "The recipe")

    def results(self, cells: Sequence[Cell]) -> Results:
        """Read what became of cells.

        Raises
        ------
        WorkbenchError
            The table is damaged.
        """
        return read_table(self.table_path, (cell.key for cell in cells))

    def write_recipe(self, recipe: StudyRecipe) -> None:
        """Replace the recipe."""
        self.refuse_link()
        recent = recipe.model_copy(update={"sittings": recipe.sittings[-_MOST_SITTINGS:]})
        write_text(self.folder / _RECIPE_FILE, recent.model_dump_json(indent=2) + "\n")

    def write_results(self, cells: Sequence[Cell], results: Results) -> None:
        """Replace the table."""
        self.refuse_link()
        write_table(self.table_path, cells, results)

    @contextmanager
    def worked_at_alone(self) -> Iterator[None]:
        """Let nobody else work at the study meanwhile.

        The lock is the system's: it ends with the process that holds it, however that ends.

        Raises
        ------
        WorkbenchError
            Somebody does, or the folder cannot be written.
        """
        self.refuse_link()
        lock = FileLock(self.folder.with_name(f".{self.name}.lock"), thread_local=False)
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            raise WorkbenchError(
                f"The study “{self.name}” is being worked at by another process. Stop it there, or "
                "wait until it ends."
            ) from None
        except OSError as error:
            raise WorkbenchError(
                f"The study “{self.name}” cannot be worked at: {lock.lock_file} cannot be written: "
                f"{error.strerror}."
            ) from None
        with held:
            yield

    def refuse_link(self) -> None:
        """Refuse a study that is a link, before anything is written into it.

        Raises
        ------
        WorkbenchError
        """
        if self.folder.is_symlink() or self.folder.parent.is_symlink():
            raise WorkbenchError(
                f"The study “{self.name}” is a link to another place, into which nothing is "
                "written. Put a copy of its folder there."
            )


class StudyShelf:
    """The studies of a project.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._folder = project.root / "studies"
        self._bin = Bin(self._folder, "study", _RECIPE_FILE)

    def studies(self) -> list[Study]:
        """Return the studies, by name."""
        try:
            folders = sorted(each for each in self._folder.iterdir() if each.name[0] != ".")
        except OSError:  # there are none, or the folder cannot be read
            return []
        return [study for study in map(Study, folders) if study.exists()]

    def find(self, name: str) -> Study | None:
        """Return a study by name, if there is one; no path is a name."""
        if "/" in name or "\\" in name:
            return None
        with suppress(WorkbenchError):
            study = Study(self._folder / spoken_name(name, "a study"))
            return study if study.exists() else None
        return None

    def study(self, name: str) -> Study:
        """Return a study by name.

        Raises
        ------
        WorkbenchError
            There is none of that name.
        """
        study = self.find(name)
        if study is None:
            names = ", ".join(each.name for each in self.studies()) or "none yet"
            raise WorkbenchError(f"The project has no study “{name}”. Its studies: {names}.")
        return study

    def new(self, name: str, recipe: StudyRecipe) -> Study:
        """Make a study; its folder is whole from its first moment.

        Raises
        ------
        WorkbenchError
            The name is taken or none, or the folder cannot be written.
        """
        study = Study(self._folder / spoken_name(name, "a study"))
        try:
            make_own_folder(self._folder)
            with draft_folder(self._folder / "study") as draft:
                Study(draft).write_recipe(recipe)
                if not take_name(draft, study.folder):
                    raise FileExistsError(errno.EEXIST, "there is a folder of this name", name)
        except OSError as error:
            raise WorkbenchError(
                f"The study “{study.name}” cannot be saved in {self._folder}: {error.strerror}."
            ) from None
        return study

    # --- changing --------------------------------------------------------------------------------

    def rename(self, name: str, wish: str) -> Study:
        """Give a study another name.

        Raises
        ------
        WorkbenchError
            The name is taken or none, the study is worked at, or its folder cannot be moved.
        """
        study, new = self.study(name), spoken_name(wish, "a study")
        if new == study.name:
            return study
        renamed = Study(self._folder / new)
        with study.worked_at_alone():
            try:
                taken = not take_name(study.folder, renamed.folder)
            except OSError as error:
                raise self._bin.cannot(study.name, "renamed", error) from None
        if taken:
            raise WorkbenchError(f"A study “{new}” exists already. Choose another name.")
        return renamed

    def delete(self, name: str) -> Deleted:
        """Move a study out of sight; for thirty days it can be restored.

        Raises
        ------
        WorkbenchError
            There is none of that name, it is worked at, or its folder cannot be moved.
        """
        study = self.study(name)
        with study.worked_at_alone():
            return self._bin.take(study.folder)

    def deleted(self) -> list[Deleted]:
        """Return what can be restored, last deleted first."""
        return self._bin.deleted()

    def restore(self, deleted: Deleted) -> Study:
        """Bring a deleted study back, with the next free number if its name is taken meanwhile.

        Raises
        ------
        WorkbenchError
            It is not there any more, or its folder cannot be moved.
        """
        return Study(self._bin.restore(deleted))

    def delete_for_good(self, deleted: Deleted) -> None:
        """Take a deleted study off the disk.

        Raises
        ------
        WorkbenchError
            Some of it cannot be deleted.
        """
        self._bin.remove(deleted)

    def put_in_order(self) -> None:
        """Take off the disk what was deleted long ago."""
        self._bin.put_in_order()


def _machine() -> str:
    memory = physical_memory() / 2**30
    return (
        f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GiB"
    )[:300]


def _versions() -> dict[str, str]:
    found = {"gera-workbench": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
