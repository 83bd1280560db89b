"""Words of the user's are shown as they are."""

import numpy as np
import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel

from workbench.gui.exploring.inspector.item_inspector import Portrait
from workbench.gui.exploring.query.term_chips import TermChips
from workbench.gui.exploring.state.query import Term
from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.exploring.table.table_model import TableModel
from workbench.gui.items.neighbour_list import NeighbourList, Row
from workbench.gui.items.previews import Previews
from workbench.gui.items.strip_model import StripModel
from workbench.gui.points.legend import Legend, LegendEntry
from workbench.gui.widgets.table import Column, RowsModel
from workbench.gui.widgets.text import ElidedLabel, TermLabel, label, plain_tip
from workbench.help import meaning
from workbench.project import Item
from workbench.stations import ItemColumns

CAPTION = 'a <b>red</b> <img src="file:///x.png"> bird\n& <i>more</i>'


def shown(tip):
    """Return what a tool tip shows: Qt decides by its words whether it is markup."""
    if not QtGui.Qt.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize(
    "words",
    ["", "plain words", "1 < 2 > 0", "one\ntwo", CAPTION, "<b>bold</b>", "&lt;b&gt;",
     "قطة <u>猫</u>", "&amp; <br>"],
)  # fmt: skip
def test_words_are_shown_as_they_are(words):
    assert shown(plain_tip(words)) == words


def test_words_without_markup_are_left_alone():
    assert plain_tip("R@10 <= 3 & more") == "R@10 <= 3 & more"


def test_a_shortened_label_tells_all_of_it(qtbot):
    made = ElidedLabel(CAPTION)
    qtbot.addWidget(made)
    made.resize(40, 20)
    made.grab()
    assert shown(made.toolTip()) == CAPTION


def test_captions_and_labels_are_no_markup_anywhere(qtbot, session):
    label = "<b>label</b>"
    item = Item("text", "/a.txt", "", "a", label, text=CAPTION, id=1)
    previews = Previews()
    portrait, rows = Portrait(previews), NeighbourList(session, previews, "rows", "Rows")
    query = QueryState(session)
    legend, chips = Legend(), TermChips(query)
    for widget in (portrait, rows, legend, chips):
        qtbot.addWidget(widget)
    role = Qt.ItemDataRole.ToolTipRole
    strip, table = StripModel(), TableModel(previews)
    strip.show(ItemColumns.of([item], np.zeros((0, 2), np.int64)), np.array([1]))
    columns = ItemColumns.of([item], np.zeros((0, 2), np.int64))
    table.show(columns, np.array([0]), np.zeros(0, np.int64))
    for model in (strip, table):
        assert shown(model.index(0, 0).data(role)) == f"{CAPTION}\n{label}\n/a.txt"
    rows.show_rows([Row(1, item, 1, "kept")])
    assert shown(rows.model().index(0, 0).data(role)) == f"{CAPTION}\nkept"
    portrait.show_item(item)
    assert shown(portrait.toolTip()) == CAPTION
    legend.set_entries([LegendEntry(label, "#ff0000")])
    assert shown(legend.findChild(object, f"legend-{label}").toolTip()).startswith(f"{label}: 0")
    query.set_terms((Term(label, text=label),))
    assert label in shown(chips.findChild(object, "term-0-sign").toolTip())
    assert shown(chips.findChild(object, "term-0-remove").toolTip()) == f"Leave out “{label}”"
    assert chips.findChild(object, "term-0-remove").accessibleName() == f"Leave out “{label}”"
    previews.finish()


def test_a_label_that_is_a_word_of_the_glossary_explains_it(qtbot):
    made = label("Distortion:", "muted")
    qtbot.addWidget(made)
    assert isinstance(made, TermLabel)
    assert shown(made.toolTip()).startswith("How much the neighbourhood of an item was changed")
    assert made.accessibleDescription() == meaning("distortion")
    assert made.grab().toImage() != QLabel("Distortion:").grab().toImage()  # a dotted line
    made.setText("Else")
    made.adjustSize()
    assert made.grab().toImage() == QLabel("Else").grab().toImage()
    others = ("Hello", {}), ("Distortion", {"wrap": True}), ("Run", {"role": "title"})
    for words, options in others:
        other = label(words, **options)
        qtbot.addWidget(other)
        assert not isinstance(other, TermLabel)


def test_a_heading_of_a_table_explains_its_word():
    model = RowsModel([Column("MRR", str), Column("Name", str)], str, str)
    tip = Qt.ItemDataRole.ToolTipRole
    tips = [model.headerData(place, Qt.Orientation.Horizontal, tip) for place in (0, 1)]
    assert shown(tips[0]) == meaning("MRR")
    assert tips[1] is None
