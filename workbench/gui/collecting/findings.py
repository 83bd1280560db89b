"""What the last scan found: counts, previews, problems."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import words
from workbench.gui.collecting.overview import Overview
from workbench.gui.collecting.strip import PreviewStrip
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label, set_role
from workbench.media import MODALITIES

_MOST_PROBLEMS = 2_000


class Figure(QWidget):
    """A number with a noun below it and a remark.

    Parameters
    ----------
    icon, tone, number, noun, remark : str
    warns : bool
        Whether the remark asks for attention.
    """

    def __init__(
        self, icon: str, tone: str, number: str, noun: str, remark: str, warns: bool = False
    ) -> None:
        super().__init__()
        figure = label(number, "display")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Icon(icon, 22, tone))
        head.addWidget(figure)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(label(noun))
        column.addWidget(label(remark, "warning" if warns else "caption"))
        self.setAccessibleName(f"{number} {noun}, {remark}")


class FindingsCard(Card):
    """Counts in large figures, and a strip of previews a modality."""

    def __init__(self) -> None:
        super().__init__("What is there", "magnify-scan")
        self.figures = QGridLayout()
        self.figures.setHorizontalSpacing(24)
        self.figures.setVerticalSpacing(16)
        self.news = label("", "caption", wrap=True)
        self.title.setMinimumHeight(30)  # as high as the neighbouring card's head with its button
        self.body.addLayout(self.figures)
        self.body.addWidget(self.news)
        self.body.setSpacing(12)
        self.strips = {modality: PreviewStrip(modality) for modality in MODALITIES}
        for strip in self.strips.values():
            strip.hide()
            self.body.addWidget(strip)
        self.say("")

    def show_overview(self, overview: Overview) -> None:
        """Show other counts and items."""
        clear(self.figures)
        for number, figure in enumerate(_figures(overview)):
            self.figures.addWidget(figure, number // 3, number % 3)
        for column in range(3):
            self.figures.setColumnStretch(column, 1)
        for modality, strip in self.strips.items():
            strip.show_items(overview.previews.get(modality, []))
            strip.setVisible(modality in overview.previews)

    def show_content(self, item: int, content: Any) -> None:
        """Show a preview that has been made."""
        for strip in self.strips.values():
            strip.show_content(item, content)

    def say(self, sentence: str, role: str = "caption") -> None:
        """Say something below the figures."""
        set_role(self.news, role)
        self.news.setText(sentence)
        self.news.setVisible(bool(sentence))


def _figures(overview: Overview) -> list[Figure]:
    figures = []
    for modality in MODALITIES:
        if count := overview.items.get(modality, 0):
            alone = overview.unpaired.get(modality, 0)
            remark = f"{alone:,} without a pair" if alone else "all paired"
            noun = words.items(count, modality).split(" ", 1)[1]
            figures.append(Figure(words.ICONS[modality], modality, f"{count:,}", noun, remark))
    for (first, second), count in overview.pairs.items():
        noun = f"{words.SINGULAR[first]}–{words.SINGULAR[second]} pair{'s' * (count != 1)}"
        figures.append(Figure("link-variant", "accent", f"{count:,}", noun, "to align by"))
    if not overview.pairs and len(overview.items) > 1:
        figures.append(
            Figure("link-variant-off", "warning", "0", "pairs", "check the rules", warns=True)
        )
    return figures


class ProblemsCard(Card):
    """What was left out, and why."""

    def __init__(self) -> None:
        super().__init__("Left out", "alert-outline", "warning")
        self.table = QTableWidget(0, 2)
        self.table.setObjectName("data-problems")
        self.table.setAccessibleName("Files that were left out, with the reason")
        self.table.setHorizontalHeaderLabels(["File", "Reason"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.body.addWidget(self.table)
        self.hide()

    def show_problems(self, problems: list[tuple[str, str]]) -> None:
        """List paths and reasons; hidden while there are none."""
        self.title.setText(f"{words.several(len(problems), 'file')} left out")
        shown = problems[:_MOST_PROBLEMS]
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(shown))
        for number, cells in enumerate(shown):
            for column, text in enumerate(cells):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                self.table.setItem(number, column, cell)
        self.table.setSortingEnabled(True)
        self.table.setFixedHeight(36 + 30 * min(len(shown), 6))
        self.setVisible(bool(problems))
