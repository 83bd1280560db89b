"""A study on a small project: the same figures as runs, kept cell by cell, refused in sentences."""

import csv
import json

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, evaluate
from workbench.stations.studies import run_study
from workbench.stations.studies.best import request_of_best
from workbench.stations.studies.cell import StudyData, encoders_in_words
from workbench.stations.studies.design import checked_design
from workbench.stations.studies.run_study import StudyBegun, resume_study, study
from workbench.stations.studies.study_folder import StudyShelf
from workbench.stations.studies.workers import CellBegun, CellDone

QUICK = {"steps": [6], "hidden": [20], "anchors": [8], "neighbours": [5]}


def make(folder):
    small_project(folder, 60)


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def asked(seeds=2, x="labels", kind="own", title="mine", **grid):
    grid = {"methods": ["procrustes", "ridge"], "labels": [10, 20]} | grid
    return checked_design({"grids": [grid], "seeds": seeds, "x": x, "title": title, "kind": kind})


def run(project, design, control=None, listen=None, **options):
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    made = drain(
        study(project, design, control, workers=options.pop("workers", 1), **options), take
    )
    return made, told


def rows(made):
    with made.table_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def begun(told):
    return [event.cell for event in told if isinstance(event, CellBegun)]


def without_times(made):
    times = "seconds", "step_seconds", "wall", "peak_memory"
    return [{name: cell for name, cell in row.items() if name not in times} for row in rows(made)]


def test_a_cell_has_the_figures_of_a_run_with_the_same_recipe(project):
    grid = {"methods": ["gera", "cca"], "labels": [20], "validation": [0.2], "settings": QUICK}
    made, _ = run(project, asked(seeds=[3], **grid, unpaired_times=[0.5]))
    recipe = made.recipe()
    cells = recipe.cells()
    results = made.results(cells)
    assert [cell.method for cell in cells] == ["gera", "cca"]
    for cell in cells:
        done = drain(align(project, cell.request(recipe.split)))
        report = drain(evaluate(project, done.name, csls=10))
        both = report["retrieval"].values()
        figures = results[cell.key].figures
        for name in ("recall@1", "recall@10", "mrr"):
            assert figures[name] == pytest.approx(np.mean([each[name] for each in both]), rel=1e-6)
        csls = [each["recall@10"] for each in report["retrieval_csls"].values()]
        assert figures["csls_recall@10"] == pytest.approx(np.mean(csls), rel=1e-6)
        kept = list(report["preservation"].values())
        assert figures["kept"] == pytest.approx(np.mean(kept), rel=1e-6)
        assert done.recipe().split.unpaired == 0.5


def test_what_lies_in_a_study(project):
    made, told = run(project, asked())
    assert made.folder == project.root / "studies" / "mine"
    assert sorted(each.name for each in made.folder.iterdir()) == ["recipe.json", "table.csv"]
    found = rows(made)
    assert [(row["method"], row["labels"], row["seed"]) for row in found] == [
        (method, labels, seed)
        for seed in "01" for labels in ("10", "20") for method in ("procrustes", "ridge")
    ]  # fmt: skip
    assert all(0 <= float(row["recall@10"]) <= 1 and not row["error"] for row in found)
    assert all(float(row["seconds"]) >= 0 and row["encoder_image"] == "test/image" for row in found)
    recipe = json.loads((made.folder / "recipe.json").read_text())
    assert recipe["data"].keys() == {"image=test/image, text=test/text"}
    (sitting,) = recipe["sittings"]
    assert sitting["machine"]
    assert {"gera-workbench", "torch", "numpy"} <= sitting["versions"].keys()
    done = [event for event in told if isinstance(event, CellDone)]
    assert len(done) == 8
    assert told[1] == StudyBegun("mine", 8, 8)


def test_more_seeds_and_labels_repeat_no_finished_cell(project):
    run(project, asked(seeds=1))
    made, told = run(project, asked(seeds=2, labels=[10, 30]))
    assert len(begun(told)) == 4 * 2 - 2 + 2 * 2 - 2  # all four cells of seed 1, and two of 30
    assert {(cell.labels, cell.seed) for cell in begun(told)} == {
        (30, 0),
        (10, 1),
        (20, 1),
        (30, 1),
    }
    assert len(rows(made)) == 12
    _, told = run(project, asked(seeds=1))
    assert begun(told) == []
    assert "All 12 cells of the study “mine” are finished" in _notices(told)


def _notices(told):
    return " ".join(event.text for event in told if isinstance(event, Notice))


def test_a_cell_that_fails_says_why_and_the_rest_goes_on(project, monkeypatch):
    from workbench.stations.studies import workers

    real = workers.measure_cell

    def moody(data, cell, *rest):
        if cell.method == "ridge" and cell.seed == 0:
            raise WorkbenchError("Ridge has no mind to.\nAt all.")
        if cell.method == "ridge" and cell.labels == 20:
            raise MemoryError
        return real(data, cell, *rest)

    monkeypatch.setattr(workers, "measure_cell", moody)
    made, told = run(project, asked())
    errors = {(row["seed"], row["labels"]): row["error"] for row in rows(made) if row["error"]}
    assert errors["0", "10"] == errors["0", "20"] == "Ridge has no mind to. At all."
    assert "not enough memory" in errors["1", "20"]
    assert len(errors) == 3
    assert "Ridge, 10 labels, seed 0: Ridge has no mind to." in _notices(told)
    monkeypatch.setattr(workers, "measure_cell", real)
    told.clear()
    drain(resume_study(project, "mine", workers=1), told.append)
    assert [(cell.method, cell.seed, cell.labels) for cell in begun(told)] == [
        ("ridge", 0, 10), ("ridge", 0, 20), ("ridge", 1, 20),
    ]  # fmt: skip
    assert not any(row["error"] for row in rows(made))


def test_a_stop_keeps_what_is_finished_and_resume_ends_alike(project, tmp_path):
    calm, _ = run(project, asked(), name="calm")
    control = Control()

    def stop_after_three(event):
        if isinstance(event, CellDone) and event.cell.labels == 20 and event.cell.seed == 0:
            control.stop()

    made, told = run(project, asked(), control, stop_after_three)
    assert len(rows(made)) == len(begun(told)) == 3
    drain(resume_study(project, "mine", workers=1))
    assert without_times(made) == without_times(calm)
    assert len(made.recipe().sittings) == 2


def test_processes_side_by_side_give_the_same_table(project):
    alone, _ = run(project, asked(seeds=1), name="alone")
    made, told = run(project, asked(seeds=1), workers=2)
    assert without_times(made) == without_times(alone)
    assert made.recipe().sittings[0].workers == 2
    assert len(begun(told)) == 4


def test_what_is_said_of_pairs_meanwhile_mixes_nothing(project):
    from workbench.stations.labelling.answers import say_pair

    (pairs,) = project.catalogue.pairs().values()
    made, _ = run(project, asked(seeds=1))
    before = rows(made)
    say_pair(project, int(pairs[0, 0]), int(pairs[1, 1]))
    more, _ = run(project, asked(seeds=2))
    assert more.name == made.name
    assert len(before) < len(rows(more))
    assert all(row in rows(more) for row in before)
    own = StudyData(project).of(project.settings.encoders)
    assert more.recipe().data != {encoders_in_words(project.settings.encoders): own.fingerprint}


def test_a_changed_project_is_told_and_not_mixed(project):
    made, _ = run(project, asked(seeds=1))
    before = rows(made)
    next((project.root.parent / "files" / "text").rglob("*.txt")).unlink()
    from workbench.stations import scan

    drain(scan(project))
    for job in (resume_study(project, "mine"), study(project, asked(seeds=2))):
        with pytest.raises(WorkbenchError, match="items, pairs or embeddings changed since"):
            drain(job)
    assert rows(made) == before


def test_another_share_for_the_test_is_not_mixed(project):
    run(project, asked(seeds=1))
    split = project.settings.split.model_copy(update={"test": 0.4})
    project.change(split=split)
    with pytest.raises(WorkbenchError, match="share of pairs held out for the test changed"):
        drain(study(project, asked(seeds=2)))


def test_another_question_takes_another_name(project):
    run(project, asked(seeds=1))
    with pytest.raises(WorkbenchError, match="asks something else"):
        run(project, asked(seeds=1, kind="alpha"), name="mine")


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        ({"methods": ["magic"]}, "There is no method “magic”"),
        ({"methods": ["words"]}, "learns from no pairs"),
        ({"settings": {"colour": [1]}}, "None of the study's methods has a setting “colour”"),
        ({"settings": {"penalty": [-1.0]}}, "The setting “penalty” of ridge is not valid"),
        ({"labels": [10, 5000]}, "asks for 5,000 labels, and there are 48 pairs that are not held"),
        (
            {"encoders": [{"image": "else", "text": "test/text"}]},
            "No image items are encoded by else",
        ),
        (
            {"relations": [["image-speech"]]},
            "There are no pairs image-speech. There are: image-text",
        ),
        ({"measured": "text"}, "“text” is not a relation"),
        (
            {"labels": list(range(2, 190)), "validation": [n / 100 for n in range(50)]},
            "may have 20,000",
        ),
    ],
)
def test_what_cannot_be_studied_is_refused_before_anything_is_made(project, grid, sentence):
    with pytest.raises(WorkbenchError) as refused:
        run(project, asked(**grid))
    assert sentence in str(refused.value)
    assert not (project.root / "studies").exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"grids": []}, "grids"),
        ({"grids": [{}], "seeds": 0}, "from 1 to 200 seeds"),
        ({"grids": [{"labels": [1]}]}, "grids.0.labels"),
        ({"grids": [{"settings": {"alpha": [float("nan")]}}]}, "no number, word, truth or table"),
        ({"grids": [{}], "mehtods": []}, "mehtods"),
    ],
)
def test_what_is_no_study_is_said(values, sentence):
    with pytest.raises(WorkbenchError, match="This is no study") as refused:
        checked_design(values)
    assert sentence in str(refused.value)


def test_the_best_becomes_a_run_with_the_figures_of_its_cell(project):
    made, _ = run(project, asked())
    request, sentence = request_of_best(made)
    assert "chosen by the held-out pairs themselves" in sentence
    done = drain(align(project, request))
    assert done.name == "mine-best"
    report = drain(evaluate(project, done.name))
    recalls = [each["recall@10"] for each in report["retrieval"].values()]
    labels = str(request.split.labels)
    (row,) = (
        row for row in rows(made)
        if (row["method"], row["labels"], row["seed"]) == (request.method, labels, "0")
    )  # fmt: skip
    assert float(row["recall@10"]) == pytest.approx(np.mean(recalls), rel=1e-6)
    assert isinstance(request, AlignRequest)


def test_the_best_by_validation_pairs_where_there_are_some(project):
    made, _ = run(project, asked(seeds=1, labels=[20], validation=[0.25]))
    assert "Best on validation pairs" in request_of_best(made)[1]


def test_a_study_is_worked_at_by_one(project):
    made, _ = run(project, asked(seeds=1))
    with made.worked_at_alone(), pytest.raises(WorkbenchError, match="worked at by another"):
        drain(resume_study(project, "mine"))


def test_other_versions_are_told(project, monkeypatch):
    made, _ = run(project, asked(seeds=1))
    real = run_study.Sitting.now

    def later(workers):
        sitting = real(workers)
        return sitting.model_copy(update={"versions": {**sitting.versions, "torch": "99"}})

    monkeypatch.setattr(run_study.Sitting, "now", later)
    _, told = run(project, asked(seeds=2))
    assert "begun with other versions of torch" in _notices(told)
    assert [each.versions["torch"] == "99" for each in made.recipe().sittings] == [False, True]


@pytest.mark.parametrize("name", ["Wie viele Paare?", "何組必要か", "a/b"])
def test_names_are_those_of_people(project, name):
    made, _ = run(project, asked(seeds=1, labels=[10], methods=["procrustes"], title=name))
    assert made.folder.parent == project.root / "studies"
    assert [each.name for each in StudyShelf(project).studies()] == [made.name]
    if "/" not in name:
        assert StudyShelf(project).study(name).name == made.name


def test_nothing_is_left_of_some_names(project):
    with pytest.raises(WorkbenchError, match="is not a valid name for a study"):
        run(project, asked(seeds=1), name="…")
    with pytest.raises(WorkbenchError, match=r"no study “\.\./mine”\. Its studies: none yet"):
        drain(resume_study(project, "../mine"))


def test_no_pairs_and_no_test_say_why(project):
    split = project.settings.split.model_copy(update={"test": 0.0})
    project.change(split=split)
    with pytest.raises(WorkbenchError, match="Nothing can be studied here: no pairs are held out"):
        run(project, asked())


def test_a_project_without_embeddings(tmp_path):
    project = Project.open(small_project(tmp_path, 9, encode=False))
    with pytest.raises(WorkbenchError, match="no pairs of encoded items yet"):
        run(project, asked())
