"""What the user decides about a project, kept in `project.toml`."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from workbench.errors import WorkbenchError
from workbench.media import Modality

SCHEMA_VERSION = 1


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Source(_Settings):
    """A folder of items of one modality.

    Attributes
    ----------
    modality : {"image", "text", "speech"}
    path : str
        The folder; relative paths start at the project folder.
    include, exclude : list of str
        Glob patterns on the path below the folder, such as ``*_desc_fr.ogg``.
    key : str
        What pairs an item with those of other modalities: ``stem`` (file name without its last
        suffix), ``path`` (the same with its folders), or a regular expression on the path below
        the folder whose first group is the key, such as ``(.*)_desc_fr[.]ogg``.
    text : str
        Which part of a text file is the text: ``whole``, ``first-line``, or ``line:PREFIX``.
    label : {"folder", "none"}
        Whether the first folder below `path` names the item's label.
    """

    modality: Modality
    path: str
    include: list[str] = []
    exclude: list[str] = []
    key: str = "stem"
    text: str = "whole"
    label: Literal["folder", "none"] = "folder"


class _Pairs(_Settings):
    between: tuple[Modality, Modality]

    @field_validator("between")
    @classmethod
    def _two(cls, between: tuple[Modality, Modality]) -> tuple[Modality, Modality]:
        if between[0] == between[1]:
            raise ValueError(f"pairs link two different modalities, not {between[0]} with itself")
        return between


class KeyPairs(_Pairs):
    """Items of two modalities belong together when their keys are equal."""

    kind: Literal["key"] = "key"


class TablePairs(_Pairs):
    """Items belong together when a row of a CSV or TSV file names both.

    A cell names an item by its path below its source folder, or by its key.
    """

    kind: Literal["table"] = "table"
    path: str
    columns: tuple[str, str]


Pairing = Annotated[KeyPairs | TablePairs, Field(discriminator="kind")]


class SplitSettings(_Settings):
    """How pairs are divided. Fractions are of all pair groups; the rest is for training."""

    seed: int = Field(0, ge=0)
    validation: float = Field(0.1, ge=0.0, lt=1.0)
    test: float = Field(0.2, ge=0.0, lt=1.0)

    @model_validator(mode="after")
    def _leaves_some(self) -> "SplitSettings":
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave pairs for training")
        return self


class ProjectSettings(_Settings):
    """Everything in `project.toml`."""

    schema_version: int = SCHEMA_VERSION
    name: str = "project"
    credit: str = ""
    sources: list[Source] = []
    pairings: list[Pairing] = []
    encoders: dict[Modality, str] = {}
    split: SplitSettings = SplitSettings()


def read_settings(path: Path) -> ProjectSettings:
    """Read settings from a TOML file.

    Raises
    ------
    WorkbenchError
        The file is missing, is not TOML, comes from a newer program, or says something unknown.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise WorkbenchError(
            f"{path.parent} is not a project: it has no {path.name}. "
            "Make one with “gera-workbench new” or choose another folder."
        ) from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkbenchError(f"{path} cannot be read: {error}. Mend or remove it.") from None
    version = content.get("schema_version", SCHEMA_VERSION)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise WorkbenchError(
            f"{path} was written by a newer version of the workbench (format {version}, "
            f"this one reads up to {SCHEMA_VERSION}). Update the workbench to open it."
        )
    try:
        return ProjectSettings.model_validate(content)
    except ValidationError as error:
        raise WorkbenchError(f"{path} has a setting that is not valid: {in_words(error)}") from None


def write_settings(path: Path, settings: ProjectSettings) -> None:
    """Write settings as TOML; a reader sees the old file or the new one, never half of one."""
    text = tomli_w.dumps(settings.model_dump(mode="json"))
    write_text_atomically(path, text)


def write_text_atomically(path: Path, text: str) -> None:
    """Replace a file's content in one step.

    Raises
    ------
    WorkbenchError
        The folder cannot be written, or the disk is full.
    """
    draft = path.with_name(path.name + ".new")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)  # noqa: PTH105 - the rename must overwrite on every platform
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be written: {error.strerror}. "
            "Check the folder’s permissions and the space on the disk."
        ) from None


def in_words(error: ValidationError) -> str:
    """Say what pydantic found wrong, one clause a field."""
    clauses = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        what = problem["msg"].removeprefix("Value error, ")
        clauses.append(f"{where}: {what}" if where else what)
    return "; ".join(clauses) + "."
