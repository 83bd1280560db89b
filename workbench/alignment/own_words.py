"""An encoder's own words: a space that no pair has part in, alone or beside learned heads.

The names of the classes that a classifier knows are pairs that cost nothing: their text vectors,
mixed by how likely each class is, put an item into the text encoder's space (`WordsHead`). Each
class's logit is standardised over the view's items first, so that a class counts by how much more
an item is of it than the others of this collection are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.alignment.checks import checked_centre
from workbench.alignment.heads import Head, LinearHead, standardise
from workbench.alignment.space import AlignedSpace
from workbench.alignment.word_heads import BlocksHead, WordsHead
from workbench.geometry import RowSource, unit_rows
from workbench.geometry.rows import blocks, evenly, read_rows

Floats = npt.NDArray[np.float32]

TEMPERATURE = 0.7
_LOOKED_AT = 10_000
_TINY = 1e-30


@dataclass(frozen=True, eq=False)
class OwnWords:
    """Classes of a view's items, with what they are called.

    Attributes
    ----------
    view, text : str
        The view whose items are of the classes, and the one whose encoder made the vectors.
    weight : ndarray, shape (c, d)
        The more a frozen embedding points along a class's row, the likelier it is of the class.
    vectors : ndarray, shape (c, w)
        The classes' names, by the text view's encoder.
    """

    view: str
    text: str
    weight: Floats
    vectors: Floats


def space_of_words(words: OwnWords, views: Mapping[str, RowSource]) -> AlignedSpace:
    """Return heads into the text view's own space, made from no pair.

    Parameters
    ----------
    words : OwnWords
    views : mapping of view to ndarray, shape (n, d)
        Frozen embeddings. Those of which the words say nothing get a head that says nothing: its
        rows are zero.

    Returns
    -------
    AlignedSpace

    Raises
    ------
    WorkbenchError
        Rows are not finite, all zero or all alike.
    """
    wide = words.vectors.shape[1]
    heads: dict[str, Head] = {}
    for view, rows in views.items():
        centre = checked_centre(view, rows)
        if view == words.view:
            heads[view] = _head_of_words(words, rows, centre)
        else:
            same = np.eye(wide) if view == words.text else np.zeros((wide, rows.shape[1]))
            heads[view] = LinearHead(centre, same.astype(np.float32), np.zeros(wide, np.float32))
    return AlignedSpace(heads)


def _head_of_words(words: OwnWords, rows: RowSource, centre: Floats) -> WordsHead:
    some = read_rows(rows, evenly(rows.shape[0], _LOOKED_AT))
    # of all classes' logits at once: there may be twenty thousand
    scatter = np.cov(some.T, bias=True)
    spread = np.sqrt(np.maximum((words.weight @ scatter * words.weight).sum(axis=1), _TINY))
    weight = (words.weight / (TEMPERATURE * spread[:, None])).astype(np.float32)
    named = unit_rows(words.vectors)
    vectors = standardise(named, named.mean(axis=0))
    head = WordsHead(centre, weight, vectors, np.zeros(named.shape[1], np.float32))
    return replace(head, mean=head.said(some).mean(axis=0))


def words_of_groups(
    view: str, text: str, rows: RowSource, group_of: npt.NDArray[np.int64], vectors: Floats
) -> OwnWords:
    """Return the groups that items are in as classes: items are of one as far as they are like it.

    Parameters
    ----------
    view, text : str
    rows : ndarray, shape (n, d)
    group_of : ndarray, shape (n,)
        From 0; -1 of items in no group. No group is empty.
    vectors : ndarray, shape (c, w)
        The groups' names, by the text view's encoder.
    """
    centre, sums = checked_centre(view, rows), np.zeros((len(vectors), rows.shape[1]))
    for first, block in blocks(rows):
        groups = group_of[first : first + len(block)]
        known = groups >= 0
        np.add.at(sums, groups[known], standardise(block[known], centre))
    counts = np.bincount(group_of[group_of >= 0], minlength=len(vectors))
    return OwnWords(view, text, (sums / counts[:, None]).astype(np.float32), vectors)


def joined(learned: AlignedSpace, words: AlignedSpace, share: float) -> AlignedSpace:
    """Return two spaces of the same views side by side.

    Parameters
    ----------
    learned, words : AlignedSpace
    share : float
        Of the words, from 0 to 1: cosines are ``(1 - share) s + share t``, with s those of the
        learned heads and t those of the words.
    """
    if share <= 0 or share >= 1:
        return words if share >= 1 else learned
    return AlignedSpace(
        {
            view: BlocksHead((head, words.heads[view]), (1 - share, share))
            for view, head in learned.heads.items()
        }
    )
