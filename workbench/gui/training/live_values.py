"""What was moved while a run trained, as its recipe tells."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.alignment import LiveChange
    from workbench.project import Recipe


def changes_made(recipe: "Recipe") -> list["LiveChange"]:
    """Return the changes that were made: one that repeats a run may be stopped before others."""
    if recipe.state != "stopped" or recipe.stopped_at is None:
        return list(recipe.changes)
    return [change for change in recipe.changes if change.step <= recipe.stopped_at]


def last_alpha(recipe: "Recipe", views: list[str]) -> dict[str, float]:
    """Return α of each view as it was when a run was stopped; its method must have an α."""
    set_first = recipe.settings["alpha"]
    values = {
        view: float(set_first.get(view, 0.0) if isinstance(set_first, dict) else set_first)
        for view in views
    }
    for change in changes_made(recipe):
        kind, _, view = change.name.partition("/")
        if kind == "alpha":
            values |= {each: change.value for each in values if view in ("", each)}
    return values
