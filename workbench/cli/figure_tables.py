"""The shape of every table of figures: names at the left, figures at the right."""

from rich import box
from rich.table import Table

_NEVER_FOLDED = "image–speech"


def table_of_figures(title: str, *columns: str) -> Table:
    """Return an empty table, whose first column has no title and holds the names.

    Parameters
    ----------
    title : str
    *columns : str
        Titles of the columns of figures.
    """
    table = Table(
        "", title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
        collapse_padding=True, pad_edge=False,
    )  # fmt: skip
    table.columns[0].overflow = "fold"  # names of runs can be long, figures cannot
    table.columns[0].min_width = len(_NEVER_FOLDED)
    for name in columns:
        table.add_column(name, justify="right")
    return table
