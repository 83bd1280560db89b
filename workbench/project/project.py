"""The project folder: where everything of a project lies."""

import hashlib
import os
import re
from pathlib import Path

from pydantic import ValidationError

from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project.catalogue import Catalogue
from workbench.project.runs import RECIPE_FILE, Run
from workbench.project.settings import (
    ProjectSettings,
    Source,
    in_words,
    read_settings,
    write_settings,
)

SETTINGS_FILE = "project.toml"
_LONGEST_NAME = 120


def file_name(name: str) -> str:
    """Turn any name, such as an encoder's, into one that is safe for a file."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed"
    if len(safe) > _LONGEST_NAME:  # such as an encoder in a deep folder
        digest = hashlib.blake2b(safe.encode(), digest_size=8).hexdigest()
        safe = f"{safe[: _LONGEST_NAME - 17]}-{digest}"
    return safe


def absolute_path(path: Path | str, below: Path | None = None) -> Path:
    """Return a path as a user gives it: ``~`` and ``..`` resolved, relative to a folder or to here.

    Raises
    ------
    WorkbenchError
        Its name is not valid UTF-8.
    """
    # Path.expanduser fails where there is no such user; the shell leaves the path as it is
    # and Path.resolve would follow links, which the scan keeps
    plain = os.path.abspath((below or Path()) / os.path.expanduser(path))  # noqa: PTH100, PTH111
    try:
        plain.encode()
    except UnicodeEncodeError:
        printable = plain.encode("utf-8", "backslashreplace").decode()
        raise WorkbenchError(f"The name {printable} is not valid UTF-8. Rename it.") from None
    return Path(plain)


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
        """Open the project in a folder.

        Raises
        ------
        WorkbenchError
            The folder is no project, or its settings cannot be read.
        """
        root = absolute_path(root)
        return cls(root, read_settings(root / SETTINGS_FILE))

    def change(self, **settings: object) -> None:
        """Change settings by name, and save them; the others stay as the file has them.

        Raises
        ------
        WorkbenchError
            A value is not valid, or the file cannot be read or written; nothing is changed then.
        """
        path = self.root / SETTINGS_FILE
        # another process, such as the command line, may have changed other settings meanwhile
        current = read_settings(path).model_dump()
        try:
            changed = ProjectSettings.model_validate(
                current | {name: _plain(value) for name, value in settings.items()}
            )
        except ValidationError as error:
            raise WorkbenchError(f"This setting is not valid: {in_words(error)}") from None
        write_settings(path, changed)
        self.settings = changed

    def choose_encoder(self, modality: Modality, name: str) -> None:
        """Make an encoder the project's choice for a modality."""
        if self.settings.encoders.get(modality) != name:
            chosen = read_settings(self.root / SETTINGS_FILE).encoders
            self.change(encoders={**chosen, modality: name})

    def trust(self, encoder: str) -> None:
        """Note that the user lets an encoder run program code of its own."""
        trusted = read_settings(self.root / SETTINGS_FILE).trusted
        if encoder not in trusted:
            self.change(trusted=[*trusted, encoder])

    def refresh(self) -> None:
        """Read the settings again, which another process may have changed."""
        self.settings = read_settings(self.root / SETTINGS_FILE)

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

    def map_path(self, space: str, method: str) -> Path:
        """Return where the 2-D map of a space lies."""
        return self.root / "maps" / f"{file_name(space)}--{method}.h5"

    def runs(self) -> list[Run]:
        """Return the runs, oldest first; those whose recipe is damaged come before."""
        found = [Run(path.parent) for path in (self.root / "runs").glob(f"*/{RECIPE_FILE}")]
        return sorted(found, key=lambda run: (run.created(), run.name))

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
        while True:
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                if not folder.parent.is_dir():
                    raise WorkbenchError(
                        f"{folder.parent} is no folder. Move it away to keep runs there."
                    ) from None
                folder, number = self.root / "runs" / f"{wish}-{number}", number + 1
            except OSError as error:
                raise WorkbenchError(
                    f"The run cannot be kept in {folder}: {error.strerror}."
                ) from None
            else:
                return Run(folder)


def _plain(value: object) -> object:
    """Turn models inside a value into plain data, so that they are validated again."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.model_dump() if hasattr(value, "model_dump") else value
