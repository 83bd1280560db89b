"""The road: each station is a generator function that reads and writes the project folder."""

from workbench.stations.align import AlignRequest, align, resume
from workbench.stations.caches import CacheState, cache_state, delete_cache, list_caches
from workbench.stations.compare import compare
from workbench.stations.division import Division, division
from workbench.stations.encode import EncodeReport, EncodeRequest, encode
from workbench.stations.evaluate import evaluate
from workbench.stations.export import export
from workbench.stations.fetch import fetch_encoder
from workbench.stations.ladder import Scrubbed, Scrubber, ladder_in_words, pick, scrubber
from workbench.stations.map import Map, make_map, read_map
from workbench.stations.pairing import RelationFindings
from workbench.stations.problems import Problem, list_problems
from workbench.stations.query import Answer, Question, Searcher, query
from workbench.stations.sample import RECIPES, sample
from workbench.stations.scan import Preview, ScanReport, check_rules, scan
from workbench.stations.shown_pairs import (
    ShownNeighbourhoods,
    ShownPairs,
    neighbourhoods_of,
    show_run,
)

__all__ = [
    "RECIPES",
    "AlignRequest",
    "Answer",
    "CacheState",
    "Division",
    "EncodeReport",
    "EncodeRequest",
    "Map",
    "Preview",
    "Problem",
    "Question",
    "RelationFindings",
    "ScanReport",
    "Scrubbed",
    "Scrubber",
    "Searcher",
    "ShownNeighbourhoods",
    "ShownPairs",
    "align",
    "cache_state",
    "check_rules",
    "compare",
    "delete_cache",
    "division",
    "encode",
    "evaluate",
    "export",
    "fetch_encoder",
    "ladder_in_words",
    "list_caches",
    "list_problems",
    "make_map",
    "neighbourhoods_of",
    "pick",
    "query",
    "read_map",
    "resume",
    "sample",
    "scan",
    "scrubber",
    "show_run",
]
