"""Maps on the command line: spaces, options, and being like another map."""

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, UmapOptions, align, read_map


@pytest.fixture
def root(tmp_path):
    root = small_project(tmp_path)
    settings = {"steps": 12, "neighbours": 3, "width": 4}
    request = AlignRequest.checked(
        method="gera", name="climbed", settings=settings, ladder=[0.0, 100.0]
    )
    drain(align(Project.open(root), request))
    return root


def test_another_alpha_of_a_ladder(root, gera):
    code, out, _ = gera("map", root, "run:climbed@100")
    assert code == 0
    assert "120 items mapped" in out
    assert read_map(Project.open(root), "run:climbed@100", "pca") is not None
    code, _, err = gera("map", root, "run:climbed@much")
    assert code == 2
    assert "“much” is not a value of α" in " ".join(err.split())


def test_options_and_likeness(root, gera, monkeypatch):
    asked = []

    def umap_map(rows, neighbours, min_dist, seed, control, *, metric, start):
        asked.append((neighbours, min_dist, seed, metric, start is not None))
        yield from ()
        return rows[:, :2].copy()

    monkeypatch.setattr("workbench.stations.maps.map.umap_map", umap_map)
    options = ("--neighbours", 5, "--min-dist", 0.3, "--metric", "euclidean", "--seed", 2)
    umap = ("--method", "umap", *options)
    code, out, _ = gera("map", root, "run:climbed@100", *umap, "--like", "run:climbed@0")
    assert code == 0
    assert out.count("items mapped") == 1
    assert asked == [(5, 0.3, 2, "euclidean", False), (5, 0.3, 2, "euclidean", True)]
    project, kept = Project.open(root), UmapOptions(5, 0.3, "euclidean", 2)
    made = read_map(project, "run:climbed@100", "umap", kept)
    assert made.started_from == "run:climbed@0"
    assert np.isfinite(made.positions).all()
    gera("map", root, "run:climbed@100", *umap)
    assert len(asked) == 2
    gera("map", root, "run:climbed@100", *umap, "--anew")
    assert asked[2][-1] is False
    code, _, err = gera("map", root, "image", "--method", "umap", "--metric", "hamming")
    assert code == 2
    assert "no metric “hamming”" in " ".join(err.split())
