"""The road: each station is a generator function that reads and writes the project folder."""

from workbench.stations.align import AlignRequest, align
from workbench.stations.encode import CacheState, EncodeReport, cache_state, encode
from workbench.stations.evaluate import evaluate
from workbench.stations.export import export
from workbench.stations.map import Map, make_map, read_map
from workbench.stations.query import Answer, Question, Searcher, query
from workbench.stations.sample import RECIPES, sample
from workbench.stations.scan import ScanReport, check_rules, scan

__all__ = [
    "RECIPES",
    "AlignRequest",
    "Answer",
    "CacheState",
    "EncodeReport",
    "Map",
    "Question",
    "ScanReport",
    "Searcher",
    "align",
    "cache_state",
    "check_rules",
    "encode",
    "evaluate",
    "export",
    "make_map",
    "query",
    "read_map",
    "sample",
    "scan",
]
