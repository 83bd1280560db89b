"""What evaluation found of a run, as its file may say it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Count = Annotated[int, Field(strict=True, ge=0, lt=2**53)]
Figure = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)] | None
"""None stands for what is not finite, or could not be measured."""

Figures = dict[str, Figure]
Intervals = dict[str, tuple[Figure, Figure]]


class _Retrieval(BaseModel):
    """Of one direction: recall and ranks by their names, beside these."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: Figures

    queries: Count = 0
    candidates: Count = 0
    chance: Figures = {}
    interval: Intervals = {}


class _Neighbourhoods(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    interval: Intervals = {}


class Report(BaseModel):
    """A report that was kept with a run; what tables show of it is checked, number by number."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    retrieval: dict[str, _Retrieval] = {}
    retrieval_csls: dict[str, _Retrieval] = {}
    csls: Count | None = None
    preservation: Figures = {}
    preservation_neighbours: Count = 10
    neighbourhoods: dict[str, _Neighbourhoods] = {}
    health: dict[str, JsonValue] = {}
    zero_shot: dict[str, JsonValue] = {}
    test_items: str = ""
    resamples: Count = 0
    difference: None = None  # is of two runs, and never kept

    def plain(self) -> dict[str, Any]:
        """Return what the file said, as `evaluate` returns it."""
        return self.model_dump(mode="json", exclude_unset=True)
