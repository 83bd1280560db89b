import os

import pytest

from workbench.project import Project, free_name, look_at_place


def test_a_new_name_in_any_place_is_free(tmp_path):
    for place in (tmp_path, tmp_path / "not" / "there"):
        found = look_at_place(place, " my pictures ")
        assert (found.folder, found.problem) == (place / "my pictures", "")
    (tmp_path / "empty").mkdir()
    assert not look_at_place(tmp_path, "empty").problem


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "a\\b", "a\0b"])
def test_a_name_is_that_of_one_folder(tmp_path, name):
    assert "name" in look_at_place(tmp_path, name).problem


def test_what_is_there_already_is_told_apart(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "cat.png").touch()
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    Project.create(tmp_path / "project")
    problems = {each.name: look_at_place(tmp_path, each.name) for each in tmp_path.iterdir()}
    assert "is a file" in problems["file"].problem
    assert "holds other files" in problems["full"].problem
    assert problems["broken"].problem
    assert "open it" in problems["project"].problem
    assert [each for each, found in problems.items() if found.is_project] == ["project"]
    assert "is a file" in look_at_place(tmp_path / "file", "mine").problem


def test_a_place_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "Nothing may be written" in look_at_place(tmp_path, "mine").problem


def test_the_proposed_name_is_free(tmp_path):
    assert free_name(tmp_path, "P") == "P"
    (tmp_path / "P").mkdir()
    (tmp_path / "P 2").symlink_to(tmp_path / "gone")
    assert free_name(tmp_path, "P") == "P 3"
