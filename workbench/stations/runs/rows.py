"""The rows of one modality of a run, read from the cache of its encoder and mapped by its heads.

Everything that is there now is taken, also when items came or went since the run was made. Rows of
distinct contents come first, in order of item, and those of copies behind them. So who measures
neighbourhoods, where a copy would be an item's own neighbour, takes the first rows of an array, and
who searches takes all of it: one array serves both.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace, standardise
from workbench.cache import EmbeddingCache
from workbench.item_ids import Places
from workbench.media import Modality
from workbench.project import Project, Run, rows_of_items
from workbench.stations.runs.run_space import RunView
from workbench.stations.runs.run_views import check_card, encoders_of
from workbench.stations.runs.space_rows import row_marks

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Marks = npt.NDArray[np.uint64]

_LOOKED_AT = 100  # embeddings
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, eq=False)
class Listing:
    """Which items have rows, and in which order.

    Attributes
    ----------
    items : ndarray, shape (m,)
        Ids of all present and encoded items, ascending.
    content_of_item : ndarray, shape (m,)
        The row of the first item with the same content: below `distinct`.
    ids : ndarray, shape (m,)
        The item of each row.
    distinct : int
        How many rows are of distinct contents; the others are of copies.
    places : ndarray, shape (m,)
        Where each row lies in the cache.
    key : bytes
        Of another value once any item, its content or its place has changed, or all embeddings.
    """

    items: Rows
    content_of_item: Rows
    ids: Rows
    distinct: int
    places: Rows
    key: bytes

    @cached_property
    def rows(self) -> Places:
        """What finds the row of an item."""
        return Places(self.ids)


@dataclass(frozen=True, eq=False)
class ViewRows:
    """Rows of a modality of a run, in the order of their listing.

    Attributes
    ----------
    listing : Listing
    joint : ndarray, shape (m, w)
        Unit rows of the joint space.
    before : ndarray, shape (distinct, d), or None
        Frozen embeddings of distinct contents as the head standardises them, once wanted.
    marks : ndarray, shape (m,), or None
        Of the frozen embeddings, see `row_marks`, once wanted.
    """

    listing: Listing
    joint: Floats
    before: Floats | None = None
    marks: Marks | None = None

    @property
    def ids(self) -> Rows:
        """The item of each row, shape (m,)."""
        return self.listing.ids

    @property
    def bytes(self) -> int:
        """How much memory all of it takes."""
        listing = self.listing
        arrays = (
            listing.items, listing.content_of_item, listing.ids,
            listing.places, self.joint, self.before, self.marks,
        )  # fmt: skip
        return sum(each.nbytes for each in arrays if each is not None)

    def has(self, *, before: bool, marks: bool) -> bool:
        """Whether what is wanted has been read."""
        return not (before and self.before is None) and not (marks and self.marks is None)

    def marked(self) -> Marks:
        """Return the marks, which have been read."""
        assert self.marks is not None  # noqa: S101 - see above
        return self.marks

    def rows_of(self, ids: Rows) -> Rows:
        """Return the row of each item, shape (len(ids),); -1 of those that have none."""
        return self.listing.rows.of(ids)

    def view(self) -> RunView:
        """Return the rows of distinct contents, before and after; `before` has been read."""
        assert self.before is not None  # noqa: S101 - see above
        listing = self.listing
        count = listing.distinct
        return RunView(
            listing.ids[:count], listing.items, listing.content_of_item,
            self.before, self.joint[:count],
        )  # fmt: skip


def read_view(
    project: Project,
    run: Run,
    heads: AlignedSpace,
    modality: Modality,
    known: ViewRows | None = None,
    *,
    before: bool = False,
    marks: bool = False,
) -> ViewRows:
    """Read the rows of a modality of a run, but for what is known and has not changed.

    Parameters
    ----------
    project : Project
    run : Run
    heads : AlignedSpace
        Of the run.
    modality : modality
        One that the run has a head for.
    known : ViewRows, optional
        What was read before by the same heads.
    before, marks : bool
        Whether these are wanted as well.

    Raises
    ------
    WorkbenchError
        There are no embeddings, or not by the encoder that the run was made with.
    """
    with EmbeddingCache(project.cache_path(modality, encoders_of(run)[modality])) as cache:
        check_card(run, modality, cache.header().card)
        listing = listing_of(project, cache, modality)
        if known is not None and known.listing.key != listing.key:
            known = None
        if known is not None and known.has(before=before, marks=marks):
            return known
        return _filled(cache, heads, modality, listing, known, before=before, marks=marks)


def _filled(
    cache: EmbeddingCache, heads: AlignedSpace, modality: Modality, listing: Listing,
    known: ViewRows | None, *, before: bool, marks: bool,
) -> ViewRows:  # fmt: skip
    """Return what is known and what is wanted besides; frozen rows are held some at a time."""
    count, centre = len(listing.places), heads.heads[modality].centre
    joint = np.empty((count, heads.joint_width), np.float32) if known is None else known.joint
    standard = None if known is None else known.before
    told = None if known is None else known.marks
    fill_standard, fill_marks = before and standard is None, marks and told is None
    if fill_standard:
        standard = np.empty((listing.distinct, len(centre)), dtype=np.float32)
    if fill_marks:
        told = np.empty(count, dtype=np.uint64)
    for start in range(0, count, _ROWS_AT_ONCE):
        some = slice(start, min(start + _ROWS_AT_ONCE, count))
        frozen = cache.read(listing.places[some])
        if known is None:
            joint[some] = heads.embed(modality, frozen)
        if fill_standard and standard is not None and start < listing.distinct:
            of_distinct = frozen[: listing.distinct - start]
            standard[start : start + len(of_distinct)] = standardise(of_distinct, centre)
        if fill_marks and told is not None:
            told[some] = row_marks(frozen)
    return ViewRows(listing, joint, standard, told)


def no_rows(heads: AlignedSpace, modality: Modality) -> RunView:
    """Return a view without rows, of the right widths."""
    none = np.zeros(0, dtype=np.int64)
    nothing = np.zeros((0, heads.width(modality)), dtype=np.float32)
    return RunView(none, none, none, nothing, heads.embed(modality, nothing))


def listing_of(project: Project, cache: EmbeddingCache, modality: Modality) -> Listing:
    """Return which present items of a modality have rows in a cache."""
    items, prints = project.catalogue.fingerprints(modality)
    places = rows_of_items(cache, items, prints)
    there = places >= 0
    items, prints, places = items[there], prints[there], places[there]
    contents = cache.contents()[places]
    digest = hashlib.blake2b(repr(sorted(cache.header().card.items())).encode(), digest_size=16)
    # made anew by the same encoder, on another device, all embeddings differ in their last digits
    some = places[:: max(1, len(places) // _LOOKED_AT)]
    for known in (items, prints, places, contents, cache.read(some, stored=True)):
        digest.update(np.ascontiguousarray(known).tobytes())
    same = np.where(contents == b"", prints, contents)  # as `load_dataset` tells them apart
    _, first, content = np.unique(same, return_index=True, return_inverse=True)
    in_order = np.argsort(first)
    row_of_content = np.empty_like(in_order)
    row_of_content[in_order] = np.arange(len(in_order))
    is_copy = np.ones(len(items), dtype=bool)
    is_copy[first] = False
    order = np.concatenate([first[in_order], np.flatnonzero(is_copy)])
    return Listing(
        items, row_of_content[content].astype(np.int64), items[order], len(first),
        places[order], digest.digest(),
    )  # fmt: skip
