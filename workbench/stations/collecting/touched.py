"""Files whose time has changed and nothing else: copied or unpacked, they need no new encoding."""

from collections.abc import Mapping
from dataclasses import replace

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.media import Modality, content_of
from workbench.project import EncodedContents, Found, Project

_REPORT_EVERY = 50


def keep_marks_of_touched(
    project: Project, items: list[Found], known: Mapping[tuple[Modality, str], Found],
    control: Control,
) -> Job[bool]:  # fmt: skip
    """Let files that were only touched keep their fingerprint, in place.

    A copied or unpacked project has files of other times. Those of the same size are read, and
    compared with what they held when they were encoded.

    Parameters
    ----------
    project : Project
    items : list of Found
    known : mapping of (modality, path) to Found
        Items of the last scan.
    control : Control

    Yields
    ------
    Progress

    Returns
    -------
    bool
        False when it was stopped.
    """
    if not _some_differ(items, known):
        return True
    contents: dict[Modality, EncodedContents] = {}
    touched, watch = project.catalogue.touched(items, project.source_places()), Stopwatch()
    for number, (place, mark) in enumerate(touched):
        if number % _REPORT_EVERY == 0:
            message = "Comparing files whose time has changed"
            yield Progress(number, len(touched), message, watch.rate(number))
        control.wait_while_paused()
        if control.stopping:
            return False
        item = items[place]
        if item.modality not in contents:
            contents[item.modality] = EncodedContents(project, item.modality)
        encoded = contents[item.modality].of(mark)
        if encoded and _content(item) in encoded:
            items[place] = replace(item, fingerprint=mark)
    return True


def _some_differ(items: list[Found], known: Mapping[tuple[Modality, str], Found]) -> bool:
    """Whether a file may have been touched or moved: most scans find neither."""
    new = 0
    for item in items:
        before = known.get((item.modality, item.path))
        new += before is None
        if before is not None and item.modality != "text" and before.stamp != item.stamp:
            return True
    return bool(new) and len(known) > len(items) - new


def _content(item: Found) -> str:
    try:
        return content_of(item)
    except WorkbenchError:  # said when it is encoded
        return ""
