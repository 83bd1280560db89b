"""The command that asks: with words, files and items, added and taken away, of one run or more."""

from pathlib import Path
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
from workbench.errors import WorkbenchError
from workbench.project import Item, Project
from workbench.stations import Answer, Asked, Combination, Pull, Question, RunAnswers

SHOWN = 120  # characters of a text in a table
_PULLS = 3

Texts = Annotated[list[str] | None, typer.Option(help="Query by words.")]
Images = Annotated[list[Path] | None, typer.Option(help="Query by a picture file.")]
Sounds = Annotated[list[Path] | None, typer.Option(help="Query by a sound file.")]
Items = Annotated[list[int] | None, typer.Option(help="Query by an item, given by its id.")]
MinusTexts = Annotated[list[str] | None, typer.Option(help="Subtract words from the query.")]
MinusImages = Annotated[list[Path] | None, typer.Option(help="Subtract a picture.")]
MinusSounds = Annotated[list[Path] | None, typer.Option(help="Subtract a sound.")]
MinusItems = Annotated[list[int] | None, typer.Option(help="Subtract an item.")]
To = Annotated[
    str | None,
    typer.Option(help="Only image, text or speech items; “each” ranks each modality by itself."),
]


def query(
    project: ProjectFolder,
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="The run to query; further runs are shown beside it.",
            show_default=False,
        ),
    ],
    text: Texts = None,
    image: Images = None,
    speech: Sounds = None,
    item: Items = None,
    minus_text: MinusTexts = None,
    minus_image: MinusImages = None,
    minus_speech: MinusSounds = None,
    minus_item: MinusItems = None,
    to: To = None,
    top: Annotated[int, typer.Option(min=1, help="Number of answers.")] = 10,
    why: Annotated[
        bool, typer.Option("--why", help="Show the training pairs that likely caused each answer.")
    ] = False,
    index: Annotated[
        bool,
        typer.Option(
            "--index", help="First build the search index that makes large runs fast to query."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask a question in any modality; answers are the nearest items of the run's space.

    Several of --text, --image, --speech and --item are added up, and those of --minus-… taken away.
    """  # fmt: skip
    asked = asked_with(
        (text, image, speech, item), (minus_text, minus_image, minus_speech, minus_item)
    )
    asked.check()
    if len(runs) > 1 and why:
        raise WorkbenchError("--why explains one run. Name only one.")
    opened = Project.open(project)
    control = jobs.Control()
    for run in runs if index else ():
        follow(stations.build_search_index(opened, run, control), control)
    if len(runs) > 1:
        if to == "each":
            raise WorkbenchError("Several runs are compared in one ranking. Leave out --to.")
        only = modality_named(to) if to else None
        job = stations.query_runs(opened, runs, asked, to=only, top=top, control=control)
        _show_runs(follow(job, control), as_json)
        return
    answers, pulls = follow(_ask_one(opened, runs[0], asked, to, top, why), control)
    if as_json:
        plain = {view: _plain(some, pulls) for view, some in answers.items()}
        print_json(plain if to == "each" else plain[""])
        return
    for view, some in answers.items():
        out.print(_table(some, pulls, view))


def _ask_one(
    project: Project, run: str, asked: Asked, to: str | None, top: int, why: bool
) -> jobs.Job[tuple[dict[str, list[Answer]], dict[int, list[Pull]]]]:
    """Return the answers, by modality where each is ranked apart, and the pulls of each by id."""
    each = to == "each"
    only = None if each or not to else modality_named(to)
    yield jobs.Progress(0, 1, "Reading the space")
    store = stations.RunStore()
    searcher = stations.Searcher(project, run, store=store)
    searcher.check(only, top)
    place = searcher.embed(asked)
    if each:
        answers = {str(view): some for view, some in searcher.ask_each(asked, top, place).items()}
    else:
        answers = {"": searcher.ask(asked, only, top, place)}
    if not why:
        return answers, {}
    pairs = yield from stations.training_pairs(project, run, store=store)
    pulls = {
        answer.item.id: pairs.between(
            place[0], searcher.place_of_item(answer.item.id)[0], answer.item.modality, _PULLS
        )
        for some in answers.values()
        for answer in some
    }
    return answers, pulls


Given = tuple[list[str] | None, list[Path] | None, list[Path] | None, list[int] | None]
"""Texts, pictures, sounds and items of a command's options."""


def asked_with(added: Given, taken: Given) -> Asked:
    """Return what is asked by what is added up and what is taken away; it is not checked yet."""
    plus, minus = _questions(*added), _questions(*taken)
    if len(plus) == 1 and not minus:
        return plus[0]
    terms = [(question, 1.0) for question in plus] + [(question, -1.0) for question in minus]
    return Combination(tuple(terms))


def _questions(
    text: list[str] | None, image: list[Path] | None, speech: list[Path] | None,
    item: list[int] | None,
) -> list[Question]:  # fmt: skip
    return [
        *(Question(text=each) for each in text or []),
        *(Question(image=each) for each in image or []),
        *(Question(speech=each) for each in speech or []),
        *(Question(item=each) for each in item or []),
    ]


# --- printing ------------------------------------------------------------------------------------


def _plain(answers: list[Answer], pulls: dict[int, list[Pull]]) -> list[dict[str, Any]]:
    rows = []
    for answer in answers:
        row = {"rank": answer.rank, "score": round(answer.score, 6), **_plain_item(answer.item)}
        if answer.item.id in pulls:
            row["why"] = [
                {
                    "near_question": _plain_item(pull.near_question),
                    "near_answer": _plain_item(pull.near_answer),
                    "to_question": round(pull.to_question, 6),
                    "to_answer": round(pull.to_answer, 6),
                }
                for pull in pulls[answer.item.id]
            ]
        rows.append(row)
    return rows


def _plain_item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id, "modality": item.modality, "path": item.path, "text": item.text,
        "label": item.label,
    }  # fmt: skip


def _table(answers: list[Answer], pulls: dict[int, list[Pull]], title: str = "") -> Table:
    table = Table("rank", "score", "modality", "item", "label", "id", title=title or None)
    for answer in answers:
        found = answer.item
        table.add_row(
            str(answer.rank), f"{answer.score:.3f}", found.modality, _named(found), found.label,
            str(found.id),
        )  # fmt: skip
        for pull in pulls.get(found.id, []):
            words = f"{_named(pull.near_question)} – {_named(pull.near_answer)}"
            table.add_row("", f"{pull.strength:.3f}", "pair", words, "", "", style="dim")
    return table


def _show_runs(found: list[RunAnswers], as_json: bool) -> None:
    if as_json:
        print_json({each.run_name: _plain_run(each, first=each is found[0]) for each in found})
        return
    for place, each in enumerate(found):
        title = each.run_name if place == 0 else f"{each.run_name}, beside {found[0].run_name}"
        table = Table(
            Column("rank", justify="right"), Column("moved", justify="right"), "score",
            "modality", "item", "label", "id", title=title, box=box.SIMPLE_HEAD,
            title_justify="left", title_style="bold",
        )  # fmt: skip
        for moved in each.answers:
            answer, item = moved.answer, moved.answer.item
            table.add_row(
                str(answer.rank), _moved(moved.moved) if place else "", f"{answer.score:.3f}",
                item.modality, _named(item), item.label, str(item.id),
            )  # fmt: skip
        out.print(table)
        for gone, rank in each.dropped:
            now = "is not in this run" if rank is None else f"has rank {rank:,} here"
            say(f"{_named(gone.item)}, rank {gone.rank} in {found[0].run_name}, {now}.")


def _plain_run(found: RunAnswers, *, first: bool) -> dict[str, Any]:
    rows = _plain([moved.answer for moved in found.answers], {})
    if not first:
        for row, moved in zip(rows, found.answers, strict=True):
            row["first_rank"] = moved.first_rank
    gone = [{"id": answer.item.id, "first_rank": answer.rank, "rank": rank}
            for answer, rank in found.dropped]  # fmt: skip
    return {"answers": rows, "dropped": gone}


def _moved(ranks: int | None) -> str:
    if ranks is None:
        return "new"
    return "=" if ranks == 0 else f"{'↑' if ranks > 0 else '↓'}{abs(ranks):,}"


def _named(item: Item) -> str:
    return " ".join((item.text or Path(item.path).name).split())[:SHOWN]
