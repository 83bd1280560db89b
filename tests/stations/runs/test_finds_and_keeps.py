"""What α buys and costs: measured of the heads that a run has, beside those of α = 0."""

from dataclasses import replace

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project, SplitSettings, read_ladder
from workbench.stations import AlignRequest, align, evaluate, felt, felt_at_zero, sweep_marks
from workbench.stations.runs.finds_and_keeps import FindsAndKeeps, of_figures, of_report

QUICK = {"steps": 6, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 3}
FIGURES = {
    "recall@10": 0.5, "chance@10": 0.25, "preservation/image": 0.8, "preservation/text": 0.6,
}  # fmt: skip


@pytest.fixture
def project(tmp_path):
    return Project.open(small_project(tmp_path))


def trained(project, name, **request):
    settings = {**QUICK, **request.pop("settings", {})}
    return drain(align(project, AlignRequest(settings=settings, name=name, **request)))


def last_look(run):
    return of_figures([row for row in run.curves() if "recall@10" in row][-1])


def test_figures_are_a_recall_and_a_mean_of_the_views():
    assert of_figures(FIGURES) == FindsAndKeeps(0.5, pytest.approx(0.7), 0.25)
    assert of_figures({**FIGURES, "step": 30.0}).step == 30
    assert of_figures({}) == FindsAndKeeps()


def test_a_report_is_of_test_pairs():
    retrieval = {"recall@10": 0.4, "chance": {"recall@10": 0.1}}
    report = {
        "retrieval": {"a→b": retrieval, "b→a": {**retrieval, "recall@10": 0.6}},
        "preservation": {"a": 0.9, "b": None},
    }
    assert of_report(report) == FindsAndKeeps(0.5, 0.9, 0.1, tested=True)
    assert of_report({}) == FindsAndKeeps(tested=True)


def test_the_heads_that_a_run_has_are_measured(project):
    run = trained(project, "last", settings={"alpha": 3.0, "checkpoint": "last"})
    found = drain(felt(project, "last"))
    assert found.now == replace(last_look(run), step=None)
    assert found.start.step == 1
    assert found.zero is None


def test_heads_of_alpha_0_are_found_where_all_else_is_alike(project):
    trained(project, "three", settings={"alpha": 3.0})
    for name, request in (
        ("longer", {"settings": {"alpha": 0.0, "steps": 7}}),
        ("fewer", {"settings": {"alpha": 0.0}, "pairs": 20}),
        ("rival", {"method": "contrastive", "settings": {"neighbours": 5}}),
    ):
        if name == "rival":
            drain(align(project, AlignRequest(
                method="contrastive", settings={"steps": 6, "hidden": 10}, name=name,
            )))  # fmt: skip
        else:
            trained(project, name, **request)
    assert drain(felt(project, "three")).zero is None
    zero = trained(project, "zero", settings={"alpha": 0.0, "checkpoint": "last"}, seed=4)
    assert drain(felt(project, "three")).zero == replace(last_look(zero), step=None)
    # how often one looks decides nothing
    wanted = {**QUICK, "alpha": 30.0, "validate_every": 2, "checkpoint": "best"}
    assert drain(felt_at_zero(project, wanted)).finds == last_look(zero).finds
    assert drain(felt_at_zero(project, {**wanted, "width": 3})) is None


def test_a_sweep_tells_what_alpha_0_gives(project):
    run = trained(project, "sweep", ladder=[0.0, 1.0, 30.0])
    first = read_ladder(run).rungs[0]
    assert drain(felt(project, "sweep")).zero == of_figures(first.figures)
    assert drain(felt_at_zero(project, QUICK)) == of_figures(first.figures)
    trained(project, "other", settings={"alpha": 3.0})
    assert drain(felt(project, "other")).zero == of_figures(first.figures)


def test_other_data_have_no_such_heads(project):
    run = trained(project, "zero", settings={"alpha": 0.0})
    assert drain(felt_at_zero(project, QUICK)) is not None
    run.write_recipe(run.recipe().model_copy(update={"data_fingerprint": "of other data"}))
    assert drain(felt_at_zero(project, QUICK)) is None


def test_heads_with_own_words_are_not_compared_with_learned_ones(project):
    for name in ("zero", "three"):
        run = trained(project, name, settings={"alpha": 0.0 if name == "zero" else 3.0})
        recipe = run.recipe()
        recipe.words = recipe.words.model_copy(update={"share": 0.3})
        if name == "zero":
            run.write_recipe(recipe)
    assert drain(felt(project, "three")).zero is None
    assert drain(felt_at_zero(project, QUICK)) is None
    run.write_recipe(recipe)
    found = drain(felt(project, "three"))
    assert found.zero is not None
    assert found.start is None


def test_without_validation_pairs_the_test_pairs_tell(project):
    project.change(split=SplitSettings(validation=0.0, test=0.3))
    run = trained(project, "blind", settings={"alpha": 3.0})
    assert drain(felt(project, "blind")).now == FindsAndKeeps(tested=True)
    drain(evaluate(project, "blind"))
    found = drain(felt(project, "blind")).now
    assert found.tested
    assert found.finds == pytest.approx(
        np.mean([each["recall@10"] for each in run.report()["retrieval"].values()])
    )


def test_the_marks_of_a_sweep(project):
    run = trained(project, "sweep", ladder=[0.0, 1.0, 30.0])
    knee = read_ladder(run).knee()
    alphas, marked = sweep_marks(project, "sweep")
    assert alphas == [0.0, 1.0, 30.0]
    assert marked == (None if knee.alpha == 30 else knee.alpha)
    (run.folder / "ladder" / "figures.json").write_text("no")
    assert sweep_marks(project, "sweep") == ([], None)


def test_a_run_that_is_not_there_is_a_sentence(project):
    with pytest.raises(WorkbenchError, match="nothing"):
        drain(felt(project, "nothing"))
