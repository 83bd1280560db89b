"""What is proposed to the user: next pairs, and pairs to doubt."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner
from worlds.projects import embed, small_project

from workbench.cli import app
from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain
from workbench.project import Project, load_embeddings
from workbench.stations import AlignRequest, align, propose, scan, suspicious_pairs
from workbench.stations.labelling import answers


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a project with 20 pairs of 60 pictures and texts, and a run of them."""
    folder = tmp_path_factory.mktemp("next")
    root = small_project(folder, 60)
    texts = sorted((folder / "files" / "text").rglob("*.txt"), key=lambda path: path.stem)
    for path in texts[20:]:  # another key: nobody says whose they are
        path.rename(path.with_name(f"text {path.stem}.txt"))
    project = Project.open(root)
    drain(scan(project))
    images, number = embeddings_of(project, "image"), numbers_of(project, "image")
    turned = images[np.argsort(number)] @ np.random.default_rng(1).normal(size=(6, 6))
    embed(project, "text", turned[numbers_of(project, "text")].astype("f4"))
    drain(align(project, AlignRequest(method="cca", name="one", settings={})))
    return root


def numbers_of(project, view):
    """Return which things the items of a view are of, in order of id."""
    items = sorted(project.catalogue.items(view), key=lambda item: item.id)
    return [int(item.key.removeprefix("text ")) for item in items]


def embeddings_of(project, view):
    return load_embeddings(project, view, project.encoder(view))[1]


@pytest.fixture
def project(made, tmp_path):
    shutil.copytree(made.parent, tmp_path / "all", dirs_exist_ok=True)
    return Project.open(tmp_path / "all" / made.name)


def names(project, ids):
    return {item.id: item.key for item in project.catalogue.present(ids)}


def test_items_without_a_partner_are_proposed_with_their_likeliest_partners(project):
    found = drain(propose(project, "one", count=10))
    assert (found.view, found.other, found.free) == ("image", "text", 40)
    paired = project.catalogue.pairs()["image", "text"]
    asked = [each.item for each in found.proposals]
    assert len(set(asked)) == 10
    assert not np.isin(asked, paired[:, 0]).any()
    hits = 0
    for each in found.proposals:
        partners = [one.item for one in each.partners]
        assert len(partners) == 9
        assert not np.isin(partners, paired[:, 1]).any()  # one partner each, so they are taken
        scores = [one.score for one in each.partners]
        assert scores == sorted(scores, reverse=True)
        named = names(project, [each.item, *partners])
        hits += f"text {named[each.item]}" in list(named.values())
    assert hits >= 8  # of ten; by chance two


def test_answers_are_heeded(project):
    first = drain(propose(project, "one", count=40, strategy="diverse"))
    asked = {each.item: each for each in first.proposals}
    done, refusing, alone, skipped = list(asked)[:4]
    answers.say_pair(project, done, asked[done].partners[0].item, "diverse")
    answers.say_no_pair(project, refusing, asked[refusing].partners[0].item)
    answers.say_no_partner(project, alone, "text")
    found = drain(propose(project, "one", count=40, strategy="diverse", skipped=[skipped]))
    now = {each.item: [one.item for one in each.partners] for each in found.proposals}
    assert found.free == 37
    assert set(now) == set(asked) - {done, alone, skipped}
    assert asked[refusing].partners[0].item not in now[refusing]
    assert len(now[refusing]) == 9
    taken = asked[done].partners[0].item
    assert not any(taken in partners for partners in now.values())


def test_before_any_run_items_are_proposed_without_partners(project):
    found = drain(propose(project, count=5))
    assert [each.partners for each in found.proposals] == [()] * 5
    with pytest.raises(WorkbenchError, match="Choose a run, or another strategy"):
        drain(propose(project, strategy="uncertain"))


def test_texts_are_asked_about_where_wished_and_unsure_ones_first(project):
    found = drain(propose(project, "one", view="text", strategy="uncertain", count=40))
    assert (found.view, found.other, found.free) == ("text", "image", 40)
    ahead = [each.partners[0].score - each.partners[1].score for each in found.proposals]
    assert ahead == sorted(ahead)


def test_nothing_left_and_wrong_views_are_said(project):
    free = [each.item for each in drain(propose(project, "one", count=99)).proposals]
    with pytest.raises(WorkbenchError, match="nothing is left to ask about"):
        drain(propose(project, "one", view="image", skipped=free))
    with pytest.raises(WorkbenchError, match="“one” has no speech items"):
        drain(propose(project, "one", view="speech"))
    with pytest.raises(WorkbenchError, match="of another view than text"):
        drain(propose(project, "one", view="text", other="text"))
    with pytest.raises(WorkbenchError, match="no strategy “luck”"):
        drain(propose(project, "one", strategy="luck"))


def test_an_item_may_be_partner_of_several_where_pairs_say_so(project):
    image = project.catalogue.pairs()["image", "text"][0, 0]
    other = drain(propose(project, "one", view="text", count=1)).proposals[0].item
    answers.say_pair(project, int(image), other)  # one picture, two texts
    found = drain(propose(project, "one", view="text", count=5))
    assert len(found.proposals[0].partners) == 9
    several = {one.item for each in found.proposals for one in each.partners}
    assert len(several) > 9


def test_the_command_says_and_gives_them(project):
    told = CliRunner().invoke(app, ["next-pairs", str(project.root), "one", "--count", "3"])
    assert told.exit_code == 0, told.output
    assert "3 of the 40 image items that have no text partner." in told.output
    plain = CliRunner().invoke(
        app, ["next-pairs", str(project.root), "one", "--count", "3", "--json"]
    )
    found = json.loads(plain.stdout)
    assert [len(each["partners"]) for each in found["items"]] == [9, 9, 9]
    bad = CliRunner().invoke(app, ["next-pairs", str(project.root), "one", "--strategy", "luck"])
    assert "There are: representative" in str(bad.exception)


# --- suspicious pairs ----------------------------------------------------------------------------


WRONG = (3, 20, 40, 55)  # each has the vector of the next one's text


@pytest.fixture
def doubtful(tmp_path):
    project = Project.open(small_project(tmp_path, 60))
    turn = np.random.default_rng(1).normal(size=(6, 6)).astype("f4")
    texts = embeddings_of(project, "image") @ turn
    texts[list(WRONG)] = texts[list(np.roll(WRONG, -1))]
    embed(project, "text", texts)
    return project


def test_wrong_pairs_come_first_and_what_the_user_has_looked_at_is_not_listed(doubtful):
    pairs = doubtful.catalogue.pairs()["image", "text"]
    wrong = [tuple(pairs[row].tolist()) for row in WRONG]
    found = drain(suspicious_pairs(doubtful, count=6))
    assert [len(found.pairs), found.looked_at, found.confirmed] == [6, 60, 0]
    assert {(each.first, each.second) for each in found.pairs[:4]} == set(wrong)
    assert found.among == (60, 60)
    for each in found.pairs[:4]:
        assert min(each.ranks) > 10
        assert each.nearest[0] not in (each.second, 0)
        assert each.nearest[1] not in (each.first, 0)
    assert "60 pairs were each judged by the others. About " in found.sentence()

    answers.say_pair(doubtful, *wrong[0])  # it is right, says who has looked at it
    answers.say_no_pair(doubtful, *wrong[1])
    again = drain(suspicious_pairs(doubtful, count=60))
    listed = {(each.first, each.second) for each in again.pairs}
    assert (again.looked_at, again.confirmed, len(listed)) == (59, 1, 58)
    assert not listed & set(wrong[:2])


def test_too_few_pairs_and_unknown_relations_are_refused(doubtful, project):
    with pytest.raises(WorkbenchError, match=r"no pairs of image and speech. There are: image and"):
        drain(suspicious_pairs(doubtful, relation=("image", "speech")))
    ids = project.catalogue.pairs()["image", "text"]
    answers.say_no_pair(project, *ids[0].tolist())
    with pytest.raises(WorkbenchError, match=r"There are 19 pairs of image and text. At least 20"):
        drain(suspicious_pairs(project))


def test_a_stop_gives_nothing(doubtful):
    control = Control()
    control.stop()
    assert drain(suspicious_pairs(doubtful, control=control)) is None


def test_the_command_lists_doubtful_pairs(doubtful):
    told = CliRunner().invoke(app, ["suspicious-pairs", str(doubtful.root), "--count", "2"])
    assert told.exit_code == 0, told.output
    assert "the image finds first" in " ".join(told.output.split())
    plain = CliRunner().invoke(app, ["suspicious-pairs", str(doubtful.root), "--json"])
    found = json.loads(plain.stdout)
    assert (len(found["pairs"]), found["looked_at"], found["between"]) == (
        50,
        60,
        ["image", "text"],
    )
