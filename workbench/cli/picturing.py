"""The command that writes pictures of maps, curves and sweeps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from workbench import jobs, stations
from workbench.charts import Chart, Size, kind_of, write_chart
from workbench.cli.following import ProjectFolder, follow, say
from workbench.errors import WorkbenchError
from workbench.maps import MapMethod
from workbench.project import Project, SpaceName

app = typer.Typer()

_OF = ("map", "curves", "sweep")


@app.command("picture")
def picture(
    project: ProjectFolder,
    what: Annotated[str, typer.Argument(help="map, curves or sweep.", show_default=False)],
    names: Annotated[
        list[str],
        typer.Argument(
            help="Of a map the space, as “spaces” lists them; else a run, or several for curves.",
            show_default=False,
        ),
    ],
    out: Annotated[
        list[Path],
        typer.Option(
            help="A file to write; may be repeated. Its end says as what: .png, .svg, .pdf, or "
            ".csv for the numbers behind the picture.",
            show_default=False,
        ),
    ],
    method: Annotated[MapMethod, typer.Option(help="Of a map: pca or umap.")] = "pca",
    by: Annotated[
        str,
        typer.Option(
            help="What the points of a map are coloured by: modality, label, language, paired, "
            "split, distortion or rank."
        ),
    ] = "modality",
    run: Annotated[
        str | None, typer.Option(help="The run that split, distortion and rank are of.")
    ] = None,
    plot: Annotated[
        str, typer.Option(help="Of curves: loss, validation or spread (effective rank).")
    ] = "loss",
    width: Annotated[float, typer.Option(help="Width of the plot in millimetres.")] = 160.0,
    height: Annotated[float, typer.Option(help="Its height.")] = 100.0,
    dpi: Annotated[int, typer.Option(help="Dots an inch, of PNG.")] = 200,
) -> None:
    """Write a map, curves or a sweep as a picture at print size, or the numbers behind it."""
    opened, size = Project.open(project), Size(width, height, dpi)
    size.check()  # before anything is computed
    for path in out:
        kind_of(path)
    chart: Chart | None
    if what == "map":
        control = jobs.Control()
        runs = opened.shelf.names()
        space = str(SpaceName.parse(_only(names, "a map"), runs))
        job = stations.picture_of_map(opened, space, method, by, run, control)
        chart = follow(job, control)
    elif what == "curves":
        chart = stations.picture_of_curves(opened, names, plot)
    elif what == "sweep":
        chart = stations.picture_of_sweep(opened, _only(names, "a sweep"))
    else:
        raise WorkbenchError(f"There are no pictures of “{what}”. Of: {', '.join(_OF)}.")
    if chart is None:
        return
    for path in out:
        write_chart(chart, path, size)
        say(f"Written: {path}")


def _only(names: Sequence[str], what: str) -> str:
    if len(names) != 1:
        raise WorkbenchError(f"A picture of {what} is of one, not of {len(names)}.")
    return names[0]
