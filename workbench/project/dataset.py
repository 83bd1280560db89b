"""The project's embeddings, pairs and split as plain arrays."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import HeldOut
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project.catalogue import Item
from workbench.project.project import Project
from workbench.project.settings import SplitSettings
from workbench.project.split import RowPairs, Split, split_pairs

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class View:
    """One modality's embeddings, one row a distinct content.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Item id of each row; of items with the same text, the first.
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
    """

    views: dict[str, View]
    pairs: RowPairs
    fingerprint: str

    def split(self, settings: SplitSettings, budget: int | None = None) -> Split:
        """Divide the pairs; see `split_pairs`."""
        counts = {view: len(facts.ids) for view, facts in self.views.items()}
        return split_pairs(counts, self.pairs, settings, budget)

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
        rows = {
            name: np.unique(
                np.concatenate(
                    [np.zeros(0, np.int64)]
                    + [p[:, side] for r, p in pairs.items() for side in (0, 1) if r[side] == name]
                )
            )
            for name in self.views
        }
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


def load_dataset(project: Project, encoders: dict[Modality, str] | None = None) -> Dataset:
    """Read the embeddings of every modality that has an encoder chosen and takes part in a pair.

    Parameters
    ----------
    project : Project
    encoders : dict of modality to encoder name, optional
        Instead of the project's present choice, as a run's recipe says.

    Raises
    ------
    WorkbenchError
        There are no pairs, or items are not encoded yet.
    """
    chosen = encoders or project.settings.encoders
    pairs = {r: ids for r, ids in project.catalogue.pairs().items() if set(r) <= chosen.keys()}
    modalities = sorted({modality for relation in pairs for modality in relation})
    if not pairs:
        raise WorkbenchError(
            f"The project “{project.settings.name}” has no pairs between encoded modalities. Set "
            "a pairing on the Data page and scan, then choose encoders on the Encode page."
        )
    views: dict[str, View] = {}
    row_of: dict[str, dict[int, int]] = {}
    digest = hashlib.blake2b(digest_size=16)
    for modality in modalities:
        views[modality], row_of[modality] = _load_view(project, modality, chosen[modality])
        digest.update(modality.encode() + views[modality].ids.tobytes())
        digest.update(views[modality].embeddings.tobytes())
    rows: RowPairs = {}
    for relation, ids in pairs.items():
        first, second = (row_of[modality] for modality in relation)
        found = [(first[a], second[b]) for a, b in ids.tolist() if a in first and b in second]
        rows[relation] = np.unique(np.array(found, dtype=np.int64).reshape(-1, 2), axis=0)
        digest.update(rows[relation].tobytes())
    return Dataset(views, rows, digest.hexdigest())


def load_embeddings(project: Project, modality: Modality, encoder: str) -> tuple[Rows, Floats]:
    """Return ids and embeddings of all present and encoded items of a modality, in order of id.

    An item whose content has changed since it was encoded counts as not encoded.
    """
    with EmbeddingCache(project.cache_path(modality, encoder)) as cache:
        right = rows_of_items(cache, project.catalogue.items(modality))
        ids, rows = (np.array(list(each), dtype=np.int64) for each in (right, right.values()))
        return ids, _read_rows(cache, rows)


def _load_view(project: Project, modality: Modality, encoder: str) -> tuple[View, dict[int, int]]:
    """Return a view, and the row of each of its items."""
    with EmbeddingCache(project.cache_path(modality, encoder)) as cache:
        items = project.catalogue.items(modality)
        row_of_id = rows_of_items(cache, items)
        taken: dict[str, int] = {}
        rows: list[int] = []
        place: dict[int, int] = {}
        waiting = 0
        for item in items:
            if item.id not in row_of_id:
                waiting += not item.problem
                continue
            # a text's fingerprint is its content's; a file's names the file
            same = item.fingerprint if modality == "text" else f"{item.id}"
            if same not in taken:
                taken[same] = len(rows)
                rows.append(row_of_id[item.id])
            place[item.id] = taken[same]
        if waiting:
            raise WorkbenchError(
                f"{waiting:,} {modality} items are not encoded yet by {encoder}. "
                f"Encode them on the Encode page or with “gera-workbench encode PROJECT”."
            )
        numbers = np.array(rows, dtype=np.int64)
        ids = cache.item_ids()[numbers]
        return View(ids, _read_rows(cache, numbers), cache.header().card), place


def rows_of_items(cache: EmbeddingCache, items: Iterable[Item]) -> dict[int, int]:
    """Return the row of each item, by id, that is encoded from the content it has now."""
    encoded = cache.encoded()
    row_of = {
        item: row
        for row, item in enumerate(
            zip(cache.item_ids().tolist(), cache.fingerprints(), strict=True)
        )
        if encoded[row]
    }
    found = ((item.id, row_of.get((item.id, item.fingerprint))) for item in items)
    return {item: row for item, row in found if row is not None}


def _read_rows(cache: EmbeddingCache, rows: Rows) -> Floats:
    """Read embeddings in any order of rows."""
    order = np.argsort(rows)
    embeddings = cache.read(rows[order])
    embeddings[order] = embeddings.copy()
    return embeddings
