"""The project folder: settings, catalogue of items and pairs, splits, runs."""

from workbench.project.answers.answer_file import ANSWERS_FILE, Line, Named, Said, change_answers
from workbench.project.answers.own_answers import Answer, OwnAnswers, moment_of, now
from workbench.project.answers.own_split import RowPairs
from workbench.project.answers.pair_sets import PairSets, Relation
from workbench.project.catalogue.catalogue import Catalogue, relation_of
from workbench.project.contents import EncodedContents
from workbench.project.dataset import (
    Dataset,
    View,
    encoded_items,
    load_dataset,
    load_embeddings,
    rows_of_items,
)
from workbench.project.items import Changes, Found, Item
from workbench.project.named_folders import Deleted
from workbench.project.names import file_name, spoken_name
from workbench.project.new_place import NewPlace, free_name, look_at_place
from workbench.project.places import SETTINGS_FILE, absolute_path, path_in
from workbench.project.project import Project
from workbench.project.runs.ladder_files import (
    add_to_rung_curves,
    has_ladder,
    read_ladder,
    read_ladder_figures,
    read_rung_curves,
    write_ladder,
)
from workbench.project.runs.recipe import (
    FoundNeighbours,
    Imported,
    KeptHeads,
    Recipe,
    StartedFrom,
    WordsInRecipe,
)
from workbench.project.runs.recipe_differences import NONE_OF_THAT, differing_settings
from workbench.project.runs.run import Run, file_mark
from workbench.project.runs.run_shelf import RunShelf
from workbench.project.saved_selections import (
    SELECTIONS_FILE,
    delete_selection,
    read_selections,
    save_selection,
)
from workbench.project.settings import (
    NAME_RULES,
    KeyPairs,
    Pairing,
    ProjectSettings,
    SidecarPairs,
    Source,
    SplitSettings,
    TablePairs,
    read_settings,
)
from workbench.project.space_name import SpaceName
from workbench.project.split import Split, rows_in, split_pairs

__all__ = [
    "ANSWERS_FILE",
    "NAME_RULES",
    "NONE_OF_THAT",
    "SELECTIONS_FILE",
    "SETTINGS_FILE",
    "Answer",
    "Catalogue",
    "Changes",
    "Dataset",
    "Deleted",
    "EncodedContents",
    "Found",
    "FoundNeighbours",
    "Imported",
    "Item",
    "KeptHeads",
    "KeyPairs",
    "Line",
    "Named",
    "NewPlace",
    "OwnAnswers",
    "PairSets",
    "Pairing",
    "Project",
    "ProjectSettings",
    "Recipe",
    "Relation",
    "RowPairs",
    "Run",
    "RunShelf",
    "Said",
    "SidecarPairs",
    "Source",
    "SpaceName",
    "Split",
    "SplitSettings",
    "StartedFrom",
    "TablePairs",
    "View",
    "WordsInRecipe",
    "absolute_path",
    "add_to_rung_curves",
    "change_answers",
    "delete_selection",
    "differing_settings",
    "encoded_items",
    "file_mark",
    "file_name",
    "free_name",
    "has_ladder",
    "load_dataset",
    "load_embeddings",
    "look_at_place",
    "moment_of",
    "now",
    "path_in",
    "read_ladder",
    "read_ladder_figures",
    "read_rung_curves",
    "read_selections",
    "read_settings",
    "relation_of",
    "rows_in",
    "rows_of_items",
    "save_selection",
    "split_pairs",
    "spoken_name",
    "write_ladder",
]
