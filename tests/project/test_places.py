"""Paths of a project's settings: relative inside it, also after the project was moved or copied."""

import shutil

import pytest

from workbench.errors import WorkbenchError
from workbench.project import Project, ProjectSettings, Source, TablePairs, path_in
from workbench.project.places import named_from_home, source_places
from workbench.project.settings import write_settings


def settings(*paths, table=None):
    tables = [table] if table else []
    return ProjectSettings(
        sources=[Source(modality="image", path=str(path)) for path in paths],
        pairings=[
            TablePairs(between=("image", "text"), path=each, columns=("a", "b")) for each in tables
        ],
    )


def paths(found):
    return [each.path for each in found.sources]


def test_inside_the_project_a_path_is_relative(tmp_path, monkeypatch):
    root = tmp_path / "p"
    assert path_in(root, root / "a" / "b") == "a/b"
    assert path_in(root, root / "a" / ".." / "b") == "b"
    assert path_in(root, tmp_path / "pp" / "a") == str(tmp_path / "pp" / "a")
    monkeypatch.chdir(tmp_path)
    assert path_in(root, "p/a") == "a"
    assert path_in(root, "other") == str(tmp_path / "other")


def test_a_name_that_is_no_utf_8_ends_in_a_sentence(tmp_path):
    with pytest.raises(WorkbenchError, match=r"\\udcff is not valid UTF-8. Rename it"):
        path_in(tmp_path, "\udcff")


def test_sources_lie_where_the_project_is_unless_their_path_is_whole(tmp_path):
    found = source_places(tmp_path / "p", settings("a", "../b", tmp_path / "c"))
    assert [(each.path, each.is_relative) for each in found] == [
        (str(tmp_path / "p" / "a"), True), (str(tmp_path / "b"), True),
        (str(tmp_path / "c"), False),
    ]  # fmt: skip


def test_whole_paths_into_the_project_become_relative(tmp_path):
    root = tmp_path / "p"
    table = str(root / "pairs.csv")
    found = named_from_home(root, settings(root / "a", tmp_path / "b", table=table), "")
    assert paths(found) == ["a", str(tmp_path / "b")]
    assert found.pairings[0].path == "pairs.csv"
    as_it_was = settings("a", "../b", table="pairs.csv")
    assert named_from_home(root, as_it_was, str(tmp_path / "was")) is as_it_was


def test_of_a_project_that_was_moved_what_came_along_is_inside(tmp_path):
    was, now = tmp_path / "was", tmp_path / "now"
    (now / "came").mkdir(parents=True)
    (was / "left").mkdir(parents=True)
    (was / "both").mkdir()
    (now / "both").mkdir()
    named = settings(was / "came", was / "left", was / "both", was / "gone")
    found = named_from_home(now, named, str(was))
    assert paths(found) == ["came", *(str(was / each) for each in ("left", "both", "gone"))]
    assert paths(named)[0] == str(was / "came")  # what was given stays as it is
    assert named_from_home(now, named, "") is named


def test_a_copy_has_what_was_copied_although_the_original_is_there(tmp_path):
    was, now = tmp_path / "was", tmp_path / "now"
    (was / "pictures").mkdir(parents=True)
    original = settings(was / "pictures")
    Project.create(was, original)
    shutil.copytree(was, now)
    assert paths(named_from_home(now, original, str(was))) == ["pictures"]
    # what has other sources by now is another project
    write_settings(was / "project.toml", settings("more"))
    assert named_from_home(now, original, str(was)) is original
