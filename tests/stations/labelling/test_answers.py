"""What the user says about items: kept, told, taken back, and learned from."""

import pytest
from worlds.projects import small_project

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import scan
from workbench.stations.labelling import answers


@pytest.fixture
def project(tmp_path):
    return Project.open(small_project(tmp_path, 12))


def ids_of(project, *names):
    """Return ids of items by modality and number: ``image 3``."""
    found = {}
    for item in project.catalogue.items():
        found[item.modality, int(item.key)] = item.id
    return [found[name.split()[0], int(name.split()[1])] for name in names]


def pairs_of(project):
    return {tuple(pair) for ids in project.catalogue.pairs().values() for pair in ids.tolist()}


def test_a_pair_and_a_refusal_are_there_at_once_and_after_a_scan(project):
    image, text, own = ids_of(project, "image 3", "text 4", "text 3")
    answers.say_pair(project, text, image, "diversity")
    told = answers.say_no_pair(project, image, own)
    assert told.sentence() == "“003” and “rain 3” are no pair."
    for again in (project, Project.open(project.root)):
        assert (image, text) in pairs_of(again)
        assert (image, own) not in pairs_of(again)
        assert sum(again.catalogue.pair_counts().values()) == 12
        drain(scan(again))
    assert answers.refused_pairs(project)["image", "text"].tolist() == [[image, own]]
    assert answers.confirmed_pairs(project)["image", "text"].tolist() == [[image, text]]
