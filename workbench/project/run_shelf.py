"""The folders of a project's runs: made, found, renamed, noted, deleted and restored."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.names import map_file, spoken_name
from workbench.project.runs import RECIPE_FILE, Run
from workbench.project.space_name import SpaceName

KEPT = timedelta(days=30)

_BIN = ".deleted"  # no run is called so: names begin with a letter, a digit or “_”
_STAMP = "%Y%m%dT%H%M%S%fZ"
_MAPS = "maps"


@dataclass(frozen=True)
class DeletedRun:
    """A deleted run that can be restored.

    Attributes
    ----------
    name : str
        What it was called.
    when : datetime
        When it was deleted, with its time zone.
    folder : Path
        Where it lies now.
    """

    name: str
    when: datetime
    folder: Path


class RunShelf:
    """The runs of a project.

    A deleted run is moved to ``runs/.deleted/TIME--NAME`` with its maps, and can be restored from
    there for thirty days, or until it is deleted for good. `drop_expired` deletes what has lain
    there longer; a project does so whenever it is opened.

    Parameters
    ----------
    root : Path
        The project folder.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "runs"
        self._maps = root / "maps"
        self._bin = self._folder / _BIN
        self._created: dict[str, tuple[object, str]] = {}

    @property
    def folder(self) -> Path:
        """Where the runs lie; it is made with the first of them."""
        return self._folder

    # --- finding and making ----------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the names of all folders that may be runs, quickly; some may have no recipe."""
        try:
            with os.scandir(self._folder) as entries:
                return [each.name for each in entries if not each.name.startswith(".")]
        except OSError:  # there are none, or the folder cannot be read
            return []

    def place(self, name: str) -> Run:
        """Return the run that a folder of this name is, or would be."""
        return Run(self._folder / name)

    def runs(self) -> list[Run]:
        """Return the runs, oldest first; those whose recipe is damaged come before."""
        found = [(run, run.marks()[0]) for run in map(self.place, self.names())]
        made = [(self._made(run, mark), run.name, run) for run, mark in found if mark is not None]
        return [run for _, _, run in sorted(made, key=lambda each: each[:2])]

    def _made(self, run: Run, mark: object) -> str:
        """Return when a run was made; a recipe that is as it was is not read again."""
        known = self._created.get(run.name)
        if known is None or known[0] != mark:
            known = self._created[run.name] = mark, run.created()
        return known[1]

    def run(self, name: str) -> Run:
        """Return a run by name.

        Raises
        ------
        WorkbenchError
            There is none of that name.
        """
        run = self._spoken_of(name)
        if run is None or not (run.folder / RECIPE_FILE).exists():
            names = ", ".join(each.name for each in self.runs()) or "none yet"
            raise WorkbenchError(f"The project has no run “{name}”. Its runs: {names}.")
        return run

    def _spoken_of(self, name: str) -> Run | None:
        """Return the place of a run by its name as it was wished for; no path is one."""
        with suppress(WorkbenchError):
            if "/" not in name and "\\" not in name:
                return self.place(spoken_name(name))
        return None

    def new_run(self, wish: str) -> Run:
        """Make the folder of a new run, named as wished or with the next free number."""
        wish = spoken_name(wish)
        folder, number = self._folder / wish, 2
        while True:
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                if not folder.parent.is_dir():
                    raise WorkbenchError(
                        f"{folder.parent} is not a folder. Move it away, so that runs can be "
                        "saved there."
                    ) from None
                folder, number = self._folder / f"{wish}-{number}", number + 1
            except OSError as error:
                raise WorkbenchError(
                    f"The run cannot be saved in {folder}: {error.strerror}."
                ) from None
            else:
                return Run(folder)

    # --- changing --------------------------------------------------------------------------------

    def rename(self, name: str, wish: str) -> Run:
        """Give a run another name; what is not safe in a file's name is replaced, as by `new_run`.

        Its report lies in its folder and its maps go along, so that nothing has to be made again.

        Raises
        ------
        WorkbenchError
            The name is taken or none, the run is training, or its folder cannot be moved.
        """
        run, new = self.run(name), spoken_name(wish)
        name = run.name
        if new == name:
            return run
        renamed = self.place(new)
        with run.left_alone("renamed"):
            try:
                if renamed.folder.exists() and renamed.folder.samefile(run.folder):
                    run.folder.rename(renamed.folder)  # other letters, upper or lower, only
                else:
                    renamed.folder.mkdir()  # from here on the name is nobody else's
                    _put_in_place_of(renamed.folder, run.folder)
            except FileExistsError:
                raise WorkbenchError(
                    f"A run “{new}” exists already. Choose another name."
                ) from None
            except OSError as error:
                raise WorkbenchError(
                    f"The run “{name}” cannot be renamed: {error.strerror}."
                ) from None
        self._move_maps(self._maps, name, self._maps, new)
        return renamed

    def note(self, name: str, text: str) -> Run:
        """Write a note into a run's recipe; nothing takes it away.

        Raises
        ------
        WorkbenchError
            The run is training, which writes the recipe too; or it cannot be read or written.
        """
        run = self.run(name)
        with run.left_alone("noted"):
            recipe = run.recipe()
            recipe.note = " ".join(text.split())
            run.write_recipe(recipe)
        return run

    # --- deleting and restoring ------------------------------------------------------------------

    def delete(self, name: str) -> DeletedRun:
        """Move a run out of sight, with its maps.

        Raises
        ------
        WorkbenchError
            It is training, or its folder cannot be moved.
        """
        run, now = self.run(name), datetime.now(UTC)
        deleted = DeletedRun(name, now, self._bin / f"{now.strftime(_STAMP)}--{name}")
        with run.left_alone("deleted"):
            try:
                self._bin.mkdir(exist_ok=True)
                run.folder.rename(deleted.folder)
            except OSError as error:
                raise WorkbenchError(
                    f"The run “{name}” cannot be deleted: {error.strerror}."
                ) from None
        self._move_maps(self._maps, name, deleted.folder / _MAPS, name)
        return deleted

    def deleted(self) -> list[DeletedRun]:
        """Return what can be restored, last deleted first."""
        found = [each for each in self._in_bin() if (each.folder / RECIPE_FILE).exists()]
        return sorted(found, key=lambda each: each.folder.name, reverse=True)

    def restore(self, deleted: DeletedRun) -> Run:
        """Bring a deleted run back, with the next free number if its name is taken meanwhile.

        Raises
        ------
        WorkbenchError
            It is not there any more, or its folder cannot be moved.
        """
        if not (deleted.folder / RECIPE_FILE).exists():
            raise WorkbenchError(f"The deleted run “{deleted.name}” no longer exists.")
        run = self.new_run(deleted.name)
        try:
            _put_in_place_of(run.folder, deleted.folder)
        except OSError as error:
            with suppress(OSError):
                run.folder.rmdir()
            raise WorkbenchError(
                f"The run “{deleted.name}” cannot be restored: {error.strerror}."
            ) from None
        self._move_maps(run.folder / _MAPS, deleted.name, self._maps, run.name)
        with suppress(OSError):
            (run.folder / _MAPS).rmdir()
        return run

    def delete_for_good(self, deleted: DeletedRun) -> None:
        """Take a deleted run off the disk.

        Raises
        ------
        WorkbenchError
            Some of it cannot be deleted.
        """
        try:
            shutil.rmtree(deleted.folder)
        except FileNotFoundError:
            pass  # by another process meanwhile
        except OSError as error:
            raise WorkbenchError(
                f"The deleted run “{deleted.name}” cannot be removed from the disk: "
                f"{error.strerror}."
            ) from None

    def drop_expired(self) -> None:
        """Take off the disk what was deleted more than thirty days ago, where that can be done."""
        now = datetime.now(UTC)
        for each in self._in_bin():
            if now - each.when > KEPT:
                shutil.rmtree(each.folder, ignore_errors=True)

    def _in_bin(self) -> Iterator[DeletedRun]:
        try:
            folders = list(self._bin.iterdir())
        except OSError:  # there is none, or it cannot be read
            return
        for folder in folders:
            stamp, _, name = folder.name.partition("--")
            with suppress(ValueError, WorkbenchError):  # something else, which is none of ours
                when = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
                if name and name == spoken_name(name):
                    yield DeletedRun(name, when, folder)

    def _move_maps(self, here: Path, name: str, there: Path, new: str) -> None:
        """Move the maps of a run's space, where that can be done: a map can be made again."""
        stem = spoken_name(str(SpaceName(name)))
        with suppress(OSError):
            for path in list(here.glob(f"{stem}--*.h5")):
                method = path.stem.removeprefix(f"{stem}--")
                if method.isalnum():  # else it is of a longer name
                    there.mkdir(exist_ok=True)
                    path.replace(there / map_file(str(SpaceName(new)), method))


def _put_in_place_of(empty: Path, folder: Path) -> None:
    """Move a folder to where an empty one is."""
    try:
        if os.name == "nt":  # there a folder never takes the place of another
            empty.rmdir()
        folder.rename(empty)
    except OSError:
        with suppress(OSError):
            empty.rmdir()
        raise
