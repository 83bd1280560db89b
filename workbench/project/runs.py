"""A run: one trained aligned space, with everything that made it."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench import __version__
from workbench.alignment import AlignedSpace, LiveChange, StepReport, load_space, save_space
from workbench.errors import WorkbenchError
from workbench.project.settings import SplitSettings, in_words, write_text_atomically

RECIPE_FILE = "recipe.json"
_HEADS_FILE = "heads.safetensors"
_CURVES_FILE = "curves.csv"
_REPORT_FILE = "report.json"


class Recipe(BaseModel):
    """Everything that made a run; aligning by it again gives the same heads on the same machine.

    Attributes
    ----------
    method, settings, seed
        The method by name, its settings, and the seed of everything random in it.
    pairs : int or None
        Budget of training pairs of each relation; None uses all.
    encoders : dict of modality to card
        The encoder cards as the caches had them.
    split : SplitSettings
    data_fingerprint : str
        Hash over item ids, contents, pairs and embeddings.
    changes : list of LiveChange
        What was changed while it trained, and at which step.
    state : {"running", "finished", "stopped"}
    """

    model_config = ConfigDict(extra="forbid")

    schema_version: int = 1
    method: str
    settings: dict[str, Any] = {}
    seed: int = 0
    pairs: int | None = None
    encoders: dict[str, dict[str, Any]] = {}
    split: SplitSettings = SplitSettings()
    data_fingerprint: str = ""
    changes: list[LiveChange] = []
    stopped_at: int | None = None
    state: Literal["running", "finished", "stopped"] = "finished"
    note: str = ""
    seconds: float = 0.0
    created: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    workbench: str = __version__


class Run:
    """A run's folder.

    Parameters
    ----------
    folder : Path
        ``runs/NAME`` of a project.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The run's name: that of its folder."""
        return self.folder.name

    def recipe(self) -> Recipe:
        """Read the recipe.

        Raises
        ------
        WorkbenchError
            It is missing or damaged.
        """
        path = self.folder / RECIPE_FILE
        try:
            return Recipe.model_validate_json(path.read_text(encoding="utf-8-sig"))
        except ValidationError as error:
            raise WorkbenchError(f"The recipe {path} is damaged: {in_words(error)}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise WorkbenchError(f"The recipe {path} cannot be read: {error}.") from None

    def created(self) -> str:
        """Return when the run was made, in ISO 8601; empty when its recipe is damaged."""
        try:
            return self.recipe().created
        except WorkbenchError:
            return ""

    def write_recipe(self, recipe: Recipe) -> None:
        """Replace the recipe."""
        write_text_atomically(self.folder / RECIPE_FILE, recipe.model_dump_json(indent=2) + "\n")

    def space(self) -> AlignedSpace:
        """Read the trained heads.

        Raises
        ------
        WorkbenchError
            The run has none yet, or the file is damaged.
        """
        path = self.folder / _HEADS_FILE
        if not path.exists():
            raise WorkbenchError(
                f"The run “{self.name}” has no heads: it was stopped before its first checkpoint. "
                "Align again."
            )
        try:
            return load_space(path)
        except (AttributeError, KeyError, TypeError):  # well-formed, but not as we write it
            raise WorkbenchError(f"The heads {path} are damaged. Align again.") from None

    def has_heads(self) -> bool:
        """Whether the run can be evaluated, mapped, queried and exported."""
        return (self.folder / _HEADS_FILE).exists()

    def write_space(self, space: AlignedSpace) -> None:
        """Save the heads."""
        try:
            save_space(space, self.folder / _HEADS_FILE)
        except OSError as error:
            raise WorkbenchError(
                f"The heads cannot be written to {self.folder}: {error.strerror}. "
                "Make room on the disk and align again."
            ) from None

    def curves(self) -> list[dict[str, float]]:
        """Read the curves: one row a step report, empty cells left out.

        Raises
        ------
        WorkbenchError
            The file is damaged.
        """
        path = self.folder / _CURVES_FILE
        if not path.exists():
            return []
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                return [
                    {name: float(cell) for name, cell in row.items() if name and cell}
                    for row in csv.DictReader(lines)
                ]
        except (OSError, TypeError, ValueError, csv.Error) as error:
            raise WorkbenchError(f"The curves {path} cannot be read: {error}.") from None

    def write_curves(self, reports: Sequence[StepReport]) -> None:
        """Save the curves as CSV."""
        rows = [report.row() for report in reports]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text_atomically(self.folder / _CURVES_FILE, text.getvalue())

    def report(self) -> dict[str, Any]:
        """Read what evaluation found; empty when it has not been evaluated."""
        path = self.folder / _REPORT_FILE
        if not path.exists():
            return {}
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WorkbenchError(f"The report {path} cannot be read: {error}.") from None
        if not isinstance(found, dict):
            raise WorkbenchError(f"The report {path} is damaged. Evaluate again.")
        return found

    def write_report(self, report: dict[str, Any]) -> None:
        """Save what evaluation found."""
        write_text_atomically(self.folder / _REPORT_FILE, json.dumps(report, indent=2) + "\n")
