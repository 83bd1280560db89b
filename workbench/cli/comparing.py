"""Commands on spaces: which there are, and two of them compared item by item and group by group."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from workbench import jobs, stations
from workbench.cli.figure_tables import table_of_figures
from workbench.cli.following import AsJson, ProjectFolder, follow, out, print_json, say
from workbench.errors import WorkbenchError
from workbench.evaluation import GroupRecall
from workbench.media import Modality
from workbench.project import Item, Project, SpaceName
from workbench.stations import BOTH_WAYS, ComparedGroups, ItemOverlap, RankChanges, TwoSpaces

app = typer.Typer()

_SPACE = (
    "A run; run:NAME@ALPHA of a sweep; image, text or speech for frozen embeddings; or frozen:RUN "
    "for all that a run began with. “spaces” lists what there is."
)
_LONGEST = 40  # letters of an item's name
_GROUPS_SHOWN = 20


@app.command("spaces")
def list_spaces(project: ProjectFolder, as_json: AsJson = False) -> None:
    """List the spaces of a project, by the names that “map” and “compare-spaces” take."""
    names, wrong = stations.list_spaces(Project.open(project))
    if as_json:
        plain = [
            {"name": str(name), "run": name.run or None, "alpha": name.alpha, "frozen": name.frozen}
            for name in names
        ]
        print_json(plain)
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for name in names:
            table.add_row(str(name), name.in_words())
        out.print(table)
    if wrong:
        raise WorkbenchError(wrong)


@app.command("compare-spaces")
def compare_spaces(
    project: ProjectFolder,
    before: Annotated[str, typer.Argument(help=_SPACE, show_default=False)],
    after: Annotated[str, typer.Argument(help=_SPACE, show_default=False)],
    neighbours: Annotated[int, typer.Option(help="K nearest neighbours that are compared.")] = 10,
    by: Annotated[
        str, typer.Option(help="What items are grouped by: label, language or key.")
    ] = "label",
    most: Annotated[int, typer.Option(help="Number of items listed of each kind.")] = 5,
    all_items: Annotated[
        bool, typer.Option("--all-items", help="Rank all items, not only held-out ones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two spaces, of runs or frozen ones: neighbours, partners' ranks, groups."""
    opened = Project.open(project)
    runs = opened.shelf.names()
    names = SpaceName.parse(before, runs), SpaceName.parse(after, runs)
    control = jobs.Control()
    spaces = follow(stations.read_two_spaces(opened, *names, control), control)
    overlap = follow(
        stations.overlap_of_spaces(*spaces.sides, neighbours, control=control), control
    )
    groups = follow(stations.compare_groups(opened, spaces, by, control), control)
    tested = spaces.tested_ids()
    only = None if all_items or not len(tested) else tested
    if as_json:
        found = {"before": before, "after": after}
        found |= _plain(opened, spaces, overlap, groups, only, most)
        print_json(found)
        return
    say(f"before: {spaces.sides[0].in_words()}, after: {spaces.sides[1].in_words()}")
    out.print(_overlap_table(overlap))
    _say_ranks(opened, spaces, only, most)
    _say_groups(groups, by, spaces.wrong)


def _changes(spaces: TwoSpaces, only: Any) -> RankChanges | None:
    found = spaces.changes()
    return found if found is None or only is None else found.of(only)


# --- for people ----------------------------------------------------------------------------------


def _overlap_table(overlap: Mapping[Modality, ItemOverlap]) -> Table:
    table = table_of_figures("neighbourhoods, item by item", "the same", "chance", "of", "items")
    for view, found in overlap.items():
        mean = f"{found.overlap.mean():.1%}" if len(found.ids) else "–"
        chance = f"{found.chance:.1%}" if found.items > 1 else "–"
        table.add_row(view, mean, chance, str(found.neighbours), f"{len(found.ids):,}")
    return table


def _say_ranks(project: Project, spaces: TwoSpaces, only: Any, most: int) -> None:
    changes = _changes(spaces, only)
    if changes is None:
        say(
            "Frozen spaces cannot be compared with each other: partners have ranks only in the "
            "joint space of a run."
        )
        return
    which = "all items" if only is None else "held-out items"
    better = int((changes.after < changes.before).sum())
    worse = int((changes.after > changes.before).sum())
    say(
        f"Rank of the correct partner of {which}, {len(changes.ids):,} of them: {better:,} "
        f"better, {worse:,} worse, {len(changes.ids) - better - worse:,} the same."
    )
    for title, rows in (
        ("most improved", changes.better_most(most)), ("most worsened", changes.worse_most(most)),
    ):  # fmt: skip
        if not rows:
            continue
        items = {each.id: each for each in project.catalogue.items_of([one[0] for one in rows])}
        table = table_of_figures(title, "before", "after")
        for found, old, new in rows:
            table.add_row(_name(items.get(found)), f"{old:,}", f"{new:,}")
        out.print(table)


def _say_groups(groups: Mapping[str, ComparedGroups], by: str, wrong: str) -> None:
    if wrong:
        say(wrong)
    found = groups.get(BOTH_WAYS)
    if found is None or found.every is None:
        return
    table = table_of_figures(
        f"recall of held-out items by {by}, {BOTH_WAYS}, with 95 % intervals", "of",
        *(f"R@{k} {side}" for k in stations.CUTOFFS for side in ("before", "after", "gain")),
    )  # fmt: skip
    for name, row in (
        ("all", found.every),
        *((each.group or "none", each) for each in found.groups[:_GROUPS_SHOWN]),
    ):
        cells = []
        for k in stations.CUTOFFS:
            cells += [_recall(side.get(k)) for side in (row.before, row.after)]
            cells.append(_gain(row.after.get(k)))
        table.add_row(name[:_LONGEST], f"{row.queries:,}", *cells, style="dim" if row.small else "")
    out.print(table)
    if len(found.groups) > _GROUPS_SHOWN:
        say(f"{len(found.groups) - _GROUPS_SHOWN:,} smaller groups are left out; --json has all.")
    say("*: the interval of the gain excludes 0. Faint: too few queries for a conclusion.")


def _recall(found: GroupRecall | None) -> str:
    if found is None:
        return "–"
    return f"{found.recall:.1%}\n{100 * found.low:.0f}–{100 * found.high:.0f}"


def _gain(found: GroupRecall | None) -> str:
    difference = None if found is None else found.difference
    if difference is None:
        return "–"
    star = "*" if difference.clear else ""
    value, low, high = (100 * each for each in (difference.value, difference.low, difference.high))
    return f"{value:+z.1f}{star}\n{low:+z.0f}…{high:+z.0f}"


def _name(item: Item | None) -> str:
    if item is None:
        return "no longer in the project"
    words = " ".join((item.text if item.modality == "text" else item.key).split()) or item.key
    return f"{item.modality} {words[:_LONGEST]}"


# --- for scripts ---------------------------------------------------------------------------------


def _plain(
    project: Project, spaces: TwoSpaces, overlap: Mapping[Modality, ItemOverlap],
    groups: Mapping[str, ComparedGroups], only: Any, most: int,
) -> dict[str, Any]:  # fmt: skip
    changes = _changes(spaces, only)
    return {
        "neighbourhoods": {
            view: {
                "overlap": float(found.overlap.mean()) if len(found.ids) else None,
                "chance": found.chance if found.items > 1 else None,
                "neighbours": found.neighbours,
                "items": len(found.ids),
                "least": [{"id": item, "overlap": share} for item, share in found.least(most)],
            }
            for view, found in overlap.items()
        },
        "ranks": None if changes is None else _plain_ranks(changes, only is not None, most),
        "groups": {
            direction: [_plain_group(each) for each in (found.every, *found.groups)
                        if each is not None]
            for direction, found in groups.items()
        },
        "not_measured": spaces.wrong,
    }  # fmt: skip


def _plain_ranks(changes: RankChanges, tested: bool, most: int) -> dict[str, Any]:
    def listed(rows: list[tuple[int, int, int]]) -> list[dict[str, int]]:
        return [{"id": item, "before": old, "after": new} for item, old, new in rows]

    return {
        "held_out_only": tested,
        "items": len(changes.ids),
        "better": int((changes.after < changes.before).sum()),
        "worse": int((changes.after > changes.before).sum()),
        "better_most": listed(changes.better_most(most)),
        "worse_most": listed(changes.worse_most(most)),
    }


def _plain_group(row: stations.GroupOfTwo) -> dict[str, Any]:
    def side(found: Mapping[int, GroupRecall]) -> dict[str, Any]:
        return {
            f"recall@{k}": {
                "value": one.recall, "low": one.low, "high": one.high, "queries": one.queries,
                **({} if one.difference is None else {"difference": {
                    "value": one.difference.value, "low": one.difference.low,
                    "high": one.difference.high, "clear": one.difference.clear,
                }}),
            }
            for k, one in found.items()
        }  # fmt: skip

    return {
        "group": row.group, "items": len(row.ids), "small": row.small,
        "before": side(row.before), "after": side(row.after),
    }  # fmt: skip
