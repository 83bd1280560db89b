import os

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.media import content_of
from workbench.project import EncodedContents, Found, Project


def test_what_the_caches_of_a_modality_know_is_told_by_fingerprint(tmp_path):
    project = Project.open(small_project(tmp_path, 4))
    (path,) = project.cache_paths("image")
    marks = [item.fingerprint for item in project.catalogue.items("image")]
    with EmbeddingCache(path, "r+") as cache:
        contents = np.array([b"one", b"two"], "S64")
        cache.write(np.array([0, 2]), np.ones((2, 6), np.float32), contents)
    path.with_name("image--damaged.h5").write_bytes(b"no cache")
    known = EncodedContents(project, "image")
    assert [known.of(mark) for mark in marks] == [{"one"}, set(), {"two"}, set()]
    assert known.of("another") == set()
    assert EncodedContents(project, "speech").of(marks[0]) == set()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes in folders")
def test_what_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in (f"{tmp_path}/pipe.png", "/dev/zero", str(tmp_path)):
        with pytest.raises(WorkbenchError, match="is not a file"):
            content_of(Found("image", path, "mark", "key"))
    with pytest.raises(WorkbenchError, match="No such file"):
        content_of(Found("image", f"{tmp_path}/none.png", "mark", "key"))
