"""Selections kept under a name in a file of the project."""

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.project import (
    SELECTIONS_FILE,
    Project,
    delete_selection,
    read_selections,
    save_selection,
)


def test_names_are_replaced_and_deleted(tmp_path):
    project = Project.create(tmp_path / "p")
    save_selection(project, " mine ", np.array([3, 1]))
    save_selection(project, "other", np.array([7]))
    save_selection(project, "mine", np.array([4]))
    found = {name: ids.tolist() for name, ids in read_selections(project).items()}
    assert found == {"mine": [4], "other": [7]}
    delete_selection(project, "mine")
    delete_selection(project, "nobody")
    assert list(read_selections(project)) == ["other"]
    with pytest.raises(WorkbenchError, match="needs a name"):
        save_selection(project, "  ", np.array([4]))


@pytest.mark.parametrize("content", ["", "[1, 2]", '{"a": "b"}', '{"a": [1e400]}', '{"a": null}'])
def test_a_damaged_file_is_named_and_kept(tmp_path, content):
    project = Project.create(tmp_path / "p")
    path = project.root / SELECTIONS_FILE
    path.write_text(content)
    with pytest.raises(WorkbenchError, match="is damaged"):
        read_selections(project)
    with pytest.raises(WorkbenchError, match="is damaged"):
        save_selection(project, "mine", np.array([1]))
    assert path.read_text() == content


def test_a_file_that_has_not_changed_is_not_parsed_again(tmp_path, monkeypatch):
    import workbench.project.saved_selections as module

    project = Project.create(tmp_path / "p")
    save_selection(project, "mine", np.array([3, 1]))
    read_selections(project)
    parsed, loads = [], module.json.loads
    monkeypatch.setattr(module.json, "loads", lambda text: parsed.append(text) or loads(text))
    kept = read_selections(project)
    kept.pop("mine")  # what one is given is one's own
    kept = read_selections(project)
    assert kept["mine"].tolist() == [1, 3]
    with pytest.raises(ValueError, match="read-only"):
        kept["mine"][0] = 9
    assert not parsed


def test_other_content_of_the_same_length_is_read(tmp_path):
    first, second = (Project.create(tmp_path / name) for name in ("p", "q"))
    for number in range(10):
        save_selection(first, "mine", np.array([number]))
        save_selection(second, "mine", np.array([9 - number]))
        assert read_selections(first)["mine"].tolist() == [number]
        assert read_selections(second)["mine"].tolist() == [9 - number]
    (first.root / SELECTIONS_FILE).unlink()
    assert read_selections(first) == {}
