"""A map as a chart: what it shows, by what it is coloured, and what that means."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.charts import Axis, Cloud, Groups, Values
from workbench.charts.colours import distortion, few_groups, partner_rank
from workbench.charts.palette import CATEGORIES, MODALITIES, MUTED
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.maps import MapMethod
from workbench.project import Project, SpaceName
from workbench.stations.evaluating.item_figures import measure_items
from workbench.stations.maps.kept_maps import Map
from workbench.stations.maps.map import make_map
from workbench.stations.runs.split_roles import ROLES
from workbench.stations.runs.store import read_run_space
from workbench.stations.selecting.item_columns import Ids, ItemColumns
from workbench.stations.selecting.item_filter import roles_of_items

Floats = npt.NDArray[np.float64]

COLUMNS = {"modality": "modality", "label": "label", "language": "language", "paired": "paired"}
OF_A_RUN = ("split", "distortion", "rank")
COLOURED_BY = (*COLUMNS, *OF_A_RUN)
_NONE = {"label": "no label", "language": "no language"}


def picture_of_map(
    project: Project,
    space: str,
    method: MapMethod = "pca",
    by: str = "modality",
    run: str | None = None,
    control: Control | None = None,
) -> Job[Cloud | None]:
    """Make or read the map of a space, and return it as a chart.

    Parameters
    ----------
    project : Project
    space, method
        See `make_map`.
    by : str
        What points are coloured by: one of `COLOURED_BY`.
    run : str, optional
        The run that split, distortion and rank are of; by default that of the space.
    control : Control, optional

    Yields
    ------
    Progress, Notice

    Returns
    -------
    Cloud or None
        None when stopped.

    Raises
    ------
    WorkbenchError
        The space cannot be mapped, or there is nothing to colour by.
    """
    control = control or Control()
    if by not in COLOURED_BY:
        raise WorkbenchError(f"Points cannot be coloured by “{by}”. By: {', '.join(COLOURED_BY)}.")
    run = run or SpaceName.parse(space).run
    if by in OF_A_RUN and not run:
        raise WorkbenchError(
            f"Which run “{by}” is of is not known: the map is of a frozen space. Name one by --run."
        )
    made = yield from make_map(project, space, method, control=control)
    if made is None:
        return None
    yield Progress(0, 0, "Reading the catalogue")
    table = ItemColumns.read(project)
    if by in COLUMNS:
        return map_chart(made, table, column_groups(table, made.ids, by))
    space_of_run = yield from read_run_space(project, run, control)
    colours: Groups | Values
    if by == "split":
        colours = role_groups(roles_of_items(project, space_of_run)(made.ids))
    else:
        only: Literal["distortion", "ranks"] = "distortion" if by == "distortion" else "ranks"
        figures = yield from measure_items(space_of_run, only=only, control=control)
        if control.stopping:
            return None
        if by == "distortion":
            colours = distortion(figures.distortion_of(made.ids))
        else:
            colours = partner_rank(figures.partner_rank_of(made.ids))
    return map_chart(made, table, colours)


def map_chart(made: Map, table: ItemColumns, colours: Groups | Values) -> Cloud:
    """Return a map as a chart.

    Parameters
    ----------
    made : Map
    table : ItemColumns
        Of the project.
    colours : Groups or Values
        Of the items of the map, in its order.
    """
    return item_cloud(
        f"{_space_in_words(made.space)}, {made.method.upper()}", table, made.ids,
        made.positions.astype(np.float64), colours,
        Axis(f"{made.method.upper()} 1"), Axis(f"{made.method.upper()} 2"),
        caption=_caption(made),
    )  # fmt: skip


def item_cloud(
    title: str, table: ItemColumns, ids: Ids, positions: Floats,
    colours: Groups | Values, across: Axis, up: Axis, *, as_map: bool = True, caption: str = "",
) -> Cloud:  # fmt: skip
    """Return points of items as a chart, with the items' names and marks.

    Parameters
    ----------
    title : str
    table : ItemColumns
    ids : ndarray of int, shape (n,)
    positions : ndarray, shape (n, 2)
    colours, across, up, as_map, caption
        See `Cloud`.
    """
    rows, known = table.places_of(ids)
    names = table.modality.names
    codes = table.modality.codes[rows] if len(table) else np.zeros(len(ids), np.int32)
    return Cloud(
        title, across, up, positions, ids,
        tuple(table.name(row) if here else "" for row, here in zip(rows, known, strict=True)),
        tuple(names[code] if here else names[0] for code, here in zip(codes, known, strict=True)),
        colours, as_map=as_map, diagonal=not as_map and across.scale == up.scale == "log",
        caption=caption,
    )  # fmt: skip


def column_groups(table: ItemColumns, ids: Ids, by: str) -> Groups:
    """Return the groups of items by ``modality``, ``label``, ``language`` or ``paired``.

    The largest groups have a colour each; the rest are one grey group.

    Parameters
    ----------
    table : ItemColumns
    ids : ndarray of int, shape (n,)
    by : str
    """
    rows, known = table.places_of(ids)
    column = getattr(table, COLUMNS[by])
    codes = np.where(known, column.codes[rows] if len(table) else 0, -1)
    if by == "modality":
        chosen, places = few_groups(codes, column.names, len(column.names), as_they_are=True)
        names = [column.names[code] for code in chosen]
        return Groups("", tuple(names), tuple(MODALITIES[name] for name in names), places)
    chosen, places = few_groups(codes, column.names, len(CATEGORIES), as_they_are=by == "paired")
    names = [column.names[code] for code in chosen]
    colours = list(CATEGORIES[: len(names)])
    if ((places < 0) & (codes >= 0)).any():
        places = np.where((places < 0) & (codes >= 0), len(names), places)
        names.append(f"other {by}s")
        colours.append(MUTED)
    return Groups(by, tuple(names), tuple(colours), places, _NONE.get(by, "none"))


def role_groups(roles: Ids) -> Groups:
    """Return for what a run used items.

    Parameters
    ----------
    roles : ndarray of int, shape (n,)
        Places in `ROLES`, -1 for none.
    """
    names = tuple(map(str, ROLES))
    return Groups("split", names, CATEGORIES[: len(ROLES)], roles, "not in the run")


def _space_in_words(space: str) -> str:
    name = SpaceName.parse(space)
    words = name.in_words()
    if name.run and not name.frozen:
        return f"Joint space of {words}"
    return words[:1].upper() + words[1:]


def _caption(made: Map) -> str:
    told = [f"{len(made.ids):,} items"]
    if made.options is not None:
        options = made.options
        told.append(
            f"UMAP of {options.neighbours} neighbours, least distance {options.min_dist:g}, "
            f"{options.metric}, seed {options.seed}"
        )
    return "; ".join(told) + "."
