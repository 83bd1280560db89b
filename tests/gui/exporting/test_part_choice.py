import pytest

from workbench.export import PARTS, Part
from workbench.gui.exporting.part_choice import PartChoice


@pytest.fixture
def choice(qtbot):
    made = PartChoice()
    qtbot.addWidget(made)
    return made


def test_each_part_has_a_box_and_its_size(choice, qtbot):
    assert list(choice.boxes) == [part.name for part in PARTS]
    assert choice.chosen() == []
    assert choice._total.text() == ""
    choice.show_sizes({"heads": 2_000_000, "vectors": 30_000_000, "index": 0})
    assert choice._rows["vectors"].text() == "about 30.0 MB"
    assert choice._rows["index"].text() == "nothing to write"
    assert choice._rows["onnx"].text() == ""
    assert choice._total.text() == "Together about 2.0 MB"
    with qtbot.waitSignal(choice.changed):
        choice.boxes["vectors"].click()
    assert choice.chosen() == ["vectors"]
    assert choice._total.text() == "Together about 32.0 MB"
    choice.show_sizes(None)
    assert choice._rows["vectors"].text() == choice._total.text() == ""


def test_what_is_not_installed_cannot_be_chosen_and_says_what_to_do(qtbot, monkeypatch):
    lacking = Part("x", "X", "What it is.", lambda _: 0, PARTS[0].write, ("no_such_package",), "e")
    monkeypatch.setattr("workbench.gui.exporting.part_choice.PARTS", (lacking,))
    made = PartChoice()
    qtbot.addWidget(made)
    assert not made.boxes["x"].isEnabled()
    assert any("pip install" in each.text() for each in made.findChildren(type(made._total)))
