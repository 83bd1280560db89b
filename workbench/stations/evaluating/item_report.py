"""What is told of an item that is looked at: its neighbours, partners and diffusion operators."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.media import Modality

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest neighbours of an item in one space, nearest first.

    Attributes
    ----------
    ids : ndarray, shape (k,)
        Items.
    scores : ndarray, shape (k,)
        Cosines to the item.
    ranks_elsewhere : ndarray, shape (k,)
        Their rank in the other space, from 1; here it is 1 to k.
    stay : ndarray of bool, shape (k,)
        Whether they are among the k nearest in the other space too: those that do not are lost,
        or gained.
    """

    ids: Rows
    scores: Floats
    ranks_elsewhere: Rows
    stay: Mask


@dataclass(frozen=True, eq=False)
class NeighbourhoodChange:
    """An item's neighbours within its modality, in the frozen and in the joint space.

    Attributes
    ----------
    item : int
    modality : str
    before, after : Neighbours
    """

    item: int
    modality: Modality
    before: Neighbours
    after: Neighbours

    @property
    def kept(self) -> Rows:
        """Items that are neighbours in both, nearest before first."""
        return self.before.ids[self.before.stay]

    @property
    def lost(self) -> Rows:
        """Items that are neighbours before only, nearest first."""
        return self.before.ids[~self.before.stay]

    @property
    def gained(self) -> Rows:
        """Items that are neighbours after only, nearest first."""
        return self.after.ids[~self.after.stay]

    @property
    def overlap(self) -> float:
        """Share of its neighbours that the item keeps; nan where it has none."""
        return float(self.before.stay.mean()) if len(self.before.stay) else float("nan")


@dataclass(frozen=True, eq=False)
class AcrossModalities:
    """What of another modality lies nearest to an item in the joint space.

    Attributes
    ----------
    modality : str
        The other one.
    ids, scores : ndarray, shape (k,)
        Items, nearest first, and their cosines.
    candidates : int
        Among how many distinct contents.
    partners : ndarray, shape (p,)
        Items that belong to it, by the pairs of the catalogue.
    partner_ranks, partner_scores : ndarray, shape (p,)
        Of each of them; ranks start at 1, and no partner stands in another's way.
    rank_before : int or None
        Of the best partner where the frozen spaces are only turned onto each other, see
        `ProcrustesBaseline`; None where that is not known, or there is no partner.
    """

    modality: Modality
    ids: Rows
    scores: Floats
    candidates: int
    partners: Rows
    partner_ranks: Rows
    partner_scores: Floats
    rank_before: int | None = None

    @property
    def rank(self) -> int | None:
        """Rank of the best partner; None where there is none."""
        return int(self.partner_ranks.min()) if len(self.partner_ranks) else None


@dataclass(frozen=True, eq=False)
class OperatorChange:
    """The diffusion operators of an item's neighbourhood (mathematics.md, Diffusion operator).

    Attributes
    ----------
    ids : ndarray, shape (K + 1,)
        Rows and columns of the operators: the item, then its neighbours in the frozen space,
        nearest first.
    before, after : ndarray, shape (K + 1, K + 1)
    share : float or None
        The item's share of the sum of its view's distortions, from 0 to 1; None until
        `Inspector.figures` are known.
    """

    ids: Rows
    before: Floats
    after: Floats
    share: float | None

    @property
    def difference(self) -> Floats:
        """After less before: positive where the alignment drew two items together."""
        return self.after - self.before

    @property
    def distortion(self) -> float:
        """The item's own L_geo."""
        return float(np.square(self.difference).sum())
