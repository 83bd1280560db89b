"""The road: each station is a generator function that reads and writes the project folder."""

from workbench.stations.align import AlignRequest, align, resume
from workbench.stations.caches import CacheState, cache_state, delete_cache, list_caches
from workbench.stations.compare import compare
from workbench.stations.division import Division, division
from workbench.stations.encode import EncodeReport, EncodeRequest, encode
from workbench.stations.evaluate import evaluate
from workbench.stations.export import export
from workbench.stations.fetch import fetch_encoder
from workbench.stations.inspecting import (
    AcrossModalities,
    Inspector,
    NeighbourhoodChange,
    Neighbours,
    OperatorChange,
    inspector,
)
from workbench.stations.item_figures import (
    Distribution,
    ItemFigures,
    distribution,
    measure_items,
)
from workbench.stations.ladder import Scrubbed, Scrubber, ladder_in_words, pick, scrubber
from workbench.stations.map import Map, make_map, read_map
from workbench.stations.pairing import RelationFindings
from workbench.stations.problems import Problem, list_problems
from workbench.stations.query import Answer, Searcher, query
from workbench.stations.questions import Asked, Combination, Question
from workbench.stations.rank_changes import RankChanges, rank_changes
from workbench.stations.run_space import RunSpace, RunView, read_run_space
from workbench.stations.sample import RECIPES, sample
from workbench.stations.scan import Preview, ScanReport, check_rules, scan
from workbench.stations.search_index import INDEX_FROM, build_search_index
from workbench.stations.shown_pairs import (
    ShownNeighbourhoods,
    ShownPairs,
    neighbourhoods_of,
    show_run,
)
from workbench.stations.side_by_side import MovedAnswer, RunAnswers, ask_runs, query_runs
from workbench.stations.why import Pull, TrainingPairs, training_pairs

__all__ = [
    "INDEX_FROM",
    "RECIPES",
    "AcrossModalities",
    "AlignRequest",
    "Answer",
    "Asked",
    "CacheState",
    "Combination",
    "Distribution",
    "Division",
    "EncodeReport",
    "EncodeRequest",
    "Inspector",
    "ItemFigures",
    "Map",
    "MovedAnswer",
    "NeighbourhoodChange",
    "Neighbours",
    "OperatorChange",
    "Preview",
    "Problem",
    "Pull",
    "Question",
    "RankChanges",
    "RelationFindings",
    "RunAnswers",
    "RunSpace",
    "RunView",
    "ScanReport",
    "Scrubbed",
    "Scrubber",
    "Searcher",
    "ShownNeighbourhoods",
    "ShownPairs",
    "TrainingPairs",
    "align",
    "ask_runs",
    "build_search_index",
    "cache_state",
    "check_rules",
    "compare",
    "delete_cache",
    "distribution",
    "division",
    "encode",
    "evaluate",
    "export",
    "fetch_encoder",
    "inspector",
    "ladder_in_words",
    "list_caches",
    "list_problems",
    "make_map",
    "measure_items",
    "neighbourhoods_of",
    "pick",
    "query",
    "query_runs",
    "rank_changes",
    "read_map",
    "read_run_space",
    "resume",
    "sample",
    "scan",
    "scrubber",
    "show_run",
    "training_pairs",
]
