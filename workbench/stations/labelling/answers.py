"""Answers: giving them, taking them back, and what they say to whoever proposes the next ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.item_ids import distinct_pairs
from workbench.media import Modality
from workbench.project import (
    ANSWERS_FILE,
    Answer,
    Item,
    Line,
    Named,
    Project,
    Relation,
    Said,
    change_answers,
    moment_of,
    now,
)

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Given:
    """An answer that was given, to be told and to be taken back.

    Attributes
    ----------
    line : Line
        As the list has it.
    replaced : Line or None
        The answer about the same items that counted before.
    """

    line: Line
    replaced: Line | None = None

    def sentence(self) -> str:
        """Say it: “dog.jpg and “a dog” are a pair now”."""
        said = in_words(self.line)
        if self.replaced is None or self.replaced.said == self.line.said:
            return f"{said}."
        return f"{said}. Before, you had said: {in_words(self.replaced)}."


def in_words(line: Line) -> str:
    """Say an answer in words."""
    first, second = (each.name or each.path for each in (line.first, line.second))
    if line.said == "no partner":
        return f"“{first}” has no partner among the {line.second.modality} items"
    between = f"“{first}” and “{second}”"
    return {
        "pair": f"{between} are a pair",
        "no pair": f"{between} are no pair",
        "withdrawn": f"Nothing is said about {between}",
    }[line.said]


# --- for whoever proposes -------------------------------------------------------------------------


def refused_pairs(project: Project) -> dict[Relation, Ids]:
    """Return the items that are no partners by the user's word.

    Parameters
    ----------
    project : Project

    Returns
    -------
    dict of relation to ndarray, shape (n, 2)
        Item ids, ascending; those of given pairs that were taken apart are among them.

    Raises
    ------
    WorkbenchError
        The list of answers cannot be read.
    """
    return _by_relation(project.catalogue.answers().refused)


def confirmed_pairs(project: Project) -> dict[Relation, Ids]:
    """Return the pairs that the user made, or looked at and kept; as `refused_pairs`."""
    return _by_relation(project.catalogue.answers().pairs)


def without_partner(project: Project) -> dict[Relation, Ids]:
    """Return the items that have no partner by the user's word.

    Parameters
    ----------
    project : Project

    Returns
    -------
    dict of (modality, modality) to ndarray, shape (n,)
        By the modality of the items and the view in which they have none: item ids, ascending.
    """
    found: dict[Relation, list[int]] = {}
    for each in project.catalogue.answers().alone:
        found.setdefault(each.relation, []).append(each.first)
    return {relation: np.unique(np.array(ids, np.int64)) for relation, ids in found.items()}


def _by_relation(answers: Sequence[Answer]) -> dict[Relation, Ids]:
    found: dict[Relation, list[tuple[int, int]]] = {}
    for each in answers:
        found.setdefault(each.relation, []).append((each.first, each.second))
    return {relation: distinct_pairs(ids) for relation, ids in found.items()}


# --- for whoever answers --------------------------------------------------------------------------


def say_pair(project: Project, first: int, second: int, by: str = "") -> Given:
    """Let two items belong together.

    Parameters
    ----------
    project : Project
    first, second : int
        Item ids, of two modalities.
    by : str
        What had proposed them.

    Returns
    -------
    Given

    Raises
    ------
    WorkbenchError
        They are of one modality or not there any more; or the list cannot be read or written.
    """
    return _say(project, "pair", first, second, by)


def say_no_pair(project: Project, first: int, second: int, by: str = "") -> Given:
    """Let two items not belong together, whatever a rule says; as `say_pair`."""
    return _say(project, "no pair", first, second, by)


def say_no_partner(project: Project, item: int, view: Modality, by: str = "") -> Given:
    """Let an item have no partner in a view; pairs that the user made of it there are replaced.

    Raises
    ------
    WorkbenchError
        A rule pairs it there, it is of that view itself, or the list cannot be read or written.
    """
    [about] = _present(project, [item])
    if about.modality == view:
        raise WorkbenchError(f"“{about.name}” is a {view} item itself. Name another view.")
    partners = project.catalogue.given_partners(item)
    beside = [each.id for each in project.catalogue.present(partners) if each.modality == view]
    if beside:
        apart = {(each.first, each.second) for each in project.catalogue.answers().refused}
        if any((item, each) not in apart and (each, item) not in apart for each in beside):
            raise WorkbenchError(
                f"“{about.name}” has a {view} partner by the project’s pairing rules. Take that "
                "pair apart first."
            )
    [named] = project.catalogue.named([item])
    return _add(project, Line("no partner", named, Named(view, ""), by=by))


def _say(project: Project, said: Said, first: int, second: int, by: str) -> Given:
    one, other = _present(project, [first, second])
    if one.modality == other.modality:
        raise WorkbenchError(
            f"“{one.name}” and “{other.name}” are both {one.modality} items. A pair has items of "
            "two modalities."
        )
    named = project.catalogue.named([first, second])
    return _add(project, Line(said, named[0], named[1], by=by))


def _present(project: Project, ids: Sequence[int]) -> list[Item]:
    found = {each.id: each for each in project.catalogue.present(ids)}
    for number in ids:
        if number not in found:
            raise WorkbenchError(f"There is no item {number} now. Scan again, or choose another.")
    return [found[number] for number in ids]


def _add(project: Project, line: Line) -> Given:
    with change_answers(project.root / ANSWERS_FILE) as lines:
        about = sorted(
            (each for each in lines if _items_of(each) == _items_of(line)), key=moment_of
        )
        before = about[-1] if about and about[-1].said != "withdrawn" else None
        return Given(_append(lines, line), before)


def _append(lines: list[Line], line: Line) -> Line:
    """Add a line of this moment, and return it as it is then."""
    # a clock that was put back must not make this the older one
    newest = max(map(moment_of, lines), default="")
    lines.append(replace(line, when=max(now(), newest)))
    return lines[-1]


def take_back(project: Project, given: Given) -> None:
    """Take an answer back: what counted before it counts again.

    Its line goes. Where a run was trained since, it stays with one more line that withdraws it, so
    that the run is still one of data that there are.

    Raises
    ------
    WorkbenchError
        It is not there any more; or the list cannot be read or written.
    """
    line, before = given.line, given.replaced
    with change_answers(project.root / ANSWERS_FILE) as lines:
        if line not in lines:
            raise WorkbenchError("This answer is not in the list of your own pairs any more.")
        if _is_learned(project, line):
            _append(lines, before or replace(line, said="withdrawn"))
        else:
            lines.remove(line)


def withdraw(project: Project, answer: Answer) -> None:
    """Let nothing be said about the items of an answer that counts, see `take_back`.

    Raises
    ------
    WorkbenchError
        The list cannot be read or written.
    """
    with change_answers(project.root / ANSWERS_FILE) as lines:
        about = [line for line in lines if _items_of(line) == _items_of(answer.line)]
        if any(_is_learned(project, line) for line in about):
            _append(lines, replace(answer.line, said="withdrawn"))
        else:
            lines[:] = [line for line in lines if line not in about]


def answer_about(project: Project, first: int, second: int | Modality) -> Answer | None:
    """Return what counts about two items, or about an item and a view; None if nothing does."""
    answers = project.catalogue.answers()
    if isinstance(second, str):
        found = [each for each in answers.alone if each.first == first]
        return next((each for each in found if each.line.second.modality == second), None)
    for each in (*answers.pairs, *answers.refused):
        if {each.first, each.second} == {first, second}:
            return each
    return None


def _is_learned(project: Project, line: Line) -> bool:
    """Whether a run was made since a line was written."""
    if not line.when:
        return True
    return line.when <= max((run.created() for run in project.runs()), default="")


def _items_of(line: Line) -> set[tuple[str, str]]:
    return {line.first[:2], line.second[:2]}
