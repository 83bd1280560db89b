"""A job in a process of its own: the same events, the same hands on it, and no way to hang."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace

import pytest
from worlds.counting import CountingError, counting

from workbench.job_process import (
    JobProcessError,
    PromptControl,
    in_kept_process,
    in_process,
    process,
)
from workbench.job_process.running import _Waiting
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
    with pytest.raises(JobProcessError, match=r"went wrong \(KeyError: 'seven'\)") as wrong:
        run(3, fail="bug")
    assert "Traceback" in wrong.value.details
    assert "counting.py" in wrong.value.details


def test_a_killed_process_is_a_sentence():
    with pytest.raises(JobProcessError, match="was killed, perhaps because memory") as wrong:
        run(3, fail="death")
    assert wrong.value.details == ""


def test_a_process_that_crashes_says_where_it_was():
    with pytest.raises(JobProcessError, match=r"crashed \(SIGSEGV\)") as wrong:
        run(3, fail="crash")
    assert "Fatal Python error: Segmentation fault" in wrong.value.details
    assert "counting.py" in wrong.value.details


def test_who_stops_listening_stops_the_process():
    control = Control()
    job = in_process(counting, count=100_000, seconds=0.01, control=control)
    process = int(next(job).message.split()[1])
    job.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_work_that_does_not_hear_a_stop_is_ended(monkeypatch):
    monkeypatch.setattr("workbench.job_process.process._SECONDS_TO_END", 1.0)
    with pytest.raises(JobProcessError, match="asked to stop, did not, and was killed"):
        run(5, lambda event, control: control.stop(), seconds=60.0)


def test_work_that_tells_how_it_finishes_is_waited_for(monkeypatch):
    clock, answers = [0.0], cycle([False, True])  # it tells something every 30 s
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    messages = [*(("event", Progress(each, 4, "Measuring")) for each in range(4)), ("result", 7)]

    class Pipe:
        def poll(self, _seconds):
            clock[0] += 15
            return next(answers)

        def recv(self):
            return messages.pop(0)

    control = Control()
    control.stop()
    told = []
    assert drain(process._listen(Pipe(), control), told.append) == 7
    assert len(told) == 4


def test_who_asks_for_something_is_heard_at_once(monkeypatch):
    # without looking again and again
    monkeypatch.setattr("workbench.job_process.process._SECONDS_BETWEEN_LOOKS", 30.0)

    def listen(event, control):
        if event.done == 2:
            control.set("alpha", 3.0)
        if event.done == 12:
            control.stop()

    (state, _, heard), told = run(2000, listen, seconds=0.02, control=PromptControl())
    assert (state, heard) == ("stopped", [("alpha", 3.0)])
    assert len(told) < 200


# ------------------------------------------------------------------ a process that is kept


@pytest.fixture
def waiting(monkeypatch):
    """Return the place where a kept process waits, empty."""
    place = _Waiting()
    monkeypatch.setattr("workbench.job_process.running._waiting", place)
    yield place
    place.end()


def kept(count=3, control=None, **options):
    told = []
    job = in_kept_process(counting, count=count, control=control or Control(), **options)
    return drain(job, told.append), int(told[0].message.split()[1])


def test_a_kept_process_does_the_next_job_too(waiting):
    control = Control()
    control.set("alpha", 1.0)
    (_, _, heard), first = kept(200, control, seconds=0.002)
    assert heard == [("alpha", 1.0)]
    control.set("alpha", 2.0)  # of a job that has ended
    (_, _, heard), second = kept()
    assert (second, heard) == (first, [])
    with pytest.raises(CountingError):
        kept(fail="sentence")  # ended in order as well
    assert kept()[1] == first
    waiting.end()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert kept()[1] != first


def test_a_process_that_did_not_end_in_order_is_not_kept(waiting):
    _, first = kept()
    with pytest.raises(JobProcessError):
        kept(fail="bug")
    _, second = kept()
    with pytest.raises(JobProcessError):
        kept(fail="death")
    _, third = kept()
    job = in_kept_process(counting, count=100_000, seconds=0.01, control=Control())
    assert int(next(job).message.split()[1]) == third
    job.close()
    assert len({first, second, third, kept()[1]}) == 4


def test_two_jobs_at_a_time_have_two_processes_and_one_is_kept(waiting):
    job = in_kept_process(counting, count=3, control=Control())
    first = int(next(job).message.split()[1])
    _, second = kept()
    assert second != first
    drain(job)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert kept()[1] == second


def test_a_kept_process_that_died_is_replaced(waiting):
    _, first = kept()
    os.kill(first, signal.SIGKILL)
    waiting._process._process.join()
    assert kept()[1] != first


_WINDOW = """
import sys
sys.path.insert(0, sys.argv[1])
from worlds.counting import noting_its_end
from workbench.job_process import in_kept_process
from workbench.jobs import Control
for event in in_kept_process(noting_its_end, file=sys.argv[2], control=Control()):
    print(event.done, flush=True)
"""


def test_work_ends_in_order_when_the_window_is_killed(tmp_path):
    note = tmp_path / "note"
    command = [sys.executable, "-c", _WINDOW, _tests_folder(), str(note)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as window:
        assert int(window.stdout.readline()) == 1
        window.kill()
        window.stdout.read()  # until the job's process has ended, too
    assert note.read_text() == "stopped in order"


def _tests_folder():
    return str(Path(__file__).parent)
