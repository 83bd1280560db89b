"""The ready-made studies: what each asks, how much it is, and a button that starts it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.fields import SpinBox
from workbench.gui.widgets.text import label, line, plain_tip
from workbench.words import duration, several

if TYPE_CHECKING:
    from workbench.stations import Offer

_MOST_SEEDS = 200
_USUAL_SEEDS = 5


class OffersCard(Card):
    """Ready-made studies.

    Signals
    -------
    start_asked (kind, seeds)
    """

    start_asked = Signal(str, int)

    def __init__(self) -> None:
        super().__init__("Ready-made", "flask-outline")
        self.seeds = SpinBox()
        self.seeds.setRange(1, _MOST_SEEDS)
        self.seeds.setValue(_USUAL_SEEDS)
        self.seeds.setObjectName("study-seeds")
        self.seeds.setAccessibleName("Seeds")
        self.seeds.setToolTip(
            "How often each training is repeated, each time with another split of the pairs. "
            "Fewer are quicker, more are surer."
        )
        self.seeds.valueChanged.connect(self._show_costs)
        self.head.addWidget(label("Seeds", "caption"))
        self.head.addWidget(self.seeds)
        self._offers: list[Offer] = []
        self._rows: list[_OfferRow] = []
        self._busy = False

    def show_offers(self, offers: "list[Offer]") -> None:
        """Show what can be studied, and why not."""
        self._offers = offers
        clear(self.body)
        self._rows = []
        for number, offer in enumerate(offers):
            if number:
                self.body.addWidget(line())
            row = _OfferRow(offer)
            row.button.clicked.connect(lambda _=False, offer=offer: self._start(offer))
            self._rows.append(row)
            self.body.addWidget(row)
        self._show_costs()
        self.show_busy(self._busy)

    def show_busy(self, busy: bool) -> None:
        """Let nothing be started while a study is worked at."""
        self._busy = busy
        for row in self._rows:
            row.button.setEnabled(not busy and not row.offer.missing)

    def button(self, kind: str) -> Button:
        """Return the button that starts a ready-made study."""
        return next(row.button for row in self._rows if row.offer.ready.name == kind)

    def _start(self, offer: "Offer") -> None:
        self.start_asked.emit(offer.ready.name, self.seeds.value())

    def _show_costs(self) -> None:
        for row in self._rows:
            row.show_cost(self.seeds.value())


class _OfferRow(QWidget):
    """One ready-made study."""

    def __init__(self, offer: "Offer") -> None:
        super().__init__()
        self.offer = offer
        ready = offer.ready
        self.button = Button("Start", "play", pressed=None, name=f"study-{ready.name}")
        self.button.setAccessibleName(f"Start: {ready.title}")
        self.button.setVisible(not offer.missing)
        self.setToolTip(plain_tip(ready.question))
        self._cost = label("", "caption", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(ready.title, wrap=True))
        words.addWidget(self._cost)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(words, 1)
        row.addWidget(self.button)

    def show_cost(self, seeds: int) -> None:
        """Say how many trainings so many seeds are, and about how long they take."""
        offer = self.offer
        if offer.missing:
            self._cost.setText(f"Not here: {offer.missing}")
            return
        share = seeds / offer.ready.seeds
        words = several(round(offer.trainings * share), "training")
        if offer.seconds is not None:
            words += f" · about {duration(offer.seconds * share)} on one core"
        self._cost.setText(words)
