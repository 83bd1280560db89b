"""The rows of runs: right, and read only when something has changed."""

import os

import pytest

from workbench.alignment import LiveChange
from workbench.project import Project, Recipe, Run, SplitSettings
from workbench.stations.runs.run_table import RunRow, RunRows, read_row

REPORT = {
    "retrieval": {
        "image→text": {"recall@1": 0.2, "recall@10": 0.5},
        "text→image": {"recall@1": 0.4, "recall@10": 0.7},
    },
    "preservation": {"image": 0.8, "text": 0.6},
}


@pytest.fixture
def project(tmp_path):
    project = Project.create(tmp_path / "p")
    for number, name in enumerate(("old", "new")):
        recipe = Recipe(
            method="gera", settings={"alpha": 10.0, "neighbours": 20}, pairs=200,
            created=f"2026-01-0{number + 1}", seconds=3.5, note="a note",
        )  # fmt: skip
        project.new_run(name, recipe)
    project.run("new").write_report(REPORT)
    (project.run("new").folder / "heads.safetensors").write_bytes(b"heads")
    return project


@pytest.fixture
def reads(monkeypatch):
    """Note which recipes are read."""
    read, original = [], Run.recipe
    monkeypatch.setattr(Run, "recipe", lambda run: read.append(run.name) or original(run))
    return read


def test_a_row_has_the_figures_of_the_report_and_the_recipe(project):
    new, old = RunRows(project).rows()
    assert new == RunRow(
        name="new", method="gera", alpha="10", neighbours=20, pairs=200,
        recall_1=pytest.approx(0.3), recall_10=pytest.approx(0.6), preservation=pytest.approx(0.7),
        seconds=3.5, state="finished", note="a note", created="2026-01-02", has_heads=True,
    )  # fmt: skip
    assert (old.name, old.recall_1, old.state, old.has_heads) == ("old", None, "no heads", False)


def test_labels_counted_in_all_are_the_budget_too(tmp_path):
    project = Project.create(tmp_path / "p")
    project.new_run("few", Recipe(method="ridge", split=SplitSettings(labels=60)))
    (row,) = RunRows(project).rows()
    assert row.pairs == 60


@pytest.mark.parametrize(
    ("settings", "changes", "words", "neighbours"),
    [
        ({"alpha": 0.5, "neighbours": 5}, [], "0.5", 5),
        ({"alpha": {"image": 1.0, "text": 3.0}}, [], "1 / 3", None),
        ({"alpha": {"image": 2.0, "text": 2.0}}, [("alpha/image", 0.125)], "2 → 0.125", None),
        ({"alpha": 1.0}, [("alpha", 4.0), ("alpha", 30.0), ("temperature", 0.1)], "1 → 30", None),
        ({"steps": 3, "neighbours": 7}, [], "", None),  # of a method without geometry
    ],
)
def test_alpha_in_words(project, settings, changes, words, neighbours):
    made = [LiveChange(step=n + 1, name=name, value=v) for n, (name, v) in enumerate(changes)]
    run = project.run("old")
    run.write_recipe(Recipe(method="gera", settings=settings, changes=made))
    row = read_row(run)
    assert (row.alpha, row.neighbours) == (words, neighbours)


def test_damage_is_said_and_hides_no_other(project):
    (project.run("new").folder / "report.json").write_text("[")
    (project.run("old").folder / "recipe.json").write_text("{")
    new, old = RunRows(project).rows()
    assert (new.name, new.state, new.method, new.recall_1) == ("new", "damaged", "gera", None)
    assert (old.name, old.state, old.method) == ("old", "damaged", "?")


def test_what_is_as_it_was_is_not_read_again(project, reads):
    rows = RunRows(project)
    assert sorted(rows.stale()) == ["new", "old"]
    first = rows.rows()
    assert sorted(reads) == ["new", "old"]
    assert rows.stale() == []
    assert rows.rows() == first
    assert len(reads) == 2


def test_every_change_is_seen_and_only_it_is_read(project, reads):
    rows = RunRows(project)
    rows.rows()

    def seen(name):
        assert rows.stale() == [name]
        reads.clear()
        rows.rows()
        assert rows.stale() == []
        return reads

    old = project.shelf.place("old")
    old.write_report(REPORT)
    assert seen("old") == ["old"]
    (old.folder / "heads.safetensors").write_bytes(b"heads")
    assert seen("old") == ["old"]
    (old.folder / "training.safetensors").write_bytes(b"state")
    assert seen("old") == ["old"]
    project.shelf.note("old", "another note")
    assert seen("old") == ["old"]
    old.drop_training()
    assert seen("old") == ["old"]
    deleted = project.shelf.delete("old")
    assert seen("old") == []
    project.shelf.restore(deleted)
    assert seen("old") == ["old"]
    project.shelf.place("begun").folder.mkdir()  # without a recipe it is none yet
    assert rows.stale() == []
    project.shelf.place("begun").write_recipe(Recipe(method="ridge"))
    assert seen("begun") == ["begun"]


def test_a_file_replaced_within_one_tick_of_the_clock_is_seen(project):
    rows = RunRows(project)
    rows.rows()
    path = project.run("old").folder / "recipe.json"
    before = path.stat()
    recipe = project.run("old").recipe()
    recipe.seed = 1 - recipe.seed  # as many letters
    project.run("old").write_recipe(recipe)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert rows.stale() == ["old"]


def test_a_project_without_runs(tmp_path):
    rows = RunRows(Project.create(tmp_path / "p"))
    assert (rows.stale(), rows.rows()) == ([], [])
