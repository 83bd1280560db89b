import numpy as np
from worlds.projects import small_project

from workbench.cache import EmbeddingCache
from workbench.project import EncodedContents, Project


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
