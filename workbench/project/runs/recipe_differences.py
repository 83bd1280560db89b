"""In what the recipes of runs differ."""

from collections.abc import Sequence
from typing import Any

from workbench.project.runs.recipe import Recipe

NONE_OF_THAT = "–"


def differing_settings(recipes: Sequence[Recipe]) -> dict[str, list[Any]]:
    """Return what made runs and is not the same for all of them.

    Parameters
    ----------
    recipes : sequence of Recipe

    Returns
    -------
    dict of name to list
        A value for each recipe, as JSON has them; `NONE_OF_THAT` where a recipe has none of that
        name, such as the setting of another method. First ``method``, ``pairs`` and ``seed``, then
        the method's settings by their names, ``moved alpha/VIEW`` and the like for values that were
        moved while training (where to, and when last), ``stopped_at``, ``ladder`` and ``rung``,
        ``own words`` (their share, and whose names they are), ``started from`` (a run, and a hash
        of its heads), the encoders as ``encoder of VIEW``, ``split seed``, ``validation share``,
        ``test share``, ``unpaired items a paired one``, ``only tested`` (relations not learned
        from), ``data`` (a hash of items, pairs and
        embeddings), ``device``, and ``workbench``, the version.
    """
    columns = [_settings(recipe) for recipe in recipes]
    names = dict.fromkeys(name for order in range(3) for each in columns for name in each[order])
    merged = [{**first, **second, **third} for first, second, third in columns]
    rows = {name: [each.get(name, NONE_OF_THAT) for each in merged] for name in names}
    return {
        name: values for name, values in rows.items() if any(v != values[0] for v in values[1:])
    }


def _settings(recipe: Recipe) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return what a recipe says of the method, of the training, and of the data."""
    first = {
        "method": recipe.method,
        "pairs": "all" if recipe.pairs is None else recipe.pairs,
        "seed": recipe.seed,
        **recipe.settings,
    }
    second: dict[str, Any] = {}
    for change in recipe.changes_made():  # the last one of a name stays
        second[f"moved {change.name}"] = f"to {change.value:.4g} at step {change.step:,}"
    if recipe.stopped_at is not None:
        second["stopped_at"] = recipe.stopped_at
    if recipe.ladder:
        second |= {"ladder": recipe.ladder, "rung": recipe.rung}
    if recipe.words.share:
        second["own words"] = f"{recipe.words.share:.0%} by {recipe.words.names}"
    if recipe.started_from is not None:
        second["started from"] = f"{recipe.started_from.run} ({recipe.started_from.heads[:8]})"
    third: dict[str, Any] = {
        f"encoder of {view}": _encoder(card) for view, card in recipe.encoders.items()
    }
    third |= {
        "split seed": recipe.split.seed,  # its budget stands above, as pairs
        "validation share": recipe.split.validation,
        "test share": recipe.split.test,
        **_of_studies(recipe),
        "data": recipe.data_fingerprint[:8],
        "device": recipe.device,
        "workbench": recipe.workbench,
    }
    return first, second, third


def _of_studies(recipe: Recipe) -> dict[str, Any]:
    """Return how much of the data is learned from, where that is not all."""
    found: dict[str, Any] = {}
    if recipe.split.unpaired is not None:
        found["unpaired items a paired one"] = recipe.split.unpaired
    if recipe.split.only_tested:
        found["only tested"] = ", ".join("–".join(each) for each in recipe.split.only_tested)
    return found


def _encoder(card: dict[str, Any]) -> str:
    """Return an encoder's name, with its revision where it has one."""
    name, revision = str(card.get("name", "")), str(card.get("revision", ""))
    return f"{name} ({revision[:12]})" if revision else name
