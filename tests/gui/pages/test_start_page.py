import json
import shutil

import pytest
from PySide6.QtCore import QSettings

from workbench.gui.pages.start import StartPage
from workbench.gui.projects import open_sample, opening
from workbench.gui.projects.new_project_dialog import NewProjectDialog
from workbench.project import Found, Project


@pytest.fixture
def page(session, qtbot):
    made = StartPage(session)
    qtbot.addWidget(made)
    made.show()
    return made


def _choose(monkeypatch, folder):
    monkeypatch.setattr(opening, "choose_folder", lambda *_: folder)


def _dialog(page):
    page.new_button.click()
    return page.findChildren(NewProjectDialog)[-1]


def test_a_new_project_is_made_and_remembered(page, session, tmp_path):
    assert page.recent_rows() == []
    dialog = _dialog(page)
    dialog.place.setText(str(tmp_path))
    dialog.name.setText("mine")
    dialog.make_button.click()
    assert session.project.root == tmp_path / "mine"
    assert (tmp_path / "mine" / "project.toml").is_file()
    (row,) = page.recent_rows()
    assert row.project.path == str(tmp_path / "mine")
    assert row.open_button.isEnabled()


def test_thinking_better_of_it_changes_nothing(page, session, monkeypatch):
    _choose(monkeypatch, None)
    _dialog(page).reject()
    page.open_button.click()
    assert session.project is None


def test_the_next_new_project_is_proposed_beside_the_last(page, session, tmp_path):
    dialog = _dialog(page)
    dialog.place.setText(str(tmp_path))
    dialog.make_button.click()
    first = session.project.root
    assert first.parent == tmp_path
    session.close_project()
    dialog = _dialog(page)
    assert dialog.place.text() == str(tmp_path)
    assert dialog.make_button.isEnabled()
    dialog.make_button.click()
    assert session.project.root.parent == tmp_path
    assert session.project.root != first


def test_no_project_is_made_among_other_files(page, session, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "cat.png").touch()
    dialog = _dialog(page)
    dialog.place.setText(str(tmp_path))
    dialog.name.setText("pictures")
    assert "holds other files" in dialog.says.text()
    dialog.make_button.click()
    assert session.project is None
    assert [each.name for each in pictures.iterdir()] == ["cat.png"]
    dialog.reject()


def test_new_with_the_name_of_a_project_offers_to_open_it(page, session, tmp_path):
    Project.create(tmp_path / "mine")
    dialog = _dialog(page)
    dialog.place.setText(str(tmp_path))
    dialog.name.setText("mine")
    assert dialog.make_button.text() == "Open this project"
    dialog.make_button.click()
    assert session.project.root == tmp_path / "mine"


def test_a_recent_project_is_opened_again_with_its_counts(page, session, monkeypatch, tmp_path):
    for name in ("one", "two"):
        project = Project.create(tmp_path / name)
        project.catalogue.take([Found("image", f"/{n}.png", str(n), str(n)) for n in range(3)])
        _choose(monkeypatch, tmp_path / name)
        page.open_button.click()
    assert [row.project.name for row in page.recent_rows()] == ["two", "one"]
    assert page.recent_rows()[0].project.counts == {"image": 3}
    page.recent_rows()[1].open_button.click()
    assert session.project.root == tmp_path / "one"
    assert [row.project.name for row in page.recent_rows()] == ["one", "two"]


def test_a_missing_project_is_greyed_and_can_be_forgotten(page, session, tmp_path):
    session.create_project(tmp_path / "gone")
    session.close_project()
    shutil.rmtree(tmp_path / "gone")
    page.shown()
    (row,) = page.recent_rows()
    assert not row.open_button.isEnabled()
    row.remove_button.click()
    assert page.recent_rows() == []
    assert json.loads(QSettings().value("recent_projects")) == []


def test_the_sample_is_made_by_a_job_and_opened_at_once_the_next_time(
    page, session, tmp_path, qtbot, monkeypatch
):
    monkeypatch.setattr(opening.Path, "home", lambda: tmp_path)
    open_sample(session, count=4)
    assert [job.title for job in session.jobs] == ["Making the sample"]
    qtbot.waitUntil(lambda: session.project is not None, timeout=60_000)
    assert session.project.root == tmp_path / opening.SAMPLE_FOLDER
    assert session.project.catalogue.counts() == {"image": 4, "text": 4}
    session.close_project()
    page.sample_button.click()
    assert session.project is not None
    assert not session.jobs
