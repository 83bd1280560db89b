"""Files of names and texts as other programs and data sets write them, one layout a file.

`layout_of` tells which one a file has; each reads its file as records, keyed by the names.
"""

from workbench.media.layouts.known import NAMED_LINES, Layout, layout_of

__all__ = ["NAMED_LINES", "Layout", "layout_of"]
