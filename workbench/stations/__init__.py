"""The road: each station is a generator function that reads and writes the project folder."""

from workbench.stations.align import AlignRequest, align, resume
from workbench.stations.caches import CacheState, cache_state, delete_cache, list_caches
from workbench.stations.clusters import (
    MOST_CLUSTERS,
    Clusters,
    cluster_items,
    name_clusters,
    usual_count,
)
from workbench.stations.collecting.item_sources import ItemSources
from workbench.stations.compare import compare
from workbench.stations.compared_groups import (
    BOTH_WAYS,
    CUTOFFS,
    ComparedGroups,
    GroupOfTwo,
    compare_groups,
)
from workbench.stations.comparing import (
    HeldOutRanks,
    ItemOverlap,
    SpaceOf,
    held_out_ranks,
    overlap_of_spaces,
)
from workbench.stations.division import Division, division
from workbench.stations.encode import EncodeReport, EncodeRequest, encode
from workbench.stations.evaluate import evaluate
from workbench.stations.export import export
from workbench.stations.fetch import fetch_encoder
from workbench.stations.inspected import (
    AcrossModalities,
    NeighbourhoodChange,
    Neighbours,
    OperatorChange,
)
from workbench.stations.inspecting import Inspector, inspector
from workbench.stations.item_columns import Coded, ItemColumns
from workbench.stations.item_figures import (
    Direction,
    Distribution,
    ItemFigures,
    distribution,
    measure_items,
)
from workbench.stations.item_filter import ItemFilter, filter_items
from workbench.stations.kept_maps import Map, UmapOptions
from workbench.stations.ladder import Scrubbed, Scrubber, ladder_in_words, pick, scrubber
from workbench.stations.map import make_map, map_file, read_map
from workbench.stations.map_spaces import heads_of
from workbench.stations.pairing import RelationFindings
from workbench.stations.placing import Placer, kept_placer, place
from workbench.stations.problems import Problem, list_problems
from workbench.stations.query import Answer, LoadedEncoders, Searcher, query
from workbench.stations.questions import Asked, Combination, Question
from workbench.stations.rank_changes import RankChanges, rank_changes
from workbench.stations.roles import ROLES, Role, item_roles, role_of_items
from workbench.stations.run_space import RunSpace, RunView
from workbench.stations.runs.data import data_have_changed
from workbench.stations.runs.store import RunStore, StoredRun, read_run_space
from workbench.stations.sample import RECIPES, sample
from workbench.stations.scan import Preview, ScanReport, check_rules, scan
from workbench.stations.search_index import INDEX_FROM, build_search_index
from workbench.stations.selecting import export_selection, find_items
from workbench.stations.shown_pairs import (
    ShownNeighbourhoods,
    ShownPairs,
    neighbourhoods_of,
    show_run,
)
from workbench.stations.side_by_side import MovedAnswer, RunAnswers, ask_runs, query_runs
from workbench.stations.spaces.offered import encoded_views, list_spaces
from workbench.stations.two_spaces import TwoSpaces, read_two_spaces
from workbench.stations.why import Pull, TrainingPairs, training_pairs

__all__ = [
    "BOTH_WAYS",
    "CUTOFFS",
    "INDEX_FROM",
    "MOST_CLUSTERS",
    "RECIPES",
    "ROLES",
    "AcrossModalities",
    "AlignRequest",
    "Answer",
    "Asked",
    "CacheState",
    "Clusters",
    "Coded",
    "Combination",
    "ComparedGroups",
    "Direction",
    "Distribution",
    "Division",
    "EncodeReport",
    "EncodeRequest",
    "GroupOfTwo",
    "HeldOutRanks",
    "Inspector",
    "ItemColumns",
    "ItemFigures",
    "ItemFilter",
    "ItemOverlap",
    "ItemSources",
    "LoadedEncoders",
    "Map",
    "MovedAnswer",
    "NeighbourhoodChange",
    "Neighbours",
    "OperatorChange",
    "Placer",
    "Preview",
    "Problem",
    "Pull",
    "Question",
    "RankChanges",
    "RelationFindings",
    "Role",
    "RunAnswers",
    "RunSpace",
    "RunStore",
    "RunView",
    "ScanReport",
    "Scrubbed",
    "Scrubber",
    "Searcher",
    "ShownNeighbourhoods",
    "ShownPairs",
    "SpaceOf",
    "StoredRun",
    "TrainingPairs",
    "TwoSpaces",
    "UmapOptions",
    "align",
    "ask_runs",
    "build_search_index",
    "cache_state",
    "check_rules",
    "cluster_items",
    "compare",
    "compare_groups",
    "data_have_changed",
    "delete_cache",
    "distribution",
    "division",
    "encode",
    "encoded_views",
    "evaluate",
    "export",
    "export_selection",
    "fetch_encoder",
    "filter_items",
    "find_items",
    "heads_of",
    "held_out_ranks",
    "inspector",
    "item_roles",
    "kept_placer",
    "ladder_in_words",
    "list_caches",
    "list_problems",
    "list_spaces",
    "make_map",
    "map_file",
    "measure_items",
    "name_clusters",
    "neighbourhoods_of",
    "overlap_of_spaces",
    "pick",
    "place",
    "query",
    "query_runs",
    "rank_changes",
    "read_map",
    "read_run_space",
    "read_two_spaces",
    "resume",
    "role_of_items",
    "sample",
    "scan",
    "scrubber",
    "show_run",
    "training_pairs",
    "usual_count",
]
