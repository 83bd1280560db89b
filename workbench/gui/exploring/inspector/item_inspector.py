"""One item: its neighbours before and after, its partners, and how its neighbourhood was bent."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.exploring.inspector.heat_maps import OperatorMaps
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.state.inspector_jobs import Look
from workbench.gui.items.cards import paint_card
from workbench.gui.items.neighbour_list import NeighbourList, Row
from workbench.gui.items.previews import Previews
from workbench.gui.picturing.source import PictureSource
from workbench.gui.sounds.sound_view import SoundView
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import clear
from workbench.gui.widgets.text import ElidedLabel, label, line, plain_tip

if TYPE_CHECKING:
    from workbench.project import Item
    from workbench.stations import AcrossModalities, NeighbourhoodChange

_ANSWERS_SHOWN = 5
_BEFORE = (
    "Before: with the frozen spaces only rotated onto each other by the run’s training pairs "
    "(Procrustes). Without that, the spaces of two encoders cannot be compared."
)
_SIDE = 84


class ItemInspector(QWidget):
    """What is told of one item.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self._state, self._previews, session = state, previews, state.session
        self.sound = SoundView(session)
        self.look: Look | None = None
        self.portrait = Portrait(previews)
        self.name = ElidedLabel("", "heading", Qt.TextElideMode.ElideRight)
        self.facts = label("", "caption", wrap=True, name="inspected-facts")
        self.bent = label("", "caption", wrap=True, name="inspected-distortion")
        self.summary = label("", "muted", wrap=True, name="neighbours-summary")
        self.before = NeighbourList(session, previews, "neighbours-before", "Neighbours, frozen")
        self.after = NeighbourList(session, previews, "neighbours-after", "Neighbours, aligned")
        self.across: dict[str, NeighbourList] = {}
        self._across_words: dict[str, QLabel] = {}
        self.operators = OperatorMaps()
        self.operators.chosen.connect(self._operator_chosen)
        PictureSource(
            self.operators, session, "Diffusion operators", self.operators.chart, self.operators
        )
        self._across = QVBoxLayout()
        self._across.setSpacing(6)
        self._lay_out()

    def _lay_out(self) -> None:
        who = QVBoxLayout()
        who.setSpacing(3)
        for part in (self.name, self.facts, self.bent):
            who.addWidget(part)
        self.ask = Button("Search with this item", "", "link", self._ask, name="ask-with-item")
        self.ask.setProperty("small", True)
        who.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignLeft)
        who.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.portrait, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(who, 1)
        columns = QHBoxLayout()
        columns.setSpacing(8)
        for title, found in (("Frozen", self.before), ("Aligned", self.after)):
            side = QVBoxLayout()
            side.setSpacing(2)
            side.addWidget(label(title, "caption"))
            side.addWidget(found)
            side.addStretch(1)
            columns.addLayout(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.sound)
        column.addWidget(line())
        column.addWidget(self.summary)
        column.addLayout(columns)
        column.addLayout(self._across)
        column.addWidget(line())
        self._operators_words = label("", "muted", wrap=True, name="operators-words")
        column.addWidget(self._operators_words)
        column.addWidget(self.operators)
        column.addStretch(1)

    # ---------------------------------------------------------------- content

    def show_look(self, look: Look) -> None:
        """Show what is told of an item."""
        self.look = look
        item = self._item(look.item)
        self.portrait.show_item(item)
        self.sound.show_item(item)
        self._show_facts(look, item)
        self._show_neighbours(look.neighbours)
        self._lay_out_across([across.modality for across in look.across])
        for across in look.across:
            self._show_across(across)
        operators = look.operators
        self._operators_words.setText(
            f"Diffusion between it and its {words.several(len(operators.ids) - 1, 'neighbour')}"
        )
        ids = operators.ids.tolist()
        self.operators.show_operators(
            operators.before, operators.after, lambda place: self._name(ids[place])
        )

    def _show_facts(self, look: Look, item: "Item | None") -> None:
        self.name.setText(self._name(look.item))
        modality = look.neighbours.modality
        facts = [words.SINGULAR[modality], *([item.label] if item and item.label else [])]
        self.facts.setText(" · ".join(facts))
        bent = f"Distortion {look.operators.distortion:.3g}"
        if (share := look.operators.share) is not None:
            bent += f", {share:.2%} of the {words.PLURAL[modality]}’ geometric loss"
        self.bent.setText(bent)
        self.bent.setToolTip(
            "How much the neighbourhood of this item was bent: its part of the geometric loss, "
            "and its share of the sum over its modality."
        )

    def _show_neighbours(self, found: "NeighbourhoodChange") -> None:
        kept, lost = len(found.kept), len(found.lost)
        plural = words.PLURAL[found.modality]
        if not len(found.before.ids):
            self.summary.setText(f"There are no other {plural}.")
        else:
            self.summary.setText(
                f"Nearest {plural}: {kept} kept · {lost} lost · {len(found.gained)} gained"
            )
        for shown, side, gone, then in (
            (self.before, found.before, ("lost", "bad"), "→"),
            (self.after, found.after, ("gained", "accent"), "←"),
        ):
            rows = []
            for rank, (one, other, stays, score) in enumerate(
                zip(
                    side.ids.tolist(), side.ranks_elsewhere.tolist(), side.stay.tolist(),
                    side.scores.tolist(), strict=True,
                ), 1,
            ):  # fmt: skip
                word, tone = ("kept", "good") if stays else gone
                where = "aligned" if shown is self.before else "frozen"
                tip = f"Rank {other:,} in the {where} space. Cosine in this space {score:.3f}."
                there = f"{then} {other:,}"
                note = f"{word} {there}"
                rows.append(self._row(one, rank, note, tone, short=there, tip=tip))
            shown.show_rows(rows)

    def _lay_out_across(self, modalities: list[str]) -> None:
        """Make a list for each other modality, unless they are there: new widgets take long."""
        if modalities == list(self.across):
            return
        clear(self._across)
        self.across, self._across_words = {}, {}
        for modality in modalities:
            heading = label("", "muted", wrap=True, name=f"across-{modality}-words")
            heading.setToolTip(_BEFORE)
            title = f"Nearest {words.PLURAL[modality]}, aligned"
            shown = NeighbourList(self._state.session, self._previews, f"across-{modality}", title)
            self._across_words[modality], self.across[modality] = heading, shown
            for part in (line(), heading, shown):
                self._across.addWidget(part)

    def _show_across(self, found: "AcrossModalities") -> None:
        plural = words.PLURAL[found.modality]
        ranks = dict(zip(found.partners.tolist(), found.partner_ranks.tolist(), strict=True))
        scores = dict(zip(found.partners.tolist(), found.partner_scores.tolist(), strict=True))
        if found.rank is None:
            told = f"Nearest {plural}. It has no partner among them."
        else:
            told = (
                f"Nearest {plural}: correct partner at rank {found.rank:,} of {found.candidates:,}"
            )
            if found.rank_before is not None:
                told += f", before alignment {found.rank_before:,}"
        self._across_words[found.modality].setText(told)
        rows, among = [], found.candidates
        nearest = zip(found.ids.tolist(), found.scores.tolist(), strict=True)
        for rank, (one, score) in enumerate(list(nearest)[:_ANSWERS_SHOWN], 1):
            if one in ranks:
                rows.append(self._partner(one, ranks.pop(one), score, among))
            else:
                rows.append(self._row(one, rank, f"{score:.2f}"))
        # the partners that lie farther off; a few, as a picture may have many captions
        far = sorted(ranks.items(), key=lambda each: each[1])[:3]
        rows += [self._partner(one, rank, scores[one], among) for one, rank in far]
        self.across[found.modality].show_rows(rows)

    def _partner(self, found: int, rank: int, score: float, among: int) -> Row:
        note = f"correct partner, rank {rank:,} of {among:,} · {score:.2f}"
        return self._row(found, rank, note, "good", strong=True, tip=_BEFORE)

    def _row(
        self, found: int, rank: int, note: str, tone: str = "muted", *, strong: bool = False,
        tip: str = "", short: str = "",
    ) -> Row:  # fmt: skip
        return Row(found, self._item(found), rank, note, tone, strong, tip, short)

    def _item(self, found: int) -> "Item | None":
        return None if self._state.table is None else self._state.table.item(found)

    def _name(self, found: int) -> str:
        return self._row(found, 0, "").name()

    def _ask(self) -> None:
        if self.look is not None:
            self._state.ask_with(np.array([self.look.item], np.int64))

    def _operator_chosen(self, place: int) -> None:
        if self.look is not None and place < len(self.look.operators.ids):
            self._state.session.select(self.look.operators.ids[place : place + 1])


class Portrait(QWidget):
    """An item as a card of its own."""

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self._previews = previews
        self.item: Item | None = None
        self.setFixedSize(_SIDE, _SIDE)
        previews.ready.connect(self._refresh)

    def show_item(self, item: "Item | None") -> None:
        """Show another item."""
        self.item = item
        self.setToolTip("" if item is None else plain_tip(item.text[:600] or item.path))
        self.update()

    def _refresh(self, found: int) -> None:
        if self.item is not None and self.item.id == found:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        content = None if self.item is None else self._previews.of(self.item)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        paint_card(painter, area, self.item, content, caption=False)
        painter.end()
