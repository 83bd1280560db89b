import gc

import pytest

from workbench.gui.jobs.garbage import GarbageCollection
from workbench.gui.jobs.gc_pause import steadily
from workbench.jobs import Progress, drain


@pytest.fixture(autouse=True)
def _without_windows(monkeypatch):
    """Let windows of other tests, that end late, not count."""
    monkeypatch.setattr("workbench.gui.jobs.gc_pause.collection", GarbageCollection())
    enabled = gc.isenabled()
    gc.enable()
    yield
    gc.unfreeze()
    if not enabled:
        gc.disable()


def _job(seen, fails=False):
    seen.append(gc.isenabled())
    yield Progress(1, 2)
    seen.append(gc.isenabled())
    if fails:
        raise ValueError
    return 7


def test_the_collector_pauses_while_a_job_runs():
    seen = []
    assert drain(steadily(_job(seen))) == 7
    assert seen == [False, False]
    assert gc.isenabled()


def test_it_goes_on_after_the_last_of_several_and_after_a_failure():
    seen = []
    first, second = steadily(_job(seen)), steadily(_job(seen, fails=True))
    next(first)
    next(second)
    with pytest.raises(ValueError):
        next(second)
    assert not gc.isenabled()
    first.close()  # a job whose thread was stopped
    assert gc.isenabled()
