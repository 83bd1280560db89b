"""What was open and begun is kept as it changes, and comes back in another window."""

import errno

import pytest
from worlds.projects import small_project

from workbench.crashes import BlackBox
from workbench.gui.exploring.state.query import Term
from workbench.gui.exploring.state.query_state import Draft
from workbench.gui.session import Session
from workbench.gui.state.drafts import Drafts
from workbench.gui.state.workplace import Kept, Workplace, kept_in


class Pages:
    """Pages that only know their name."""

    def __init__(self):
        self.shown, self.all_made, self.asked = "start", False, 0

    def current_page(self):
        return self.shown

    def go_to(self, name):
        assert self.all_made
        self.shown = name

    def make_all_pages(self):
        self.all_made = True

    def keep_begun(self):
        self.asked += 1


@pytest.fixture
def box(tmp_path):
    made = BlackBox(tmp_path / "reports")
    yield made
    made.close()


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
def workplace(session, pages, box):
    return Workplace(session, pages, box, session)


def kept(tmp_path):
    found = list((tmp_path / "reports").glob("*.json"))
    return kept_in(found[0].read_bytes()) if found else None


def test_what_changes_is_kept_soon(workplace, session, pages, tmp_path, copied, qtbot):
    root = copied(small_project, tmp_path).root
    session.open_project(root)
    session.select([3, 1])
    session.begin(root, "filter", '"rain"')
    pages.shown = "explore"
    qtbot.waitUntil(lambda: kept(tmp_path) is not None)
    assert kept(tmp_path) == Kept(project=str(root), page="explore", selection=[1, 3],
                                  begun=[(str(root), "filter", '"rain"')])  # fmt: skip
    assert pages.asked


def test_it_comes_back(workplace, session, pages, tmp_path, copied):
    root = copied(small_project, tmp_path).root
    wanted = Kept(project=str(root), page="explore", selection=[1, 3],
                  begun=[(str(root), "words", '"rain"')])  # fmt: skip
    words = Drafts(session, "words", "")
    assert workplace.bring_back(wanted)
    assert (session.project.root, pages.shown) == (root, "explore")
    assert session.selection.tolist() == [1, 3]
    assert words.now == "rain"
    assert kept(tmp_path) == wanted.model_copy(update={"brought_back": True})


def test_that_it_was_tried_is_known_before(workplace, session, tmp_path, monkeypatch):
    seen = []

    def ends_the_window(root):
        seen.append(kept(tmp_path))
        return False

    monkeypatch.setattr(session, "open_project", ends_the_window)
    assert not workplace.bring_back(Kept(project="/gone", page="explore"))
    assert seen == [Kept(project="/gone", page="explore", brought_back=True)]


def test_a_project_that_is_gone_is_said(workplace, session, qtbot):
    with qtbot.waitSignal(session.noticed):
        assert not workplace.bring_back(Kept(project="/gone", page="explore"))
    assert session.project is None


def test_a_full_disk_stops_nothing(workplace, box, session, monkeypatch, caplog):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(box, "keep_state", full)
    workplace.keep()
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"[]", b'{"selection": "all"}'])
def test_what_cannot_be_read_is_nothing(spoilt):
    assert kept_in(spoilt) == Kept()


def test_a_question_comes_back_whole(session, tmp_path, copied):
    root = copied(small_project, tmp_path).root
    session.open_project(root)
    draft = Draft((Term("cat.png", path=tmp_path / "cat.png", modality="image", minus=True),
                   Term("rain", text="rain"), Term("7", item=7)), "about", "image")  # fmt: skip
    Drafts(session, "question", Draft()).keep(draft)
    another = Session()
    another.begun = dict(session.begun)
    another.open_project(root)
    assert Drafts(another, "question", Draft()).now == draft
    another.begin(root, "question", '{"terms": 3}')
    assert Drafts(another, "question", Draft()).now == Draft()
