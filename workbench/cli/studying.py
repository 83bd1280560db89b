"""The command for studies: which there are, one started, extended, shown, renamed, deleted."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from workbench import jobs, stations
from workbench.cli.following import (
    STOPPED,
    AsJson,
    Cluster,
    ProjectFolder,
    follow,
    out,
    print_json,
    say,
    tell,
)
from workbench.cli.shelves import ListDeleted, change, list_deleted
from workbench.cluster import check_address, in_cluster_process
from workbench.errors import WorkbenchError
from workbench.project import Project
from workbench.stations import StudySummary
from workbench.words import duration, several

app = typer.Typer()

_SHOWN = ("recall@10", "kept")

Values = Annotated[str | None, typer.Option(help="Such as 25,100,400; all for all there are.")]


@app.command()
def study(
    project: ProjectFolder,
    what: Annotated[
        str | None,
        typer.Argument(
            help="A ready-made study, a file such as study.toml, or the name of a study. Without "
            "it, all are listed."
        ),
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Splits; 5 by default.")] = None,
    labels: Values = None,
    methods: Annotated[str | None, typer.Option(help="Such as gera,cca.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the study.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a study: all cells without figures.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Write a report that opens in any browser.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option(help="Where the report goes; by default to the study.")
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="Write figures as SVG, PDF and PNG, with their CSV.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many trainings it is, and how long.")
    ] = False,
    target: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="R@10 that is wished for, such as 0.5."),
    ] = None,
    train_best: Annotated[
        bool, typer.Option("--train-best", help="Train the best settings of a study as a run.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes; by default as it is worth.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    rename: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="STUDY NAME", help="Give a study another name."),
    ] = None,
    delete: Annotated[
        list[str] | None, typer.Option(metavar="STUDY", help="Delete; it can be restored.")
    ] = None,
    restore: Annotated[
        list[str] | None, typer.Option(metavar="STUDY", help="Restore a deleted study.")
    ] = None,
    deleted: ListDeleted = False,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Remove all deleted studies from the disk.")
    ] = False,
    cluster: Cluster = None,
    as_json: AsJson = False,
) -> None:
    """Train and measure a grid of settings over several seeds; Ctrl-C keeps what is done."""
    opened = Project.open(project)
    shelf = stations.StudyShelf(opened)
    told = change(
        shelf, "study", rename=rename, delete=delete or (), restore=restore or (),
        for_good=for_good,
    )  # fmt: skip
    if _is_done(shelf, list(told), deleted, as_json):
        return
    if what is None:
        _list(opened, as_json)
        return
    control = jobs.Control()
    own = {"labels": _numbers(labels), "methods": _words(methods), "seeds": seeds}
    if resume or report or figures or train_best:
        _refuse_own(own | {"name": name})
    options = _options(cluster, workers)
    if resume:
        job = _here_or_there(cluster, stations.resume_study, opened, what, control, options)
        found = follow(job, control, keep_going=True)
    elif report or figures or train_best or not _is_new(opened, what):
        found = shelf.study(what)
    else:
        design = _design(opened, what).varied(**own)
        if dry_run:
            _say_how_much(opened, design, name, workers, as_json)
            return
        options |= {"name": name, "device": device}
        job = _here_or_there(cluster, stations.study, opened, design, control, options)
        found = follow(job, control, keep_going=True)
    wished = None if target is None else 100 * target
    summary = stations.read_study(found)
    _show(summary, wished, as_json)
    if report:
        tell(f"The report is {stations.write_report(found, to, wished)}")
    if figures:
        tell(f"The figures are in {stations.write_figures(summary)[0].parent}")
    if control.stopping:
        place = f"{shlex.quote(str(project))} {shlex.quote(found.name)}"
        tell(f"To go on: gera-workbench study {place} --resume")
        raise typer.Exit(STOPPED)
    if train_best:
        request, sentence = stations.request_of_best(found)
        tell(sentence)
        run = follow(stations.align(opened, request, control), control)
        tell(f"The run “{run.name}” is kept in {run.folder}")


def _is_done(shelf: stations.StudyShelf, told: list[str], deleted: bool, as_json: bool) -> bool:
    """Print what was changed, or is deleted; whether that was all that was asked for."""
    if deleted:
        list_deleted(shelf, "study", as_json)
    elif not as_json:
        for sentence in told:
            say(sentence)
    return deleted or bool(told and not as_json)


def _options(cluster: str | None, workers: int | None) -> dict[str, Any]:
    """Return by whom cells are taken, as the stations name it."""
    if cluster is not None:
        check_address(cluster)
        if workers is not None:
            raise WorkbenchError(
                "A cluster takes as many cells at once as it has room for: leave out --workers."
            )
    return {"workers": workers, "cluster": cluster}


def _here_or_there(
    cluster: str | None,
    station: Callable[..., jobs.Job[stations.Study]],
    project: Project,
    what: stations.Design | str,
    control: jobs.Control,
    options: dict[str, Any],
) -> jobs.Job[stations.Study]:
    """Run a station here, or in a process that a cluster may end."""
    if cluster is None:
        return station(project, what, control, **options)
    return in_cluster_process(station, project, what, address=cluster, control=control, **options)


def _is_new(project: Project, what: str) -> bool:
    """Whether a word names what can be started, and no study that can only be shown."""
    known = stations.find_ready_made(what) is not None or what.endswith(".toml")
    if not known and stations.StudyShelf(project).find(what) is None:
        ready = ", ".join(each.name for each in stations.READY_MADE)
        raise WorkbenchError(
            f"“{what}” is neither a ready-made study nor a file nor a study of this project. "
            f"Ready-made: {ready}."
        )
    return known


def _design(project: Project, what: str) -> stations.Design:
    ready = stations.find_ready_made(what)
    if ready is None:
        return stations.read_design(Path(what))
    return ready.design(stations.project_facts(project))


def _refuse_own(values: dict[str, Any]) -> None:
    given = [f"--{name}" for name, value in values.items() if value is not None]
    if given:
        raise WorkbenchError(
            f"The study says itself what it trains: leave out {', '.join(given)}. To extend it, "
            "start it again with what is new."
        )


def _words(text: str | None) -> list[str] | None:
    return None if text is None else [each.strip() for each in text.split(",") if each.strip()]


def _numbers(text: str | None) -> list[int | str] | None:
    words = _words(text)
    if words is None:
        return None
    if not all(each == "all" or each.isdecimal() for each in words):
        raise WorkbenchError(f"“{text}” are no numbers of labels. Write --labels 25,100,all.")
    return [each if each == "all" else int(each) for each in words]


def _say_how_much(
    project: Project, design: stations.Design, name: str | None, workers: int | None, as_json: bool
) -> None:
    count, seconds = stations.cost_of_study(project, design, name, workers or 1)
    if as_json:
        print_json({"trainings": count, "seconds": seconds})
        return
    time = (
        "how long, the first of them will tell" if seconds is None else f"about {duration(seconds)}"
    )
    say(f"{several(count, 'training')}, {time}.")


def _list(project: Project, as_json: bool) -> None:
    """Print what has been studied, and what could be."""
    offers = stations.offered_studies(project)
    found = stations.StudyShelf(project).studies()
    if as_json:
        print_json(
            {
                "studies": [each.name for each in found],
                "ready_made": [
                    {
                        "name": each.ready.name, "trainings": each.trainings,
                        "seconds": each.seconds, "missing": each.missing,
                    }
                    for each in offers
                ],
            }
        )  # fmt: skip
        return
    for each in found:
        try:
            say(f"{each.name}: {stations.read_study(each).how_far()}")
        except WorkbenchError as error:  # the others can be had all the same
            tell(str(error), "yellow")
    table = Table(title="Ready-made studies", box=box.SIMPLE_HEAD)
    for heading in ("name", "asks", "trainings", "about"):
        table.add_column(heading, justify="right" if heading == "trainings" else "left")
    for offer in offers:
        if offer.missing:
            table.add_row(offer.ready.name, f"Cannot be studied here: {offer.missing}", "", "")
            continue
        time = "" if offer.seconds is None else duration(offer.seconds)
        table.add_row(offer.ready.name, offer.ready.question, f"{offer.trainings:,}", time)
    out.print(table)


def _show(summary: StudySummary, target: float | None, as_json: bool) -> None:
    """Print the means of a study, and what they say."""
    if as_json:
        print_json(summary.plain(target))
        return
    lines = summary.lines()
    for figure in _SHOWN:
        if figure not in lines.figures():
            continue
        title = f"{stations.figure_title(figure)}: mean ± standard deviation over seeds"
        table = Table(title=title, box=box.SIMPLE_HEAD)
        table.add_column(lines.title)
        for line in lines.lines:
            table.add_column(line.name, justify="right")
        known = [line.means(figure) for line in lines.lines]
        for place, point in enumerate(lines.points):
            table.add_row(point.words, *(stations.mean_in_words(each, place) for each in known))
        out.print(table)
    for sentence in stations.findings(lines, target):
        say(sentence)
    for cell, why in summary.failed():
        tell(f"{stations.cell_in_words(cell)}: {why}", "yellow")
    say(f"{summary.how_far()} The table is {summary.study.table_path}")
