"""Maps made in the background, one after another."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import Map, UmapOptions

METHODS = (("PCA", "pca"), ("UMAP", "umap"))
_TURNS = {method: Lock() for _, method in METHODS}

# space, method and, of UMAP, the options
Wanted = tuple[str, str, "UmapOptions | None"]


def make_one_by_one(
    project: "Project",
    wanted: Wanted,
    like: "Callable[[], Sequence[Map]]",
    keep: "Callable[[Map], None]",
    anew: bool,
    control: Control,
) -> Job["Map | None"]:
    """Make a map when no other of its method is being made.

    Two panels often want the same map: the second then finds what the first has kept. And UMAP is
    heavy enough for one at a time.

    Parameters
    ----------
    project : Project
    wanted : tuple
        Space, method and, of UMAP, the options.
    like : callable
        Returns the maps to be comparable to, once it is this one's turn.
    keep : callable
        Takes the map before it is another one's turn.
    anew : bool
    control : Control
    """
    from workbench.stations import make_map

    space, method, options = wanted
    turn = _TURNS[method]
    while not turn.acquire(timeout=0.2):
        if control.stopping:
            return None
        yield Progress(0, 0, "Waiting for another map")
    try:
        if control.stopping:  # before it began
            return None
        made = yield from make_map(
            project, space, cast("Any", method), **({} if options is None else vars(options)),
            like=like(), anew=anew, control=control,
        )  # fmt: skip
        if made is not None:
            keep(made)
        return made
    finally:
        turn.release()
