import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.gui.exporting.import_run import import_run
from workbench.gui.training.curves.curve_view import CurveView
from workbench.jobs import drain
from workbench.stations import AlignRequest, align, export


def make(folder):
    project = encode_all(make_project(folder, 20))
    drain(align(project, AlignRequest(method="procrustes", name="r")))


@pytest.fixture
def project(copied, tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    return copied(make, tmp_path / "world")


@pytest.fixture
def parent(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


def choose(monkeypatch, folder):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_an_exported_run_comes_back(session, project, parent, tmp_path, monkeypatch, qtbot):
    session.open_project(project.root)
    choose(monkeypatch, drain(export(project, "r", tmp_path / "out")))
    with qtbot.waitSignal(session.page_wanted, timeout=60_000) as page:
        import_run(session, parent)
    assert page.args == ["train"]
    assert session.current_run == "r-2"
    assert project.run("r-2").has_heads()
    curves = CurveView(session)
    qtbot.addWidget(curves)
    curves.show_run(project.run("r-2"))
    qtbot.waitUntil(lambda: "“r-2” was imported" in curves.sentence.text(), timeout=20_000)


def test_what_is_no_export_is_told(session, project, parent, tmp_path, monkeypatch, qtbot):
    session.open_project(project.root)
    choose(monkeypatch, tmp_path)
    with qtbot.waitSignal(session.noticed, timeout=60_000) as notice:
        import_run(session, parent)
    assert notice.args[0] == "error"
    assert "is no exported folder" in notice.args[1]


def test_thinking_better_of_it(session, project, parent, monkeypatch):
    session.open_project(project.root)
    choose(monkeypatch, "")
    import_run(session, parent)
    assert session.jobs == []
