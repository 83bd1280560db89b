"""The project folder: where everything of a project lies."""

import re
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project.catalogue import Catalogue
from workbench.project.runs import RECIPE_FILE, Run
from workbench.project.settings import ProjectSettings, Source, read_settings, write_settings

SETTINGS_FILE = "project.toml"


def file_name(name: str) -> str:
    """Turn any name, such as an encoder's, into one that is safe for a file."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed"


class Project:
    """An open project.

    Parameters
    ----------
    root : Path
        The project folder.
    settings : ProjectSettings
        Change them through `change`, which also saves them.
    """

    def __init__(self, root: Path, settings: ProjectSettings) -> None:
        self.root = root
        self.settings = settings
        self.catalogue = Catalogue(root / "catalogue.sqlite")

    @classmethod
    def create(cls, root: Path, settings: ProjectSettings | None = None) -> "Project":
        """Make a new project in a folder that holds none yet.

        Raises
        ------
        WorkbenchError
            The folder is a project already, or cannot be written.
        """
        root = root.expanduser().absolute()
        path = root / SETTINGS_FILE
        if path.exists():
            raise WorkbenchError(f"{root} is a project already. Open it, or choose another folder.")
        try:
            root.mkdir(parents=True, exist_ok=True)
            write_settings(path, settings or ProjectSettings(name=root.name))
        except OSError as error:
            raise WorkbenchError(
                f"No project can be made in {root}: {error.strerror}. Choose another folder."
            ) from None
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Project":
        """Open the project in a folder.

        Raises
        ------
        WorkbenchError
            The folder is no project, or its settings cannot be read.
        """
        root = root.expanduser().absolute()
        return cls(root, read_settings(root / SETTINGS_FILE))

    def change(self, **settings: object) -> None:
        """Change settings by name, and save them."""
        self.settings = ProjectSettings.model_validate(
            self.settings.model_dump() | {k: _plain(v) for k, v in settings.items()}
        )
        write_settings(self.root / SETTINGS_FILE, self.settings)

    def source_folder(self, source: Source) -> Path:
        """Return the absolute folder of a source."""
        return (self.root / Path(source.path).expanduser()).absolute()

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

    def map_path(self, space: str, method: str) -> Path:
        """Return where the 2-D map of a space lies."""
        return self.root / "maps" / f"{file_name(space)}--{method}.h5"

    def runs(self) -> list[Run]:
        """Return the runs, oldest first."""
        found = [Run(path.parent) for path in (self.root / "runs").glob(f"*/{RECIPE_FILE}")]
        return sorted(found, key=lambda run: (run.recipe().created, run.name))

    def run(self, name: str) -> Run:
        """Return a run by name.

        Raises
        ------
        WorkbenchError
            There is none of that name.
        """
        run = Run(self.root / "runs" / name)
        if name != file_name(name) or not (run.folder / RECIPE_FILE).exists():
            names = ", ".join(each.name for each in self.runs()) or "none yet"
            raise WorkbenchError(f"The project has no run “{name}”. Its runs: {names}.")
        return run

    def new_run(self, wish: str) -> Run:
        """Make the folder of a new run, named as wished or with the next free number."""
        wish = file_name(wish)
        folder, number = self.root / "runs" / wish, 2
        while folder.exists():
            folder, number = self.root / "runs" / f"{wish}-{number}", number + 1
        folder.mkdir(parents=True)
        return Run(folder)


def _plain(value: object) -> object:
    """Turn models inside a value into plain data, so that they are validated again."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.model_dump() if hasattr(value, "model_dump") else value
