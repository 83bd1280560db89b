"""What a comparison of runs found, in tables: figures with differences, and settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.training.form.settings_form import shown
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.table_rows import Rows
from workbench.gui.widgets.text import ElidedLabel, label, line
from workbench.gui.words import several
from workbench.project import NONE_OF_THAT

MEAN = "mean"
_FIGURES = (
    ("R@1", "recall@1"), ("R@5", "recall@5"), ("R@10", "recall@10"), ("Rank", "median_rank"),
    ("MRR", "mrr"),
)  # fmt: skip
# what a run may lack for other reasons than its method
_NOT_OF_METHODS = ("moved ", "stopped_at", "ladder", "rung", "encoder of ")
_BETTER_WHEN_SMALLER = ("median_rank",)


class _Table(QWidget):
    """A grid that is made anew whenever it has something else to show."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._inside = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._inside)

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of the table."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(sentence, "muted", wrap=True, name=f"{self.objectName()}-sentence"))
        self._show(inside)

    def _show(self, inside: QWidget) -> None:
        self._column.replaceWidget(self._inside, inside)
        self._inside.setParent(None)
        self._inside.deleteLater()
        self._inside = inside


class DifferenceTable(_Table):
    """A row a run: its figures, and below each the difference to the first run's.

    A difference whose interval leaves 0 out is coloured: it is better or worse for sure.
    """

    def __init__(self) -> None:
        super().__init__("differences")
        self._reports: Mapping[str, Mapping[str, Any]] = {}

    def rows(self) -> Rows:
        """Return the figures of all directions, a line a run and direction, with differences."""
        return difference_rows(self._reports)

    def show_reports(self, reports: Mapping[str, Mapping[str, Any]], direction: str) -> None:
        """Show figures of one direction, such as ``image→text``, or their mean.

        Parameters
        ----------
        reports : mapping of run to dict
            As `compare` returns them, or as runs keep them, which have no differences.
        direction : str
        """
        self._reports = reports
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        views = list(dict.fromkeys(v for r in reports.values() for v in r.get("preservation", {})))
        titles = [title for title, _ in _FIGURES] + [f"{view} kept" for view in views]
        for column, title in enumerate(titles, 1):
            grid.addWidget(_right(title, "caption"), 0, column)
        for number, (run, report) in enumerate(reports.items()):
            row = 1 + 4 * number
            grid.addWidget(line(), row, 0, 1, len(titles) + 1)
            self._add_run(grid, row + 1, run, report, direction, views)
        self._show(inside)

    def _add_run(
        self, grid: QGridLayout, row: int, run: str, report: Mapping[str, Any], direction: str,
        views: Sequence[str],
    ) -> None:  # fmt: skip
        name = ElidedLabel(run, "heading")
        name.setMinimumWidth(110)
        grid.addWidget(name, row, 0)
        difference = report.get("difference", {})
        told = _told(report, difference)
        if told:
            grid.addWidget(label(told, "caption"), row + 1, 0)
        for column, (_, figure) in enumerate(_FIGURES, 1):
            value = _right(_value(figure, _figure_of(report, direction, figure)), "heading")
            value.setObjectName(f"figure-{run}-{figure}")
            grid.addWidget(value, row, column)
            found = difference.get("retrieval", {}).get(direction, {}).get(figure)
            if found is not None:
                self._add_difference(grid, row + 1, column, f"{run}-{figure}", found)
        for column, view in enumerate(views, len(_FIGURES) + 1):
            kept = report.get("preservation", {}).get(view)
            grid.addWidget(_right(_value("overlap", kept), "heading"), row, column)
            ends = report.get("neighbourhoods", {}).get(view, {}).get("interval", {}).get("overlap")
            if ends and None not in ends:
                words = _right(f"{100 * ends[0]:.0f}–{100 * ends[1]:.0f}", "caption")
                words.setToolTip("95 % interval of the figure itself")
                grid.addWidget(words, row + 1, column)

    def _add_difference(
        self, grid: QGridLayout, row: int, column: int, name: str, found: Mapping[str, Any]
    ) -> None:
        figure = name.rpartition("-")[2]
        value, low, high = _differences(figure, found)
        tip = "contains 0: there may be no difference."
        if found["clear"]:
            tip = "excludes 0: the difference is clear."
        parts = (("difference", value, _tone(figure, found)),
                 ("ends", f"{low} … {high}", "caption"))  # fmt: skip
        for line_below, (kind, words, role) in enumerate(parts):
            shown_words = _right(words, role)
            shown_words.setObjectName(f"{kind}-{name}")
            shown_words.setToolTip(f"Its 95 % interval, below it, {tip}")
            grid.addWidget(shown_words, row + line_below, column)


class SettingsTable(_Table):
    """A row a setting that differs, a column a run; what only some methods have is folded away."""

    def __init__(self) -> None:
        super().__init__("differing-settings")
        self._shown: tuple[Sequence[str], Mapping[str, Sequence[Any]]] = ((), {})

    def rows(self) -> Rows:
        """Return a line a setting, a column a run."""
        runs, settings = self._shown
        rows: Rows = [["Setting", *runs]]
        for name, values in settings.items():
            rows.append([setting_in_words(name), *map(value_in_words, values)])
        return rows

    def show_settings(self, runs: Sequence[str], settings: Mapping[str, Sequence[Any]]) -> None:
        """Show what `differing_settings` found."""
        self._shown = runs, settings
        if not settings:
            self.say("Nothing: these runs have the same settings.")
            return
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        own = {name: values for name, values in settings.items() if _of_some(name, values)}
        for part in ({n: v for n, v in settings.items() if n not in own}, own):
            if not part:
                continue
            rows = _settings_grid(runs, part)
            if part is own:
                column.addWidget(_fold(len(own), rows), 0, Qt.AlignmentFlag.AlignLeft)
            column.addWidget(rows)
        self._show(inside)


def _settings_grid(runs: Sequence[str], settings: Mapping[str, Sequence[Any]]) -> QWidget:
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(3)
    grid.setColumnMinimumWidth(0, 120)
    for column, run in enumerate(runs, 1):
        grid.addWidget(ElidedLabel(run, "caption"), 0, column)
        grid.setColumnStretch(column, 1)
    for row, (name, values) in enumerate(settings.items(), 1):
        grid.addWidget(line(), 2 * row - 1, 0, 1, len(runs) + 1)
        grid.addWidget(label(setting_in_words(name), "muted"), 2 * row, 0)
        for column, value in enumerate(values, 1):
            words = ElidedLabel(value_in_words(value))
            words.setObjectName(f"setting-{name}-{runs[column - 1]}")
            words.setMinimumWidth(70)
            grid.addWidget(words, 2 * row, column)
    return inside


def _fold(count: int, rows: QWidget) -> Button:
    """Return a button that shows rows, which are away at first."""
    button = Button(
        f"{several(count, 'setting')} that only some of them have", "chevron-right", "link",
        name="unfold-settings",
    )  # fmt: skip
    button.setCheckable(True)

    def unfold(unfolded: bool) -> None:
        button.set_icon("chevron-down" if unfolded else "chevron-right")
        rows.setVisible(unfolded)

    button.toggled.connect(unfold)
    rows.hide()
    return button


def _of_some(name: str, values: Sequence[Any]) -> bool:
    """Return whether a method's setting differs only in that other methods have none like it."""
    found = [value for value in values if value != NONE_OF_THAT]
    return (
        not name.startswith(_NOT_OF_METHODS)
        and len(found) < len(values)
        and all(value == found[0] for value in found)
    )


def difference_rows(reports: Mapping[str, Mapping[str, Any]]) -> Rows:
    """Return what a comparison found as a table of numbers.

    Parameters
    ----------
    reports : mapping of run to dict
        As for `DifferenceTable.show_reports`.

    Returns
    -------
    list of list
        Heads, then for each run and direction its figures, each with the difference to the first
        run and the ends of its 95 % interval, empty where that is not known.
    """
    heads: list[object] = ["Run", "Direction"]
    for title, _ in _FIGURES:
        heads += [title, f"{title} difference", f"{title} from", f"{title} to"]
    rows: Rows = [heads]
    for run, report in reports.items():
        for direction in directions(reports):
            row: list[object] = [run, direction]
            apart = report.get("difference", {}).get("retrieval", {}).get(direction, {})
            for _, figure in _FIGURES:
                found = apart.get(figure) or {}
                figures = [_figure_of(report, direction, figure)]
                figures += [found.get(each) for each in ("value", "low", "high")]
                row += ["" if each is None else each for each in figures]
            rows.append(row)
    return rows


def directions(reports: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the directions that any report has, after their mean."""
    found = [each for report in reports.values() for each in report.get("retrieval", {})]
    return [MEAN, *dict.fromkeys(found)]


def setting_in_words(name: str) -> str:
    """Say a name of `differing_settings` as people do."""
    words = name.replace("alpha", "α").replace("_", " ").replace("/", " ")
    return words[0].upper() + words[1:] if words[0] != "α" else words


def value_in_words(value: Any) -> str:
    """Say a value of `differing_settings`."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {value_in_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " / ".join(value_in_words(each) for each in value)
    return f"{value:.4g}" if isinstance(value, float) else shown(value)


def _told(report: Mapping[str, Any], difference: Mapping[str, Any]) -> str:
    """Say beside a run what there is to know of its figures."""
    if not report.get("retrieval"):
        return "not measured"
    return "on other test items: no difference" if difference.get("sentence") else ""


def _figure_of(report: Mapping[str, Any], direction: str, figure: str) -> float | None:
    found = report.get("retrieval", {})
    chosen = found.values() if direction == MEAN else [found.get(direction, {})]
    values = [each[figure] for each in chosen if each.get(figure) is not None]
    return sum(values) / len(values) if values else None


def _value(figure: str, value: float | None) -> str:
    if value is None:
        return "–"
    if figure == "median_rank":
        return f"{value:,.4g}"
    return f"{value:.3f}" if figure == "mrr" else f"{value:.1%}"


def _differences(figure: str, found: Mapping[str, Any]) -> list[str]:
    """Say a difference and the ends of its interval."""
    size, digits = {"median_rank": (1, 1), "mrr": (1, 3)}.get(figure, (100, 1))
    values = [f"{size * found[each]:+z.{digits}f}" for each in ("value", "low", "high")]
    return [value.replace("-", "−") for value in values]


def _tone(figure: str, found: Mapping[str, Any]) -> str:
    """Return the role of a difference's words: what is clear is good or bad."""
    if not found["clear"]:
        return "caption"
    better = (found["value"] < 0) == (figure in _BETTER_WHEN_SMALLER)
    return "good" if better else "bad"


def _right(text: str, role: str) -> QLabel:
    made = label(text, role)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
