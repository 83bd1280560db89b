"""What was found: counts in large figures, and previews of each source."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.collecting.preview.overview import Key, Overview, in_order
from workbench.gui.collecting.preview.pairs_strip import PairsStrip
from workbench.gui.collecting.preview.strip import PreviewStrip
from workbench.gui.widgets.busy import BusyRing
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel, label, set_role
from workbench.media import MODALITIES, Modality
from workbench.project import Source


class Figure(QWidget):
    """A number with a noun below it and a remark.

    Parameters
    ----------
    icon, tone, number, noun, remark : str
    warns : bool
        Whether the remark asks for attention.
    pressed : callable, optional
        Makes a button of the remark.
    """

    def __init__(
        self, icon: str, tone: str, number: str, noun: str, remark: str, warns: bool = False,
        pressed: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
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
        if pressed is None:
            column.addWidget(label(remark, "warning" if warns else "caption"))
        else:
            listed = Button(remark, kind="link", pressed=pressed, tip="Show which these are")
            listed.setProperty("small", True)
            column.addWidget(listed, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(f"{number} {noun}, {remark}")


class FindingsCard(Card):
    """Counts in large figures, and a strip of previews a source.

    Signals
    -------
    alone_wanted (modality)
        To see which items are in no pair.
    """

    alone_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("What was found", "magnify-scan")
        self.figures = QGridLayout()
        self.figures.setHorizontalSpacing(24)
        self.figures.setVerticalSpacing(16)
        self.news = label("", "caption", wrap=True)
        self.title.setMinimumHeight(30)  # as high as the neighbouring card's head with its button
        self.busy = BusyRing("Looking into the folders")
        self.head.addWidget(self.busy)
        self.body.addLayout(self.figures)
        self.body.addWidget(self.news)
        self.body.setSpacing(12)
        self.pairs = PairsStrip()
        self.body.addWidget(self.pairs)
        self._strips = QVBoxLayout()
        self._strips.setSpacing(8)
        self.body.addLayout(self._strips)
        self.strips: list[PreviewStrip] = []
        self._titles: list[tuple[str, str]] = []
        self.say("")

    def show_overview(self, overview: Overview, sources: list[Source]) -> None:
        """Show other counts and items.

        Parameters
        ----------
        overview : Overview
        sources : list of Source
            Those that `overview.sources` tells of.
        """
        clear(self.figures)
        for number, figure in enumerate(_figures(overview, self.alone_wanted.emit)):
            self.figures.addWidget(figure, number // 3, number % 3)
        for column in range(3):
            self.figures.setColumnStretch(column, 1)
        filled = [(s, facts) for s, facts in zip(sources, overview.sources, strict=False)
                  if facts.previews]  # fmt: skip
        several = Counter(source.modality for source, _ in filled)
        titles: list[tuple[str, str]] = [
            (source.modality, PurePath(source.path).name if several[source.modality] > 1 else "")
            for source, _ in filled
        ]
        contents = {key: made for each in self._shelves() for key, made in each.contents().items()}
        self.pairs.show_pairs(overview.examples)
        if titles != self._titles:
            self._make_strips(titles)
        in_pairs = {item.modality for pair in overview.examples for item in pair}
        for strip, (_, facts), (modality, title) in zip(self.strips, filled, titles, strict=True):
            strip.show_items(facts.previews)
            # what is seen in pairs is not shown again, unless it tells several sources apart
            strip.setVisible(modality not in in_pairs or bool(title))
        for key, made in contents.items():
            self.show_content(key, made)

    def _make_strips(self, titles: list[tuple[str, str]]) -> None:
        clear(self._strips)
        self.strips, self._titles = [], titles
        for modality, title in titles:
            strip = PreviewStrip(modality, title)
            if title:
                heading = ElidedLabel(title, "caption")
                heading.setContentsMargins(2, 2, 0, 0)
                self._strips.addWidget(heading)
            self._strips.addWidget(strip)
            self.strips.append(strip)

    def made(self) -> set[Key]:
        """Return the items whose small pictures are made."""
        return {key for each in self._shelves() for key in each.contents()}

    def _shelves(self) -> list[PreviewStrip | PairsStrip]:
        return [self.pairs, *self.strips]

    def show_content(self, item: Key, content: Any) -> None:
        """Show a preview that has been made."""
        for each in self._shelves():
            each.show_content(item, content)

    def say(self, sentence: str, role: str = "caption") -> None:
        """Say something below the figures."""
        set_role(self.news, role)
        self.news.setText(sentence)
        self.news.setVisible(bool(sentence))


def _figures(overview: Overview, show_alone: Callable[[Modality], object]) -> list[Figure]:
    figures = []
    for modality in MODALITIES:
        if count := overview.items.get(modality, 0):
            alone = overview.unpaired.get(modality, 0)
            remark = f"{alone:,} without a pair" if alone else "all paired"
            noun = words.items(count, modality).split(" ", 1)[1]
            listed = partial(show_alone, modality) if overview.alone.get(modality) else None
            icon = words.ICONS[modality]
            figures.append(Figure(icon, modality, f"{count:,}", noun, remark, pressed=listed))
    for (first, second), count in sorted(
        overview.pairs.items(), key=lambda pair: in_order(pair[0])
    ):
        noun = f"{first}–{second} pair{'s' * (count != 1)}"
        figures.append(Figure("link-variant", "accent", f"{count:,}", noun, "for alignment"))
    if not overview.pairs and len(overview.items) > 1:
        figures.append(
            Figure("link-variant-off", "warning", "0", "pairs", "check the rules", warns=True)
        )
    return figures
