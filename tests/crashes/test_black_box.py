"""A window that is not closed leaves its box: what is in it depends on how it ended."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from workbench.crashes import BlackBox, black_box, remember, report_of, take_left_behind

# a window without Qt: it opens its box, and ends by what its third argument says
WINDOW = """
import os, signal, sys
from pathlib import Path
from workbench.crashes import BlackBox, remember
box = BlackBox(Path(sys.argv[1]))
remember("page: explore")
box.keep_state(b"what was open")
exec(sys.argv[2])
"""


def end_by(folder, code):
    command = [sys.executable, "-c", WINDOW, str(folder), code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def names(folder):
    return sorted(path.name.partition("-")[0] for path in folder.iterdir())


def failed(words="seven bridges"):
    try:
        raise KeyError(words)
    except KeyError as error:
        return report_of(error)


def test_a_window_that_is_closed_leaves_nothing(tmp_path):
    box = BlackBox(tmp_path)
    box.keep_state(b"open")
    assert names(tmp_path) == ["running", "running"]
    box.close()
    assert names(tmp_path) == []
    assert take_left_behind(tmp_path) is None


def test_an_abort_leaves_a_report_with_where_it_was(tmp_path):
    assert end_by(tmp_path, "os.abort()").returncode == -signal.SIGABRT
    left = take_left_behind(tmp_path)
    report = left.report.read_text()
    assert report.startswith("GeRA Workbench ")
    assert "page: explore" in report
    assert "Fatal Python error: Aborted" in report
    assert 'File "<string>"' in report
    assert left.state == b"what was open"
    assert names(tmp_path) == ["report"]
    assert take_left_behind(tmp_path) is None  # it is told once


def test_a_kill_leaves_the_state_and_no_report(tmp_path):
    end_by(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    left = take_left_behind(tmp_path)
    assert (left.report, left.state) == (None, b"what was open")
    assert names(tmp_path) == []


def test_an_error_before_a_kill_is_a_report(tmp_path):
    code = "box.add_error('What: x\\nTraceback (most recent call last):\\n  here'); os._exit(1)"
    end_by(tmp_path, code)
    assert "  here" in take_left_behind(tmp_path).report.read_text()


def test_what_a_job_is_called_is_no_error(tmp_path):
    end_by(tmp_path, "remember('Traceback (most recent call last)'); os._exit(1)")
    assert take_left_behind(tmp_path).report is None


def test_the_box_of_a_window_that_lives_is_left_alone(tmp_path):
    box = BlackBox(tmp_path)
    end_by(tmp_path, "os._exit(1)")
    assert take_left_behind(tmp_path).state == b"what was open"
    assert names(tmp_path) == ["running"]
    box.close()


def test_of_many_the_last_is_told_and_all_reports_are_kept(tmp_path):
    for state in ("first", "second"):
        end_by(tmp_path, f"box.keep_state(b'{state}'); os.abort()")
    first = min(tmp_path.glob("*.json"), key=lambda path: path.read_bytes())
    for path in (first, first.with_suffix(".txt")):
        os.utime(path, (1, 1))
    assert take_left_behind(tmp_path).state == b"second"
    assert names(tmp_path) == ["report", "report"]


def test_a_closed_window_in_which_something_failed_keeps_a_report(tmp_path):
    box = BlackBox(tmp_path)
    for words in ("one", "one", "two"):
        box.add_error(f"report of {words}")
    box.close()
    (report,) = tmp_path.iterdir()
    assert report.read_text().count("report of one") == 1
    assert "report of two" in report.read_text()
    assert take_left_behind(tmp_path) is None


def test_errors_have_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(black_box, "_MOST_ERRORS", 3)
    box = BlackBox(tmp_path)
    for number in range(10):
        box.add_error(f"error {number}.")
    box.close()
    assert next(tmp_path.iterdir()).read_text().count("error ") == 3


def test_on_a_full_disk_there_is_no_box(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(black_box.os, "write", full)
        with pytest.raises(OSError, match="No space"):
            BlackBox(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="sets limits of Linux")
def test_a_real_limit_is_met_as_a_full_disk_is(tmp_path):
    # the system refuses to let a file grow beyond a limit
    full = (
        "import resource; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900));"
        "box.add_error('Traceback (most recent call last):' + 'x' * 5000);"
        "remember('page: data'); os.abort()"
    )
    ended = end_by(tmp_path, full)
    assert ended.returncode == -signal.SIGABRT
    left = take_left_behind(tmp_path)
    assert left.state == b"what was open"


def test_a_disk_that_fills_up_later_stops_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    box = BlackBox(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(black_box.os, "write", full)
        remember("page: data")
        box.add_error(failed())
    box.close()


def test_links_and_strange_names_are_not_followed(tmp_path):
    target = tmp_path / "of-the-user"
    target.write_text("mine")
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "running-0123456789abcdef.txt").symlink_to(target)
    (folder / "running-x.txt").write_text("Traceback (most recent call last)")
    assert take_left_behind(folder) is None
    assert target.read_text() == "mine"
