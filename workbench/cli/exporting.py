"""Commands that leave a project, come into one, or need none: export, import, search."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from workbench import jobs, stations, words
from workbench.cli.asking import (
    SHOWN,
    Images,
    Items,
    MinusImages,
    MinusItems,
    MinusSounds,
    MinusTexts,
    Sounds,
    Texts,
    To,
    asked_with,
)
from workbench.cli.following import (
    AsJson,
    ProjectFolder,
    RunName,
    follow,
    modality_named,
    out,
    print_json,
    say,
)
from workbench.export import PARTS, FoundItem, check_push, push
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
    push_to: Annotated[
        str | None,
        typer.Option(
            "--push",
            metavar="OWNER/NAME",
            help="Then upload it to this repository of the Hugging Face hub; a new one is private.",
        ),
    ] = None,
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
    if push_to is not None:
        check_push(push_to)  # before anything is written
    control = jobs.Control()
    parts = [name.strip() for name in with_parts.split(",") if name.strip()]
    written = follow(stations.export(opened, run, folder, parts, control), control)
    say(f"Exported to {written}")
    if push_to is not None and written is not None:
        say(f"Uploaded to {follow(push(written, push_to, control), control)}")


@app.command(name="import")
def import_run(
    project: ProjectFolder,
    folder: Annotated[Path, typer.Argument(help="An exported folder.", show_default=False)],
    name: Annotated[
        str | None, typer.Option(help="Name of the run; that of the exported one by default.")
    ] = None,
) -> None:
    """Make a run of exported heads, to measure, map, query and compare them in this project."""
    control = jobs.Control()
    run = follow(stations.import_bundle(Project.open(project), folder, name), control)
    say(f"The run “{run.name}” is kept in {run.folder}")


@app.command()
def search(
    folder: Annotated[
        Path,
        typer.Argument(help="An exported folder with vectors, or a project.", show_default=False),
    ],
    text: Texts = None,
    image: Images = None,
    speech: Sounds = None,
    item: Items = None,
    minus_text: MinusTexts = None,
    minus_image: MinusImages = None,
    minus_speech: MinusSounds = None,
    minus_item: MinusItems = None,
    run: Annotated[
        str | None, typer.Option(help="Of a project; its newest run by default.")
    ] = None,
    to: To = None,
    top: Annotated[int, typer.Option(min=1, help="Number of answers.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Ask an export that has its vectors; its project is not needed, its encoder is."""
    asked = asked_with(
        (text, image, speech, item), (minus_text, minus_image, minus_speech, minus_item)
    )
    control = jobs.Control()
    each = to == "each"
    only = modality_named(to) if to and not each else None
    job = stations.search(folder, asked, run_name=run, to=only, each=each, top=top)
    found = follow(job, control)
    if as_json:
        plain = {view: [vars(one) for one in some] for view, some in found.items()}
        print_json(plain if each else plain[""])
        return
    for view, some in found.items():
        out.print(_table(some, view))


def _table(found: list[FoundItem], title: str) -> Table:
    table = Table("rank", "score", "modality", "item", "label", "id", title=title or None)
    for one in found:
        named = " ".join((one.text or Path(one.path).name).split())[:SHOWN]
        table.add_row(
            str(one.rank), f"{one.score:.3f}", one.modality, named, one.label, str(one.id)
        )
    return table


def _show_sizes(sizes: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json(sizes)
        return
    summaries = {part.name: part.missing() or part.summary for part in PARTS}
    summaries["heads"] = "Of every export: the heads, a loader, a card and an example."
    table = Table("part", Column("about", justify="right"), "what")
    for name, size in sizes.items():
        table.add_row(name, words.size(size) if size else "nothing", summaries[name])
    out.print(table)
