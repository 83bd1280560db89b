"""Studies of synthetic projects: what must help is found, and nothing where there is nothing."""

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.cache import EmbeddingCache
from workbench.jobs import drain
from workbench.stations import checked_design, read_study, study
from workbench.stations.studies.findings import compare_all, enough

COUNT = 140


def make(folder):
    small_project(folder, COUNT, width=24)


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def embed(project, image, text):
    """Let items have these embeddings."""
    for view, rows in (("image", image), ("text", text)):
        with EmbeddingCache(project.cache_path(view, f"test/{view}"), "r+") as cache:
            cache.write(np.arange(COUNT), rows.astype(np.float32))


def latent(seed=0, wide=24, noise=0.3):
    """Return two views of one cloud, turned and noisy."""
    random = np.random.default_rng(seed)
    cloud = random.normal(size=(COUNT, 8))
    return [
        cloud @ random.normal(size=(8, wide)) + noise * random.normal(size=(COUNT, wide))
        for _ in range(2)
    ]


def compared(project, x, figure="mrr", **grid):
    design = checked_design({"title": x, "x": x, "seeds": 6, "grids": [grid]})
    lines = read_study(drain(study(project, design, workers=1))).lines()
    return lines, compare_all(lines, figure)


def test_more_pairs_are_found_to_help(project):
    embed(project, *latent(noise=3.0))
    lines, _ = compared(project, "labels", methods=["ridge"], labels=[6, 24, 96])
    (line,) = lines.lines
    found = line.means("mrr")
    assert found.high[0] < found.low[1] < found.high[1] < found.low[2]
    (said,) = enough(lines, 100 * 0.5)
    assert said.sentence().startswith("Ridge reaches R@10 50.0 % at ")


def test_unpaired_items_are_found_to_help(project):
    """With as many pairs as directions the covariance is known by unpaired items alone."""
    image, text = latent(1, noise=0.5)
    random = np.random.default_rng(1)
    loud = random.normal(size=(COUNT, 6)) @ random.normal(size=(6, 24))
    embed(project, image + 6 * loud, text)
    lines, found = compared(
        project, "unpaired_times", methods=["cca"], labels=[24], unpaired_times=[0, "all"],
        settings={"covariance": ["all"], "penalty": [0.001], "exponent": [0]},
    )  # fmt: skip
    assert [point.words for point in lines.points] == ["0×", "all"]
    (gain,) = found
    assert gain.clear
    assert gain.low > 0
    assert "is above" in gain.sentence()


def test_where_pairs_say_nothing_nothing_is_found(project):
    random = np.random.default_rng(2)
    embed(project, *random.normal(size=(2, COUNT, 24)))
    grid = {"methods": ["ridge", "procrustes", "asif"], "labels": [16, 48, 96]}
    _, found = compared(project, "labels", **grid)
    assert len(found) == 2
    assert not any(each.clear for each in found)
    assert "do not differ clearly" in found[0].sentence()
