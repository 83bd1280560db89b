"""What was moved while a run trained, as its recipe tells."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.alignment import LiveChange
    from workbench.project import Recipe


def changes_made(recipe: "Recipe") -> list["LiveChange"]:
    """Return the changes that were made: one that repeats a run may be stopped before others."""
    return recipe.changes_made()


def first_alpha(recipe: "Recipe", views: list[str]) -> dict[str, float]:
    """Return α of each view as a training began with it; its method must have an α."""
    given = recipe.settings["alpha"]
    return {
        view: float(given.get(view, 0.0) if isinstance(given, dict) else given) for view in views
    }


def last_alpha(recipe: "Recipe", views: list[str]) -> dict[str, float]:
    """Return α of each view as it was when a run was stopped; its method must have an α."""
    values = first_alpha(recipe, views)
    for change in changes_made(recipe):
        kind, _, view = change.name.partition("/")
        if kind == "alpha":
            values |= {each: change.value for each in values if view in ("", each)}
    return values
