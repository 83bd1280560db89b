"""The command of the user's own pairs: list them, add, refuse and withdraw."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Column, Table

from workbench import jobs
from workbench.cli.following import (
    AsJson,
    ProjectFolder,
    follow,
    modality_named,
    out,
    print_json,
    say,
)
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import Line, OwnAnswers, Project
from workbench.stations.labelling import answers, gain
from workbench.stations.labelling.naming import item_named
from workbench.words import several

app = typer.Typer()

Two = tuple[str, str] | None


@app.command()
def pairs(
    project: ProjectFolder,
    add: Annotated[Two, typer.Option(metavar="ITEM ITEM", help="These belong together.")] = None,
    refuse: Annotated[
        Two,
        typer.Option(metavar="ITEM ITEM", help="These do not, also where a rule pairs them."),
    ] = None,
    no_partner: Annotated[
        Two, typer.Option(metavar="ITEM VIEW", help="It has none among image, text or speech.")
    ] = None,
    withdraw: Annotated[
        Two,
        typer.Option(
            metavar="ITEM ITEM", help="Say nothing of them any more; of an item and a view, too."
        ),
    ] = None,
    train_again: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Train as this run with them, and say what that has brought."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List your own pairs and refusals; add, refuse and withdraw some.

    An ITEM is named by its id, the end of its path, or a text by all its words.
    """
    opened = Project.open(project)
    told = list(_change(opened, add, refuse, no_partner, withdraw))
    if train_again is not None:
        control = jobs.Control()
        told.append(follow(gain.train_again(opened, train_again, control), control).sentence())
    found = opened.catalogue.answers()
    if as_json:
        print_json(list(_plain(found)))
        return
    for sentence in told:
        say(sentence)
    if not told:
        _show(found)
    replaced = several(len(found.replaced), "answer") if found.replaced else ""
    for sentence in (
        found.sentence(),
        replaced and f"Replaced by newer ones about the same items: {replaced} of yours.",
        *found.doubts(),
    ):
        if sentence:
            say(sentence)


def _change(
    project: Project, add: Two, refuse: Two, no_partner: Two, withdraw: Two
) -> Iterator[str]:
    """Do what was asked for, and yield a sentence of each thing done."""
    if add is not None:
        yield answers.say_pair(project, *_ids(project, add)).sentence()
    if refuse is not None:
        yield answers.say_no_pair(project, *_ids(project, refuse)).sentence()
    if no_partner is not None:
        item, view = item_named(project, no_partner[0]), modality_named(no_partner[1])
        yield answers.say_no_partner(project, item.id, view).sentence()
    if withdraw is not None:
        yield _withdraw(project, *withdraw)


def _ids(project: Project, names: tuple[str, str]) -> tuple[int, int]:
    first, second = (item_named(project, name).id for name in names)
    return first, second


def _withdraw(project: Project, first: str, second: str) -> str:
    views: dict[str, Modality] = {modality: modality for modality in MODALITIES}
    item = item_named(project, first).id
    found = answers.answer_about(
        project, item, views[second] if second in views else item_named(project, second).id
    )
    if found is None:
        raise WorkbenchError(f"You have said nothing about “{first}” and “{second}”.")
    answers.withdraw(project, found)
    return f"Withdrawn: {answers.in_words(found.line)}."


def _show(found: OwnAnswers) -> None:
    counting = [*found.pairs, *found.refused, *found.alone]
    if not counting and not found.waiting and not found.odd:
        say("There are no pairs of your own yet. Add one with --add ITEM ITEM.")
    if not counting:
        return
    table = Table(
        "answer", Column("first", overflow="fold"), Column("second", overflow="fold"), "ids",
        "when", "proposed by", box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for each in counting:
        line = each.line
        ids = f"{each.first}–{each.second}" if each.second else f"{each.first}"
        second = line.second.name or line.second.path or f"any {line.second.modality}"
        table.add_row(
            line.said, line.first.name or line.first.path, second, ids,
            line.when[:16].replace("T", " "), line.by,
        )  # fmt: skip
    out.print(table)


def _plain(found: OwnAnswers) -> Iterator[dict[str, Any]]:
    """Give all lines as JSON has them, with what becomes of each."""
    for each in (*found.pairs, *found.refused, *found.alone):
        ids = [each.first, each.second] if each.second else [each.first]
        yield {**_plain_line(each.line), "state": "counts", "ids": ids}
    for line in found.waiting:
        yield {**_plain_line(line), "state": "waits"}
    for line in found.replaced:
        yield {**_plain_line(line), "state": "replaced"}
    for odd in found.odd:
        yield {"line": odd.number, "state": "not heeded", "why": odd.why}


def _plain_line(line: Line) -> dict[str, Any]:
    return {
        "answer": line.said, "first": line.first._asdict(), "second": line.second._asdict(),
        "when": line.when, "proposed_by": line.by,
    }  # fmt: skip
