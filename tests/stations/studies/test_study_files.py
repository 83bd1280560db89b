"""The files of a study: what is damaged, foreign or hostile is told, and none of it is trusted."""

import json

import pytest
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.stations.studies.design import checked_design
from workbench.stations.studies.figures import data_of_figure, figure_bytes, write_figures
from workbench.stations.studies.report import report_of, write_report
from workbench.stations.studies.run_study import resume_study, study
from workbench.stations.studies.study_folder import StudyShelf
from workbench.stations.studies.summary import read_study

HOSTILE = '<script>alert("$x_1$")</script> =cmd() \u202e日本'


def make(folder):
    root = small_project(folder, 40)
    from workbench.project import Project

    design = checked_design(
        {
            "title": HOSTILE,
            "seeds": 2,
            "grids": [{"methods": ["procrustes", "ridge"], "labels": [8, 16]}],
        }
    )
    drain(study(Project.open(root), design, name="mine", workers=1))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.fixture
def mine(project):
    return StudyShelf(project).study("mine")


def change(mine, **values):
    path = mine.folder / "recipe.json"
    recipe = json.loads(path.read_text(encoding="utf-8"))
    recipe["design"] |= values
    path.write_text(json.dumps(recipe), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it has no column “cell”"),
        ("cell,error\nabc,\n", "neither figures nor an error"),
        ("cell,recall@10,error\nabc,0.5,\n", "1 of its rows are of no cell of the recipe"),
        ("cell,recall@10,error\nabc,much,\n", "could not convert string to float"),
        ("cell,recall@10,error\nabc,nan,\n", "a figure is not finite"),
        ("cell,recall@10,error\nabc,0.5,,,,\n", "too many or too few"),
        ("cell,recall@10,error\nabc\n", "too many or too few"),
        ("\x00\x01", "it has no column “cell”"),
    ],
)
def test_a_damaged_table_is_told_and_left_as_it_is(project, mine, text, sentence):
    mine.table_path.write_text(text, encoding="utf-8")
    for refused in (lambda: read_study(mine), lambda: drain(resume_study(project, "mine"))):
        with pytest.raises(WorkbenchError, match=r"table\.csv cannot be read") as told:
            refused()
        assert sentence in str(told.value)
    assert mine.table_path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"seeds": list(range(300))}, "design.seeds"),
        (
            {"grids": [{"labels": list(range(2, 202)), "validation": [0.0] * 50}] * 40},
            "a study may have",
        ),
        ({"grids": [{"methods": ["no such method"]}]}, "There is no method"),
        (
            {"grids": [{"settings": {"steps": ["many"]}}]},
            "The setting “steps” of gera is not valid",
        ),
        ({"x": 7}, "design.x"),
        ({"more": 1}, "design.more"),
    ],
)
def test_a_foreign_recipe_is_checked(mine, values, sentence):
    change(mine, **values)
    with pytest.raises(WorkbenchError) as told:
        read_study(mine)
    assert sentence in str(told.value)


def test_a_recipe_that_is_none(mine):
    (mine.folder / "recipe.json").write_text("[" * 100_000)
    with pytest.raises(WorkbenchError, match="is damaged and cannot be read"):
        read_study(mine)


def test_an_axis_that_nothing_has_leaves_one_point(mine):
    change(mine, x="no such axis")
    assert [point.words for point in read_study(mine).lines().points] == ["none"]


def test_what_is_a_link_is_not_written_to(project, mine, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    mine.folder.rename(elsewhere)
    mine.folder.symlink_to(elsewhere)
    with pytest.raises(WorkbenchError, match="is a link to another place"):
        drain(resume_study(project, "mine"))
    change(mine, seeds=[0, 1, 2])
    before = (elsewhere / "table.csv").read_bytes()
    with pytest.raises(WorkbenchError, match="is a link to another place"):
        write_report(mine)
    assert (elsewhere / "table.csv").read_bytes() == before
    assert sorted(each.name for each in elsewhere.iterdir()) == ["recipe.json", "table.csv"]


def test_what_others_wrote_is_shown_as_words(mine):
    text = report_of(read_study(mine))
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    drawn = figure_bytes(read_study(mine), "recall@10").decode()
    assert "<script" not in drawn


def test_a_report_holds_all_of_it(mine):
    path = write_report(mine)
    text = path.read_text(encoding="utf-8")
    for words in (
        "What it says", "Processor seconds", "R@10, %", "Neighbours kept, %", "gera-workbench",
        "torch", "The whole recipe", "data:image/svg+xml;base64,", "data:text/csv;base64,",
    ):  # fmt: skip
        assert words in text
    for fetched in ("http://", "https://", 'src="/', "<link"):
        assert fetched not in text.replace("http://www.w3.org", "")


def test_figures_as_files_and_the_data_behind_them(mine, tmp_path):
    summary = read_study(mine)
    written = write_figures(summary, tmp_path / "figures")
    names = {path.name for path in written}
    stems = {"recall-at-10", "recall-at-1", "mrr", "kept", "within", "seconds"}
    assert names == {f"{stem}.{kind}" for stem in stems for kind in ("svg", "pdf", "png", "csv")}
    starts = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG", ".csv": b"line,labels,"}
    assert all(path.read_bytes().startswith(starts[path.suffix]) for path in written)
    lines = summary.lines()
    rows = data_of_figure(lines, "recall@10").splitlines()
    assert len(rows) == 1 + 2 * 2
    mean = lines.lines[1].means("recall@10").mean[0]
    assert rows[3].startswith(f"Ridge,8,2,{mean:.6g},")
    svg = (tmp_path / "figures" / "recall-at-10.svg").read_text(encoding="utf-8")
    for words in ("Labelled pairs", "R@10, %", "Procrustes", "Ridge", "Mean over 2 seeds"):
        assert words in svg
