"""Commands from embeddings to heads: methods, align, map, query."""

import shlex
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from workbench import jobs, stations
from workbench.alignment import OWN_WORDS, SWEEP_ALPHAS, methods
from workbench.cli.asking import query
from workbench.cli.evaluating import evaluate
from workbench.cli.following import (
    STOPPED,
    ProjectFolder,
    follow,
    say,
    tell,
)
from workbench.cli.ladders import app as ladders
from workbench.cli.ladders import show_ladder
from workbench.cli.method_tables import list_methods
from workbench.cli.selecting import export_items
from workbench.cli.settings_given import Assignments, assigned
from workbench.errors import WorkbenchError
from workbench.maps import METRICS
from workbench.project import Project, Run

app = typer.Typer()

app.command(name="methods")(list_methods)
app.add_typer(ladders)

_LADDER = ",".join(f"{alpha:g}" for alpha in SWEEP_ALPHAS)
_METHODS = ", ".join(entry.name for entry in (*methods(), OWN_WORDS))

Method = Annotated[
    str | None,
    typer.Option(help=f"{_METHODS}; gera by default. “gera-workbench methods” describes each."),
]
Budget = Annotated[int | None, typer.Option(help="Use only this many training pairs.")]
Labels = Annotated[
    int | None,
    typer.Option(help="Use only this many pairs for training and validation together."),
]
Validation = Annotated[
    float | None,
    typer.Option(
        min=0, max=0.9, help="Share of the pairs, or of --labels, kept for validation; 0 for none."
    ),
]
Alpha = Annotated[float | None, typer.Option(help="Weight of the geometric loss, of gera.")]
Neighbours = Annotated[int | None, typer.Option(help="K of the geometric loss, of gera.")]
Steps = Annotated[int | None, typer.Option(help="Training steps, of methods that train.")]
Where = Annotated[
    str | None, typer.Option(help="cpu, cuda or mps; auto chooses the fastest. cpu by default.")
]


@app.command()
def align(
    project: ProjectFolder,
    method: Method = None,
    pairs: Budget = None,
    labels: Labels = None,
    validation: Validation = None,
    alpha: Alpha = None,
    neighbours: Neighbours = None,
    steps: Steps = None,
    setting: Assignments = None,
    seed: Annotated[int | None, typer.Option(min=0, help="0 by default.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Train several α in one pass; see “ladder”.")
    ] = False,
    alphas: Annotated[
        str | None, typer.Option(help=f"α of the sweep, such as 0,1,10; {_LADDER} by default.")
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(
            help="Share of the image encoder's own words: auto (default), off, or 0 to 1."
        ),
    ] = None,
    start_from: Annotated[
        str | None, typer.Option(help="Start from the heads of this run, also an imported one.")
    ] = None,
    device: Where = None,
    repeat: Annotated[str | None, typer.Option(help="Repeat this run by its recipe.")] = None,
    resume: Annotated[
        str | None, typer.Option(help="Resume this run, which was stopped or interrupted.")
    ] = None,
) -> None:
    """Train an aligned space, and measure it on held-out pairs."""
    opened = Project.open(project)
    control = jobs.Control()
    named: dict[str, Any] = {"alpha": alpha, "neighbours": neighbours, "steps": steps}
    settings = {key: value for key, value in named.items() if value is not None}
    settings.update(assigned(setting))
    own: dict[str, Any] = {"method": method, "pairs": pairs, "seed": seed}
    own |= {"labels": labels, "validation": validation, "start_from": start_from}
    own = {key: value for key, value in own.items() if value is not None}
    if words is not None:
        own["words"] = words if words in ("auto", "off") else _number(words, "--words", "0.3")
    if sweep or alphas is not None:
        own["ladder"] = (
            list(SWEEP_ALPHAS)
            if alphas is None
            else [_number(a, "--alphas", "0,1,10") for a in alphas.split(",")]
        )
    if repeat is not None or resume is not None:
        given = ["sweep" if key == "ladder" else key.replace("_", "-") for key in own]
        _refuse_own(repeat, resume, name, [*given, *settings])
    if resume is not None:
        job = stations.resume(opened, resume, control, device=device)
    elif repeat is not None:
        request = stations.AlignRequest.of_run(opened.run(repeat))
        request.name = name or f"{repeat}-again"
        request.device = device or request.device
        job = stations.align(opened, request, control)
    else:
        request = stations.AlignRequest.checked(
            settings=settings, name=name, device=device or "cpu", **own
        )
        job = stations.align(opened, request, control)
    run = follow(job, control, keep_going=True)
    say(f"The run “{run.name}” is kept in {run.folder}")
    if run.recipe().ladder:
        show_ladder(run)
    goes_on = control.stopping and run.has_training()
    if goes_on:  # now already: another Ctrl-C ends the measuring, and the program
        _tell_how_to_go_on(project, run)
    try:
        evaluate(project, [run.name])
    except WorkbenchError as error:  # the run is kept all the same
        tell(str(error), "yellow")
    if goes_on:
        _tell_how_to_go_on(project, run)
        raise typer.Exit(STOPPED)


def _number(text: str, option: str, such_as: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise WorkbenchError(
            f"“{text}” is not a number. Write {option} as in {option} {such_as}."
        ) from None


def _refuse_own(repeat: str | None, resume: str | None, name: str | None, given: list[str]) -> None:
    """Refuse what a recipe says already."""
    if repeat is not None and resume is not None:
        raise WorkbenchError("A run is either repeated or resumed: use --repeat or --resume.")
    if resume is not None and name is not None:
        raise WorkbenchError("A resumed run keeps its name: leave out --name.")
    if given:
        option = "--repeat" if repeat is not None else "--resume"
        raise WorkbenchError(
            f"{option} uses the settings of the run’s recipe: leave out {', '.join(given)}."
        )


def _tell_how_to_go_on(project: Path, run: Run) -> None:
    place = shlex.quote(str(project))
    tell(f"To resume: gera-workbench align {place} --resume {shlex.quote(run.name)}")


@app.command()
def map(  # noqa: A001 - the station's name
    project: ProjectFolder,
    space: Annotated[
        str, typer.Argument(help="image, text, speech, run:NAME, or run:NAME@ALPHA of a sweep.")
    ],
    method: Annotated[str, typer.Option(help="pca or umap.")] = "pca",
    neighbours: Annotated[int, typer.Option(min=2, help="Of UMAP, as all below.")] = 15,
    min_dist: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Least distance of two points.")
    ] = 0.1,
    metric: Annotated[str, typer.Option(help=", ".join(METRICS))] = "cosine",
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    like: Annotated[
        str | None,
        typer.Option(help="Lay the map out like that of this space, which is made too if needed."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Make the map again, even if there is one.")
    ] = False,
) -> None:
    """Make a 2-D map of a space; the window shows it."""
    opened = Project.open(project)
    control = jobs.Control()
    options = stations.UmapOptions(neighbours, min_dist, cast("Any", metric), seed)

    def make(space: str, like: stations.Map | None, *, anew: bool) -> stations.Map | None:
        return follow(
            stations.make_map(
                opened, space, cast("Any", method), **vars(options), like=like, anew=anew,
                control=control,
            ),
            control,
        )  # fmt: skip

    other = None if like is None else make(like, None, anew=False)
    made = None if control.stopping else make(space, other, anew=anew)
    if made is not None:
        path = stations.map_file(opened, space, made.method, options)
        say(f"{len(made.ids):,} items mapped" + (f": {path}" if path.exists() else "."))


app.command()(query)


app.command(name="export-items")(export_items)
