"""A condition with as many labels as there are items, and one that is typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from workbench.gui.exploring.table.filter_chip import CONDITIONS, FilterChip

LABEL = next(each for each in CONDITIONS if each.key == "label")
MANY = tuple(f"label {number}" for number in range(100))


def asked(chip):
    found = {}
    chip.tell(found)
    return found


@pytest.fixture
def chip(qtbot):
    chip = FilterChip(LABEL, {"label": MANY})
    qtbot.addWidget(chip)
    chip.show()
    qtbot.waitExposed(chip)
    return chip


def type_in(chip, qtbot, words):
    chip.editor.setFocus()
    chip.editor.lineEdit().selectAll()
    qtbot.keyClicks(chip.editor.lineEdit(), words)


def leave(chip, qtbot, by):
    if by == "enter":
        qtbot.keyClick(chip.editor.lineEdit(), Qt.Key.Key_Return)
    else:
        chip.editor.completer().popup().hide()
        chip.editor.lineEdit().clearFocus()


@pytest.mark.qt_log_ignore("This plugin does not support")  # of the list below what is typed
@pytest.mark.parametrize("by", ["enter", "leaving"])
def test_what_fits_nothing_gives_way_to_what_filters(chip, qtbot, by):
    chip.set_value("label 7")
    type_in(chip, qtbot, "no such thing")
    assert asked(chip) == {"label": "label 7"}
    leave(chip, qtbot, by)
    assert chip.editor.currentText() == "label 7"
    assert asked(chip) == {"label": "label 7"}


@pytest.mark.qt_log_ignore("This plugin does not support")  # of the list below what is typed
@pytest.mark.parametrize("by", ["enter", "leaving"])
def test_a_label_is_typed(chip, qtbot, by):
    type_in(chip, qtbot, "label 42")
    with qtbot.waitSignal(chip.changed):
        leave(chip, qtbot, by)
    assert asked(chip) == {"label": "label 42"}
    assert chip.editor.currentText() == "label 42"


def test_other_labels_keep_the_chosen_one_if_they_can(chip, qtbot):
    chip.set_value("label 7")
    with qtbot.assertNotEmitted(chip.changed):
        chip.offer({"label": ("another", *MANY[:9])})
    assert asked(chip) == {"label": "label 7"}
    assert chip.editor.currentText() == "label 7"
    chip.offer({"label": ("another",)})
    assert asked(chip) == {"label": "another"}
    chip.set_value("")
    assert asked(chip) == {"label": ""}
    assert chip.editor.currentText() == "no label"


def test_long_labels_are_cut_only_where_they_are_seen(qtbot):
    names = ("x" * 10_000, "y")
    chip = FilterChip(LABEL, {"label": names})
    qtbot.addWidget(chip)
    assert asked(chip) == {"label": names[0]}
    assert len(chip.editor.currentText()) == 60


def test_no_label_is_measured_before_it_is_seen(qtbot, monkeypatch):
    monkeypatch.setattr(QComboBox, "addItem", lambda *_: pytest.fail("a row of its own"))
    few = FilterChip(LABEL, {"label": ("i", "y" * 40)})
    many = FilterChip(LABEL, {"label": ("i", *("y" * 40 for _ in range(50_000)))})
    for chip in (few, many):
        qtbot.addWidget(chip)
        assert chip.editor.sizeAdjustPolicy() == (
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        chip.show()
        assert chip.editor.width() <= 170
    assert isinstance(many.editor.lineEdit(), QLineEdit)
    assert few.editor.lineEdit() is None
    assert many.editor.view().uniformItemSizes()
