import pytest
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project, SplitSettings
from workbench.stations import AlignRequest, align
from workbench.stations.runs.data import data_of_run, data_of_run_if_unchanged, held_out_of_run

QUICK = {"steps": 2, "neighbours": 4, "anchors": 8}


@pytest.fixture
def project(tmp_path):
    return Project.open(small_project(tmp_path))


def made(project, **request):
    run = drain(align(project, AlignRequest(settings=QUICK, **request)))
    return run, run.recipe()


def test_the_data_are_there_as_long_as_they_are_as_they_were(project):
    run, recipe = made(project)
    data, test, held_out = held_out_of_run(project, run, recipe)
    assert data.fingerprint == recipe.data_fingerprint
    assert sum(map(len, test.values())) == sum(map(len, held_out.pairs.values())) > 0
    pairs = project.catalogue.pairs()["image", "text"].tolist()
    project.catalogue.take_pairs(pairs[1:])
    with pytest.raises(WorkbenchError) as caught:
        data_of_run(project, run, recipe, lost="so nothing goes. Align again.")
    assert str(caught.value) == (
        f"The items, pairs or embeddings have changed since the run “{run.name}” was made, so "
        "nothing goes. Align again."
    )
    assert data_of_run_if_unchanged(project, run, recipe) is None
    with pytest.raises(WorkbenchError, match="so its held-out pairs are no longer the same"):
        held_out_of_run(project, run, recipe)
    project.catalogue.take_pairs(pairs)
    assert data_of_run_if_unchanged(project, run, recipe).fingerprint == recipe.data_fingerprint


def test_data_that_are_gone(project):
    run, recipe = made(project)
    project.catalogue.take_pairs([])
    assert data_of_run_if_unchanged(project, run, recipe) is None
    with pytest.raises(WorkbenchError, match="has no pairs"):
        data_of_run(project, run, recipe, lost="so nothing goes.")


def test_nothing_held_out(project):
    run, recipe = made(project, split=SplitSettings(test=0.0))
    with pytest.raises(WorkbenchError, match="No pairs are held out for testing"):
        held_out_of_run(project, run, recipe)
