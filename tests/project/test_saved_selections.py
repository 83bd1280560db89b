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
