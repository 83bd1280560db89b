"""Each key has its own newest answer; giving up is for all of them."""

import threading

from workbench.gui.state.keyed_slots import KeyedSlots
from workbench.jobs import Progress


def job(answer, let):
    def make(_control):
        yield Progress(0, 0)
        assert let.wait(20)
        return answer

    return make


def test_keys_do_not_overtake_each_other(session, qtbot):
    slots, found, old, new = KeyedSlots(session), [], threading.Event(), threading.Event()
    slots.of("a").ask("Asking", job("a, old", old), found.append)
    slots.of("b").ask("Asking", job("b", old), found.append)
    slots.of("a").ask("Asking", job("a, new", new), found.append)
    assert slots.of("a") is slots.of("a")
    new.set()
    qtbot.waitUntil(lambda: not slots.busy("a"))
    assert found == ["a, new"]
    assert slots.busy("b")
    assert not slots.busy("c")
    old.set()
    qtbot.waitUntil(lambda: not session._jobs)
    assert found == ["a, new", "b"]


def test_nothing_is_heard_after_giving_up(session, qtbot):
    slots, found, let = KeyedSlots(session), [], threading.Event()
    for key in ("a", "b"):
        slots.of(key).ask("Asking", job(key, let), found.append)
    slots.cancel()
    assert not slots.busy("a")
    assert not slots.busy("b")
    let.set()
    qtbot.waitUntil(lambda: not session._jobs)
    assert found == []
