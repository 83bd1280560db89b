"""The command line: one command a station, printing what it tells; no logic of its own.

Results go to standard output, progress and notices to standard error. Exit codes: 0 done, 2 bad
input (one sentence says what), 130 stopped by Ctrl-C, with what was finished kept.
"""

import json
import signal
import threading
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from workbench import __version__, jobs, stations
from workbench.alignment import StepReport, methods
from workbench.encoders import list_encoders
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import (
    KeyPairs,
    Pairing,
    Project,
    ProjectSettings,
    Source,
    TablePairs,
    absolute_path,
)

T = TypeVar("T")
STOPPED = 130
_SHOWN = 120  # characters of a text in a table

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Align the spaces of frozen encoders with few pairs, look at it, take it home.",
)
# paths and texts are shown as they are: no [markup], no :emoji:, and no line broken in a path
out = Console(markup=False, emoji=False, highlight=False)
told = Console(markup=False, emoji=False, highlight=False, stderr=True)

ProjectFolder = Annotated[Path, typer.Argument(help="The project folder.", show_default=False)]
RunName = Annotated[str, typer.Argument(help="Name of a run.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Folders = Annotated[list[Path] | None, typer.Option(help="A folder of these; may be repeated.")]
Budget = Annotated[int | None, typer.Option(help="Use only this many training pairs.")]


def _version(wanted: bool) -> None:
    if wanted:
        _say(f"gera-workbench {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Align the spaces of frozen encoders with few pairs, look at it, take it home."""


@app.command()
def sample(
    project: ProjectFolder,
    recipe: Annotated[str, typer.Option(help=", ".join(stations.RECIPES))] = "openmoji",
    count: Annotated[int | None, typer.Option(help="Only this many items.", min=8)] = None,
) -> None:
    """Make a sample project of real pictures and their names, and scan it."""
    control = jobs.Control()
    made = _follow(stations.sample(project, count, recipe, control), control)
    _print_counts(made)


@app.command()
def new(
    project: ProjectFolder,
    image: Folders = None,
    text: Folders = None,
    speech: Folders = None,
    pair_by: Annotated[str, typer.Option(help="stem, path, or a regular expression.")] = "stem",
    pairs_table: Annotated[Path | None, typer.Option(help="CSV or TSV naming the pairs.")] = None,
    columns: Annotated[str, typer.Option(help="Its two columns: MODALITY=NAME,…")] = "",
) -> None:
    """Make a project from folders, and scan it."""
    folders = {"image": image or [], "text": text or [], "speech": speech or []}
    sources = [
        Source(modality=modality, path=str(absolute_path(folder)), key=pair_by)
        for modality in MODALITIES
        for folder in folders[modality]
    ]
    used = [modality for modality in MODALITIES if folders[modality]]
    pairings: list[Pairing] = []
    if pairs_table is not None:
        pairings.append(_table_pairs(pairs_table, columns))
    elif len(used) > 1:
        hub: Modality = "text" if "text" in used else used[0]
        pairings = [KeyPairs(between=(hub, other)) for other in used if other != hub]
    root = absolute_path(project)
    settings = ProjectSettings(name=root.name, sources=sources, pairings=pairings)
    stations.check_rules(root, settings)  # a mistyped folder leaves no project behind
    scan(Project.create(root, settings).root)


@app.command()
def scan(project: ProjectFolder) -> None:
    """Find the items and pairs of the project's folders; safe to repeat."""
    control = jobs.Control()
    report = _follow(stations.scan(Project.open(project), control), control)
    for sentence in report.sentences():
        _say(sentence)


@app.command()
def encode(
    project: ProjectFolder,
    which: Annotated[
        list[str] | None, typer.Argument(help="MODALITY or MODALITY=ENCODER; all by default.")
    ] = None,
    device: Device = "auto",
    batch_size: Annotated[int, typer.Option(min=1)] = 32,
) -> None:
    """Encode items that have no embedding yet; goes on where it was stopped."""
    opened = Project.open(project)
    wishes = [wish.partition("=") for wish in which or list(opened.settings.encoders)]
    if not wishes:
        raise WorkbenchError(
            "No encoder is chosen yet. Name one for each modality, such as: gera-workbench encode "
            "PROJECT image=bundled/efficientnet-lite0 text=bundled/minilm-l6. "
            "“gera-workbench encoders” lists them all."
        )
    for modality, _, name in wishes:
        control = jobs.Control()
        job = stations.encode(
            opened, _modality(modality), name or None,
            device=device, batch_size=batch_size, control=control,
        )  # fmt: skip
        report = _follow(job, control)
        _say(
            f"{report.modality}: {report.encoded:,} encoded in {report.seconds:.0f} s, "
            f"{report.kept:,} were there, {report.failed:,} could not be read "
            f"({report.encoder}, width {report.width})"
        )


@app.command()
def encoders(
    modality: Annotated[str | None, typer.Argument(help="image, text or speech.")] = None,
) -> None:
    """List the encoders that can be picked."""
    table = Table(
        Column("name", no_wrap=True, overflow="ignore"), "modality", "what it is", "state"
    )
    for entry in list_encoders(_modality(modality) if modality else None):
        reason = entry.available()
        ready = "needs download" if entry.needs_download else "bundled"
        table.add_row(entry.name, entry.modality, entry.summary, reason or ready)
    out.print(table)


@app.command(name="methods")
def list_methods() -> None:
    """List the alignment methods and their settings."""
    for entry in methods():
        table = Table("setting", "default", "what it does", title=f"{entry.name}: {entry.summary}")
        for name, field in entry.settings.model_fields.items():
            table.add_row(name, str(field.default), field.description or "")
        out.print(table)


@app.command()
def align(
    project: ProjectFolder,
    method: Annotated[str, typer.Option(help="gera, contrastive, procrustes or asif.")] = "gera",
    pairs: Budget = None,
    alpha: Annotated[float | None, typer.Option(help="Weight of the geometric loss.")] = None,
    neighbours: Annotated[int | None, typer.Option(help="K of the geometric loss.")] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of any other setting.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    repeat: Annotated[str | None, typer.Option(help="Repeat this run by its recipe.")] = None,
) -> None:
    """Train an aligned space, and measure it on pairs that were held out."""
    opened = Project.open(project)
    if repeat is not None:
        request = stations.AlignRequest.of_run(opened.run(repeat))
        request.name = name or f"{repeat}-again"
    else:
        given = {"alpha": alpha, "neighbours": neighbours, "steps": steps}
        settings = {key: value for key, value in given.items() if value is not None}
        settings.update(_assignment(text) for text in setting or [])
        request = stations.AlignRequest.checked(
            method=method, settings=settings, pairs=pairs, seed=seed, name=name
        )
    control = jobs.Control()
    run = _follow(stations.align(opened, request, control), control, keep_going=True)
    _say(f"The run “{run.name}” is kept in {run.folder}")
    try:
        evaluate(project, [run.name])
    except WorkbenchError as error:  # the run is kept all the same
        _tell(str(error), "yellow")
    if control.stopping:
        raise typer.Exit(STOPPED)


@app.command()
def evaluate(
    project: ProjectFolder,
    runs: Annotated[list[str], typer.Argument(help="Names of runs; all by default.")] = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Measure runs on the pairs that were held out, beside chance."""
    opened = Project.open(project)
    reports = {}
    for name in runs or [run.name for run in opened.runs()]:
        control = jobs.Control()
        reports[name] = _follow(stations.evaluate(opened, name, control), control)
    if as_json:
        typer.echo(json.dumps(reports, indent=2))
        return
    if not reports:
        raise WorkbenchError("The project has no runs yet. Align first.")
    table = Table("run", "direction", "R@1", "R@5", "R@10", "median rank", "of")
    kept = []
    for name, report in reports.items():
        for direction, found in report["retrieval"].items():
            table.add_row(name, direction, *_figures(found), f"{found['candidates']:,}")
        for direction, found in report["retrieval"].items():
            if name == next(reversed(reports)):
                table.add_row("chance", direction, *_figures(found["chance"]), "", style="dim")
        kept.append(
            f"{name} keeps of the {report['preservation_neighbours']} nearest neighbours: "
            + ", ".join(f"{view} {share:.0%}" for view, share in report["preservation"].items())
        )
    out.print(table)
    for sentence in kept:
        _say(sentence)


@app.command()
def map(  # noqa: A001 - the station's name
    project: ProjectFolder,
    space: Annotated[str, typer.Argument(help="image, text, speech, or run:NAME.")],
    method: Annotated[str, typer.Option(help="pca or umap.")] = "pca",
    neighbours: Annotated[int, typer.Option(min=2)] = 15,
    min_dist: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.1,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Make a 2-D map of a space; the window shows it."""
    opened = Project.open(project)
    control = jobs.Control()
    job = stations.make_map(
        opened, space, cast("Any", method),
        neighbours=neighbours, min_dist=min_dist, seed=seed, control=control,
    )  # fmt: skip
    made = _follow(job, control)
    if made is not None:
        _say(f"{len(made.ids):,} items mapped: {opened.map_path(space, method)}")


@app.command()
def query(
    project: ProjectFolder,
    run: RunName,
    text: Annotated[str | None, typer.Option(help="Ask with words.")] = None,
    image: Annotated[Path | None, typer.Option(help="Ask with a picture file.")] = None,
    speech: Annotated[Path | None, typer.Option(help="Ask with a sound file.")] = None,
    item: Annotated[int | None, typer.Option(help="Ask with an item, by id.")] = None,
    to: Annotated[str | None, typer.Option(help="Only image, text or speech items.")] = None,
    top: Annotated[int, typer.Option(min=1)] = 10,
    as_json: AsJson = False,
) -> None:
    """Ask a question in any modality; answers are the nearest items of the run's space."""
    question = stations.Question(text, image, speech, item)
    control = jobs.Control()
    job = stations.query(
        Project.open(project), run, question, to=_modality(to) if to else None, top=top,
        control=control,
    )  # fmt: skip
    answers = _follow(job, control)
    if as_json:
        rows = [
            {
                "rank": answer.rank, "score": round(answer.score, 6), "id": answer.item.id,
                "modality": answer.item.modality, "path": answer.item.path,
                "text": answer.item.text, "label": answer.item.label,
            }
            for answer in answers
        ]  # fmt: skip
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("rank", "score", "modality", "item", "label", "id")
    for answer in answers:
        shown = " ".join((answer.item.text or Path(answer.item.path).name).split())[:_SHOWN]
        found = answer.item
        score = f"{answer.score:.3f}"
        table.add_row(str(answer.rank), score, found.modality, shown, found.label, str(found.id))
    out.print(table)


@app.command()
def export(
    project: ProjectFolder,
    run: RunName,
    folder: Annotated[Path, typer.Argument(help="New or empty folder.", show_default=False)],
) -> None:
    """Write a run's heads as safetensors, with a loader that needs only numpy."""
    control = jobs.Control()
    written = _follow(stations.export(Project.open(project), run, folder, control), control)
    _say(f"Exported to {written}")


def _say(sentence: str) -> None:
    out.print(sentence, soft_wrap=True)


def _tell(sentence: str, style: str = "") -> None:
    told.print(sentence, style=style, soft_wrap=True)


def _follow(job: jobs.Job[T], control: jobs.Control, *, keep_going: bool = False) -> T:
    """Run a job with a progress line; Ctrl-C stops it softly, a second one at once.

    With `keep_going`, a stopped job's result is returned; otherwise the program ends with 130.
    """
    stop = _stop_on_interrupt(control)
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(),
        TextColumn("{task.fields[note]}", markup=False), TimeRemainingColumn(),
    )  # fmt: skip
    try:
        quiet = not told.is_terminal
        with Progress(*columns, console=told, transient=True, disable=quiet) as progress:
            line = progress.add_task("", total=None, note="")

            def listen(event: jobs.Event) -> None:
                if isinstance(event, jobs.Progress):
                    rate = f"{event.rate:.1f}/s" if event.rate else ""
                    words = event.message if len(event.message) < 60 else f"…{event.message[-58:]}"
                    progress.update(
                        line, description=words, total=event.total or None,
                        completed=event.done, note=rate,
                    )  # fmt: skip
                elif isinstance(event, jobs.Notice):
                    _tell(event.text, "yellow" if event.level == "warning" else "")
                elif isinstance(event, StepReport):
                    progress.update(
                        line, description="Training", total=event.steps, completed=event.step
                    )
                    if event.validation:
                        recall = event.validation["recall@10"]
                        note = f"loss {event.loss:.3f}, validation R@10 {recall:.1%}"
                        progress.update(line, note=note)

            result = jobs.drain(job, listen)
    finally:
        stop()
    if control.stopping and not keep_going:
        raise typer.Exit(STOPPED)
    return result


def _stop_on_interrupt(control: jobs.Control) -> Any:
    """Let the first Ctrl-C ask the job to stop; return what takes this back."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None

    def interrupt(*_: object) -> None:
        if control.stopping:
            raise KeyboardInterrupt
        control.stop()  # first: the second Ctrl-C may come while this one is told
        _tell("Stopping; press Ctrl-C again to end at once.")

    before = signal.signal(signal.SIGINT, interrupt)
    return lambda: signal.signal(signal.SIGINT, before)


def _print_counts(project: Project) -> None:
    counts = project.catalogue.counts()
    pairs = {r: len(ids) for r, ids in project.catalogue.pairs().items()}
    _say(f"{project.root}: " + ", ".join(f"{n:,} {m} items" for m, n in counts.items()))
    _say(", ".join(f"{n:,} {a}–{b} pairs" for (a, b), n in pairs.items()) or "no pairs")
    if project.settings.credit:
        _say(project.settings.credit)


def _figures(found: dict[str, float]) -> list[str]:
    shares = [f"{found[f'recall@{k}']:.1%}" for k in (1, 5, 10)]
    return [*shares, f"{found['median_rank']:g}"]


def _modality(name: str) -> Modality:
    for modality in MODALITIES:
        if modality == name:
            return modality
    raise WorkbenchError(f"“{name}” is no modality. Modalities: {', '.join(MODALITIES)}.")


def _table_pairs(path: Path, columns: str) -> TablePairs:
    sides = [column.partition("=") for column in columns.split(",")]
    if len(sides) != 2 or not all(side[2] for side in sides):
        raise WorkbenchError(
            "Say which columns name the items: --columns image=NAME_OF_COLUMN,text=NAME_OF_COLUMN."
        )
    (first, _, one), (second, _, other) = sides
    between = _modality(first.strip()), _modality(second.strip())
    if first.strip() == second.strip():
        raise WorkbenchError("The two columns must name items of two different modalities.")
    return TablePairs(between=between, path=str(absolute_path(path)), columns=(one, other))


def _assignment(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE; the value as JSON where it is, as a word otherwise."""
    name, sign, value = text.partition("=")
    if not sign:
        raise WorkbenchError(f"“{text}” is no setting. Write it as NAME=VALUE.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
