"""The command that lists runs, and renames, notes, deletes and restores them."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Column, Table

from workbench.cli.following import AsJson, ProjectFolder, out, print_json, say
from workbench.cli.shelves import ListDeleted, change, list_deleted
from workbench.project import Project, differing_settings
from workbench.stations.runs.run_table import RunRow, RunRows
from workbench.words import elapsed

app = typer.Typer()


@app.command()
def runs(
    project: ProjectFolder,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="Only these runs, and how their settings differ."),
    ] = None,
    rename: Annotated[
        tuple[str, str] | None, typer.Option(metavar="RUN NAME", help="Give a run another name.")
    ] = None,
    note: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="RUN TEXT", help="Write a note; “” removes it."),
    ] = None,
    delete: Annotated[
        list[str] | None, typer.Option(metavar="RUN", help="Delete; it can be restored.")
    ] = None,
    restore: Annotated[
        list[str] | None, typer.Option(metavar="RUN", help="Restore a deleted run.")
    ] = None,
    deleted: ListDeleted = False,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Remove all deleted runs from the disk.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List runs with their figures; rename, note, delete and restore them."""
    opened = Project.open(project)
    shelf = opened.shelf
    told = list(
        change(
            shelf, "run", rename=rename, delete=delete or (), restore=restore or (),
            for_good=for_good,
        )
    )  # fmt: skip
    if note is not None:
        shelf.note(*note)
        told.append(f"The note of the run “{note[0]}” is written.")
    if deleted:
        list_deleted(shelf, "run", as_json)
        return
    rows = _chosen(opened, names or [])
    differing = differing_settings([opened.run(name).recipe() for name in names or []])
    if as_json:
        print_json(_plain(rows, differing))
        return
    for sentence in told:
        say(sentence)
    if not rows:
        say("The project has no runs yet. Make one with “gera-workbench align”.")
        return
    out.print(_table(rows))
    for remark in _remarks(rows):
        say(remark)
    if len(rows) > 1 and names:
        out.print(_settings_table(names, differing))


def _chosen(project: Project, names: list[str]) -> list[RunRow]:
    """Return the rows of some runs in their order, or of all, oldest first."""
    rows = {row.name: row for row in reversed(RunRows(project).rows())}
    for name in names:
        project.run(name)  # says which ones there are
    return [rows[name] for name in names] if names else list(rows.values())


def _plain(rows: list[RunRow], differing: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Return rows as JSON has them, with the settings in which they differ."""
    found = [asdict(row) for row in rows]
    for place, each in enumerate(found):
        if differing:
            each["differs"] = {name: values[place] for name, values in differing.items()}
    return found


def _table(rows: list[RunRow]) -> Table:
    table = Table(
        Column("run", overflow="fold", min_width=8), "method", "α",
        *(
            Column(title, justify="right")
            for title in ("K", "pairs", "R@1", "R@10", "kept", "step", "time")
        ),
        box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False,
    )  # fmt: skip
    for column in table.columns[1:]:
        column.no_wrap = True
    for row in rows:
        table.add_row(
            row.name, row.method, row.alpha, "" if row.neighbours is None else f"{row.neighbours}",
            "all" if row.pairs is None else f"{row.pairs:,}", _share(row.recall_1),
            _share(row.recall_10), _share(row.preservation),
            "" if row.kept_step is None else f"{row.kept_step:,}", elapsed(row.seconds),
        )  # fmt: skip
    return table


def _remarks(rows: list[RunRow]) -> Iterator[str]:
    """Say what stands in no column: how a run ended, unless it is finished, and its note."""
    for row in rows:
        words = [] if row.state == "finished" else [row.state]
        words += [row.note] if row.note else []
        if words:
            yield f"{row.name}: {'; '.join(words)}"


def _settings_table(names: list[str], differing: dict[str, list[Any]]) -> Table:
    table = Table(
        "", *(Column(name, overflow="fold") for name in names), title="settings that differ",
        title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for setting, values in differing.items():
        table.add_row(setting, *(_value(value) for value in values))
    return table


def _value(value: Any) -> str:
    if value is None:
        return "automatic"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
