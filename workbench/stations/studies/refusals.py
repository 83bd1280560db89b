"""What a method refuses, known before a study starts: it is tried on views that are made up."""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from workbench.alignment import find_method, fit
from workbench.errors import WorkbenchError

Relation = tuple[str, str]

_ROWS, _WIDTH = 12, 4


def refusal(method: str, views: Iterable[str], relations: Iterable[Relation]) -> str:
    """Return why a method does not align such views, in its own words; empty if it does.

    Parameters
    ----------
    method : str
        Of those that are solved at once: a try takes milliseconds. Those that train take whatever
        views there are, and two views with pairs are what every method is for; one that is not
        says so in its cell.
    views : iterable of str
    relations : iterable of (str, str)
        Which views have pairs.
    """
    names, pairs = tuple(sorted(views)), tuple(sorted(relations))
    if find_method(method).trains or (len(names), len(pairs)) == (2, 1):
        return ""
    return _tried(method, names, pairs)


def able(methods: Sequence[str], views: Iterable[str], relations: Iterable[Relation]) -> list[str]:
    """Return the methods that align such views."""
    names, pairs = list(views), list(relations)
    return [method for method in methods if not refusal(method, names, pairs)]


@cache
def _tried(method: str, views: tuple[str, ...], relations: tuple[Relation, ...]) -> str:
    random = np.random.default_rng(0)
    rows = {view: random.normal(size=(_ROWS, _WIDTH)).astype(np.float32) for view in views}
    pairs = {relation: np.stack([np.arange(_ROWS)] * 2, axis=1) for relation in relations}
    try:
        fit(method, rows, pairs)
    except WorkbenchError as error:
        return str(error)
    return ""
