"""A job in a process of its own: the same events, the same hands on it, and no way to hang."""

import os
import threading
import time

import pytest
from worlds.fakes import CountingError, counting

from workbench.job_process import JobProcessError, in_process
from workbench.jobs import Control, Progress, drain


def run(count=5, listen=None, **options):
    told = []
    control = options.pop("control", None) or Control()

    def hear(event):
        told.append(event)
        if listen is not None:
            listen(event, control)

    return drain(in_process(counting, count=count, control=control, **options), hear), told


def test_events_and_result_come_from_another_process():
    result, told = run()
    assert result == ("counted", 5, [])
    assert [event.done for event in told] == [1, 2, 3, 4, 5]
    (other,) = {event.message for event in told}
    assert other != f"process {os.getpid()}"
    assert all(isinstance(event, Progress) for event in told)


def test_stop_and_live_values_reach_it():
    def listen(event, control):
        if event.done == 2:
            control.set("alpha", 3.0)
        if event.done == 12:
            control.stop()

    (state, at, heard), told = run(2000, listen, seconds=0.02)
    assert (state, heard) == ("stopped", [("alpha", 3.0)])
    assert 12 <= at < 200
    assert len(told) == at


def test_a_pause_holds_it_and_a_resume_lets_it_go_on():
    control = Control()
    job = in_process(counting, count=60, seconds=0.01, control=control)
    assert next(job).done == 1
    control.pause()
    seen = 1
    began = time.monotonic()
    # what was under way arrives; then nothing does, until it is resumed from another thread
    timer = threading.Timer(1.0, control.resume)
    timer.start()
    longest, last = 0.0, began
    for event in job:
        now = time.monotonic()
        longest, last, seen = max(longest, now - last), now, event.done
    assert seen == 60
    assert longest > 0.5
    timer.join()


def test_a_station_s_own_error_keeps_its_kind():
    with pytest.raises(CountingError, match="The numbers ran out"):
        run(3, fail="sentence")


def test_a_bug_is_a_sentence_with_its_name():
    with pytest.raises(JobProcessError, match=r"went wrong \(KeyError: 'seven'\)"):
        run(3, fail="bug")


def test_a_killed_process_is_a_sentence():
    with pytest.raises(JobProcessError, match="was killed, perhaps because the memory"):
        run(3, fail="death")


def test_who_stops_listening_stops_the_process():
    control = Control()
    job = in_process(counting, count=100_000, seconds=0.01, control=control)
    process = int(next(job).message.split()[1])
    job.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_work_that_does_not_hear_a_stop_is_ended(monkeypatch):
    monkeypatch.setattr("workbench.job_process._SECONDS_TO_END", 1.0)
    with pytest.raises(JobProcessError, match="did not stop within 1 s"):
        run(5, lambda event, control: control.stop(), seconds=60.0)
