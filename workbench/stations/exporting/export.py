"""Export: take a run home, in the parts that are wanted."""

from collections.abc import Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.export import PARTS, find_parts, load, write_bundle
from workbench.jobs import Control, Job, Progress
from workbench.project import Project, absolute_path
from workbench.stations.exporting.contents import contents_of


def export(
    project: Project,
    run_name: str,
    folder: Path,
    parts: Sequence[str] = (),
    control: Control | None = None,
) -> Job[Path | None]:
    """Write a run's heads as a bundle with chosen parts, and read the heads back to be sure.

    Parameters
    ----------
    project : Project
    run_name : str
    folder : Path
        New, empty, or holding an earlier bundle.
    parts : sequence of str
        Names of `workbench.export.PARTS`, or ``all``.
    control : Control, optional
        After a stop nothing is written.

    Yields
    ------
    Progress, Notice

    Returns
    -------
    Path or None
        The folder; None after a stop.

    Raises
    ------
    WorkbenchError
        The run has no heads, there is no such part, or the folder cannot be used.
    """
    chosen = find_parts(parts)
    folder = absolute_path(folder)
    yield Progress(0, 0, f"Reading {run_name}")
    contents = contents_of(project, run_name)
    written = yield from write_bundle(folder, contents, chosen, control)
    if written is None:
        return None
    back, known = load(folder).space.tensors(), contents.space.tensors()
    if any((back[name] != array).any() for name, array in known.items()):
        raise WorkbenchError(f"The bundle in {folder} does not read back as written. Try again.")
    yield Progress(1, 1, f"Exported to {folder}")
    return folder


def export_sizes(project: Project, run_name: str) -> dict[str, int]:
    """Estimate how many bytes each part of an export would take, by its name; nothing is written.

    ``heads`` is what every export has.

    Raises
    ------
    WorkbenchError
        The run is missing, damaged, or has no heads.
    """
    contents = contents_of(project, run_name)
    heads = sum(map(contents.head_bytes, contents.space.views))
    return {"heads": heads, **{part.name: part.size(contents) for part in PARTS}}
