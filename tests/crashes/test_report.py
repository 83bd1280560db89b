"""What a report says, and what it does not."""

import os

import pytest

from workbench.crashes import remember, report_of, report_with, reports_folder, write_report
from workbench.crashes import report as report_module
from workbench.errors import WorkbenchError


@pytest.fixture(autouse=True)
def _no_events():
    report_module._events.clear()
    yield
    report_module._events.clear()


def fault():
    try:
        raise KeyError("seven bridges")
    except KeyError as error:
        return error


def test_a_report_says_what_where_and_with_which_libraries():
    remember("begun: Encoding images")
    report = report_of(fault())
    assert report.startswith("GeRA Workbench ")
    for said in ("System: ", "Python: ", "torch ", "numpy ", "What: KeyError: 'seven bridges'",
                 " begun: Encoding images\n", "Traceback (most recent call last)",
                 "raise KeyError(\"seven bridges\")"):  # fmt: skip
        assert said in report


def test_only_the_last_events_are_told():
    for number in range(1000):
        remember(f"event {number}\nof two lines")
    report = report_with("x", "")
    assert "event 999 of two lines" in report
    assert "event 900" not in report


@pytest.mark.parametrize("ends", ["/pictures/cat.png", "'", ":", "\n", ""])
def test_the_home_has_no_name(ends, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert report_module.shortened(f"in /home/ada{ends}") == f"in ~{ends}"


def test_only_the_home_is_shortened(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert report_module.shortened("/home/adam/x") == "/home/adam/x"
    monkeypatch.setenv("HOME", "/")
    assert report_module.shortened("/etc/x") == "/etc/x"


def test_a_home_behind_a_link_is_shortened_too(tmp_path, monkeypatch):
    (tmp_path / "disk" / "ada").mkdir(parents=True)
    (tmp_path / "ada").symlink_to(tmp_path / "disk" / "ada")
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    assert report_module.shortened(f"{tmp_path}/disk/ada/x {tmp_path}/ada/x") == "~/x ~/x"


def test_reports_are_kept_and_the_oldest_make_room(monkeypatch):
    monkeypatch.setattr(report_module, "_MOST_REPORTS", 3)
    paths = [write_report(f"report {number}") for number in range(5)]
    assert {path.parent for path in paths} == {reports_folder()}
    kept = sorted(path.read_text() for path in reports_folder().iterdir())
    assert len(set(paths)) == 5
    assert len(kept) == 3
    assert "report 4" in kept


def test_a_folder_that_cannot_be_written_says_so():
    place = reports_folder()
    place.parent.mkdir(parents=True)
    place.write_text("a file in its place")
    with pytest.raises(OSError, match=os.fsdecode(place.name)):
        write_report("report")


def test_without_a_home_there_is_no_place(monkeypatch):
    monkeypatch.setattr(report_module, "settings_folder", lambda: None)
    with pytest.raises(WorkbenchError):
        write_report("report")
