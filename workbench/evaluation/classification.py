"""Zero-shot classification: items by the nearest of classes that are given in words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.evaluation.retrieval import retrieve
from workbench.evaluation.uncertainty import Bootstrap

Floats = npt.NDArray[np.float32]
Figures = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

TOP = {"top1": 1, "top5": 5}
"""Figures that ask whether an item's class is among the first of so many."""
_TINY = np.float32(1e-12)


@dataclass(frozen=True)
class Classification:
    """How often an item's class is the nearest one.

    Attributes
    ----------
    ranks : ndarray, shape (n,)
        Of each item's own class among all classes; from 1, ties pessimistic.
    labels : ndarray, shape (n,)
        The class of each item, by number.
    classes : int
        How many there were to choose from.
    named : ndarray, shape (n,)
        The class that each item is taken for: its own where its rank is 1, else the best other
        one, so that what counts as right is the same everywhere.
    """

    ranks: Rows
    labels: Rows
    classes: int
    named: Rows

    def top(self, cutoff: int) -> float:
        """Return the share of items whose class is among the first `cutoff`."""
        return float(np.mean(self.ranks <= cutoff))

    def chance(self, cutoff: int) -> float:
        """Return what a random order of the classes scores."""
        return min(cutoff, self.classes) / self.classes

    def figures(self) -> dict[str, float]:
        """Return top-1, top-5 and balanced accuracy."""
        return {**{name: self.top(k) for name, k in TOP.items()}, "balanced": self.balanced}

    def drawn(self, group_of: Rows, bootstrap: Bootstrap) -> dict[str, Figures]:
        """Return each of the `figures` in each draw of a bootstrap, shape (resamples,).

        Parameters
        ----------
        group_of : ndarray of int, shape (n,)
            The group of linked items that each item is of.
        bootstrap : Bootstrap
        """
        hits = np.stack([self.ranks <= cutoff for cutoff in TOP.values()], axis=1)
        tops = bootstrap.means(hits.astype(np.float64), group_of)
        found = {name: tops[:, place] for place, name in enumerate(TOP)}
        return found | {"balanced": self._balanced_in(group_of, bootstrap)}

    def _balanced_in(self, group_of: Rows, bootstrap: Bootstrap) -> Figures:
        from scipy.sparse import coo_matrix

        shape, at = (bootstrap.groups, self.classes), (group_of, self.labels)
        hits = coo_matrix(((self.ranks <= 1).astype(np.float64), at), shape=shape).tocsr()
        items = coo_matrix((np.ones(len(self.labels)), at), shape=shape).tocsr()
        found = np.full(bootstrap.resamples, np.nan)
        for draws, counts in bootstrap.counts():
            right, of = counts @ hits, counts @ items
            shares = np.divide(right, of, out=np.zeros_like(right), where=of > 0)
            classes = (of > 0).sum(axis=1)
            np.divide(shares.sum(axis=1), classes, out=found[draws], where=classes > 0)
        return found

    @property
    def counts(self) -> Rows:
        """How many items each class has, shape (classes,)."""
        return np.bincount(self.labels, minlength=self.classes).astype(np.int64)

    @property
    def per_class(self) -> Figures:
        """Top-1 of each class, its recall, shape (classes,); nan for a class without items."""
        return _shares(self.right, self.counts)

    @property
    def right(self) -> Rows:
        """How many items of each class are named rightly, shape (classes,)."""
        return np.bincount(self.labels[self.ranks <= 1], minlength=self.classes).astype(np.int64)

    @property
    def named_counts(self) -> Rows:
        """How many items are taken for each class, shape (classes,)."""
        return np.bincount(self.named, minlength=self.classes).astype(np.int64)

    @property
    def precision(self) -> Figures:
        """Share of right ones among items taken for a class, shape (classes,); nan without any."""
        return _shares(self.right, self.named_counts)

    def confusions(self) -> Rows:
        """Return how often items of one class are taken for another, or for their own.

        Returns
        -------
        ndarray, shape (m, 3)
            The class of the items, the class they are taken for, and how many, above 0; in order.
        """
        codes, counts = np.unique(self.labels * self.classes + self.named, return_counts=True)
        return np.stack([codes // self.classes, codes % self.classes, counts], axis=1)

    @property
    def balanced(self) -> float:
        """Mean of the per-class top-1 over the classes that have items."""
        return float(np.nanmean(self.per_class))

    @property
    def majority(self) -> float:
        """What top-1 one would score by always naming the largest class."""
        return self.largest(1)

    def largest(self, cutoff: int) -> float:
        """Return what naming the so many largest classes scores, whatever the item."""
        return float(np.sort(self.counts)[::-1][:cutoff].sum() / len(self.labels))


def _shares(some: Rows, of: Rows) -> Figures:
    found = np.full(len(of), np.nan)
    np.divide(some, of, out=found, where=of > 0)
    return found


def class_prototypes(prompts: Floats, class_of: Rows, classes: int) -> Floats:
    """Return one unit row a class: the mean of its prompts' unit rows, scaled.

    Parameters
    ----------
    prompts : ndarray, shape (p, d)
        Unit rows of the joint space, of several prompts a class (Radford et al. 2021, section 3.1).
    class_of : ndarray of int, shape (p,)
        The class of each prompt, from 0.
    classes : int

    Returns
    -------
    ndarray, shape (classes, d), float32
        Zero where prompts cancel out, so that the class ties with whatever else is unknown.

    Raises
    ------
    WorkbenchError
        A class has no prompt.
    """
    counts = np.bincount(class_of, minlength=classes)
    if (counts == 0).any():
        raise WorkbenchError(f"Class {int(counts.argmin())} has no prompt; each needs one.")
    sums = np.zeros((classes, prompts.shape[1]), dtype=np.float64)
    np.add.at(sums, class_of, prompts)
    means = sums / counts[:, None]
    norms = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.maximum(norms, _TINY), dtype=np.float32)


def classify(items: Floats, prototypes: Floats, labels: Rows) -> Classification:
    """Measure zero-shot classification.

    Parameters
    ----------
    items : ndarray, shape (n, d)
        Unit rows.
    prototypes : ndarray, shape (classes, d)
        Unit rows, one a class.
    labels : ndarray of int, shape (n,)
        The class of each item, from 0.

    Returns
    -------
    Classification

    Raises
    ------
    WorkbenchError
        There are no items, or a label is no class.
    """
    labels = np.asarray(labels, dtype=np.int64)
    ranks = retrieve(items, prototypes, np.stack([np.arange(len(items)), labels], axis=1)).ranks
    named = labels.copy()
    wrong = np.flatnonzero(ranks > 1)
    for some, scores in blockwise_scores(items[wrong], prototypes):
        scores[np.arange(len(scores)), labels[wrong[some]]] = -np.inf
        named[wrong[some]] = scores.argmax(axis=1)
    return Classification(ranks, labels, len(prototypes), named)
