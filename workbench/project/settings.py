"""What the user decides about a project, kept in `project.toml`."""

from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from workbench.errors import WorkbenchError
from workbench.media import Columns, Modality
from workbench.project.writing import write_text
from workbench.received.small import MissingFileError, in_words, read_toml

SCHEMA_VERSION = 2
_MOST_BYTES = 1 << 20  # a thousand sources take a third of it


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


NAME_RULES = ("file-name", "folder-name")
"""Of the texts that are names of pictures and recordings, see `Source.text`."""


class Source(_Settings):
    """Where items of one modality come from: a folder, or a file with an item a row.

    Attributes
    ----------
    modality : {"image", "text", "speech"}
    path : str
        A folder; or a file of records (lines, a table, captions), see `workbench.media.records`.
        Relative paths start at the project folder.
    include, exclude : list of str
        Glob patterns on the path below the folder, such as ``*_desc_fr.ogg``.
    key : str
        What pairs an item with those of other modalities: ``stem`` (file name without its
        suffix), ``path`` (the same with its folders), or a regular expression on the path below
        the folder whose first group is the key, such as ``(.*)_desc_fr[.]ogg``. Of a record, the
        same is done to the cell of its key column.
    text : str
        What the text of a file is: ``whole``, ``first-line``, ``line:PREFIX``; or, of the folder's
        pictures and recordings, ``file-name`` or ``folder-name``.
    label : {"folder", "first-folder", "last-folder", "none"}
        Which folder below `path` names the item's label: the first, the last, or of ``folder`` the
        first that is not one such as ``train`` or ``val``. In a table its column does.
    columns : Columns
        Which columns of a table say what.
    max_seconds : float
        Only so much from the start of a recording is encoded.
    """

    modality: Modality
    path: str
    include: list[str] = []
    exclude: list[str] = []
    key: str = "stem"
    text: str = "whole"
    label: Literal["folder", "first-folder", "last-folder", "none"] = "folder"
    columns: Columns = Columns()
    max_seconds: float = Field(30.0, gt=0, le=3600)


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


class SidecarPairs(_Pairs):
    """Items belong together when their files lie side by side: dog.jpg with dog.txt or dog.jpg.txt.

    The folders in between count, where equal keys pair files of any folder.
    """

    kind: Literal["sidecar"] = "sidecar"


class TablePairs(_Pairs):
    """Items belong together when a row of a table (CSV, TSV, JSON lines, Parquet) names both.

    A cell names an item by its path below its source, its file name, its key, or its id.
    """

    kind: Literal["table"] = "table"
    path: str
    columns: tuple[str, str]


Pairing = Annotated[KeyPairs | SidecarPairs | TablePairs, Field(discriminator="kind")]


class SplitSettings(_Settings):
    """How pairs are divided. Fractions are of all pair groups; the rest is for training.

    Attributes
    ----------
    seed : int
    validation, test : float
    budget : int or None
        Use only this many training pairs of each relation; None uses all. With one seed, smaller
        budgets are subsets of larger ones.
    labels : int or None
        Use only this many pairs of each relation for training and validation together, of which
        `validation` is a fraction then. A budget that counts training pairs alone forgets that
        somebody had to label the validation pairs too.
    unpaired : float or None
        Use only so many unpaired items of each view a paired one; None uses all. With one seed
        those of a smaller number are among those of a larger one.
    only_tested : list of pairs of modalities
        Relations whose pairs are held out for the test as ever, and not learned from: images and
        recordings that are to meet by way of texts.
    """

    seed: int = Field(0, ge=0)
    validation: float = Field(0.1, ge=0.0, lt=1.0)
    test: float = Field(0.2, ge=0.0, lt=1.0)
    budget: int | None = Field(None, ge=2)
    labels: int | None = Field(None, ge=2)
    unpaired: float | None = Field(None, ge=0, allow_inf_nan=False)
    only_tested: list[tuple[Modality, Modality]] = []

    @model_validator(mode="after")
    def _leaves_some(self) -> "SplitSettings":
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave pairs for training")
        return self

    def for_training(self, pairs: int) -> int:
        """Return about how many pairs of so many are for training, whatever the budget says."""
        if self.labels is None:
            return round(pairs * (1 - self.validation - self.test))
        return round(min(self.labels, pairs * (1 - self.test)) * (1 - self.validation))


class ProjectSettings(_Settings):
    """Everything in `project.toml`.

    Attributes
    ----------
    encoders : dict of modality to str
        The encoder chosen for each.
    trusted : list of str
        Encoders whose own program code may run, as older versions kept it. It is not heeded, since
        a project may come from anybody, and not written again.
    """

    schema_version: int = SCHEMA_VERSION
    name: str = "project"
    credit: str = ""
    sources: list[Source] = []
    pairings: list[Pairing] = []
    encoders: dict[Modality, str] = {}
    trusted: list[str] = Field([], exclude=True)
    split: SplitSettings = SplitSettings()


def read_settings(path: Path) -> ProjectSettings:
    """Read settings from a TOML file.

    Raises
    ------
    WorkbenchError
        The file is missing, is damaged, comes from a newer program, or says something unknown.
    """
    try:
        content = read_toml(path, "The file of settings", _MOST_BYTES)
    except MissingFileError:
        raise WorkbenchError(
            f"{path.parent} is not a project: it has no {path.name}. "
            "Make one with “gera-workbench new” or choose another folder."
        ) from None
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
    text = tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True))
    write_text(path, text)
