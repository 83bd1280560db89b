import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.project.catalogue.item_paths import ItemPaths, SourcePlace

ROOT = "/home/me/project"
PLACES = [
    SourcePlace("image", f"{ROOT}/cats", is_relative=True),
    SourcePlace("image", "/home/me/dogs", is_relative=True),
    SourcePlace("text", "/home/list.csv", is_relative=True),
    SourcePlace("text", "/data", is_relative=False),
]


@pytest.mark.parametrize(
    ("whole", "kept"),
    [
        (f"{ROOT}/cats/1.png", "./cats/1.png"),
        (f"{ROOT}/.hidden", "./.hidden"),
        (ROOT, "."),
        (f"{ROOT} 2/cats/1.png", f"{ROOT} 2/cats/1.png"),
        ("/home/me/dogs/a/1.png", "../dogs/a/1.png"),
        ("/home/me/dogs", "/home/me/dogs"),
        ("/home/list.csv#3", "../../list.csv#3"),
        ("/data/1.txt", "/data/1.txt"),
    ],
)
def test_what_lies_inside_or_is_named_from_there_is_kept_from_there(whole, kept):
    paths = ItemPaths(ROOT, PLACES)
    assert paths.kept(whole) == kept
    assert paths.whole(kept) == whole
    assert paths.kept(paths.whole(kept)) == kept


def test_kept_paths_lead_elsewhere_from_another_place():
    moved = ItemPaths("/mnt/b/p")
    assert moved.whole("./cats/1.png") == "/mnt/b/p/cats/1.png"
    assert moved.whole("../dogs/1.png") == "/mnt/b/dogs/1.png"
    assert moved.whole("/data/1.txt") == "/data/1.txt"


@given(
    st.sampled_from([ROOT, "/home/me/dogs", "/home/list.csv#", "/data", "/home/me", ""]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
def test_every_path_comes_back_as_it_was(folder, rest):
    whole = f"{folder}/{rest}"
    paths = ItemPaths(ROOT, PLACES)
    assert paths.whole(paths.kept(whole)) == whole


def test_a_place_tells_what_its_items_begin_with(tmp_path):
    table = tmp_path / "list.csv"
    table.write_text("a,b\n")
    assert SourcePlace("text", str(table), is_relative=False).starts() == [
        f"{table}{os.sep}", f"{table}#", f"{tmp_path}{os.sep}"
    ]  # fmt: skip
    folder = SourcePlace("image", str(tmp_path), is_relative=False)
    assert folder.starts() == [f"{tmp_path}{os.sep}", f"{tmp_path}#"]
