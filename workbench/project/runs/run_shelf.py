"""The folders of a project's runs: made, found, renamed, noted, deleted and restored."""

import os
from contextlib import suppress
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.named_folders import Bin, Deleted, take_free_name, take_name
from workbench.project.names import spoken_name
from workbench.project.runs.changing_together import decided_in
from workbench.project.runs.recipe import Recipe
from workbench.project.runs.run import MAPS_FOLDER, RECIPE_FILE, Run
from workbench.project.space_name import SpaceName
from workbench.whole_files import draft_folder, make_own_folder


class RunShelf:
    """The runs of a project.

    All that belongs to a run lies in its folder, which is whole from its first moment and is moved
    by one rename: so that a process may be killed at any moment, and each run has one name.

    A deleted run can be restored, see `Bin`.

    Parameters
    ----------
    root : Path
        The project folder.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "runs"
        self._maps = root / "maps"
        self._bin = Bin(self._folder, "run", RECIPE_FILE)
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
        run.carry_out_change()
        return run

    def _spoken_of(self, name: str) -> Run | None:
        """Return the place of a run by its name as it was wished for; no path is one."""
        with suppress(WorkbenchError):
            if "/" not in name and "\\" not in name:
                return self.place(spoken_name(name))
        return None

    def new_run(self, wish: str, recipe: Recipe) -> Run:
        """Make a new run, named as wished or with the next free number.

        Raises
        ------
        WorkbenchError
            The wish is no name, or the run cannot be written.
        """
        wish = spoken_name(wish)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft_folder(self._folder / "run") as draft:
                Run(draft).write_recipe(recipe)
                return self.place(take_free_name(draft, self.place(wish).folder).name)
        except FileExistsError:
            raise WorkbenchError(
                f"{self._folder} is not a folder. Move it away, so that runs can be saved there."
            ) from None
        except OSError as error:
            raise WorkbenchError(
                f"The run cannot be saved in {self._folder}: {error.strerror}."
            ) from None

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
                taken = not take_name(run.folder, renamed.folder)
            except OSError as error:
                raise self._bin.cannot(name, "renamed", error) from None
        if taken:
            raise WorkbenchError(f"A run “{new}” exists already. Choose another name.")
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

    def delete(self, name: str) -> Deleted:
        """Move a run out of sight, with its maps.

        Raises
        ------
        WorkbenchError
            It is training, or its folder cannot be moved.
        """
        run = self.run(name)
        with run.left_alone("deleted"):
            return self._bin.take(run.folder)

    def deleted(self) -> list[Deleted]:
        """Return what can be restored, last deleted first."""
        return self._bin.deleted()

    def restore(self, deleted: Deleted) -> Run:
        """Bring a deleted run back, with the next free number if its name is taken meanwhile.

        Raises
        ------
        WorkbenchError
            It is not there any more, or its folder cannot be moved.
        """
        self._bin.refuse_gone(deleted)
        try:
            _take_in_maps(deleted.name, deleted.folder / MAPS_FOLDER, deleted.folder)
        except OSError as error:
            raise self._bin.cannot(deleted.name, "restored", error) from None
        return self.place(self._bin.restore(deleted).name)

    def delete_for_good(self, deleted: Deleted) -> None:
        """Take a deleted run off the disk.

        Raises
        ------
        WorkbenchError
            Some of it cannot be deleted.
        """
        self._bin.remove(deleted)

    def put_in_order(self) -> None:
        """Do what time and killed processes have left to do, where that can be done."""
        self._bin.put_in_order()
        with suppress(OSError):
            for name in decided_in(self._folder):
                self.place(name).carry_out_change()
        with suppress(OSError):
            if any(name.startswith("run-") for name in os.listdir(self._maps)):  # noqa: PTH208
                for name in self.names():
                    _take_in_maps(name, self._maps, self.place(name).folder)


def _take_in_maps(name: str, maps: Path, run: Path) -> None:
    """Put the maps of a run where `Run.map_path` looks for them.

    Earlier versions kept them by the names of all runs in one folder.
    """
    if maps.is_symlink() or run.is_symlink():
        return  # what lies there is somebody else's: maps are made again
    stem = spoken_name(str(SpaceName(name)))
    for path in list(maps.glob(f"{stem}--*.h5")):
        method = path.stem.removeprefix(f"{stem}--")
        if method.isalnum():  # else it is of a longer name
            make_own_folder(run / MAPS_FOLDER)
            path.replace(run / MAPS_FOLDER / f"{method}.h5")
