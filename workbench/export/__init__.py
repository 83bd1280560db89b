"""What is taken home of a run: an exported folder written in chosen parts, and read again."""

from workbench.export.bundle import is_readme_of_bundle, write_bundle
from workbench.export.contents import Contents, ViewItems
from workbench.export.hub import check_push, push
from workbench.export.loading import Bundle, BundleItems, FoundItem, load
from workbench.export.parts import PARTS, Part, find_parts

__all__ = [
    "PARTS",
    "Bundle",
    "BundleItems",
    "Contents",
    "FoundItem",
    "Part",
    "ViewItems",
    "check_push",
    "find_parts",
    "is_readme_of_bundle",
    "load",
    "push",
    "write_bundle",
]
