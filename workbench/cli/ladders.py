"""Commands about several α: where α acts, and a run with heads of each."""

from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from workbench import jobs, stations
from workbench.alignment import AlphaSweep
from workbench.cli.following import AsJson, ProjectFolder, RunName, follow, out, print_json, say
from workbench.cli.settings_given import Assignments, assigned
from workbench.project import Project, Run, read_ladder

app = typer.Typer()


@app.command()
def ladder(
    project: ProjectFolder,
    run: RunName,
    pick: Annotated[
        float | None, typer.Option(help="Use the heads of this α for the run from now on.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the figures of each α of a sweep on validation pairs, and which heads the run uses."""
    opened = Project.open(project)
    if pick is not None:
        control = jobs.Control()
        follow(stations.pick(opened, run, pick, control), control)
    chosen = opened.run(run)
    if as_json:
        print_json(_plain(chosen))
    else:
        show_ladder(chosen)


@app.command()
def probe(
    project: ProjectFolder,
    setting: Assignments = None,
    seed: Annotated[int, typer.Option(min=0, help="0 by default.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Look in seconds where α acts, on some of the pairs and items, before any training."""
    control = jobs.Control()
    request = stations.AlignRequest.checked(settings=assigned(setting), seed=seed)
    found = follow(stations.where_alpha_acts(Project.open(project), request, control), control)
    if found is None:
        return
    if as_json:
        print_json({"alphas": found.alphas, "kept": found.kept, "acts": found.acts})
        return
    table = Table(title="After a short training", box=box.SIMPLE_HEAD)
    for heading in ("α", "neighbours kept"):
        table.add_column(heading, justify="right")
    for alpha, kept in zip(found.alphas, found.kept, strict=True):
        table.add_row(f"{alpha:g}", f"{kept:.1%}")
    out.print(table)
    say(stations.probe_in_words(found))


def show_ladder(run: Run) -> None:
    """Print the rungs of a run, and a sentence about them."""
    found = read_ladder(run)
    names = {"recall@1": "R@1", "recall@10": "R@10"}
    names |= {n: f"{n.partition('/')[2]} kept" for n in _figures(found) if "preservation/" in n}
    table = Table(title=f"The sweep of {run.name}, on validation pairs", box=box.SIMPLE_HEAD)
    for heading in ("α", *names.values(), "to the next"):
        table.add_column(heading, justify="right")
    for rung, joined in zip(found.rungs, [*found.joined, None], strict=True):
        figures = [f"{rung.figures[name]:.1%}" if rung.figures else "–" for name in names]
        words = "" if joined is None else "mixes" if joined else "snaps"
        table.add_row(f"{rung.alpha:g}", *figures, words)
    out.print(table)
    say(f"{stations.sweep_in_words(found)} The run has the heads of α = {run.recipe().rung:g}.")


def _figures(found: AlphaSweep) -> dict[str, float]:
    return found.rungs[0].figures


def _plain(run: Run) -> dict[str, Any]:
    found = read_ladder(run)
    return {
        "alpha": run.recipe().rung,
        "rungs": [{"alpha": rung.alpha, **rung.figures} for rung in found.rungs],
        "joined": found.joined,
    }
