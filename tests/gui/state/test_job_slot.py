"""The newest answer wins, whatever comes when; nothing of another project is heard."""

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from workbench.errors import WorkbenchError
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Notice, Progress
from workbench.project import Project


class Held:
    """A job that tells and answers when it is let."""

    def __init__(self, answer, fails=False):
        self.answer, self.fails = answer, fails
        self.begun, self.let = threading.Event(), threading.Event()
        self.control = None

    def __call__(self, control):
        self.control = control
        self.begun.set()
        assert self.let.wait(20)
        yield Progress(1, 1, self.answer)
        if self.fails:
            raise WorkbenchError(self.answer)
        return self.answer


@pytest.fixture
def heard():
    return []


@pytest.fixture
def ask(heard):
    def call(slot, job, **options):
        slot.ask(
            "Asking", job,
            lambda found: heard.append(("result", found)),
            on_event=lambda event: heard.append(("event", event.message)),
            on_error=lambda sentence: heard.append(("error", sentence)),
            **options,
        )  # fmt: skip

    return call


def ended(qtbot, session):
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("first_ends_first", [False, True])
def test_an_older_answer_is_not_heard(session, qtbot, ask, heard, first_ends_first, fails):
    slot, old, new = JobSlot(session), Held("old", fails), Held("new")
    ask(slot, old)
    ask(slot, new)
    for job in (old, new) if first_ends_first else (new, old):
        count = len(session._jobs)
        job.let.set()
        qtbot.waitUntil(lambda count=count: len(session._jobs) < count)
    assert heard == [("event", "new"), ("result", "new")]
    assert old.control.stopping
    assert not new.control.stopping
    assert not slot.busy


def test_what_is_cancelled_is_not_heard(session, qtbot, ask, heard):
    slot, job = JobSlot(session), Held("answer")
    changes = []
    slot.changed.connect(lambda: changes.append(slot.busy))
    ask(slot, job, wish="this")
    assert slot.busy
    assert slot.wish == "this"
    assert slot.job is not None
    slot.cancel()
    assert slot.wish is None
    assert slot.job is None
    job.let.set()
    ended(qtbot, session)
    assert heard == []
    assert changes == [True, False]


def test_nothing_of_another_project_is_heard(session, qtbot, ask, heard, tmp_path):
    session.create_project(tmp_path / "a")
    slot, old, new = JobSlot(session), Held("of a"), Held("of b")
    ask(slot, old)
    asked_early = []

    def ask_on_opening(project):
        if project.root.name == "b" and not asked_early:
            asked_early.append(True)
            ask(slot, new)

    session.project_changed.disconnect(slot._leave_other_projects)  # somebody hears of it before
    session.project_changed.connect(ask_on_opening)
    session.project_changed.connect(slot._leave_other_projects)
    Project.create(tmp_path / "b")
    session.open_project(tmp_path / "b")
    new.let.set()
    old.let.set()
    ended(qtbot, session)
    assert heard == [("event", "of b"), ("result", "of b")]


def test_what_was_asked_for_a_project_that_is_left_is_stopped(session, qtbot, ask, heard, tmp_path):
    session.create_project(tmp_path / "a")
    slot, job = JobSlot(session), Held("of a")
    changes = []
    slot.changed.connect(lambda: changes.append(slot.busy))
    ask(slot, job)
    assert job.begun.wait(20)
    Project.create(tmp_path / "b")
    session.open_project(tmp_path / "b")
    assert not slot.busy  # at once, and not when the job ends
    assert changes == [True, False]
    assert job.control.stopping
    job.let.set()
    ended(qtbot, session)
    assert heard == []


def test_what_an_old_job_still_says_is_not_told(session, qtbot):
    told = []
    session.noticed.connect(lambda _, sentence: told.append(sentence))
    slot, begun, let = JobSlot(session), threading.Event(), threading.Event()

    def says(sentence):
        def make(_control):
            begun.set()
            assert let.wait(20)
            yield Notice(sentence)

        return make

    slot.ask("Asking", says("The old map was stopped."), quiet=False)
    assert begun.wait(20)
    slot.ask("Asking", says("The new map is rough."), quiet=False)
    slot.ask("Asking", says("Nobody wants to hear this."), quiet=False, notices=False)
    slot.ask("Asking", says("The last map is rough."), quiet=False)
    let.set()
    ended(qtbot, session)
    assert told == ["The last map is rough."]


def test_a_failure_that_nobody_takes_goes_to_the_notice_bar_unless_it_is_old(session, qtbot):
    noticed = []
    session.noticed.connect(lambda level, sentence: noticed.append((level, sentence)))
    slot, old, new = JobSlot(session), Held("old", fails=True), Held("new", fails=True)
    slot.ask("Asking", old)
    slot.ask("Asking", new)
    old.let.set()
    new.let.set()
    ended(qtbot, session)
    assert noticed == [("error", "new")]


def test_one_at_a_time_begins_the_newest_wish_when_the_old_work_has_ended(
    session, qtbot, ask, heard
):
    slot = JobSlot(session, one_at_a_time=True)
    first, skipped, last = Held("first"), Held("skipped"), Held("last")
    ask(slot, first, wish=1)
    assert first.begun.wait(20)
    ask(slot, skipped, wish=2)
    ask(slot, last, wish=3)
    assert slot.wish == 3
    assert slot.job is None  # it waits
    assert first.control.stopping
    assert not last.begun.is_set()
    first.let.set()
    last.let.set()
    ended(qtbot, session)
    qtbot.waitUntil(lambda: not slot.busy)
    assert not skipped.begun.is_set()
    assert heard == [("event", "last"), ("result", "last")]


def test_an_answer_may_ask_again(session, qtbot):
    slot, found = JobSlot(session), []

    def job(number):
        def make(_control):
            yield Progress(0, 0)
            return number

        return make

    def take(number):
        found.append(number)
        if number < 3:
            slot.ask("Asking", job(number + 1), take)

    slot.ask("Asking", job(1), take)
    qtbot.waitUntil(lambda: found == [1, 2, 3])
    assert not slot.busy


def test_nothing_is_heard_once_the_slot_has_gone_with_its_parent(session, qtbot, ask, heard):
    owner = QObject()
    slot, job = JobSlot(session, owner), Held("answer")
    ask(slot, job)
    assert job.begun.wait(20)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    job.let.set()
    ended(qtbot, session)  # and pytest-qt tells of what was raised
    assert heard == []


@pytest.mark.parametrize("cancelled", [False, True])
def test_who_asked_is_not_kept_alive_by_what_has_ended(session, qtbot, cancelled):
    class Owner(QObject):
        def __init__(self):
            super().__init__()
            self.slot = JobSlot(session, self)
            self.found = []

        def take(self, answer):
            self.found.append(answer)

    owner, job = Owner(), Held("answer")
    owner.slot.ask("Asking", job, owner.take)
    if cancelled:
        owner.slot.cancel()
    job.let.set()
    ended(qtbot, session)
    assert owner.found == ([] if cancelled else ["answer"])
    qtbot.wait(10)  # the thread is deleted
    gone = weakref.ref(owner)
    gc.disable()
    try:
        del owner
        assert gone() is None
    finally:
        gc.enable()
