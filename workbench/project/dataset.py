"""The project's embeddings, pairs and split as plain arrays."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import HeldOut
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.item_ids import distinct_pairs
from workbench.media import Modality
from workbench.project.answers.own_split import RowPairs
from workbench.project.answers.pair_sets import Relation
from workbench.project.project import Project
from workbench.project.settings import SplitSettings
from workbench.project.split import Split, rows_in, split_pairs

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class View:
    """One modality's embeddings, one row a distinct content.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Item id of each row; of items with the same content, the first.
    embeddings : ndarray, shape (n, d)
    card : dict
        Of the encoder that made them.
    """

    ids: Rows
    embeddings: Floats
    card: dict[str, Any]


@dataclass(frozen=True)
class Dataset:
    """Views with their pairs, by row.

    Attributes
    ----------
    views : dict of modality to View
    pairs : dict of relation to ndarray, shape (p, 2)
    fingerprint : str
        Hash of all embeddings, item ids and pairs.
    given : dict of relation to ndarray, shape (p, 2), or None
        The pairs that rules find, where the user says otherwise.
    """

    views: dict[str, View]
    pairs: RowPairs
    fingerprint: str
    given: RowPairs | None = None

    def split(self, settings: SplitSettings, budget: int | None = None) -> Split:
        """Divide the pairs; see `split_pairs`."""
        counts = {view: len(facts.ids) for view, facts in self.views.items()}
        if self.given is None:
            return split_pairs(counts, self.pairs, settings, budget)
        return split_pairs(counts, self.given, settings, budget, self.pairs)

    def training(self, split: Split) -> tuple[dict[str, Floats], RowPairs]:
        """Return only what training may see: views without held-out rows, pairs renumbered."""
        views: dict[str, Floats] = {}
        place: dict[str, Rows] = {}
        for name, view in self.views.items():
            rows = split.training_rows(name)
            views[name] = view.embeddings[rows]
            place[name] = np.full(len(view.ids), -1, dtype=np.int64)
            place[name][rows] = np.arange(len(rows))
        pairs = {
            relation: np.stack([place[relation[side]][rows[:, side]] for side in (0, 1)], axis=1)
            for relation, rows in split.training.items()
        }
        return views, pairs

    def held_out(self, pairs: RowPairs) -> HeldOut:
        """Return held-out pairs with exactly the items that occur in them.

        Candidates of a query are all held-out items of the other view, of whatever relation.
        """
        rows = {name: rows_in(pairs, name) for name in self.views}
        return HeldOut(
            {name: view.embeddings[rows[name]] for name, view in self.views.items()},
            {
                relation: np.stack(
                    [np.searchsorted(rows[relation[s]], found[:, s]) for s in (0, 1)], axis=1
                )
                for relation, found in pairs.items()
                if len(found)
            },
        )


def load_dataset(
    project: Project,
    encoders: dict[Modality, str] | None = None,
    *,
    without_pairs: bool = False,
    until: str = "",
) -> Dataset:
    """Read the embeddings of every modality that has an encoder chosen and takes part in a pair.

    Parameters
    ----------
    project : Project
    encoders : dict of modality to encoder name, optional
        Instead of the project's present choice, as a run's recipe says.
    without_pairs : bool
        Also of modalities in no pair: nothing is to be learned from pairs.
    until : str
        With the user's answers of no later moment, see `Catalogue.answers`.

    Raises
    ------
    WorkbenchError
        There are no pairs and there should be, or items are not encoded yet.
    """
    chosen = encoders or project.settings.encoders
    sets = project.catalogue.pair_sets(until)
    pairs, given = (
        {relation: ids for relation, ids in some.items() if set(relation) <= chosen.keys()}
        for some in (sets.now, sets.given)
    )
    paired = {modality for relation in pairs for modality in relation}
    modalities = sorted(chosen) if without_pairs else sorted(paired)
    if not modalities:
        raise WorkbenchError(
            f"The project “{project.settings.name}” has no pairs of encoded modalities. Set a "
            "pairing on the Data page and scan, then choose encoders on the Encode page."
        )
    views: dict[str, View] = {}
    row_of: dict[str, dict[int, int]] = {}
    digest = hashlib.blake2b(digest_size=16)
    for modality in modalities:
        views[modality], row_of[modality] = _load_view(project, modality, chosen[modality])
        digest.update(modality.encode() + views[modality].ids.tobytes())
        # bytes in place: of a million rows a copy is gigabytes
        plain = np.ascontiguousarray(views[modality].embeddings)
        digest.update(plain.view(np.uint8).ravel().data)
    by_rules = _rows_of_pairs(given, row_of)
    for rows in by_rules.values():
        digest.update(rows.tobytes())
    if sets.now is sets.given:
        return Dataset(views, by_rules, digest.hexdigest())
    found = _rows_of_pairs(pairs, row_of)
    for relation, rows in found.items():
        digest.update("–".join(relation).encode() + rows.tobytes())
    return Dataset(views, found, digest.hexdigest(), by_rules)


def _rows_of_pairs(pairs: dict[Relation, Rows], row_of: dict[str, dict[int, int]]) -> RowPairs:
    """Return pairs of items as pairs of rows, each once; of modalities that have rows."""
    rows: RowPairs = {}
    for relation, ids in pairs.items():
        if set(relation) <= row_of.keys():
            first, second = (row_of[modality] for modality in relation)
            found = [(first[a], second[b]) for a, b in ids.tolist() if a in first and b in second]
            rows[relation] = distinct_pairs(found)
    return rows


def load_embeddings(project: Project, modality: Modality, encoder: str) -> tuple[Rows, Floats]:
    """Return ids and embeddings of all present and encoded items of a modality, in order of id.

    An item whose content has changed since it was encoded counts as not encoded.
    """
    with EmbeddingCache(project.cache_path(modality, encoder)) as cache:
        ids, rows = encoded_items(project, modality, cache)
        return ids, cache.read(rows)


def encoded_items(project: Project, modality: Modality, cache: EmbeddingCache) -> tuple[Rows, Rows]:
    """Return the ids of `load_embeddings`, and in which row of the cache each is."""
    ids, marks = project.catalogue.fingerprints(modality)
    rows = rows_of_items(cache, ids, marks)
    return ids[rows >= 0], rows[rows >= 0]


def _load_view(project: Project, modality: Modality, encoder: str) -> tuple[View, dict[int, int]]:
    """Return a view, and the row of each of its items."""
    problems = project.catalogue.problems(modality, encoder)
    with EmbeddingCache(project.cache_path(modality, encoder)) as cache:
        ids, marks = project.catalogue.fingerprints(modality)
        found = rows_of_items(cache, ids, marks)
        waiting = sum(item not in problems for item in ids[found < 0].tolist())
        if waiting:
            raise WorkbenchError(
                f"{waiting:,} {modality} items are not encoded yet by {encoder}. "
                f"Encode them on the Encode page or with “gera-workbench encode PROJECT”."
            )
        ids, marks, found = ids[found >= 0], marks[found >= 0], found[found >= 0]
        # items of one content share a row; where the hash of the content is not known (in caches
        # of the first format), the fingerprint stands for it
        contents = cache.contents()[found]
        same = np.where(contents == b"", marks, contents)
        _, first, place = np.unique(same, return_index=True, return_inverse=True)
        order = np.argsort(first)  # rows in order of id
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        rows = first[order]
        view = View(ids[rows], cache.read(found[rows]), cache.header().card)
        return view, dict(zip(ids.tolist(), rank[place].tolist(), strict=True))


def rows_of_items(cache: EmbeddingCache, ids: Rows, fingerprints: npt.NDArray[np.bytes_]) -> Rows:
    """Return the row of each item that is encoded from the content it has now; -1 for others."""
    if cache.holds(ids, fingerprints):  # as it is after every encode
        return np.where(cache.encoded()[: len(ids)], np.arange(len(ids)), -1)
    encoded = cache.encoded()
    row_of = {
        item: row
        for row, item in enumerate(
            zip(cache.item_ids().tolist(), cache.fingerprints().tolist(), strict=True)
        )
        if encoded[row]
    }
    wanted = zip(ids.tolist(), fingerprints.tolist(), strict=True)
    return np.array([row_of.get(item, -1) for item in wanted], dtype=np.int64)
