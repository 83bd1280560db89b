"""How items look on maps and strips: a mark for each modality, a colour for each group."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.gui.items.palettes import rgba_of
from workbench.gui.look.theme import Theme
from workbench.gui.points.legend import LegendEntry, by_group
from workbench.gui.points.raster import SHAPES, Shape

if TYPE_CHECKING:
    from workbench.project import Item
    from workbench.stations import Coded, ItemColumns

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# The order of the catalogue; a mark for each, so that colour is free to say something else.
MARKS: dict[str, Shape] = {"image": "disc", "text": "square", "speech": "triangle"}
NONE = {"label": "no label", "language": "no language"}
OTHERS = {"label": "other labels", "language": "other languages"}
_COLUMNS = {"pairing": "paired"}  # where what is coloured by is called otherwise
_WITHOUT, _UNKNOWN = -1, -2  # codes of items that have no value, and of ids that are gone
NO_LABEL, OTHER = NONE["label"], OTHERS["label"]


def name_of(item: "Item | None") -> str:
    """Return what an item is called, also one that is gone."""
    return "No longer in the project" if item is None else item.name


def marks_of(items: "ItemColumns", ids: Ids) -> npt.NDArray[np.uint8]:
    """Return the shape of each id, an index into `raster.SHAPES`."""
    rows, known = items.places_of(ids)
    shape_of = np.array([SHAPES.index(MARKS[name]) for name in items.modality.names], np.uint8)
    shapes = np.zeros(len(ids), np.uint8)
    shapes[known] = shape_of[items.modality.codes[rows[known]]]
    return shapes


def colours_of(
    items: "ItemColumns", ids: Ids, by: str, theme: Theme
) -> tuple[npt.NDArray[np.uint8], list[LegendEntry]]:
    """Colour ids by ``modality``, ``label``, ``language`` or ``pairing``.

    Returns
    -------
    ndarray of uint8, shape (n, 4)
    list of LegendEntry
    """
    rows, known = items.places_of(ids)
    if not known.any():
        return shaded(np.zeros(len(ids), np.uint8), [theme.muted]), []
    modalities = _modalities(items, rows, known)
    legend = _modality_chips(items, ids, modalities, theme, coloured=by == "modality")
    if by == "modality":
        shades = [theme.modality[name] for name in items.modality.names]
        return shaded(modalities, [*shades, theme.muted]), legend
    legend = legend if len(legend) > 1 else []
    column: Coded = getattr(items, _COLUMNS.get(by, by))
    codes = np.where(known, column.codes[rows], _UNKNOWN)
    chips, group_of = _grouped(column.names, codes, by, theme)
    groups = group_of[codes]  # whose last two are of unknown ids, and of items without
    for (name, colour), mine in zip(chips, by_group(ids, groups, len(chips)), strict=True):
        if name and len(mine):
            legend.append(LegendEntry(name, colour, "disc", mine))
    return shaded(groups, [colour for _, colour in chips]), legend


def shaded(groups: npt.NDArray[np.uint8], colours: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the colour of each group's points, shape (n, 4)."""
    palette = np.array([rgba_of(colour) for colour in colours], np.uint8)
    # four bytes are looked up as one number
    return palette.view(np.uint32).ravel()[groups].view(np.uint8).reshape(-1, 4)


def modality_chips(items: "ItemColumns", ids: Ids, theme: Theme) -> list[LegendEntry]:
    """Return a grey chip for each modality among ids, where there are several."""
    modalities = _modalities(items, *items.places_of(ids))
    chips = _modality_chips(items, ids, modalities, theme, coloured=False)
    return chips if len(chips) > 1 else []


def _modalities(items: "ItemColumns", rows: Ids, known: Mask) -> npt.NDArray[np.uint8]:
    """Return the number of each id's modality, and of those that are gone the next one."""
    gone = len(items.modality.names)
    codes = items.modality.codes.astype(np.uint8)
    return np.where(known, codes[rows], gone) if len(items) else np.full(len(rows), gone, np.uint8)


def _modality_chips(
    items: "ItemColumns", ids: Ids, modalities: npt.NDArray[np.uint8], theme: Theme, *,
    coloured: bool,
) -> list[LegendEntry]:  # fmt: skip
    names = items.modality.names
    return [
        LegendEntry(name, theme.modality[name] if coloured else theme.muted, MARKS[name], mine)
        for name, mine in zip(names, by_group(ids, modalities, len(names) + 1), strict=False)
        if len(mine)
    ]


def _grouped(
    names: Sequence[str], codes: npt.NDArray[np.int32], by: str, theme: Theme
) -> tuple[list[tuple[str, str]], npt.NDArray[np.uint8]]:
    """Divide the values of a column into the few that have a colour of their own, and the rest.

    Parameters
    ----------
    names : sequence of str
    codes : ndarray of int
        Number of each item's name; -1 of those without, -2 of unknown ids.

    Returns
    -------
    list of (str, str)
        Of each group what its chip says, and its colour; the last, of unknown ids, says nothing.
    ndarray of uint8, shape (names + 2,)
        The group of each code, so that a million values take one look and not one each.
    """
    none = len(names)
    counts = np.bincount(codes[codes >= 0], minlength=none + 1)
    counts[none] = np.count_nonzero(codes == _WITHOUT)
    order = np.argsort(-counts, kind="stable") if by != "pairing" else np.arange(len(counts))
    order = order[counts[order] > 0]
    coloured = order[order != none][: len(theme.categories)]
    alone = order[np.isin(order, [*coloured, none])].tolist()
    shades = iter(theme.categories)
    chips = [
        (names[code], next(shades)) if code != none else (NONE[by], theme.muted) for code in alone
    ]
    chips += [(OTHERS.get(by, ""), theme.muted), ("", theme.muted)]
    group_of = np.full(none + 2, len(alone), np.uint8)
    group_of[_UNKNOWN] = len(alone) + 1
    group_of[[code if code != none else _WITHOUT for code in alone]] = np.arange(len(alone))
    return chips, group_of
