"""What the live map says under its picture."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from workbench.alignment import Snapshot
    from workbench.maps import Frame
    from workbench.stations import ShownNeighbourhoods, ShownPairs

Rows = npt.NDArray[np.int64]


def meet_in_words(shown: "ShownPairs", meet: npt.NDArray[np.bool_]) -> str:
    """Say how many pairs find each other; see `workbench.maps.partners_found`."""
    if not len(meet):
        return f"{sum(map(len, shown.ids.values())):,} items, no pairs"
    kind = "validation" if shown.held_out else "training"
    return f"{np.count_nonzero(meet):,} of {len(meet):,} {kind} pairs in each other’s top 10"


def share_in_words(frame: "Frame") -> str:
    """Say how much of the space is in the picture."""
    return f"PCA, {frame.share:.0%} of the variance"


def kept_in_words(around: "ShownNeighbourhoods | None", near: Mapping[str, Rows]) -> str:
    """Say what share of their frozen neighbours the items of each view have; empty if unknown."""
    from workbench.maps import neighbours_kept

    if around is None:
        return ""
    kept = {
        view: neighbours_kept(around.neighbours[view], rows).mean()
        for view, rows in near.items()
        if rows.size
    }
    return ", ".join(f"{view} {share:.0%}" for view, share in kept.items())


def explanation(shown: "ShownPairs", frame: "Frame", meet: str, kept: str) -> str:
    """Return the tool tip of the picture."""
    origin = (
        "Pairs kept for validation, which training does not see."
        if shown.held_out
        else "Training pairs: none are kept for validation."
    )
    found = (
        f"{origin}\n{meet}: each item is among the 10 nearest of the other view, measured in the "
        "shared space itself. Red lines join the other pairs."
    )
    if not shown.pairs:
        found = "Some items of each view; there are no pairs."
    neighbours = f"Of the 10 nearest frozen neighbours, kept: {kept}.\n" if kept else ""
    return (
        f"{found}\n{neighbours}The map shows two principal directions, {frame.share:.0%} of the "
        "variance, so items that look close need not be close."
    )


def rank_in_words(shown: "ShownPairs", glimpse: "Snapshot", view: str, row: int) -> str:
    """Say how near an item's nearest partner is, of each view that it has one in."""
    parts = []
    for (first, second), rows in shown.pairs.items():
        if view not in (first, second):
            continue
        other, own = (second, rows) if view == first else (first, rows[:, ::-1])
        partners = own[own[:, 0] == row, 1]
        if len(partners):
            scores = glimpse.mapped[other] @ glimpse.mapped[view][row]
            at_least = scores >= scores[partners].max()
            rank = 1 + np.count_nonzero(at_least) - np.count_nonzero(at_least[partners])
            parts.append(f"{rank:,} of {len(scores):,} {other}")
    return "Rank of partner: " + ", ".join(parts)
