"""The command that writes chosen items to a table, with what a run says of them."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from workbench import jobs, stations
from workbench.cli.following import ProjectFolder, follow, modality_named, say
from workbench.errors import WorkbenchError
from workbench.project import Project, read_selections


def export_items(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(help="The CSV file to write.", show_default=False)],
    run: Annotated[
        str | None,
        typer.Option(help="Add columns of this run: split, distortion, ranks of the partners."),
    ] = None,
    item: Annotated[list[int] | None, typer.Option(help="This item, by id.")] = None,
    selection: Annotated[
        str | None, typer.Option(help="Only items of this selection, saved in the window.")
    ] = None,
    modality: Annotated[str | None, typer.Option(help="Only image, text or speech items.")] = None,
    label: Annotated[str | None, typer.Option(help="Only items with this label.")] = None,
    containing: Annotated[str, typer.Option(help="Only with this in the text or the path.")] = "",
    all_ranks: Annotated[
        bool, typer.Option("--all-ranks", help="Rank partners also where it takes hours.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Write items to a CSV file: all, or those chosen by id, name, modality, label or words."""
    opened = Project.open(project)
    control = jobs.Control()
    ids = stations.find_items(
        opened,
        modality=modality_named(modality) if modality else None,
        label=label,
        containing=containing,
    )
    if item:
        by_id = np.array(item)
        if modality or label is not None or containing:
            by_id = by_id[np.isin(by_id, ids)]
        ids = by_id
    if selection is not None:
        ids = ids[np.isin(ids, _saved(opened, selection))]
    if len(ids) == 0:
        raise WorkbenchError("No item matches all of these conditions. Use fewer.")
    job = stations.export_selection(
        opened, ids, file, run, control, all_ranks=all_ranks, replace=replace
    )
    written = follow(job, control)
    say(f"{len(np.unique(ids)):,} items written to {written}")


def _saved(project: Project, name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    kept = read_selections(project)
    if name not in kept:
        known = f"There are: {', '.join(kept)}." if kept else "None is saved in this project."
        raise WorkbenchError(f"There is no selection “{name}”. {known}")
    return kept[name]
