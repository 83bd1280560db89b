import pytest

from workbench.project.catalogue.item_paths import SourcePlace
from workbench.project.catalogue.moved_items import Seen, moved_items

NEW = SourcePlace("image", "/new", is_relative=False)


def seen(folder, contents, start=0):
    return [
        Seen(f"{folder}/{number}.png", "", content)
        for number, content in enumerate(contents, start)
    ]


def test_most_must_have_the_same_content():
    lost = {"image": seen("/old", "aaaa")}
    found = moved_items({"image": seen("/new", "aaab")}, lost, [NEW])
    assert found == {("image", f"/new/{n}.png"): f"/old/{n}.png" for n in range(4)}
    assert moved_items({"image": seen("/new", "aabb")}, lost, [NEW]) == {}
    assert moved_items({"image": seen("/new", "bbbb")}, lost, [NEW]) == {}


def test_of_several_folders_that_were_it_is_the_one_that_agrees():
    lost = {"image": [*seen("/old/a", "aaaa"), *seen("/old/b", "bbbb"), *seen("/c", "aabb")]}
    found = moved_items({"image": seen("/new", "bbbb")}, lost, [NEW])
    assert set(found.values()) == {f"/old/b/{number}.png" for number in range(4)}


@pytest.mark.parametrize(("known", "asked"), [("image", "text"), ("image", "speech")])
def test_nothing_becomes_another_modality(known, asked):
    places = [SourcePlace(asked, "/new", is_relative=False)]
    assert moved_items({asked: seen("/new", "a")}, {known: seen("/old", "a")}, places) == {}


def test_a_part_of_a_folder_and_a_folder_around_it():
    lost = {"image": seen("/old/birds", "abc")}
    found = moved_items({"image": seen("/new", "abc")}, lost, [NEW])
    assert found["image", "/new/2.png"] == "/old/birds/2.png"
    found = moved_items({"image": seen("/new/birds", "abc")}, lost, [NEW])
    assert found["image", "/new/birds/2.png"] == "/old/birds/2.png"


def test_rows_of_a_file_that_is_called_otherwise_now():
    def rows(file):
        return {"text": [Seen(f"{file}#{n}", f"{n}", f"words {n}") for n in range(3)]}

    places = [SourcePlace("text", "/new/captions 2.csv", is_relative=False)]
    found = moved_items(rows("/new/captions 2.csv"), rows("/old/captions.csv"), places)
    assert found["text", "/new/captions 2.csv#2"] == "/old/captions.csv#2"
