"""The road: each station is a generator function that reads and writes the project folder."""

from workbench.stations.classifying.class_list import (
    ClassList,
    NamedClass,
    classes_of_labels,
    parse_classes,
    parse_lines,
    read_classes,
)
from workbench.stations.classifying.confusion_chart import ConfusionChart
from workbench.stations.classifying.request import ZeroShotRequest, which_items
from workbench.stations.classifying.spaces import share_a_space
from workbench.stations.classifying.tables import (
    ClassRow,
    class_rows,
    confused_items,
    plain_zero_shot,
    write_zero_shot,
)
from workbench.stations.classifying.zero_shot import RunClassified, ZeroShot, zero_shot
from workbench.stations.collecting.division import Division, division
from workbench.stations.collecting.item_sources import ItemSources
from workbench.stations.collecting.pairing import RelationFindings
from workbench.stations.collecting.problems import Problem, list_problems
from workbench.stations.collecting.sample import RECIPES, sample
from workbench.stations.collecting.scan import Preview, ScanReport, check_rules, scan
from workbench.stations.encoding.caches import CacheState, cache_state, delete_cache, list_caches
from workbench.stations.encoding.encode import encode
from workbench.stations.encoding.encode_request import EncodeReport, EncodeRequest
from workbench.stations.encoding.fetch import fetch_encoder
from workbench.stations.encoding.given_vectors import OrderOpen
from workbench.stations.encoding.on_cluster.request import ClusterRequest
from workbench.stations.evaluating.compare import compare
from workbench.stations.evaluating.evaluate import evaluate
from workbench.stations.evaluating.inspector import Inspector, inspector
from workbench.stations.evaluating.item_figures import (
    Direction,
    Distribution,
    ItemFigures,
    distribution,
    measure_items,
)
from workbench.stations.evaluating.item_report import (
    AcrossModalities,
    NeighbourhoodChange,
    Neighbours,
    OperatorChange,
)
from workbench.stations.evaluating.rank_changes import RankChanges, rank_changes
from workbench.stations.exporting.export import export, export_sizes
from workbench.stations.exporting.import_bundle import import_bundle
from workbench.stations.exporting.search import search
from workbench.stations.labelling.proposals import Proposal, Proposals, propose, strategies
from workbench.stations.labelling.suspicious import (
    SuspiciousPair,
    SuspiciousPairs,
    suspicious_pairs,
)
from workbench.stations.maps.kept_maps import Map, UmapOptions
from workbench.stations.maps.map import make_map, map_file, read_map
from workbench.stations.maps.out_of_sample import Placer, kept_placer, place
from workbench.stations.picturing.map_chart import (
    column_groups,
    item_cloud,
    map_chart,
    picture_of_map,
    role_groups,
)
from workbench.stations.picturing.run_charts import (
    picture_of_curves,
    picture_of_sweep,
    sweep_chart,
)
from workbench.stations.runs.data import data_have_changed
from workbench.stations.runs.finds_and_keeps import (
    Felt,
    FindsAndKeeps,
    felt,
    felt_at_zero,
    sweep_marks,
)
from workbench.stations.runs.run_space import RunSpace, RunView
from workbench.stations.runs.space_rows import heads_of
from workbench.stations.runs.split_roles import ROLES, Role, split_role_of_items, split_roles
from workbench.stations.runs.store import RunStore, StoredRun, read_run_space
from workbench.stations.searching.attribution import Pull, TrainingPairs, training_pairs
from workbench.stations.searching.prompts import TEMPLATES, checked_templates
from workbench.stations.searching.query import Answer, LoadedEncoders, Searcher, query
from workbench.stations.searching.questions import Asked, Combination, Question
from workbench.stations.searching.search_index import INDEX_FROM, build_search_index
from workbench.stations.searching.side_by_side import MovedAnswer, RunAnswers, ask_runs, query_runs
from workbench.stations.selecting.clusters import (
    MOST_CLUSTERS,
    Clusters,
    cluster_items,
    name_clusters,
    usual_count,
)
from workbench.stations.selecting.item_columns import Coded, ItemColumns
from workbench.stations.selecting.item_filter import ItemFilter, filter_items
from workbench.stations.selecting.selections import export_selection, find_items
from workbench.stations.spaces.label_groups import (
    BOTH_WAYS,
    CUTOFFS,
    ComparedGroups,
    GroupOfTwo,
    compare_groups,
)
from workbench.stations.spaces.offered import encoded_views, list_spaces
from workbench.stations.spaces.overlap import (
    HeldOutRanks,
    ItemOverlap,
    SpaceOf,
    held_out_ranks,
    overlap_of_spaces,
)
from workbench.stations.spaces.two_spaces import TwoSpaces, read_two_spaces
from workbench.stations.studies.best import request_of_best
from workbench.stations.studies.cell_words import cell_in_words
from workbench.stations.studies.design import Design, checked_design, read_design
from workbench.stations.studies.facts import project_facts
from workbench.stations.studies.figures import StudyChart, write_figures
from workbench.stations.studies.findings import findings
from workbench.stations.studies.lines import Line, Lines, figure_title, shown_figures
from workbench.stations.studies.offered import Offer, cost_of_study, offered_studies
from workbench.stations.studies.ready_made import READY_MADE, find_ready_made
from workbench.stations.studies.report import write_report
from workbench.stations.studies.run_study import StudyBegun, resume_study, study
from workbench.stations.studies.study_folder import Study, StudyShelf
from workbench.stations.studies.summary import StudySummary, mean_in_words, read_study
from workbench.stations.studies.workers import CellBegun, CellDone
from workbench.stations.training.align import align, resume
from workbench.stations.training.align_request import AlignRequest
from workbench.stations.training.alpha_probe import probe_in_words, where_alpha_acts
from workbench.stations.training.alpha_sweep import (
    Scrubbed,
    Scrubber,
    pick,
    scrubber,
    sweep_in_words,
)
from workbench.stations.training.kept_step import request_to_keep
from workbench.stations.training.own_words import words_can_be_had, words_in_words
from workbench.stations.training.shown_pairs import (
    ShownNeighbourhoods,
    ShownPairs,
    neighbourhoods_of,
    show_run,
)
from workbench.stations.training.started_from import start_in_words

__all__ = [
    "BOTH_WAYS",
    "CUTOFFS",
    "INDEX_FROM",
    "MOST_CLUSTERS",
    "READY_MADE",
    "RECIPES",
    "ROLES",
    "TEMPLATES",
    "AcrossModalities",
    "AlignRequest",
    "Answer",
    "Asked",
    "CacheState",
    "CellBegun",
    "CellDone",
    "ClassList",
    "ClassRow",
    "ClusterRequest",
    "Clusters",
    "Coded",
    "Combination",
    "ComparedGroups",
    "ConfusionChart",
    "Design",
    "Direction",
    "Distribution",
    "Division",
    "EncodeReport",
    "EncodeRequest",
    "Felt",
    "FindsAndKeeps",
    "GroupOfTwo",
    "HeldOutRanks",
    "Inspector",
    "ItemColumns",
    "ItemFigures",
    "ItemFilter",
    "ItemOverlap",
    "ItemSources",
    "Line",
    "Lines",
    "LoadedEncoders",
    "Map",
    "MovedAnswer",
    "NamedClass",
    "NeighbourhoodChange",
    "Neighbours",
    "Offer",
    "OperatorChange",
    "OrderOpen",
    "Placer",
    "Preview",
    "Problem",
    "Proposal",
    "Proposals",
    "Pull",
    "Question",
    "RankChanges",
    "RelationFindings",
    "Role",
    "RunAnswers",
    "RunClassified",
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
    "Study",
    "StudyBegun",
    "StudyChart",
    "StudyShelf",
    "StudySummary",
    "SuspiciousPair",
    "SuspiciousPairs",
    "TrainingPairs",
    "TwoSpaces",
    "UmapOptions",
    "ZeroShot",
    "ZeroShotRequest",
    "align",
    "ask_runs",
    "build_search_index",
    "cache_state",
    "cell_in_words",
    "check_rules",
    "checked_design",
    "checked_templates",
    "class_rows",
    "classes_of_labels",
    "cluster_items",
    "column_groups",
    "compare",
    "compare_groups",
    "confused_items",
    "cost_of_study",
    "data_have_changed",
    "delete_cache",
    "distribution",
    "division",
    "encode",
    "encoded_views",
    "evaluate",
    "export",
    "export_selection",
    "export_sizes",
    "felt",
    "felt_at_zero",
    "fetch_encoder",
    "figure_title",
    "filter_items",
    "find_items",
    "find_ready_made",
    "findings",
    "heads_of",
    "held_out_ranks",
    "import_bundle",
    "inspector",
    "item_cloud",
    "kept_placer",
    "list_caches",
    "list_problems",
    "list_spaces",
    "make_map",
    "map_chart",
    "map_file",
    "mean_in_words",
    "measure_items",
    "name_clusters",
    "neighbourhoods_of",
    "offered_studies",
    "overlap_of_spaces",
    "parse_classes",
    "parse_lines",
    "pick",
    "picture_of_curves",
    "picture_of_map",
    "picture_of_sweep",
    "place",
    "plain_zero_shot",
    "probe_in_words",
    "project_facts",
    "propose",
    "query",
    "query_runs",
    "rank_changes",
    "read_classes",
    "read_design",
    "read_map",
    "read_run_space",
    "read_study",
    "read_two_spaces",
    "request_of_best",
    "request_to_keep",
    "resume",
    "resume_study",
    "role_groups",
    "sample",
    "scan",
    "scrubber",
    "search",
    "share_a_space",
    "show_run",
    "shown_figures",
    "split_role_of_items",
    "split_roles",
    "start_in_words",
    "strategies",
    "study",
    "suspicious_pairs",
    "sweep_chart",
    "sweep_in_words",
    "sweep_marks",
    "training_pairs",
    "usual_count",
    "where_alpha_acts",
    "which_items",
    "words_can_be_had",
    "words_in_words",
    "write_figures",
    "write_report",
    "write_zero_shot",
    "zero_shot",
]
