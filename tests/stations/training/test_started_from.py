"""Training on from the heads of a run: of the same project, or imported from another one."""

import json

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, tree

from workbench.alignment import StepReport
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import Project
from workbench.stations import (
    AlignRequest,
    align,
    export,
    import_bundle,
    resume,
    start_in_words,
)

QUICK = {"steps": 6, "neighbours": 6, "anchors": 8, "validate_every": 3, "hidden": 12}


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 40, extra=6))
    drain(align(project, AlignRequest(name="first", settings=QUICK, pairs=10)))
    drain(align(project, AlignRequest(name="solved", method="cca", pairs=10)))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path / "world")


def run(project, listen=None, control=None, **request):
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    asked = {"settings": QUICK, **request}
    return drain(align(project, AlignRequest.checked(**asked), control), take), told


def heads(made):
    return (made.folder / "heads.safetensors").read_bytes()


def warnings(told):
    return [e.text for e in told if isinstance(e, Notice) and "held out" in e.text]


def rows_of(project, made):
    space = made.space()
    return {view: space.embed(view, np.eye(space.width(view), dtype="f4")) for view in space.views}


def assert_begins_at(project, made, earlier):
    for view, rows in rows_of(project, earlier).items():
        np.testing.assert_allclose(rows_of(project, made)[view], rows, atol=1e-5)


def test_with_more_pairs_it_begins_where_the_run_ended(project):
    first = project.run("first")
    begun, told = run(project, start_from="first", pairs=20, stop_after=0)
    assert_begins_at(project, begun, first)
    assert warnings(told) == []  # smaller budgets are among larger ones
    recipe = begun.recipe()
    assert recipe.started_from.run == "first"
    assert recipe.started_from.heads == first.space().fingerprint()
    assert start_in_words(recipe) == "Trained on from the heads of “first”."
    made, _ = run(project, start_from="first", pairs=20)
    assert sorted(tree(made.folder)) == ["curves.csv", "heads.safetensors", "recipe.json"]
    assert heads(made) != heads(run(project, pairs=20)[0])


def test_it_is_repeated_to_the_bit_and_not_from_other_heads(project):
    made, _ = run(project, start_from="first", pairs=20)
    again = drain(align(project, AlignRequest.of_run(made)))
    assert heads(again) == heads(made)
    assert again.recipe().started_from == made.recipe().started_from
    first = project.run("first")
    first.write_space(project.run("solved").space())
    with pytest.raises(WorkbenchError, match="cannot be repeated: it started from heads that the"):
        drain(align(project, AlignRequest.of_run(made)))
    project.shelf.delete("first")
    with pytest.raises(WorkbenchError, match="no run “first”"):
        drain(align(project, AlignRequest.of_run(made)))


def stopped(project, **request):
    control = Control()

    def stop(event):
        if isinstance(event, StepReport) and event.step == 2:
            control.stop()

    return run(project, stop, control, start_from="first", pairs=20, **request)[0]


def test_without_the_run_it_started_from_it_goes_on_to_the_same_heads(project):
    whole, _ = run(project, start_from="first", pairs=20)
    cut = stopped(project)
    assert "start.safetensors" in tree(cut.folder)
    project.shelf.delete("first")
    resumed = drain(resume(project, cut.name))
    assert heads(resumed) == heads(whole)
    assert "start.safetensors" not in tree(resumed.folder)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), r"start\.safetensors"),
        (lambda path: path.unlink(), r"start\.safetensors"),
        (lambda path: path.write_bytes((path.parent.parent / "solved" / "heads.safetensors")
                                       .read_bytes()), "not those that it started from"),
    ],
)  # fmt: skip
def test_heads_kept_to_go_on_with_are_checked(project, harm, words):
    cut = stopped(project)
    harm(cut.folder / "start.safetensors")
    with pytest.raises(WorkbenchError, match=words):
        drain(resume(project, cut.name))


def test_kind_and_whitening_are_those_of_the_heads(project):
    made, _ = run(project, start_from="solved", stop_after=0)
    assert_begins_at(project, made, project.run("solved"))
    settings = made.recipe().settings
    assert (settings["head"], settings["whitening"]) == ("linear", None)
    with pytest.raises(WorkbenchError, match=r"“head” is set to mlp, .* “first”, .* have residual"):
        run(project, start_from="first", settings=QUICK | {"head": "mlp"})
    with pytest.raises(WorkbenchError, match=r"“whitening” is set to none, .* have 0\.5\. Leave"):
        run(project, start_from="first", settings=QUICK | {"whitening": None})
    mlp, _ = run(project, settings=QUICK | {"head": "mlp"}, name="mlp")
    assert_begins_at(project, run(project, start_from="mlp", stop_after=0)[0], mlp)


def test_a_sweep_may_start_from_a_run(project):
    made, _ = run(project, start_from="first", ladder=[0.0, 3.0], stop_after=0)
    assert_begins_at(project, made, project.run("first"))


def test_what_cannot_be_a_start_is_a_sentence_and_leaves_no_folder(project):
    run(project, method="asif", settings={}, name="asif")
    before = project.shelf.names()
    for request, words in (
        ({"start_from": "asif"}, "of the kind anchors, which is not trained"),
        ({"start_from": "first", "method": "ridge", "settings": {}}, "solved at once starts from"),
        ({"start_from": "nobody"}, "no run “nobody”"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            run(project, **request)
    (project.run("first").folder / "heads.safetensors").write_bytes(b"x")
    with pytest.raises(WorkbenchError, match=r"first.*heads"):
        run(project, start_from="first")
    assert project.shelf.names() == before


def test_pairs_divided_otherwise_are_told_and_remembered(project):
    other = project.settings.split.model_copy(update={"seed": 9})
    made, told = run(project, start_from="first", split=other, name="second")
    assert len(warnings(told)) == 1
    assert made.recipe().started_from.other_pairs
    assert start_in_words(made.recipe()).endswith("may have seen pairs that are held out here.")
    on, told = run(project, start_from="second", split=other)
    assert len(warnings(told)) == 1
    assert on.recipe().started_from.other_pairs
    # other pairs are set aside to choose by
    assert len(warnings(run(project, start_from="first", labels=20)[1])) == 1
    assert warnings(run(project, start_from="first", validation=0.0)[1]) == []


@pytest.fixture
def elsewhere(project, tmp_path):
    """Return a project of other items, and the export of a run of the first one."""
    out = drain(export(project, "first", tmp_path / "out"))
    return encode_all(make_project(tmp_path / "other", 30)), out


def test_an_imported_run_is_trained_on_in_another_project(project, elsewhere):
    other, out = elsewhere
    brought = drain(import_bundle(other, out))
    made, told = run(other, start_from=brought.name)
    assert len(warnings(told)) == 1
    assert made.recipe().started_from.other_pairs
    assert made.recipe().imported is None
    begun, _ = run(other, start_from=brought.name, stop_after=0)
    assert_begins_at(other, begun, project.run("first"))
    for view, head in made.space().heads.items():
        np.testing.assert_array_equal(head.centre, project.run("first").space().heads[view].centre)


def test_heads_of_another_encoder_are_refused(project, elsewhere):
    other, out = elsewhere
    brought = drain(import_bundle(other, out))
    path = brought.folder / "recipe.json"
    recipe = json.loads(path.read_text("utf-8"))
    recipe["encoders"]["image"]["revision"] = "another"
    path.write_text(json.dumps(recipe), "utf-8")
    with pytest.raises(WorkbenchError, match=r"image head is for another encoder .*revision was"):
        run(Project.open(other.root), start_from=brought.name)
