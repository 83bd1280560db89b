"""What a study asks: its grids, its seeds, and what is drawn against what; from a file or ready."""

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from workbench.errors import WorkbenchError
from workbench.received.small import in_words, read_toml
from workbench.stations.studies.grid import Grid

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Axis = Literal["labels", "validation", "unpaired_times", "encoders", "relations", "method"]
AXES: tuple[str, ...] = get_args(Axis)

MOST_SEEDS = 200
OWN = "own"
"""The kind of a study that is none of the ready-made ones."""


class Design(BaseModel):
    """A study before it meets a project.

    Attributes
    ----------
    kind : str
        The ready-made study, or ``own``.
    title, question : str
    x : str
        What its figure is drawn against: an axis, or the name of a setting.
    seeds : list of int
        Each draws another split. A number stands for so many, from 0 on.
    grids : list of Grid
        Together they are the study; a cell of several grids is trained once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(OWN, max_length=60)
    title: str = Field("", max_length=300)
    question: str = Field("", max_length=2000)
    x: str = Field("labels", max_length=60)
    seeds: list[Seed] = Field([0, 1, 2], min_length=1, max_length=MOST_SEEDS)
    grids: list[Grid] = Field(min_length=1, max_length=40)

    @field_validator("seeds", mode="before")
    @classmethod
    def _so_many(cls, seeds: Any) -> Any:
        if isinstance(seeds, int) and not isinstance(seeds, bool):
            if not 1 <= seeds <= MOST_SEEDS:
                raise ValueError(f"a study has from 1 to {MOST_SEEDS} seeds")
            return list(range(seeds))
        return list(dict.fromkeys(seeds)) if isinstance(seeds, list) else seeds

    def varied(self, **values: Any) -> "Design":
        """Return the study with other values of an axis in all of its grids, where any are given.

        Raises
        ------
        WorkbenchError
            A value is none of that axis.
        """
        own = {name: value for name, value in values.items() if value is not None}
        seeds = own.pop("seeds", self.seeds)
        grids = [grid.model_dump() | own for grid in self.grids]
        return checked_design(self.model_dump() | {"seeds": seeds, "grids": grids})


def checked_design(values: dict[str, Any]) -> Design:
    """Return a study from plain values, or say in a sentence what is wrong with them."""
    try:
        return Design.model_validate(values)
    except ValidationError as error:
        raise WorkbenchError(f"This is no study: {in_words(error)}") from None


def read_design(path: Path) -> Design:
    """Read a study of one's own.

    The file says ``title``, ``question``, ``x`` and ``seeds`` as `Design` does, and a table
    ``[[grid]]`` for each grid, whose settings stand in ``[grid.settings]``.

    Raises
    ------
    WorkbenchError
        It cannot be read, or says something unknown.
    """
    values = read_toml(path, "The study")
    values["grids"] = values.pop("grid", [])
    values.setdefault("title", path.stem)
    if "kind" in values:
        raise WorkbenchError(f"{path} says “kind”, which is of ready-made studies. Leave it out.")
    try:
        return checked_design(values)
    except WorkbenchError as error:
        raise WorkbenchError(f"{path}: {error}") from None
