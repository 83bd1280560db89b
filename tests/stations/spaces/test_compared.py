"""Spaces as they are offered, and two of them beside each other: rungs of a sweep among them."""

import shutil

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, write_item

from workbench.alignment import save_space, standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import compare_neighbourhoods, retrieve
from workbench.jobs import Control, drain
from workbench.project import Project, SpaceName, load_embeddings, read_ladder
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    align,
    encode,
    held_out_ranks,
    list_spaces,
    overlap_of_spaces,
    read_two_spaces,
    scan,
)
from workbench.stations.runs.space_rows import heads_of, read_space

IMAGES, GOOD = SpaceName.of_view("image"), SpaceName("good")
LOW, HIGH = SpaceName("climbed", alpha=0.0), SpaceName("climbed", alpha=100.0)


pytestmark = pytest.mark.usefixtures("shelf")


def make(root):
    """Make a project with a plain run, and one with a sweep of two rungs."""
    made = encode_all(make_project(root, 30))
    drain(align(made, AlignRequest(method="procrustes", name="good")))
    settings = {"steps": 20, "neighbours": 3, "width": 4}
    drain(align(made, AlignRequest.checked(
        method="gera", name="climbed", settings=settings, ladder=[0.0, 100.0]
    )))  # fmt: skip
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        return make(tmp_path_factory.mktemp("spaces"))


def two(project, first, second, **options):
    return drain(read_two_spaces(project, first, second, **options))


def test_every_space_is_offered_once(project):
    spaces, wrong = list_spaces(project)
    assert [str(each) for each in spaces] == [
        "image", "text", "run:climbed", "run:climbed@0", "run:climbed@100", "run:good",
    ]  # fmt: skip
    assert not wrong
    assert list_spaces(project, ["text"])[0] == [SpaceName.of_view("text"), *spaces[2:]]
    for each in spaces:  # all can be mapped, by the names they have
        assert len(read_space(project, str(each)).ids) > 0


def test_a_damaged_recipe_is_told_beside_the_spaces_that_can_be_read(tmp_path):
    made = make(tmp_path)
    (made.run("climbed").folder / "recipe.json").write_text("no recipe")
    spaces, wrong = list_spaces(made)
    assert GOOD in spaces
    assert "recipe" in wrong


def test_a_run_without_a_whole_sweep_has_no_rungs(tmp_path):
    made = make(tmp_path)
    (made.run("climbed").folder / "ladder" / "figures.json").unlink()  # written last of all
    assert {each.alpha for each in list_spaces(made)[0]} == {None}


def test_rungs_of_one_sweep_are_compared(project):
    spaces = two(project, LOW, HIGH)
    assert spaces.complete
    assert spaces.both_joint
    for name, its in zip(spaces.names, spaces.figures, strict=True):
        heads = read_ladder(project.run("climbed")).at(name.alpha).space
        for view, rows in its.space.views.items():
            ids, frozen = load_embeddings(project, view, f"fake/{view}")
            expected = heads.embed(view, frozen[np.searchsorted(ids, rows.ids)])
            np.testing.assert_allclose(rows.after, expected, atol=1e-6)
        images, texts = (its.space.views[each] for each in ("image", "text"))
        found = retrieve(images.after, texts.after, its.space.pairs_between("image", "text"))
        np.testing.assert_array_equal(
            its.partner_rank["image", "text"][found.query_rows], found.ranks
        )
    assert [side.in_words() for side in spaces.sides] == [
        "climbed at α = 0", "climbed at α = 100",
    ]  # fmt: skip
    overlap = drain(overlap_of_spaces(*spaces.sides, 3))
    assert 0 < overlap["image"].overlap.mean() < 1  # they are other spaces
    assert spaces.same_test_items()
    assert len(spaces.tested_ids()) > 0


def test_held_out_ranks_are_those_of_the_rung(project, tmp_path):
    made = Project.open(shutil.copytree(project.root, tmp_path / "copy"))
    drain(align(made, AlignRequest(method="procrustes", name="poor", pairs=2)))
    save_space(made.run("poor").space(), made.run("climbed").folder / "ladder" / "1.safetensors")
    plain, of_rung, poor = (drain(held_out_ranks(made, name)) for name in ("climbed", HIGH, "poor"))
    for direction, ranks in poor.items():
        np.testing.assert_array_equal(ranks.ranks, of_rung[direction].ranks)
        np.testing.assert_array_equal(ranks.ids, plain[direction].ids)
    assert any((plain[each].ranks != of_rung[each].ranks).any() for each in plain)


def test_the_frozen_space_of_a_modality_is_its_rows_around_their_mean(project):
    spaces = two(project, IMAGES, HIGH)
    assert spaces.changes() is None
    assert spaces.directions() == [("image", "text")]
    assert spaces.held_out[0] == {}
    ids, frozen = load_embeddings(project, "image", "fake/image")
    joint = spaces.figures[1].space.views["image"]
    rows = standardise(frozen, frozen.mean(axis=0))[np.searchsorted(ids, joint.ids)]
    expected = compare_neighbourhoods(rows, joint.after, 5)
    overlap = drain(overlap_of_spaces(*spaces.sides, 5))
    assert set(overlap) == {"image"}
    np.testing.assert_allclose(overlap["image"].overlap, expected.overlap)


def test_frozen_spaces_of_two_modalities_have_nothing_to_compare(project):
    spaces = two(project, IMAGES, SpaceName.of_view("text"))
    assert spaces.directions() == []
    with pytest.raises(WorkbenchError, match="have no modality in common"):
        drain(overlap_of_spaces(*spaces.sides))


def test_what_was_read_is_known_to_be_old(tmp_path):
    made = make(tmp_path)
    of_images, of_rungs = two(made, IMAGES, GOOD), two(made, LOW, HIGH)
    assert of_images.is_current(made)
    assert of_rungs.is_current(made)
    write_item(tmp_path / "image", "image", 300)
    drain(scan(made))
    drain(encode(made, EncodeRequest("image", "fake/image")))
    assert not of_images.is_current(made)
    assert two(made, IMAGES, GOOD).is_current(made)
    made.shelf.rename("climbed", "up")
    assert not of_rungs.is_current(Project.open(made.root))


def test_known_figures_of_a_rung_are_used_for_that_rung_alone(project, monkeypatch):
    import sys

    first = two(project, LOW, HIGH)
    known = dict(zip(first.names, first.figures, strict=True))
    again = two(project, HIGH, LOW, known=known)
    assert again.figures == first.figures[::-1]
    frozen = two(project, SpaceName("climbed", frozen=True), LOW, known=known)
    assert frozen.figures[1] is first.figures[0]
    assert frozen.figures[0] is not first.figures[0]
    module = sys.modules["workbench.stations.spaces.two_spaces"]
    monkeypatch.setattr(module, "measure_items", lambda *_, **__: pytest.fail("measured again"))
    two(project, LOW, HIGH, known=known)


def test_a_stop_leaves_it_incomplete(project):
    control = Control()
    control.stop()
    assert not two(project, LOW, HIGH, control=control).complete


def test_spaces_that_are_not_there_are_sentences(project):
    for name, words in (
        (SpaceName.of_view("speech"), "No encoder is chosen for speech"),
        (SpaceName("good", alpha=3.0), "“good” has no sweep"),
        (SpaceName("a@3"), "no run “a@3”"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            two(project, name, GOOD)
    with pytest.raises(WorkbenchError, match="Both sides are"):
        two(project, HIGH, SpaceName("climbed", alpha=100.0))
    with pytest.raises(WorkbenchError, match="The frozen embeddings of good have no heads"):
        heads_of(project, "frozen:good")
