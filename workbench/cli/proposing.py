"""The commands that say which pairs to label next, and which ones to doubt."""

from typing import Annotated, Any

import typer
from rich import box
from rich.table import Column, Table

from workbench import jobs, stations
from workbench.cli.following import (
    AsJson,
    ProjectFolder,
    follow,
    modality_named,
    out,
    print_json,
    say,
)
from workbench.project import Item, Project

app = typer.Typer()

_SHOWN = 3  # partners; --json gives all of them
View = Annotated[str | None, typer.Option(help="image, text or speech.")]


@app.command("next-pairs")
def next_pairs(
    project: ProjectFolder,
    run: Annotated[
        str | None, typer.Argument(help="The run that says who may be partners.")
    ] = None,
    view: View = None,
    partners_in: View = None,
    strategy: Annotated[
        str, typer.Option(help=", ".join(each.name for each in stations.strategies()) + ".")
    ] = stations.strategies()[0].name,
    count: Annotated[int, typer.Option(min=1, help="How many items to ask about.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say which unpaired items to pair next, with their likeliest partners by a run.

    Answer with “gera-workbench pairs”, or on the Label page.
    """
    opened, control = Project.open(project), jobs.Control()
    job = stations.propose(
        opened, run, strategy=strategy, count=count, seed=seed, control=control,
        view=modality_named(view) if view else None,
        other=modality_named(partners_in) if partners_in else None,
    )  # fmt: skip
    found = follow(job, control)
    ids = [each.item for each in found.proposals]
    ids += [likely.item for each in found.proposals for likely in each.partners]
    known = {item.id: item for item in opened.catalogue.present(sorted(set(ids)))}
    if as_json:
        print_json(_plain(found, known))
        return
    table = Table(
        Column(found.view, overflow="fold"), Column(f"likeliest {found.other}", overflow="fold"),
        box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for each in found.proposals:
        likely = [_named(known[one.item]) for one in each.partners[:_SHOWN]]
        table.add_row(_named(known[each.item]), "\n".join(likely) or "–")
    out.print(table)
    say(
        f"{len(found.proposals):,} of the {found.free:,} {found.view} items that have no "
        f"{found.other} partner."
    )
    say("Say who belongs together: gera-workbench pairs PROJECT --add ITEM ITEM.")


def _named(item: Item) -> str:
    return f"{item.id}  {item.name}"


def _plain(found: stations.Proposals, known: dict[int, Item]) -> dict[str, Any]:
    return {
        "run": found.run, "strategy": found.strategy, "view": found.view,
        "partners_in": found.other, "free": found.free,
        "items": [
            {
                "id": each.item,
                "path": known[each.item].path,
                "partners": [
                    {"id": one.item, "name": known[one.item].name, "score": one.score}
                    for one in each.partners
                ],
            }
            for each in found.proposals
        ],
    }  # fmt: skip


@app.command("suspicious-pairs")
def suspicious_pairs(
    project: ProjectFolder,
    run: Annotated[
        str | None, typer.Option(help="Whose encoders are meant; the project’s by default.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the given pairs that all the others speak against most.

    Keep or take apart with “gera-workbench pairs”, or on the Label page.
    """
    opened, control = Project.open(project), jobs.Control()
    found = follow(stations.suspicious_pairs(opened, run, count=count, control=control), control)
    if found is None:
        raise typer.Exit(130)
    ids = {each for pair in found.pairs for each in (pair.first, pair.second, *pair.nearest)}
    known = {item.id: item for item in opened.catalogue.present(sorted(ids))}
    if as_json:
        print_json(
            {
                "between": found.relation, "looked_at": found.looked_at,
                "confirmed": found.confirmed, "as_if_shuffled": found.as_if_shuffled,
                "among": found.among,
                "pairs": [
                    {"ids": [each.first, each.second], "ranks": each.ranks, "nearest": each.nearest}
                    for each in found.pairs
                ],
            }
        )  # fmt: skip
        return
    first, second = found.relation
    table = Table(
        Column(first, overflow="fold"), Column(second, overflow="fold"), "found at",
        Column(f"the {first} finds first", overflow="fold"), box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for pair in found.pairs:
        table.add_row(
            _named(known[pair.first]), _named(known[pair.second]),
            f"{pair.ranks[0]:,}, {pair.ranks[1]:,}", _named(known[pair.nearest[0]]),
        )  # fmt: skip
    out.print(table)
    say(found.sentence())
    if found.confirmed:
        say(f"{found.confirmed:,} pairs that you made or confirmed are not listed.")
    say("Take one apart: gera-workbench pairs PROJECT --refuse ITEM ITEM. Keep it: --add.")
