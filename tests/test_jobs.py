import threading
import time

import pytest

from workbench.jobs import Control, Event, Job, Notice, Progress, Stopwatch, drain


def counting(count: int, control: Control) -> Job[int]:
    for done in range(count):
        control.wait_while_paused()
        if control.stopping:
            return done
        yield Progress(done + 1, count)
    return count


def test_drain_tells_every_event_and_returns_the_result():
    told: list[Event] = []
    assert drain(counting(3, Control()), told.append) == 3
    assert told == [Progress(1, 3), Progress(2, 3), Progress(3, 3)]


def test_drain_lets_errors_through():
    def broken() -> Job[None]:
        yield Notice("before")
        raise ValueError("broken")

    told: list[Event] = []
    with pytest.raises(ValueError, match="broken"):
        drain(broken(), told.append)
    assert told == [Notice("before")]


def test_stop_keeps_what_is_finished():
    control = Control()
    job = counting(10, control)
    next(job)
    control.stop()
    assert drain(job) == 1


def test_pause_holds_the_job_until_resumed():
    control = Control()
    control.pause()
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(drain(counting(3, control))))
    thread.start()
    time.sleep(0.05)
    assert control.paused
    assert results == []
    control.resume()
    thread.join(timeout=10)
    assert results == [3]


def test_stop_frees_a_paused_job():
    control = Control()
    control.pause()
    control.stop()
    assert drain(counting(3, control)) == 0


def test_wishes_come_in_their_order_and_once():
    control = Control()
    for name, value in (("alpha", 5.0), ("alpha/image", 1.0), ("alpha", 5.0)):
        control.set(name, value)
    assert control.take_wishes() == [("alpha", 5.0), ("alpha/image", 1.0), ("alpha", 5.0)]
    assert control.take_wishes() == []


def test_rate_says_nothing_before_work_is_done():
    assert Stopwatch().rate(0) is None
