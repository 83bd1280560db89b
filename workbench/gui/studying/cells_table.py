"""The cells of a study: sorted by a click, copied by Ctrl+C."""

from collections.abc import Sequence

from workbench.gui.studying.study_jobs import CellRow
from workbench.gui.widgets.table import Column, RowsModel, RowsTable

_FIGURES = (
    ("R@1", "recall@1"), ("R@10", "recall@10"), ("MRR", "mrr"), ("Kept", "kept"),
    ("Label", "within"), ("Seconds", "seconds"),
)  # fmt: skip


def _figure(title: str, name: str) -> Column[CellRow]:
    return Column(
        title, lambda row: f"{row.figures[name]:.1f}" if name in row.figures else "",
        lambda row: row.figures.get(name), numeric=True,
        width=72 if title == "Seconds" else 58, best_first=title != "Seconds",
    )  # fmt: skip


_COLUMNS: tuple[Column[CellRow], ...] = (
    Column("Cell", lambda row: f"{row.what}: {row.error}" if row.error else row.what,
           tone=lambda row: "bad" if row.error else "text"),
    Column("Seed", lambda row: str(row.seed), lambda row: row.seed, numeric=True, width=52),
    *(_figure(*each) for each in _FIGURES),
)  # fmt: skip


class CellsTable(RowsTable[CellRow]):
    """The cells that have a result."""

    def __init__(self) -> None:
        model = RowsModel(_COLUMNS, lambda row: row.what, lambda row: row.error or row.what)
        super().__init__(model, "Cells of the study", several=True)
        self.setObjectName("study-cells")

    def show_rows(self, rows: Sequence[CellRow]) -> None:
        """Show other rows, sorted as before."""
        self.rows.set_rows(rows)
