"""Commands that leave a project, come into one, or need none: export, import, search."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from workbench import jobs, stations, words
from workbench.cli.following import (
    AsJson,
    ProjectFolder,
    RunName,
    follow,
    out,
    print_json,
    say,
)
from workbench.export import PARTS
from workbench.project import Project

app = typer.Typer()

_NAMES = ", ".join(part.name for part in PARTS)


@app.command()
def export(
    project: ProjectFolder,
    run: RunName,
    folder: Annotated[
        Path | None,
        typer.Argument(help="New, empty, or holding an earlier export.", show_default=False),
    ] = None,
    with_parts: Annotated[
        str, typer.Option("--with", help=f"Parts to write besides the heads: {_NAMES}; or all.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how large each part would be.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a run's heads as safetensors, with a loader that needs only numpy, and other parts."""
    opened = Project.open(project)
    if dry_run:
        _show_sizes(stations.export_sizes(opened, run), as_json)
        return
    if folder is None:
        raise typer.BadParameter("Name the folder to export to.", param_hint="FOLDER")
    control = jobs.Control()
    parts = [name.strip() for name in with_parts.split(",") if name.strip()]
    written = follow(stations.export(opened, run, folder, parts, control), control)
    say(f"Exported to {written}")


def _show_sizes(sizes: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json(sizes)
        return
    summaries = {part.name: part.missing() or part.summary for part in PARTS}
    summaries["heads"] = "Of every export: the heads, a loader, a card and an example."
    table = Table("part", Column("about", justify="right"), "what")
    for name, size in sizes.items():
        table.add_row(name, words.size(size), summaries[name])
    out.print(table)
