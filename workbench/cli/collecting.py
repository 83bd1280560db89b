"""Commands from folders to items and pairs: sample, new, scan, split, problems."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.table import Column, Table

from workbench import jobs, stations
from workbench.cli.following import (
    ProjectFolder,
    assignments,
    follow,
    modality_named,
    out,
    say,
)
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Columns, Modality
from workbench.project import (
    KeyPairs,
    Pairing,
    Project,
    ProjectSettings,
    SidecarPairs,
    Source,
    SplitSettings,
    TablePairs,
    absolute_path,
    path_in,
)
from workbench.received.small import in_words

app = typer.Typer()

Places = Annotated[
    list[Path] | None,
    typer.Option(help="A folder of these, or a file with one a row; may be repeated."),
]
NamesAs = Annotated[
    list[Path] | None,
    typer.Option(help="A folder whose files' (or folders') names are the texts."),
]
Share = Annotated[
    float | None, typer.Option(min=0.0, max=0.95, help="Share of the groups of linked pairs.")
]
Budget = Annotated[int | None, typer.Option(min=0, help="Training pairs at most; 0 for all.")]
Labels = Annotated[
    int | None,
    typer.Option(min=0, help="Training and validation pairs together at most; 0 for all."),
]


@app.command()
def sample(
    project: ProjectFolder,
    recipe: Annotated[str, typer.Option(help=", ".join(stations.RECIPES))] = "openmoji",
    count: Annotated[int | None, typer.Option(help="Only this many items.", min=8)] = None,
) -> None:
    """Make a sample project of real pictures and their names, and scan it."""
    control = jobs.Control()
    made = follow(stations.sample(project, count, recipe, control), control)
    counts = made.catalogue.counts()
    pairs = {r: len(ids) for r, ids in made.catalogue.pairs().items()}
    say(f"{made.root}: " + ", ".join(f"{n:,} {m} items" for m, n in counts.items()))
    say(", ".join(f"{n:,} {a}–{b} pairs" for (a, b), n in pairs.items()) or "no pairs")
    if made.settings.credit:
        say(made.settings.credit)


@app.command()
def new(
    project: ProjectFolder,
    image: Places = None,
    text: Places = None,
    speech: Places = None,
    file_names: NamesAs = None,
    folder_names: NamesAs = None,
    table_columns: Annotated[
        str, typer.Option(help="Of tables of items: text=…,path=…,id=…,key=…,label=…,language=…")
    ] = "",
    pair_by: Annotated[
        str, typer.Option(help="stem, path, sidecar, or a regular expression.")
    ] = "stem",
    pairs_table: Annotated[
        Path | None, typer.Option(help="CSV, TSV, JSON lines or Parquet naming the pairs.")
    ] = None,
    columns: Annotated[str, typer.Option(help="Its two columns: MODALITY=NAME,…")] = "",
    label: Annotated[
        str,
        typer.Option(help="Which folder is the label: folder, first-folder, last-folder or none."),
    ] = "folder",
    max_seconds: Annotated[
        float, typer.Option(help="Encode at most this many seconds of a recording.")
    ] = 30.0,
    budget: Budget = None,
    preview: Annotated[
        bool, typer.Option(help="Only show what would be found, without writing it.")
    ] = False,
) -> None:
    """Make a project from folders and files, and scan it."""
    places = {"image": image or [], "text": text or [], "speech": speech or []}
    given = [(modality, place, "whole") for modality in MODALITIES for place in places[modality]]
    given += [("text", place, "file-name") for place in file_names or []]
    given += [("text", place, "folder-name") for place in folder_names or []]
    named = _columns(table_columns)
    root = absolute_path(project)
    sources = [
        _checked(
            Source, modality=modality, path=path_in(root, place), text=rule, label=label,
            key="path" if pair_by == "sidecar" else pair_by,
            columns=named if place.is_file() else Columns(), max_seconds=max_seconds,
        )
        for modality, place, rule in given
    ]  # fmt: skip
    settings = _checked(
        ProjectSettings, name=root.name, sources=sources,
        pairings=_pairings(root, sources, pair_by, pairs_table, columns),
        split=SplitSettings(budget=budget or None),
    )  # fmt: skip
    stations.check_rules(root, settings)  # a mistyped folder leaves no project behind
    if preview:
        _look(root, settings)
        return
    scan(Project.create(root, settings).root)


def _pairings(
    root: Path, sources: list[Source], pair_by: str, table: Path | None, columns: str
) -> list[Pairing]:
    if table is not None:
        return [_table_pairs(root, table, columns)]
    used = [each for each in MODALITIES if each in {source.modality for source in sources}]
    hub: Modality | None = "text" if "text" in used else next(iter(used), None)
    rule = SidecarPairs if pair_by == "sidecar" else KeyPairs
    return [rule(between=(hub, other)) for other in used if hub is not None and other != hub]


@app.command()
def scan(
    project: ProjectFolder,
    preview: Annotated[
        bool, typer.Option(help="Only show what would be found, without writing it.")
    ] = False,
) -> None:
    """Find the items and pairs of the project's folders; safe to repeat."""
    opened = Project.open(project)
    if preview:
        _look(opened.root, opened.settings, opened)
        return
    control = jobs.Control()
    report = follow(stations.scan(opened, control), control)
    for sentence in report.sentences():
        say(sentence)


def _look(root: Path, settings: ProjectSettings, project: Project | None = None) -> None:
    control = jobs.Control()
    known = project.catalogue.known() if project else {}
    report = follow(stations.Preview(root, known).look(settings, control), control)
    for sentence in report.sentences():
        say(sentence)
    for path, reason in report.problems[:20]:
        say(f"  {path}: {reason}")


@app.command()
def split(
    project: ProjectFolder,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the draw.")] = None,
    validation: Share = None,
    test: Share = None,
    budget: Budget = None,
    labels: Labels = None,
) -> None:
    """Show or change how pairs are split; the same seed always gives the same split."""
    opened = Project.open(project)
    given: dict[str, Any] = {"seed": seed, "validation": validation, "test": test}
    changes = {name: value for name, value in given.items() if value is not None}
    if budget is not None:
        changes["budget"] = budget or None
    if labels is not None:
        changes["labels"] = labels or None
    if changes:
        now = opened.settings.split.model_dump() | changes
        opened.change(split=_checked(SplitSettings, **now))
    divided = stations.division(opened)
    for each in divided:
        say(each.sentence())
    if not divided:
        say("There are no pairs to split yet.")


@app.command()
def problems(
    project: ProjectFolder,
    modality: Annotated[str | None, typer.Argument(help="image, text or speech.")] = None,
) -> None:
    """List what the last scan left out, and the items that could not be encoded."""
    opened = Project.open(project)
    table = Table(Column("file", overflow="fold"), "encoder", Column("reason", overflow="fold"))
    if modality is None:
        for path, reason in opened.catalogue.left_out():
            table.add_row(path, "", reason)
    only = modality_named(modality) if modality else None
    for problem in stations.list_problems(opened, only):
        table.add_row(problem.item.path, problem.encoder, problem.reason)
    if table.row_count:
        out.print(table)
    else:
        say("Nothing was left out, and everything that was tried could be encoded.")


def _table_pairs(root: Path, path: Path, columns: str) -> TablePairs:
    sides = assignments("--columns", columns)
    if len(sides) != 2:
        raise WorkbenchError(
            "Name the columns that identify the items: --columns "
            "image=NAME_OF_COLUMN,text=NAME_OF_COLUMN."
        )
    (first, one), (second, other) = sides
    between = modality_named(first), modality_named(second)
    if first == second:
        raise WorkbenchError("The two columns must name items of two different modalities.")
    return TablePairs(between=between, path=path_in(root, path), columns=(one, other))


def _columns(text: str) -> Columns:
    try:
        return Columns(**dict(assignments("--table-columns", text)))
    except ValidationError:
        known = ", ".join(Columns.model_fields)
        raise WorkbenchError(
            f"“{text}” names no columns. Write ROLE=COLUMN with a role of {known}; such as "
            "--table-columns text=caption,path=image."
        ) from None


def _checked(model: Any, **values: Any) -> Any:
    try:
        return model(**values)
    except ValidationError as error:
        raise WorkbenchError(f"These settings are not valid: {in_words(error)}") from None
