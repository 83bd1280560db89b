import pytest
from PySide6.QtCore import Qt

from workbench.gui.encoding.browse_dialog import BrowseDialog


@pytest.fixture
def dialog(listed, qtbot):
    made = BrowseDialog(listed, "image", "timm/odd")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test does that
    qtbot.addWidget(made)
    made.show()
    return made


def _names(dialog):
    return [facts.name for facts in dialog.model.shown]


def test_all_that_is_known_is_in_the_table(dialog):
    cells = [
        [dialog.model.index(line, column).data() for column in range(dialog.model.columnCount())]
        for line in range(4)
    ]
    assert cells[0] == [
        "Small", "bundled/small", "1,280", "3.4 M", "18.8 MB", "Apache-2.0", "Bundled",
    ]  # fmt: skip
    assert cells[1][4:] == ["1.2 GB", "MIT", "Needs download"]
    assert cells[2][2:] == ["–", "–", "–", "–", "Downloaded"]
    assert cells[3][-1] == "Not usable: install the Python package timm"
    assert dialog.table.current().name == "timm/odd"  # what is chosen now
    assert dialog._trouble.text() == "The encoder plug-in odd could not be loaded."


def test_it_is_searched_by_all_words(dialog, qtbot):
    qtbot.keyClicks(dialog.search, "timm FORM")
    assert _names(dialog) == ["timm/large.in22k"]
    assert dialog.count.text() == "1 of 4 encoders"
    qtbot.keyClicks(dialog.search, "less")
    assert _names(dialog) == []
    assert not dialog.use_button.isEnabled()
    dialog.search.clear()
    assert len(_names(dialog)) == 4


@pytest.mark.parametrize(
    ("column", "upwards", "downwards"),
    [
        (0, ["plug/in", "timm/large.in22k", "timm/odd", "bundled/small"], None),
        (2, ["plug/in", "timm/large.in22k", "bundled/small", "timm/odd"],
         ["bundled/small", "timm/large.in22k", "plug/in", "timm/odd"]),
        (4, ["bundled/small", "timm/large.in22k", "timm/odd", "plug/in"],
         ["timm/large.in22k", "bundled/small", "timm/odd", "plug/in"]),
        (6, ["bundled/small", "timm/odd", "timm/large.in22k", "plug/in"], None),
    ],
)  # fmt: skip
def test_it_is_sorted_and_what_is_not_known_comes_last(dialog, column, upwards, downwards):
    dialog.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    assert _names(dialog) == upwards
    dialog.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    assert _names(dialog) == (downwards or upwards[::-1])
    assert dialog.table.current().name == "timm/odd"  # the cursor stays on its row


def test_keys_are_enough(dialog, qtbot):
    assert dialog.search.hasFocus()
    qtbot.keyClicks(dialog.search, "timm")
    qtbot.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.table.hasFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Home)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Up)
    with qtbot.waitSignal(dialog.picked) as picked:
        qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert picked.args == ["timm/large.in22k"]


def test_enter_in_the_search_takes_the_one_that_is_found(dialog, qtbot):
    qtbot.keyClicks(dialog.search, "small")
    with qtbot.waitSignal(dialog.picked) as picked:
        qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert picked.args == ["bundled/small"]


def test_what_cannot_be_used_cannot_be_picked(dialog, qtbot):
    dialog.table.choose(dialog.model.shown[3])
    assert not dialog.use_button.isEnabled()
    assert "install the Python package timm" in dialog._about.text()
    with qtbot.assertNotEmitted(dialog.picked):
        qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_everything_is_asked_for_on_demand(dialog, listed, qtbot):
    with qtbot.waitSignal(listed.everything_listed):
        dialog.everything.click()
        assert "asking for more" in dialog.count.text()
    assert dialog.count.text() == "44 encoders"
    assert dialog.table.current().name == "timm/odd"
    dialog.everything.click()
    assert dialog.count.text() == "4 encoders"


def test_a_list_that_cannot_be_had_is_a_sentence(dialog, listed, qtbot):
    dialog.everything.setChecked(True)
    listed.failed.emit("The process that did the work was killed.")
    assert dialog._trouble.text() == "The process that did the work was killed."
    assert not dialog.everything.isChecked()
