"""The command that measures runs and compares them."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.table import Table

from workbench import jobs, stations
from workbench.cli.figure_tables import table_of_figures
from workbench.cli.following import AsJson, ProjectFolder, follow, out, print_json, say, tell
from workbench.errors import WorkbenchError
from workbench.evaluation import CSLS_NEIGHBOURS
from workbench.project import Project

app = typer.Typer()

_FIGURES = {
    "recall@1": "R@1", "recall@5": "R@5", "recall@10": "R@10", "median_rank": "rank", "mrr": "MRR",
}  # fmt: skip
_MEASURES = {"retrieval": "retrieval", "retrieval_csls": "retrieval by CSLS"}


@app.command()
def evaluate(
    project: ProjectFolder,
    runs: Annotated[
        list[str], typer.Argument(help="Names of runs; all that have heads by default.")
    ] = [],  # noqa: B006
    as_json: AsJson = False,
    csls: Annotated[
        bool, typer.Option("--csls", help="Also rank by hubness-corrected similarity.")
    ] = False,
    zero_shot: Annotated[
        bool, typer.Option("--zero-shot", help="Also classify items by their labels in words.")
    ] = False,
) -> None:
    """Measure runs on held-out pairs, beside chance; compare them to the first."""
    opened = Project.open(project)
    control = jobs.Control()
    names = list(runs) or list(_measurable(opened))
    job = stations.compare(
        opened, names, control, csls=CSLS_NEIGHBOURS if csls else None, zero_shot=zero_shot
    )
    reports = follow(job, control)
    if as_json:
        print_json(reports)
        return
    if not reports:
        raise WorkbenchError("The project has no runs yet that can be measured. Align first.")
    for kind, title in _MEASURES.items():
        if any(kind in report for report in reports.values()):
            out.print(_retrieval_table(kind, title, reports))
    out.print(_neighbourhood_table(reports))
    out.print(_health_table(reports))
    if zero_shot:
        out.print(_class_table(reports))
    for kind, title in _MEASURES.items():
        if any(kind in report.get("difference", {}) for report in reports.values()):
            out.print(_difference_table(kind, title, reports))
    for sentence in _remarks(reports):
        say(sentence)


def _measurable(project: Project) -> Iterator[str]:
    """Yield the runs that have heads, and tell which ones have none."""
    for run in project.runs():
        if run.has_heads():
            yield run.name
        else:
            tell(
                f"The run “{run.name}” is left out: it has no heads yet. It is training, or was "
                "interrupted.",
                "yellow",
            )


def _retrieval_table(kind: str, title: str, reports: dict[str, Any]) -> Table:
    table = table_of_figures(f"{title}, with 95 % intervals", *_FIGURES.values(), "of")
    for name, report in reports.items():
        for direction, found in report[kind].items():
            cells = [_with_interval(found, figure) for figure in _FIGURES]
            table.add_row(f"{name}\n{direction}", *cells, f"{found['candidates']:,}")
    for direction, chance in _chances(kind, reports):
        cells = [_figure(each, chance[each]) if each in chance else "" for each in _FIGURES]
        table.add_row(f"chance\n{direction}", *cells, "", style="dim")
    return table


def _neighbourhood_table(reports: dict[str, Any]) -> Table:
    table = table_of_figures(
        "neighbourhoods of held-out items", "kept", "trustworthy", "continuous", "distortion", "of"
    )
    for name, report in reports.items():
        for view, found in report["neighbourhoods"].items():
            table.add_row(
                f"{name}\n{view}", _with_interval(found, "overlap"),
                f"{found['trustworthiness']:.3f}", f"{found['continuity']:.3f}",
                f"{found['distortion']['mean']:.3f}",
                f"{found['neighbours']} of {found['items'] - 1:,}",
            )  # fmt: skip
    return table


def _health_table(reports: dict[str, Any]) -> Table:
    table = table_of_figures(
        "health of the space", "eff. rank", "cosine", "uniformity", "gap", "alignment", "hubness"
    )
    for name, report in reports.items():
        for view, found in report["health"]["views"].items():
            cells = [f"{found['effective_rank']:.1f}"]
            cells += [_figure("", found[each]) for each in ("mean_cosine", "uniformity")]
            table.add_row(f"{name}\n{view}", *cells, "", "", "")
        for relation, found in report["health"]["relations"].items():
            hubs = "\n".join(f"{view} {skew:.1f}" for view, skew in found["hubness"].items())
            cells = [_figure("", found[each]) for each in ("modality_gap", "alignment")]
            table.add_row(f"{name}\n{relation}", "", "", "", *cells, hubs)
    return table


def _class_table(reports: dict[str, Any]) -> Table:
    table = table_of_figures(
        "zero-shot classification, with 95 % intervals", "top-1", "top-5", "balanced",
        "largest class", "classes", "items",
    )  # fmt: skip
    for name, report in reports.items():
        for view, found in report["zero_shot"].items():
            table.add_row(
                f"{name}\n{view}", _with_interval(found, "top1"), _with_interval(found, "top5"),
                f"{found['balanced']:.1%}", f"{found['majority']:.1%}", f"{found['classes']:,}",
                f"{found['items']:,}",
            )  # fmt: skip
            chance = [f"{share:.1%}" for share in found["chance"].values()]
            table.add_row("chance", *chance, "", "", "", "", style="dim")
    return table


def _difference_table(kind: str, title: str, reports: dict[str, Any]) -> Table:
    first = next(iter(reports))
    table = table_of_figures(
        f"{title}: difference to {first}, paired 95 % intervals", *_FIGURES.values()
    )
    for name, report in reports.items():
        for direction, row in report.get("difference", {}).get(kind, {}).items():
            cells = [_difference(each, row[each]) for each in _FIGURES]
            table.add_row(f"{name}\n{direction}", *cells)
    return table


def _remarks(reports: dict[str, Any]) -> Iterator[str]:
    """Say what the figures rest on."""
    yield (
        "kept: share of the nearest neighbours that stay neighbours. distortion: mean L_geo of "
        "an item. hubness: above about 1, a few items are among the answers to most queries."
    )
    if any("difference" in report for report in reports.values()):
        yield "*: the interval of the difference excludes 0."
    sampled = [
        found["sampled"]
        for report in reports.values()
        for found in report["neighbourhoods"].values()
        if found["sampled"] < found["items"]
    ]
    if sampled:
        yield f"Neighbourhoods were measured on a sample of {max(sampled):,} items of each view."
    for report in reports.values():
        sentence = report.get("difference", {}).get("sentence")
        if sentence:
            yield sentence


def _chances(kind: str, reports: dict[str, Any]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what guessing scores, once for each direction and number of candidates."""
    told = []
    for report in reports.values():
        for direction, found in report[kind].items():
            if (direction, found["chance"]) not in told:
                told.append((direction, found["chance"]))
                yield direction, found["chance"]


def _with_interval(found: dict[str, Any], figure: str) -> str:
    ends = "–".join(_figure(figure, end).removesuffix("%") for end in found["interval"][figure])
    return f"{_figure(figure, found[figure])}\n{ends}"


def _difference(name: str, found: dict[str, Any]) -> str:
    ends = found["low"], found["high"]
    low, high = (_figure(name, end, "+").removesuffix("%") for end in ends)
    star = "*" if found["clear"] else ""
    return f"{_figure(name, found['value'], '+').removesuffix('%')}{star}\n{low}…{high}"


def _figure(name: str, value: float | None, sign: str = "") -> str:
    """Return a median rank, a share, or another figure, in few characters."""
    if value is None:
        return "–"
    if name == "median_rank":
        return f"{value:{sign}z,.1f}".removesuffix(".0")
    if name.startswith(("recall", "top")) or name == "overlap":
        return f"{value:{sign}z.1%}"
    return f"{value:{sign}z.2f}"
