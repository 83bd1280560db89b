"""The command that classifies items by classes given in words or shown by examples."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from workbench import jobs, stations
from workbench.charts import kind_of, write_chart
from workbench.cli.figure_tables import table_of_figures
from workbench.cli.following import (
    AsJson,
    ProjectFolder,
    follow,
    modality_named,
    out,
    print_json,
    say,
    tell,
)
from workbench.evaluation import TOP
from workbench.project import Project
from workbench.stations import RunClassified, ZeroShot

app = typer.Typer()

_CLASSES_SHOWN = 20
_MATRIX_UP_TO = 12  # classes, for which a matrix has room on a terminal
_COLUMNS = {"top1": "top-1", "top5": "top-5", "balanced": "balanced"}


@app.command("zero-shot")
def zero_shot(
    project: ProjectFolder,
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="A run, or run:NAME@ALPHA of a sweep; further ones are shown beside it. "
            "frozen:RUN has no heads.",
            show_default=False,
        ),
    ],
    classes: Annotated[
        list[str] | None,
        typer.Option(
            help="“labels” for the labels of the items; a file with a class a line; or names with "
            "commas between them."
        ),
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option(
            help="What a class is put into, such as “a picture of {}”. Several are averaged."
        ),
    ] = None,
    view: Annotated[
        str | None, typer.Option(help="Whose items: image, text or speech.", show_default=False)
    ] = None,
    by: Annotated[
        str, typer.Option(help="What shows a class: text for words; else items with its label.")
    ] = "text",
    shots: Annotated[
        int | None,
        typer.Option(help="Items that show each class; all by default.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which items those are.")] = 0,
    items: Annotated[
        str, typer.Option(help="held-out, or all: also those whose pairs trained the heads.")
    ] = "held-out",
    csv: Annotated[
        Path | None, typer.Option(help="Also write tables to this folder.", show_default=False)
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Also write the first run's confusion matrix: .png, .svg, .pdf or .csv.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name items by the nearest of classes in words or examples, beside chance; compare runs.

    In a file, “label = words | other words” says what a class is called in prompts.
    """
    if picture is not None:
        kind_of(picture)  # before anything is computed
    opened = Project.open(project)
    control = jobs.Control()
    request = stations.ZeroShotRequest(
        classes=stations.parse_classes(classes or []),
        templates=tuple(template or ()),
        view=modality_named(view) if view else None,
        by=modality_named(by),
        shots=shots,
        seed=seed,
        items=stations.which_items(items),
    )
    found = follow(stations.zero_shot(opened, runs, request, control), control)
    if csv is not None:
        written = stations.write_zero_shot(opened, found, csv)
        tell(f"{len(written)} tables are in {csv}")
    if picture is not None:
        write_chart(stations.ConfusionChart.of(found.runs[0]), picture)
        tell(f"Written: {picture}")
    if as_json:
        print_json(stations.plain_zero_shot(found))
        return
    _show(found)


def _show(found: ZeroShot) -> None:
    by = "words" if found.request.by_words else f"{found.request.by} examples"
    out.print(_figures_table(found, by))
    if any(run.differences for run in found.runs):
        out.print(_difference_table(found.runs))
    for run in found.runs:
        out.print(_class_table(run))
        if run.found.classes <= _MATRIX_UP_TO:
            out.print(_matrix(run))
    if found.templates:
        say(f"Templates: {', '.join(f'“{each}”' for each in found.templates)}.")
    for run in found.runs:
        for sentence in (*run.remarks, *([run.sentence] if run.sentence else [])):
            say(sentence)
    for sentence in found.remarks:
        say(sentence)
    say(
        "balanced: mean of the classes' recalls. largest: always naming the largest class. "
        "Intervals of figures are bootstrap ones over linked items, those of classes Wilson's."
    )


def _figures_table(found: ZeroShot, by: str) -> Table:
    title = f"{found.view} items by {by}, with 95 % intervals"
    table = table_of_figures(title, *_COLUMNS.values(), "classes", "items")
    for run in found.runs:
        table.add_row(
            run.name, *(_share(value, run.intervals[name])
                        for name, value in run.found.figures().items()),
            f"{run.found.classes:,}", f"{len(run.ids):,}",
        )  # fmt: skip
    told: list[tuple[str, ...]] = []
    for run in found.runs:
        for name, figure in (("chance", run.found.chance), ("largest", run.found.largest)):
            cells = (name, *(f"{figure(cutoff):.1%}" for cutoff in TOP.values()))
            if cells not in told:
                told.append(cells)
                table.add_row(*cells, f"{1 / run.found.classes:.1%}", "", "", style="dim")
    return table


def _difference_table(runs: list[RunClassified]) -> Table:
    table = table_of_figures(
        f"difference to {runs[0].name}, paired 95 % intervals; *: it excludes 0",
        *_COLUMNS.values(),
    )
    for run in runs[1:]:
        cells = []
        for each in run.differences.values():
            star = "*" if each.clear else ""
            cells.append(
                f"{100 * each.value:+z.1f}{star}\n{100 * each.low:+z.1f}…{100 * each.high:+z.1f}"
            )
        if cells:
            table.add_row(run.name, *cells)
    return table


def _class_table(run: RunClassified) -> Table:
    rows = stations.class_rows(run)
    shown = sorted(rows, key=lambda row: -row.items)[:_CLASSES_SHOWN]
    title = f"classes of {run.name}"
    if len(rows) > len(shown):
        title += f", the {len(shown)} largest of {len(rows):,}; --csv and --json have all"
    table = table_of_figures(title, "items", "recall", "precision", "most often taken for")
    for row in shown:
        wrong = f"{row.confused_with} ({row.confused:,})" if row.confused else ""
        table.add_row(
            row.label, f"{row.items:,}", _share(row.recall, row.interval),
            _share(row.precision), wrong,
        )  # fmt: skip
    return table


def _matrix(run: RunClassified) -> Table:
    labels = run.classes.labels
    count = {(label, named): items for label, named, items in run.found.confusions().tolist()}
    columns = [str(number) for number in range(1, len(labels) + 1)]
    table = table_of_figures(
        f"{run.name}: items of a row's class are named as in the column", *columns
    )
    for row, label in enumerate(labels):
        cells = [f"{count.get((row, column), 0) or '·'}" for column in range(len(labels))]
        table.add_row(f"{row + 1} {label}", *cells)
    return table


def _share(value: float, ends: tuple[float, float] | None = None) -> str:
    if value != value:  # not a number: nothing to measure it on
        return "–"
    if ends is None:
        return f"{value:.1%}"
    return f"{value:.1%}\n{100 * ends[0]:.1f}–{100 * ends[1]:.1f}"
