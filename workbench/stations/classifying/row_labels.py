"""Which label the rows of a space have: their items' own, or those of their partners."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.media import Modality
from workbench.project import Project
from workbench.stations.classifying.class_list import class_key
from workbench.stations.runs.run_space import RunSpace

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RowLabels:
    """Labels of the rows of a view, one a distinct content.

    Attributes
    ----------
    labels : list of str
        “” of rows that have none, or several that contradict each other.
    borrowed : ndarray of bool, shape (n,)
        Which have no label of their own, and that of their partners.
    contradicting : ndarray of bool, shape (n,)
        Which have several.
    """

    labels: list[str]
    borrowed: npt.NDArray[np.bool_]
    contradicting: npt.NDArray[np.bool_]

    def numbers(self, number_of: dict[str, int]) -> Rows:
        """Return the class of each row, shape (n,): -1 of another label, -2 without one."""
        known = {label: number_of.get(class_key(label), -1) for label in set(self.labels)}
        known[""] = -2
        return np.array([known[label] for label in self.labels], dtype=np.int64)


def row_labels(project: Project, space: RunSpace, modality: Modality) -> RowLabels:
    """Return the labels of the rows of a view.

    A row is of all items of one content, whose labels may differ. A row without a label has that
    of its partners in other views: a picture that of its caption.
    """
    own = _own(project, space, modality)
    borrowed = np.zeros(len(own), dtype=bool)
    lacking = {row for row, labels in enumerate(own) if not labels}
    for other in space.views if lacking else ():
        if other == modality:
            continue
        theirs = _own(project, space, other)
        for row, partner in space.pairs_between(modality, other).tolist():
            if row in lacking and theirs[partner]:
                own[row].update(theirs[partner])
                borrowed[row] = True
    labels = [next(iter(each.values())) if len(each) == 1 else "" for each in own]
    return RowLabels(labels, borrowed, np.array([len(each) > 1 for each in own], dtype=bool))


def _own(project: Project, space: RunSpace, modality: Modality) -> list[dict[str, str]]:
    """Return the labels of each row's items, by their keys."""
    view = space.views[modality]
    found: list[dict[str, str]] = [{} for _ in range(len(view.ids))]
    label_of = {item.id: item.label for item in project.catalogue.items(modality)}
    for item, row in zip(view.items.tolist(), view.row_of_item.tolist(), strict=True):
        label = label_of.get(item, "")
        if key := class_key(label):
            found[row].setdefault(key, label)
    return found
