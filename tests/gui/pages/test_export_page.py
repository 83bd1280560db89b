import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.alignment import AlignedSpace
from workbench.alignment.heads import LinearHead
from workbench.gui.pages.export import ExportPage
from workbench.jobs import drain
from workbench.project import Project, Recipe
from workbench.stations import AlignRequest, align


def _head(width, seed):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(4, width)).astype(np.float32)
    return LinearHead(np.zeros(width, np.float32), rows, np.zeros(4, np.float32))


@pytest.fixture
def project(tmp_path):
    """Make a project with two runs, one of which has heads."""
    made = Project.create(tmp_path / "project")
    encoders = {"image": {"name": "i"}, "text": {"name": "t"}}
    run = made.new_run("first", Recipe(method="gera", pairs=200, encoders=encoders))
    run.write_space(AlignedSpace({"image": _head(6, 0), "text": _head(5, 1)}))
    run.write_report({"retrieval": {"image→text": {"recall@10": 0.5}}})
    made.new_run("stopped", Recipe(method="gera", state="stopped"))
    return made


@pytest.fixture
def page(shown):
    return shown(ExportPage)


def test_it_is_empty_without_a_run(page, session, tmp_path):
    assert page.state() == "empty"
    session.create_project(tmp_path / "new")
    assert page.state() == "empty"


def test_a_run_is_exported_and_loads_by_the_lines_shown(page, session, project, qtbot):
    session.open_project(project.root)
    assert page.state() == "ready"
    assert [page.run_picker.itemText(n) for n in range(page.run_picker.count())] == ["first"]
    assert page._facts.text() == "gera · image and text · 200 pairs · image→text R@10 50%"
    folder = project.root / "exports" / "first"
    assert page.folder.text() == str(folder)
    page.export_button.click()
    qtbot.waitUntil(lambda: page.state() == "done", timeout=60_000)
    written = {path.name for path in folder.iterdir()}
    assert written == {
        "heads.safetensors", "config.json", "load_heads.py", "README.md", "example.py",
    }  # fmt: skip
    assert page.result.isVisible()
    page.result._copy.click()
    lines = QGuiApplication.clipboard().text()
    assert lines == page.result.code.text() + "\n"
    code = (
        "import numpy\nembeddings = numpy.ones((3, 5), 'float32')\n" + lines + "print(rows.shape)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "(3, 4)", ended.stderr


def test_a_folder_that_holds_something_else_is_refused(page, session, project, qtbot, tmp_path):
    session.open_project(project.root)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    page.folder.setText(str(tmp_path / "full"))
    page.folder.textEdited.emit(page.folder.text())  # as typing does
    with qtbot.waitSignal(session.noticed, timeout=60_000) as notice:
        page.export_button.click()
    assert "not empty" in notice.args[1]
    assert page.state() == "ready"
    session.set_current_run("first")
    assert page.folder.text() == str(tmp_path / "full")  # what was typed stays


def test_a_folder_that_was_typed_is_there_when_its_project_is_again(
    page, session, project, qtbot, tmp_path
):
    session.open_project(project.root)
    page.folder.selectAll()
    qtbot.keyClicks(page.folder, "/elsewhere")
    session.create_project(tmp_path / "another")
    assert page.folder.text() == ""
    session.open_project(project.root)
    assert page.folder.text() == "/elsewhere"
    assert session.begun == {(project.root, "export-folder"): '"/elsewhere"'}


def test_a_folder_must_be_named(page, session, project, qtbot):
    session.open_project(project.root)
    page.folder.setText("  ")
    with qtbot.waitSignal(session.noticed) as notice:
        page.export_button.click()
    assert notice.args[0] == "warning"
    assert page.state() == "ready"


def test_sizes_are_shown_and_chosen_parts_are_written(page, session, qtbot, tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 12))
    drain(align(project, AlignRequest(method="procrustes", name="r")))
    session.open_project(project.root)
    qtbot.waitUntil(lambda: "kB" in page.parts._rows["vectors"].text(), timeout=60_000)
    page.parts.boxes["vectors"].click()
    page.export_button.click()
    qtbot.waitUntil(lambda: page.state() == "done", timeout=120_000)
    folder = project.root / "exports" / "r"
    assert (folder / "vectors" / "items.parquet").is_file()
    assert not (folder / "index").exists()


def test_a_stopped_export_leaves_the_page_as_it_was(page, session, project, qtbot):
    session.open_project(project.root)
    page.parts.boxes["vectors"].click()
    page.export_button.click()
    (job,) = session.jobs
    assert job.kept == "The folder stays as it was."
    job.control.stop()
    qtbot.waitUntil(lambda: page.state() == "ready", timeout=60_000)
    assert not (project.root / "exports" / "first").exists()
