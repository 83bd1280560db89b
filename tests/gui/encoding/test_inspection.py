import threading

import pytest
from worlds.fakes import FakeShelf, make_project

from workbench.gui.encoding import inspection
from workbench.jobs import Control, Notice, Progress, Transfer, drain
from workbench.stations import EncodeRequest


class _Facts:
    state = "download"


@pytest.fixture
def far(monkeypatch):
    """Let an encoder be one that must be downloaded."""
    shelf = FakeShelf().put(monkeypatch)

    def fetch(name, modality, control):
        yield Notice("Downloading 2 kB.")
        yield Transfer(0, 2000, "weights")
        yield Transfer(2000, 2000, "weights", 100.0)
        return True

    monkeypatch.setattr("workbench.encoders.find_encoder", lambda name, modality: None)
    monkeypatch.setattr("workbench.encoders.facts_of", lambda entry: _Facts())
    monkeypatch.setattr("workbench.stations.fetch_encoder", fetch)
    return shelf


def test_a_download_counts_bytes_and_the_encode_items(far, tmp_path):
    project = make_project(tmp_path, 6, ("text",))
    told = []
    report = drain(
        inspection.fetch_and_encode(project, EncodeRequest("text", "fake/text"), Control()),
        told.append,
    )
    assert report.encoded == 6
    assert told[:3] == [
        Notice("Downloading 2 kB."), Transfer(0, 2000, "weights"),
        Transfer(2000, 2000, "weights", 100.0),
    ]  # fmt: skip
    rest = [event for event in told[3:] if isinstance(event, Progress)]
    assert rest
    assert not any(isinstance(event, Transfer) for event in rest)
    assert rest[-1].total == 6


def test_a_download_that_is_stopped_is_no_encode(far, tmp_path):
    project = make_project(tmp_path, 6, ("text",))
    control = Control()
    job = inspection.fetch_and_encode(project, EncodeRequest("text", "fake/text"), control)
    next(job)
    control.stop()
    report = drain(job)
    assert not report.complete
    assert report.encoded == 0
    assert far.loaded == {}


def test_a_stop_does_not_wait_for_what_cannot_be_interrupted():
    control, let_go, ended = Control(), threading.Event(), []
    job = inspection._until_stopped(lambda: ended.append(let_go.wait(120)), control)
    control.stop()
    assert drain(job) is None
    assert ended == []  # it is still at it
    let_go.set()


def test_what_goes_wrong_in_the_background_is_raised():
    def work():
        raise RuntimeError("seven bridges")

    with pytest.raises(RuntimeError, match="seven bridges"):
        drain(inspection._until_stopped(work, Control()))
