"""Search: ask an export that has its vectors, without its project; or a project the same way."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.export import Bundle, FoundItem, load
from workbench.jobs import Job, Progress
from workbench.media import MODALITIES, Modality, read_medium
from workbench.project import SETTINGS_FILE, Project, absolute_path
from workbench.stations.encoding.trusted_code import is_trusted
from workbench.stations.searching.query import Answer, Searcher
from workbench.stations.searching.questions import Asked, Question, items_in, place_of

Floats = npt.NDArray[np.float32]


def search(
    folder: Path,
    asked: Asked,
    *,
    run_name: str | None = None,
    to: Modality | None = None,
    each: bool = False,
    top: int = 10,
) -> Job[dict[str, list[FoundItem]]]:
    """Return the items nearest to a question, of an exported folder or of a project.

    Parameters
    ----------
    folder : Path
    asked : Question or Combination
    run_name : str, optional
        Of a project; the newest one that has heads where not given.
    to : {"image", "text", "speech"}, optional
        Only items of this modality.
    each : bool
        Rank each modality by itself.
    top : int

    Yields
    ------
    Progress

    Returns
    -------
    dict of str to list of FoundItem
        By modality where each is ranked by itself, else under the empty word.

    Raises
    ------
    WorkbenchError
        There is neither, it has no vectors, or the question cannot be encoded.
    """
    asked.check()
    if top < 1:
        raise WorkbenchError(f"The number of answers must be at least one, not {top}.")
    folder = absolute_path(folder)
    yield Progress(0, 1, f"Reading {folder}")
    if (folder / SETTINGS_FILE).is_file():
        found = _in_project(folder, asked, run_name, to, each, top)
    else:
        if run_name is not None:
            raise WorkbenchError(f"{folder} is one exported run, so there is none to be named.")
        found = _in_bundle(load(folder), asked, to, each, top)
    yield Progress(1, 1, "Answered")
    return found


def _in_bundle(
    bundle: Bundle, asked: Asked, to: Modality | None, each: bool, top: int
) -> dict[str, list[FoundItem]]:
    def place(question: Question) -> Floats:
        if question.item is not None:
            return bundle.row_of(question.item)
        view, path, text = question.medium()
        medium = read_medium(view, path, text)
        trusted = is_trusted(str(bundle.card(view).get("name", "")), view)
        return bundle.encode(view, [medium], trust_code=trusted)

    there = set(bundle.items.modality)  # whether there are vectors, before an encoder is loaded
    row, without = place_of(asked, place), items_in(asked)
    if not each:
        return {"": bundle.nearest(row, to, top, without)}
    views = [view for view in MODALITIES if view in there]
    return {view: bundle.nearest(row, view, top, without) for view in views}


def _in_project(
    folder: Path, asked: Asked, run_name: str | None, to: Modality | None, each: bool, top: int
) -> dict[str, list[FoundItem]]:
    project = Project.open(folder)
    if run_name is None:
        having = [run.name for run in project.runs() if run.has_heads()]
        if not having:
            raise WorkbenchError(f"The project {folder} has no run to search. Align it first.")
        run_name = having[-1]
    searcher = Searcher(project, run_name)
    if each:
        answers = searcher.ask_each(asked, top)
        return {str(view): list(map(_plain, some)) for view, some in answers.items()}
    return {"": list(map(_plain, searcher.ask(asked, to, top)))}


def _plain(answer: Answer) -> FoundItem:
    item = answer.item
    return FoundItem(
        answer.rank, answer.score, item.id, item.modality, item.path, item.text, item.label
    )
