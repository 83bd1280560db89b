"""Which source an item came from, and below which folder its short names start."""

from pathlib import Path

import pytest
from worlds.fakes import make_project, write_item

from workbench.jobs import drain
from workbench.project import Project, ProjectSettings, Source
from workbench.stations import ItemSources, scan


def pictures(tmp_path, *sources):
    project = Project.create(
        tmp_path / "project",
        ProjectSettings(name="p", sources=list(sources)),
    )
    drain(scan(project))
    items = project.catalogue.items("image")
    return ItemSources(project.root, project.settings.sources), {
        str(Path(item.path).relative_to(tmp_path)): item for item in items
    }


def test_a_folder_whose_name_begins_like_another_is_another(tmp_path):
    for number, folder in enumerate(("img", "img2", "img/2")):
        write_item(tmp_path / folder, "image", number, "a")
    sources, items = pictures(
        tmp_path,
        Source(modality="image", path=str(tmp_path / "img")),
        Source(modality="image", path=str(tmp_path / "img2")),
    )
    found = {name: (sources.of_item(item), sources.folder_of(item)) for name, item in items.items()}
    assert found == {
        "img/a.png": (0, str(tmp_path / "img")),
        "img/2/a.png": (0, str(tmp_path / "img")),
        "img2/a.png": (1, str(tmp_path / "img2")),
    }


@pytest.mark.parametrize("order", [("img", "img/cats"), ("img/cats", "img")])
def test_of_nested_sources_the_first_holds_what_lies_in_both_as_the_scan_says(tmp_path, order):
    write_item(tmp_path / "img", "image", 1, "a")
    write_item(tmp_path / "img" / "cats", "image", 2, "b")
    sources, items = pictures(
        tmp_path, *(Source(modality="image", path=str(tmp_path / each)) for each in order)
    )
    assert sources.of_item(items["img/cats/b.png"]) == 0
    assert sources.folder_of(items["img/cats/b.png"]) == str(tmp_path / order[0])
    assert sources.folder_of(items["img/a.png"]) == str(tmp_path / "img")


def test_where_no_source_holds_it_the_nearest_folder_counts(tmp_path):
    write_item(tmp_path / "img" / "cats", "image", 2, "b")
    table = tmp_path / "list.csv"
    table.write_text("file,id\nimg/cats/b.png,1\n", encoding="utf-8")
    sources, items = pictures(tmp_path, Source(modality="image", path=str(table)))
    (item,) = items.values()
    assert sources.of_item(item) == 0
    assert sources.folder_of(item) == ""  # a table is no folder
    around = [
        Source(modality="image", path=str(tmp_path / "img"), include=["*.jpg"]),
        Source(modality="text", path=str(tmp_path / "img" / "cats")),
        Source(modality="image", path=str(tmp_path / "img" / "ca")),
    ]
    sources = ItemSources(tmp_path, around)
    assert sources.of_item(item) is None
    assert sources.folder_of(item) == str(tmp_path / "img" / "cats")


def test_a_row_of_a_table_has_no_folder(tmp_path):
    project = make_project(tmp_path, 4)
    table = tmp_path / "texts.csv"
    table.write_text("text,id\nthing 1,1\nthing 2,2\n", encoding="utf-8")
    project.change(sources=[Source(modality="text", path=str(table))], pairings=[])
    drain(scan(project))
    sources = ItemSources(project.root, project.settings.sources)
    items = project.catalogue.items("text")
    assert [(sources.of_item(item), sources.folder_of(item)) for item in items] == [(0, "")] * 2
