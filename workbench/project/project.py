"""The project folder: where everything of a project lies."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project.catalogue.catalogue import Catalogue
from workbench.project.catalogue.catalogue_versions import former_root
from workbench.project.catalogue.item_paths import SourcePlace
from workbench.project.names import file_name, map_file, spoken_name
from workbench.project.places import (
    SETTINGS_FILE,
    absolute_path,
    named_from_home,
    source_places,
)
from workbench.project.runs.recipe import Recipe
from workbench.project.runs.run import Run
from workbench.project.runs.run_shelf import RunShelf
from workbench.project.settings import (
    ProjectSettings,
    Source,
    read_settings,
    write_settings,
)
from workbench.project.space_name import SpaceName
from workbench.project.writing import changed_alone
from workbench.received.small import in_words

CATALOGUE_FILE = "catalogue.sqlite"


class Project:
    """An open project.

    Parameters
    ----------
    root : Path
        The project folder.
    settings : ProjectSettings
        Change them through `change`, which also saves them.

    Attributes
    ----------
    catalogue : Catalogue
    shelf : RunShelf
        The runs: renamed, deleted and restored there.
    """

    def __init__(self, root: Path, settings: ProjectSettings) -> None:
        self.root = root
        self.settings = settings
        self.catalogue = Catalogue(root / CATALOGUE_FILE, source_places(root, settings))
        self.shelf = RunShelf(root)

    @classmethod
    def create(cls, root: Path, settings: ProjectSettings | None = None) -> "Project":
        """Make a new project in a folder that holds none yet.

        Raises
        ------
        WorkbenchError
            The folder is a project already, or cannot be written.
        """
        root = absolute_path(root)
        path = root / SETTINGS_FILE
        try:
            root.mkdir(parents=True, exist_ok=True)
            if path.exists():
                raise WorkbenchError(
                    f"{root} is a project already. Open it, or choose another folder."
                )
        except OSError as error:
            raise WorkbenchError(
                f"No project can be made in {root}: {error.strerror}. Choose another folder."
            ) from None
        write_settings(path, settings or ProjectSettings(name=root.name))
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Project":
        """Open the project in a folder; runs deleted long ago are taken off the disk.

        Raises
        ------
        WorkbenchError
            The folder is no project, or its settings cannot be read.
        """
        root = absolute_path(root)
        written = read_settings(root / SETTINGS_FILE)
        settings = named_from_home(root, written, former_root(root / CATALOGUE_FILE))
        project = cls(root, settings)
        if settings is not written:
            with suppress(WorkbenchError):  # of a project that cannot be written, now is enough
                project.change(sources=settings.sources, pairings=settings.pairings)
        project.shelf.put_in_order()
        return project

    def change(self, **settings: object) -> None:
        """Change settings by name, and save them; the others stay as the file has them.

        Raises
        ------
        WorkbenchError
            A value is not valid, or the file cannot be read or written; nothing is changed then.
        """
        self._change(lambda _: settings)

    def _change(self, change: Callable[[ProjectSettings], Mapping[str, object]]) -> None:
        """Change settings to what is made of those that the file has by then."""
        path = self.root / SETTINGS_FILE
        # another process, such as the command line, may have changed other settings meanwhile
        with changed_alone(path):
            current = read_settings(path)
            wanted = {name: _plain(value) for name, value in change(current).items()}
            try:
                changed = ProjectSettings.model_validate(current.model_dump() | wanted)
            except ValidationError as error:
                raise WorkbenchError(f"This setting is not valid: {in_words(error)}") from None
            write_settings(path, changed)
        self.settings = changed

    def choose_encoder(self, modality: Modality, name: str) -> None:
        """Make an encoder the project's choice for a modality."""
        if self.settings.encoders.get(modality) != name:
            self._change(lambda current: {"encoders": {**current.encoders, modality: name}})

    def refresh(self) -> None:
        """Read the settings again, which another process may have changed."""
        self.settings = read_settings(self.root / SETTINGS_FILE)

    def source_places(self) -> list[SourcePlace]:
        """Return where the sources lie, as the catalogue wants to know it."""
        return source_places(self.root, self.settings)

    def source_folder(self, source: Source) -> Path:
        """Return the absolute folder of a source."""
        return absolute_path(source.path, self.root)

    def encoder(self, modality: Modality) -> str:
        """Return the name of the encoder chosen for a modality.

        Raises
        ------
        WorkbenchError
            None is chosen.
        """
        try:
            return self.settings.encoders[modality]
        except KeyError:
            raise WorkbenchError(
                f"No encoder is chosen for {modality} items. "
                f"Pick one on the Encode page or with “gera-workbench encode … {modality}=NAME”."
            ) from None

    def cache_path(self, modality: Modality, encoder: str) -> Path:
        """Return where the embeddings of a modality by an encoder lie."""
        return self.root / "embeddings" / f"{modality}--{file_name(encoder)}.h5"

    def cache_paths(self, modality: Modality) -> list[Path]:
        """Return the caches of a modality that there are, by whatever encoder."""
        return sorted((self.root / "embeddings").glob(f"{modality}--*.h5"))

    def map_path(self, space: str, method: str) -> Path:
        """Return where the 2-D map of a space lies."""
        name = SpaceName.parse(space)
        if name.run and not name.frozen:
            return self.shelf.place(spoken_name(name.run)).map_path(method)
        return self.root / "maps" / map_file(space, method)

    def runs(self) -> list[Run]:
        """Return the runs, oldest first; those whose recipe is damaged come before."""
        return self.shelf.runs()

    def run(self, name: str) -> Run:
        """Return a run by name.

        Raises
        ------
        WorkbenchError
            There is none of that name.
        """
        return self.shelf.run(name)

    def new_run(self, wish: str, recipe: Recipe) -> Run:
        """Make a new run, named as wished or with the next free number."""
        return self.shelf.new_run(wish, recipe)


def _plain(value: object) -> object:
    """Turn models inside a value into plain data, so that they are validated again."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.model_dump() if hasattr(value, "model_dump") else value
