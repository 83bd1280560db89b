"""The command that writes items to a table."""

import csv
import io

import pytest
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.jobs import drain
from workbench.project import Project, save_selection
from workbench.stations import AlignRequest, align, export_selection, find_items


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with a run, once."""
    root = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        project = encode_all(make_project(root))
        drain(align(project, AlignRequest(method="ridge", name="p")))
    return project.root


def ids(path):
    return [int(row["id"]) for row in csv.DictReader(io.StringIO(path.read_text("utf-8")))]


def test_all_items_with_what_a_run_says(project, tmp_path, gera):
    path = tmp_path / "all.csv"
    code, out, err = gera("export-items", project, path, "--run", "p")
    assert (code, out, err) == (0, f"80 items written to {path}\n", "")
    opened = Project.open(project)
    drain(export_selection(opened, find_items(opened), tmp_path / "same.csv", "p"))
    assert path.read_bytes() == (tmp_path / "same.csv").read_bytes()
    assert "distortion" in path.read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--modality", "text", "--label", "kind-2"], {"modality": "text", "label": "kind-2"}),
        (["--containing", "THING-01"], {"containing": "thing-01"}),
    ],
)
def test_some_items(project, tmp_path, gera, options, wanted):
    path = tmp_path / "some.csv"
    assert gera("export-items", project, path, *options)[0] == 0
    assert ids(path) == find_items(Project.open(project), **wanted).tolist() != []


def test_items_by_id_in_the_order_given_and_only_those_that_fit(project, tmp_path, gera):
    images = find_items(Project.open(project), modality="image").tolist()
    texts = find_items(Project.open(project), modality="text").tolist()
    given = [images[5], texts[2], images[1], images[5]]
    options = [word for number in given for word in ("--item", number)]
    path = tmp_path / "some.csv"
    code, out, _ = gera("export-items", project, path, *options)
    assert (code, out) == (0, f"3 items written to {path}\n")
    assert ids(path) == given[:3]
    code, *_ = gera("export-items", project, path, *options, "--modality", "image", "--replace")
    assert code == 0
    assert ids(path) == [images[5], images[1]]


def test_a_selection_that_was_saved_in_the_window(project, tmp_path, gera):
    opened = Project.open(project)
    chosen = find_items(opened, label="kind-2")
    save_selection(opened, "mine", chosen)
    path = tmp_path / "some.csv"
    assert gera("export-items", project, path, "--selection", "mine")[0] == 0
    assert ids(path) == chosen.tolist()
    options = ("--selection", "mine", "--modality", "text", "--replace")
    assert gera("export-items", project, path, *options)[0] == 0
    assert ids(path) == find_items(opened, label="kind-2", modality="text").tolist()
    code, _, err = gera("export-items", project, path, "--selection", "yours", "--replace")
    assert code == 2
    assert "no selection “yours”. There are: mine." in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--selection", "mine"], "None is saved"),
        (["--containing", "nowhere to be seen"], "No item matches all of these conditions"),
        (["--item", "99999"], "no item 99999"),
        (["--modality", "smell"], "“smell” is not a modality"),
        (["--run", "other"], "no run “other”"),
    ],
)
def test_bad_wishes_are_sentences(project, tmp_path, gera, options, words):
    code, out, err = gera("export-items", project, tmp_path / "x.csv", *options)
    assert (code, out) == (2, "")
    assert words in err
    assert not (tmp_path / "x.csv").exists()


def test_a_file_that_is_there_stays(project, gera):
    code, _, err = gera("export-items", project, project / "project.toml")
    assert code == 2
    assert "exists already" in err
    assert Project.open(project).settings.name == "fakes"
