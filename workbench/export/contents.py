"""What is taken home of a run: heads, what is known of them, how to have items and encoders.

Nothing here knows a project: who exports one says how its items are read and its encoders loaded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace
from workbench.encoders import Encoder
from workbench.errors import WorkbenchError
from workbench.media import Modality

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ViewItems:
    """The items of a view, with their rows of the joint space.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Item ids.
    rows : ndarray, shape (n, w)
        Unit rows.
    paths, texts, labels, splits : sequence of str, each of n
        Where each item lies, its words if it is a text, its label, and for what the run used it;
        empty words where there are none, or nobody knows.
    """

    ids: Ids
    rows: Floats
    paths: Sequence[str]
    texts: Sequence[str]
    labels: Sequence[str]
    splits: Sequence[str]


def _no_items(view: str) -> ViewItems:
    raise WorkbenchError(f"There are no {view} items here to export vectors of.")


def _no_encoder(view: str) -> Encoder:
    raise WorkbenchError(f"There is no {view} encoder here to export.")


@dataclass(frozen=True, eq=False)
class Contents:
    """What can be exported of a run.

    Attributes
    ----------
    name : str
        Of the run.
    space : AlignedSpace
    encoders : mapping of view to dict
        The card of each view's encoder.
    facts : mapping
        What else the configuration says: ``recipe`` and ``report``.
    counts : mapping of view to int
        How many items each view has.
    pairs : callable
        Returns how many pairs each part of the data has: ``training``, ``validation``, ``test``;
        nothing where nobody knows any more.
    items : callable
        Reads the items of a view.
    encoder : callable
        Loads the encoder of a view; it is the one that the card tells of.
    samples : mapping of view to callable
        Returns some media of a view, such as an encoder takes: exported encoders are compared on
        these.
    """

    name: str
    space: AlignedSpace
    encoders: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    pairs: Callable[[], Mapping[str, int]] = dict
    items: Callable[[Modality], ViewItems] = _no_items
    encoder: Callable[[Modality], Encoder] = _no_encoder
    samples: Mapping[str, Callable[[], list[Any]]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Of the joint space."""
        return self.space.joint_width

    @property
    def item_count(self) -> int:
        """How many items all views have."""
        return sum(self.counts.values())

    def head_bytes(self, view: str) -> int:
        """Return how much the arrays of a view's head take."""
        tensors = self.space.heads[view].tensors()
        return sum(array.nbytes for array in tensors.values())

    def encoder_bytes(self, view: str) -> int:
        """Return how much an encoder's weights take in float32; 0 where its card does not tell."""
        return 4 * int(self.encoders.get(view, {}).get("parameters") or 0)
