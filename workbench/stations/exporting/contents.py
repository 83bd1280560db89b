"""What an export is made of, read from a project."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.cache import EmbeddingCache
from workbench.encoders import Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.export import Contents, ViewItems
from workbench.geometry.rows import evenly
from workbench.jobs import drain
from workbench.media import Modality, read_medium
from workbench.project import Project, Run, rows_of_items
from workbench.stations.encoding.given_vectors import loaded_name
from workbench.stations.encoding.trusted_code import is_trusted
from workbench.stations.runs.data import data_of_run_if_unchanged, split_of_run
from workbench.stations.runs.run_views import check_card, encoders_of
from workbench.stations.runs.split_roles import ROLES, split_role_of_items, split_roles
from workbench.stations.runs.store import RunStore, read_run_space

Ids = npt.NDArray[np.int64]

_COMPARED = 16  # items that an exported encoder is compared on


def contents_of(project: Project, run_name: str) -> Contents:
    """Return what can be exported of a run; items and encoders are read when they are asked for.

    Raises
    ------
    WorkbenchError
        The run is missing, damaged, or has no heads.
    """
    run = project.run(run_name)
    recipe, space = run.recipe(), run.space()
    views = encoders_of(run)
    return Contents(
        name=run.name,
        space=space,
        encoders=recipe.encoders,
        facts={
            "recipe": recipe.model_dump(mode="json", exclude={"encoders"}),
            "report": run.report(),
        },
        counts={view: len(_encoded_ids(project, view, name)) for view, name in views.items()},
        pairs=lambda: _pairs(project, run),
        items=_items_reader(project, run_name),
        encoder=_encoder_loader(project, run),
        samples={view: _sampler(project, view, name) for view, name in views.items()},
    )


def _encoded_ids(project: Project, view: Modality, encoder: str) -> Ids:
    """Return the items of a view that are encoded now; none where there are no embeddings."""
    path = project.cache_path(view, encoder)
    if not path.exists():
        return np.zeros(0, dtype=np.int64)
    with EmbeddingCache(path) as cache:
        ids, marks = project.catalogue.fingerprints(view)
        return ids[rows_of_items(cache, ids, marks) >= 0]


def _pairs(project: Project, run: Run) -> dict[str, int]:
    """Return how many pairs the run was trained, watched and tested with, if that is known."""
    recipe = run.recipe()
    data = data_of_run_if_unchanged(project, run, recipe)
    if data is None:
        return {}
    split = split_of_run(data, recipe)
    parts = {"training": split.training, "validation": split.validation, "test": split.test}
    return {name: sum(map(len, pairs.values())) for name, pairs in parts.items() if pairs}


def _items_reader(project: Project, run_name: str) -> Callable[[Modality], ViewItems]:
    store = RunStore()

    @cache
    def role_of() -> Callable[[Any], Any]:
        known = split_roles(project, run_name)
        if known is None:
            return lambda ids: np.full(len(ids), -1)
        return split_role_of_items(known, drain(read_run_space(project, run_name, store=store)))

    @cache  # several parts want the same
    def read(view: Modality) -> ViewItems:
        rows = store.of(project, run_name).all_rows(view)
        items = project.catalogue.items_of(rows.ids.tolist())
        roles = role_of()(rows.ids)
        return ViewItems(
            ids=rows.ids,
            rows=rows.joint,
            paths=[item.path for item in items],
            texts=[item.text for item in items],
            labels=[item.label for item in items],
            splits=[ROLES[role] if role >= 0 else "" for role in roles.tolist()],
        )

    return read


def _encoder_loader(project: Project, run: Run) -> Callable[[Modality], Encoder]:
    encoders = encoders_of(run)

    @lru_cache(maxsize=1)  # two of them may be more than memory holds
    def load(view: Modality) -> Encoder:
        name = loaded_name(project, encoders[view])
        trusted = is_trusted(name, view)
        encoder = load_encoder(name, view, "cpu", trust_code=trusted, precision="full", fetch=False)
        check_card(run, view, encoder.card.model_dump(mode="json"))
        return encoder

    return load


def _sampler(project: Project, view: Modality, encoder: str) -> Callable[[], list[Any]]:
    @cache
    def sample() -> list[Any]:
        ids = _encoded_ids(project, view, encoder)
        some = ids[evenly(len(ids), _COMPARED)]
        found = []
        for item in project.catalogue.items_of(some.tolist()):
            try:
                found.append(read_medium(view, item.path, item.text))
            except WorkbenchError:  # its file is gone meanwhile
                continue
        if len(found) < 2:
            raise WorkbenchError(f"too few {view} files are there to compare its vectors on.")
        return found

    return sample
