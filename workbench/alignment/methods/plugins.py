"""Methods that other packages add through the entry points ``gera_workbench.methods``.

An entry point names a `MethodEntry` with a `solve`, a list of them, or a function that returns
either.
"""

from collections.abc import Container
from functools import lru_cache
from importlib import metadata
from typing import Any

from workbench.alignment.methods.entry import MethodEntry
from workbench.alignment.settings.method_settings import MethodSettings

GROUP = "gera_workbench.methods"


def plugin_entries(taken: Container[str] = ()) -> list[MethodEntry]:
    """Return the entries of all plug-ins that could be loaded, without names that are taken."""
    return [entry for entry in _load()[0] if entry.name not in taken]


def plugin_problems(taken: Container[str] = ()) -> list[str]:
    """Return a sentence for each plug-in that could not be loaded, or whose name is taken."""
    entries, problems = _load()
    return [
        *problems,
        *(
            f"A plug-in adds a method “{entry.name}”, but this name is already in use, so it is "
            "left out. Rename it or remove its package."
            for entry in entries
            if entry.name in taken
        ),
    ]


@lru_cache(maxsize=1)
def _load() -> tuple[tuple[MethodEntry, ...], tuple[str, ...]]:
    """Load every plug-in once; a broken one must not take the program with it."""
    entries: dict[str, MethodEntry] = {}
    problems: list[str] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        try:
            found = _entries_in(point.load())
            twice = [entry.name for entry in found if entry.name in entries]
            if twice:
                raise ValueError(f"another plug-in has a method {twice[0]} already")
            entries |= {entry.name: entry for entry in found}
        except Exception as error:  # whatever foreign code raises
            problems.append(
                f"The method plug-in {point.name} ({point.value}) could not be loaded "
                f"({type(error).__name__}: {error}): update or remove its package."
            )
    return tuple(entries.values()), tuple(problems)


def _entries_in(offer: Any) -> list[MethodEntry]:
    if callable(offer):
        offer = offer()
    entries = [offer] if isinstance(offer, MethodEntry) else list(offer)
    if not all(isinstance(entry, MethodEntry) for entry in entries):
        raise TypeError("it provides something that is not a MethodEntry")
    for entry in entries:
        if not callable(entry.solve):
            raise TypeError(f"{entry.name} has no function that solves it")
        if not (isinstance(entry.settings, type) and issubclass(entry.settings, MethodSettings)):
            raise TypeError(f"the settings of {entry.name} are not MethodSettings")
    return entries
