"""What evaluation found of a run, as its file may say it: plain tables, checked number by number.

What tables of the window and the commands read is checked; whatever else a file says is passed on,
such as what a later version measures.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

Count = Annotated[int, Field(strict=True, ge=0, lt=2**53)]
Figure = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)] | None
"""None stands for what is not finite, or could not be measured."""

_Figures = dict[str, Figure]
_Intervals = dict[str, Annotated[list[Figure], Field(min_length=2, max_length=2)]]
_OTHERS = ConfigDict(extra="allow")

_Retrieval = TypedDict(
    "_Retrieval",
    {
        "recall@1": Figure, "recall@5": Figure, "recall@10": Figure, "median_rank": Figure,
        "mrr": Figure, "queries": Count, "candidates": Count, "chance": _Figures,
        "interval": _Intervals,
    },
    total=False,
)  # fmt: skip


class _Neighbourhoods(TypedDict, total=False):
    __pydantic_config__ = _OTHERS  # type: ignore[misc]

    interval: _Intervals


class _Report(TypedDict, total=False):
    __pydantic_config__ = _OTHERS  # type: ignore[misc]

    retrieval: dict[str, _Retrieval]
    retrieval_csls: dict[str, _Retrieval]
    preservation: _Figures
    preservation_neighbours: Count
    neighbourhoods: dict[str, _Neighbourhoods]
    health: dict[str, Any]
    zero_shot: dict[str, Any]
    difference: None  # is of two runs, and never kept


REPORT: TypeAdapter[Any] = TypeAdapter(_Report)
