import pytest

from workbench.errors import WorkbenchError
from workbench.stations import classes_of_labels, parse_classes, parse_lines, read_classes
from workbench.stations.classifying.class_list import class_key


def words(found):
    return {each.label: each.words for each in found.classes}


def test_labels_are_said_as_one_would():
    found = classes_of_labels(["food_and-drink", "bird", "", "bird"])
    assert words(found) == {"bird": ("bird",), "food_and-drink": ("food and drink",)}
    assert found.merged == ()


def test_names_that_differ_in_capitals_and_spaces_alone_are_one_class():
    found = classes_of_labels(["Bird", "bird ", "BIRD", "fish", "sea_fish", "sea-fish"])
    assert len(found.classes) == 3
    assert len(found.merged) == 3
    assert "3 labels are spelt like another" in found.remarks()[0]
    assert class_key("Straße") == class_key("STRASSE")
    assert class_key("cafe\u0301") == class_key("CAFÉ")


def test_any_script_stays_as_it_is():
    labels = ["ein Vogel", "птица", "鳥", "طائر", "🐦"]
    assert sorted(classes_of_labels(labels).labels) == sorted(labels)


def test_lines_may_say_what_a_class_is_called():
    found = parse_lines("bird\n\n  n02 = sea fish | a fish \n a=b \n")
    assert words(found) == {"bird": ("bird",), "n02": ("sea fish", "a fish"), "a=b": ("a=b",)}
    assert parse_lines("\n".join(each.line() for each in found.classes)) == found
    both = parse_lines("bird = a bird\nBird = a bird | a flying one")
    assert words(both) == {"bird": ("a bird", "a flying one")}
    assert both.merged == ("Bird",)


@pytest.mark.parametrize("line", [" = words", "label = ", "label = a |  | b", "label = | "])
def test_a_class_without_a_name_is_refused(line):
    with pytest.raises(WorkbenchError, match="has no name"):
        parse_lines(f"bird\n{line}")


def test_what_is_typed():
    assert parse_classes([]) is None
    assert parse_classes(["labels"]) is None
    assert parse_classes(["a, b,", "c d"]).labels == ["a", "b", "c d"]
    with pytest.raises(WorkbenchError, match="Leave out “labels”"):
        parse_classes(["labels", "a"])


def test_files(tmp_path):
    lines = tmp_path / "classes.txt"
    lines.write_bytes("Vögel\nfish, dried = fish\n".encode("latin-1"))
    assert words(parse_classes([str(lines)])) == {"Vögel": ("Vögel",), "fish, dried": ("fish",)}
    table = tmp_path / "classes.csv"
    table.write_text('bird,"a bird, flying",a bird\nfish,\n\n', encoding="utf-8")
    assert words(read_classes(table)) == {"bird": ("a bird, flying", "a bird"), "fish": ("fish",)}
    tabs = tmp_path / "classes.tsv"
    tabs.write_text("bird\ta, b\n", encoding="utf-8")
    assert words(read_classes(tabs)) == {"bird": ("a, b",)}
    lines.write_text("\n \n")
    with pytest.raises(WorkbenchError, match="names no classes"):
        read_classes(lines)
    with pytest.raises(WorkbenchError, match="does not exist"):
        parse_classes([str(tmp_path / "other.txt")])


@pytest.mark.parametrize(("lines", "sentence"), [("", "no classes"), ("bird\nBIRD", "one class")])
def test_fewer_than_two_classes_are_refused(lines, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        parse_lines(lines).check()
