"""What a study varies: grids over settings, and the cells they make."""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbench.alignment import check_settings, find_method
from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project import SplitSettings, relation_of
from workbench.stations.training.align_request import AlignRequest

MOST_CELLS = 20_000
"""A thousand times what an evening can train; of a damaged or hostile recipe it is the limit."""

ALL: Literal["all"] = "all"

_Word = Annotated[str, Field(max_length=200)]
_Encoder = Annotated[str, Field(max_length=4096)]  # may be a path
_Share = Annotated[float, Field(ge=0, lt=1)]
_Times = Annotated[float, Field(ge=0, le=1e6)]
_Count = Annotated[int, Field(ge=2, lt=2**31)]
_Seed = Annotated[int, Field(ge=0, lt=2**31)]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Grid(_Plain):
    """Values to be combined with each other, each with each.

    Attributes
    ----------
    methods : list of str
    labels : list of int or "all"
        Pairs of each relation for training and validation together.
    validation : list of float
        Share of the labels that is kept for validation.
    unpaired_times : list of float or "all"
        Unpaired items of each view, as multiples of the paired ones.
    encoders : list of dict of modality to encoder name
        Whose embeddings; none takes the project's choice.
    relations : list of list of str
        Which relations, such as ``image-text``, are learned from; an empty list is all there are.
        The others are tested with.
    measured : str
        The one relation that figures are of; empty for all.
    settings : dict of str to list
        Values of the methods' settings. A method that has no such setting is trained once.
    """

    methods: list[_Word] = Field(["gera"], min_length=1, max_length=64)
    labels: list[_Count | Literal["all"]] = Field([ALL], min_length=1, max_length=200)
    validation: list[_Share] = Field([0.0], min_length=1, max_length=50)
    unpaired_times: list[_Times | Literal["all"]] = Field([ALL], min_length=1, max_length=50)
    encoders: list[dict[Modality, _Encoder]] = Field([], max_length=200)
    relations: list[list[_Word]] = Field([[]], min_length=1, max_length=20)
    measured: _Word = ""
    settings: dict[_Word, list[Any]] = Field({}, max_length=32)

    @field_validator("settings")
    @classmethod
    def _plain_values(cls, settings: dict[str, list[Any]]) -> dict[str, list[Any]]:
        for name, values in settings.items():
            if not 1 <= len(values) <= 200:
                raise ValueError(f"“{name}” needs from 1 to 200 values")
            if not all(map(_is_plain, values)):
                raise ValueError(f"a value of “{name}” is no number, word, truth or table of them")
        return settings

    def size(self) -> int:
        """Return at most how many cells there are a seed, without making them."""
        axes: tuple[Sequence[Any], ...] = (
            self.methods, self.labels, self.validation, self.unpaired_times, self.encoders or [{}],
            self.relations, *self.settings.values(),
        )  # fmt: skip
        return math.prod(len(axis) for axis in axes)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return len(value) < 20 and all(map(_is_plain, value.values()))
    if isinstance(value, str):
        return len(value) < 200
    return value is None or (isinstance(value, int | float) and math.isfinite(value))


class Cell(_Plain):
    """One training of a study.

    Attributes
    ----------
    method, labels, validation, unpaired_times, encoders, measured, settings
        One value each of `Grid`; None for all labels and for all unpaired items.
    only_tested : list of pairs of modalities
        Relations that are not learned from.
    seed : int
        Of the split and of everything random in the method.
    """

    method: _Word
    labels: _Count | None = None
    validation: _Share = 0.0
    unpaired_times: _Times | None = None
    encoders: dict[Modality, _Encoder] = {}
    only_tested: list[tuple[Modality, Modality]] = []
    measured: _Word = ""
    settings: dict[_Word, Any] = {}
    seed: _Seed = 0

    @property
    def key(self) -> str:
        """The cell's name in the table: what it trains, hashed."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()

    def without_seed(self) -> "Cell":
        """Return the same cell at seed 0: what cells of several seeds have in common."""
        return self.model_copy(update={"seed": 0})

    def split(self, split: SplitSettings) -> SplitSettings:
        """Return how the cell divides the pairs, where the study has this test share."""
        own = {
            "seed": self.seed, "labels": self.labels, "validation": self.validation,
            "unpaired": self.unpaired_times, "only_tested": self.only_tested, "budget": None,
        }  # fmt: skip
        return SplitSettings(**(split.model_dump() | own))

    def request(self, split: SplitSettings, device: str = "cpu") -> AlignRequest:
        """Return the request whose run has the cell's heads, and its figures."""
        return AlignRequest.checked(
            method=self.method, settings=self.settings, seed=self.seed, split=self.split(split),
            encoders=self.encoders, device=device, words="off",
        )  # fmt: skip


def expand(grids: Sequence[Grid], seeds: Sequence[int]) -> list[Cell]:
    """Return the cells of grids, each once: all of the first seed, then those of the next.

    So every line of a figure is there early, and what comes later makes it surer.

    Raises
    ------
    WorkbenchError
        There are too many, a method is unknown, or a setting belongs to none of the methods or has
        a value outside its range.
    """
    count = sum(grid.size() for grid in grids) * len(seeds)
    if count > MOST_CELLS:
        raise WorkbenchError(
            f"The study has {count:,} cells, and a study may have {MOST_CELLS:,}. Leave out values."
        )
    first = list({cell.key: cell for grid in grids for cell in _cells(grid)}.values())
    return [cell.model_copy(update={"seed": seed}) for seed in seeds for cell in first]


def _cells(grid: Grid) -> Iterator[Cell]:
    known = {method: find_method(method).settings.model_fields for method in grid.methods}
    for name in grid.settings:
        if not any(name in fields for fields in known.values()):
            listed = "; ".join(f"{method}: {', '.join(fields)}" for method, fields in known.items())
            raise WorkbenchError(
                f"None of the study's methods has a setting “{name}”. They have — {listed}."
            )
    axes = itertools.product(
        grid.encoders or [{}], grid.relations, grid.validation, grid.unpaired_times, grid.labels
    )
    settings = {method: list(_settings(method, grid.settings)) for method in grid.methods}
    for encoders, relations, validation, times, labels in axes:
        for method in grid.methods:
            for values in settings[method]:
                yield Cell(
                    method=method, settings=values, encoders=encoders, validation=validation,
                    labels=None if labels == ALL else labels, measured=grid.measured,
                    unpaired_times=None if times == ALL else times,
                    only_tested=_others(relations, encoders),
                )  # fmt: skip


def _settings(method: str, values: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield combinations of the settings that a method has, as its checks write them."""
    fields = find_method(method).settings.model_fields
    own = {name: each for name, each in values.items() if name in fields}
    for combination in itertools.product(*own.values()):
        given = dict(zip(own, combination, strict=True))
        checked = check_settings(method, given).model_dump(mode="json")
        yield {name: checked[name] for name in given}


def _others(relations: Sequence[str], encoders: dict[Modality, str]) -> list[Any]:
    """Return the relations between the views that are not among those learned from."""
    if not relations:
        return []
    learned = [{*named_relation(name)} for name in relations]
    views = list(encoders)
    return [
        relation_of(first, second)
        for first, second in itertools.combinations(views, 2)
        if {first, second} not in learned
    ]


def named_relation(name: str) -> tuple[str, str]:
    """Return the modalities of a relation, such as ``image-text``.

    Raises
    ------
    WorkbenchError
        It is none.
    """
    first, sign, second = name.partition("-")
    if not sign or not first or not second or first == second:
        raise WorkbenchError(
            f"“{name}” is not a relation. Name two modalities with a hyphen, as in image-text."
        )
    return first, second
