"""The project folder: settings, catalogue of items and pairs, splits, runs."""

from workbench.project.catalogue import Catalogue, Changes, Found, Item, Relation, relation_of
from workbench.project.dataset import (
    Dataset,
    load_dataset,
    load_embeddings,
    rows_of_items,
)
from workbench.project.project import SETTINGS_FILE, Project, absolute_path, file_name
from workbench.project.runs import FoundNeighbours, Recipe, Run
from workbench.project.settings import (
    KeyPairs,
    Pairing,
    ProjectSettings,
    SidecarPairs,
    Source,
    SplitSettings,
    TablePairs,
    in_words,
    read_settings,
)
from workbench.project.split import RowPairs, Split, rows_in, split_pairs

__all__ = [
    "SETTINGS_FILE",
    "Catalogue",
    "Changes",
    "Dataset",
    "Found",
    "FoundNeighbours",
    "Item",
    "KeyPairs",
    "Pairing",
    "Project",
    "ProjectSettings",
    "Recipe",
    "Relation",
    "RowPairs",
    "Run",
    "SidecarPairs",
    "Source",
    "Split",
    "SplitSettings",
    "TablePairs",
    "absolute_path",
    "file_name",
    "in_words",
    "load_dataset",
    "load_embeddings",
    "read_settings",
    "relation_of",
    "rows_in",
    "rows_of_items",
    "split_pairs",
]
