"""What a run is worth on pairs it has never seen, beside guessing."""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.widgets.text import label, line

_MEASURES = (
    ("R@1", "recall@1"), ("R@5", "recall@5"), ("R@10", "recall@10"), ("Rank", "median_rank"),
)  # fmt: skip
_TIPS = {
    **{
        f"recall@{k}": f"Share of queries whose correct partner is among the first {k}"
        for k in (1, 5, 10)
    },
    "median_rank": "Median rank of the partner: 1 is best",
}


_INTERVAL_TIP = (
    "If the held-out items were drawn again, the figure would lie between these in 95 of 100 draws"
)


# where they do not all fit, these give way, the first first; a digit that is cut is another figure
_GIVE_WAY = ("recall@5", "median_rank")


class ResultTable(QWidget):
    """Recall and median rank of each direction, with chance below each figure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("results")
        self._inside = QWidget()
        self._columns: dict[str, list[QWidget]] = {}  # of the measures that may give way
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._inside)
        self._column.addStretch(1)

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of figures."""
        self._columns = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(sentence, "muted", wrap=True, name="results-sentence"))
        self._show(inside)

    def show_report(
        self, report: dict[str, Any], own_words: str = "", kept: str = "", start: str = ""
    ) -> None:
        """Show what evaluation found, and sentences on the heads: own words, which, from where."""
        retrieval = report.get("retrieval", {})
        if not retrieval:
            self.say(" ".join(filter(None, ["Not evaluated yet.", kept, start, own_words])))
            return
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        self._columns = {key: [] for _, key in _MEASURES}
        for column, (title, key) in enumerate(_MEASURES, 1):
            heading = _right(title, "caption")
            heading.setObjectName(f"heading-{key}")
            heading.setToolTip(_TIPS[key])
            grid.addWidget(heading, 1, column)
            self._columns[key].append(heading)
        if kept:  # first, so that it is seen before one scrolls
            grid.addWidget(_remark(kept, "results-kept"), 0, 0, 1, len(_MEASURES) + 1)
        row = 2
        for direction, found in retrieval.items():
            grid.addWidget(line(), row, 0, 1, len(_MEASURES) + 1)
            words = direction.replace("→", " → ")
            counts = found.get("queries", 0), found.get("candidates", 0)
            tip = "{:,} queries, {:,} candidates".format(*counts)
            name = label(words)
            name.setToolTip(tip)
            grid.addWidget(name, row + 1, 0)
            sure = found.get("interval", {})
            if sure:
                interval = label("95 % interval", "caption")
                interval.setToolTip(_INTERVAL_TIP)
                grid.addWidget(interval, row + 2, 0)
            grid.addWidget(label("by chance", "caption"), row + 3, 0)
            for column, (_, key) in enumerate(_MEASURES, 1):
                value = _right(_figure(key, found.get(key)), "heading")
                value.setObjectName(f"result-{direction}-{key}")
                grid.addWidget(value, row + 1, column)
                ends = _right(_ends(key, sure.get(key)), "caption")
                ends.setObjectName(f"interval-{direction}-{key}")
                ends.setToolTip(_INTERVAL_TIP)
                grid.addWidget(ends, row + 2, column)
                chance = _right(_figure(key, found.get("chance", {}).get(key)), "caption")
                grid.addWidget(chance, row + 3, column)
                self._columns[key] += [value, ends, chance]
            row += 4
        self._note(grid, row, report)
        for sentence, called in ((start, "results-start"), (own_words, "results-words")):
            if sentence:
                remark = _remark(sentence, called)
                grid.addWidget(remark, grid.rowCount(), 0, 1, len(_MEASURES) + 1)
        self._show(inside)

    def _note(self, grid: QGridLayout, row: int, report: dict[str, Any]) -> None:
        preservation = report.get("preservation", {})
        if preservation:
            count = report.get("preservation_neighbours", 10)
            shares = {v: "–" if kept is None else f"{kept:.0%}" for v, kept in preservation.items()}
            kept = ", ".join(f"{share} ({view})" for view, share in shares.items())
            grid.addWidget(line(), row, 0, 1, len(_MEASURES) + 1)
            words = label(f"Of the {count} nearest neighbours, kept: {kept}.", "caption", wrap=True)
            grid.addWidget(words, row + 1, 0, 1, len(_MEASURES) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Show as many columns as there is room for, whole."""
        for hidden in range(len(_GIVE_WAY) + 1):
            for key in _GIVE_WAY:
                for widget in self._columns.get(key, []):
                    widget.setVisible(key not in _GIVE_WAY[:hidden])
            if self._inside.minimumSizeHint().width() <= self.width():
                break

    def _show(self, inside: QWidget) -> None:
        self._column.replaceWidget(self._inside, inside)
        self._inside.hide()
        self._inside.deleteLater()
        self._inside = inside
        for each in inside.findChildren(QWidget):
            each.ensurePolished()  # before it is measured: the stylesheet decides on its font
        self._fit()


def _figure(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.4g}" if key == "median_rank" else f"{value:.1%}"


def _ends(key: str, ends: list[float | None] | None) -> str:
    if not ends or None in ends:
        return ""
    # in whole numbers: the ends of an interval are not known better
    size = 1 if key == "median_rank" else 100
    return "–".join(f"{size * end:,.0f}" for end in ends if end is not None)


def _remark(words: str, name: str) -> QLabel:
    return label(words, "caption", wrap=True, name=name)


def _right(text: str, role: str) -> QLabel:
    made = label(text, role)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
