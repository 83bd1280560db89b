import pytest

from workbench.gui.pages.encode import EncodePage
from workbench.jobs import drain
from workbench.project import Project, Source
from workbench.stations import scan


@pytest.fixture
def project(tmp_path):
    """Make a project with five texts."""
    (tmp_path / "texts").mkdir()
    for name in ("cat", "dog", "emu", "fox", "gnu"):
        (tmp_path / "texts" / f"{name}.txt").write_text(f"a {name}", encoding="utf-8")
    made = Project.create(tmp_path / "project")
    made.change(sources=[Source(modality="text", path=str(tmp_path / "texts"))])
    drain(scan(made))
    return made


@pytest.fixture
def page(session, qtbot):
    made = EncodePage(session)
    # the device is found by importing torch, which these tests need not wait for
    qtbot.addWidget(made, before_close_func=lambda _: session.stop_jobs())
    made.show()
    return made


def _ready(page, qtbot):
    card = page.cards["text"]
    qtbot.waitUntil(lambda: card.isVisible() and card.picker.count() > 0, timeout=60_000)
    return card


def test_it_is_empty_without_items(page, session, qtbot, tmp_path):
    assert page.state() == "empty"
    session.create_project(tmp_path / "nothing")
    qtbot.wait(100)
    assert page.state() == "empty"
    with qtbot.waitSignal(session.page_wanted) as wanted:
        page.findChild(type(page.all_button), "").click()
    assert wanted.args == ["data"]


def test_the_picker_offers_what_can_be_used(page, session, project, qtbot):
    session.open_project(project.root)
    card = _ready(page, qtbot)
    assert not page.cards["image"].isVisible()
    assert page.state() == "ready"
    assert card.encoder() == "bundled/minilm-l6"
    assert card.encode_button.isEnabled()
    card.picker.setEditText("sentence-transformers/some/other")
    assert card.encoder() == "sentence-transformers/some/other"
    card.picker.setEditText("")
    assert not card.encode_button.isEnabled()


def test_an_unknown_encoder_ends_in_a_sentence_on_its_card(page, session, project, qtbot):
    session.open_project(project.root)
    card = _ready(page, qtbot)
    card.picker.setEditText("no/such")
    card.encode_button.click()
    qtbot.waitUntil(lambda: page.state() == "ready", timeout=60_000)
    qtbot.waitUntil(lambda: "no/such" in card._news.text(), timeout=60_000)
    assert card._news.property("role") == "bad"
    assert session.project.settings.encoders == {}


def test_texts_are_encoded_and_the_cache_is_shown(page, session, project, qtbot):
    session.open_project(project.root)
    card = _ready(page, qtbot)
    assert not card.complete()
    page.all_button.click()
    assert page.state() == "running"
    assert card.stop_button.isVisible()
    assert not card.picker.isEnabled()
    qtbot.waitUntil(lambda: page.state() == "done", timeout=120_000)
    assert card.complete()
    assert "5 of 5" in card._cache.text()
    assert "384 wide" in card._cache.text()
    assert "5 texts encoded" in card._news.text()
    assert page.next_button.isVisible()
    assert not page.all_button.isVisible()
    assert session.project.settings.encoders == {"text": "bundled/minilm-l6"}
    card.encode_button.click()
    qtbot.waitUntil(lambda: "5 were there already" in card._news.text(), timeout=120_000)
