import sys

import numpy as np
import pytest
import torch

from workbench.alignment import fit
from workbench.alignment.training.threads import one_thread
from workbench.alignment.training.training import Training

PAIRS = {("image", "text"): np.stack([np.arange(20)] * 2, axis=1)}


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("of_all_libraries", [False, True])
def test_threads_are_as_before_whatever_happens(two_threads, of_all_libraries):
    def fail():
        with one_thread(True, of_all_libraries=of_all_libraries):
            seen.append(torch.get_num_threads())
            raise ZeroDivisionError

    seen = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert seen == [1]
    assert torch.get_num_threads() == 2
    with one_thread(False):
        assert torch.get_num_threads() == 2


@pytest.mark.parametrize(("most", "threads"), [(512, 1), (1, 2)])
def test_small_trainings_compute_in_one_thread(two_threads, monkeypatch, most, threads):
    module = sys.modules["workbench.alignment.training.trainer"]
    monkeypatch.setattr(module, "SMALL_BATCH", most)
    monkeypatch.setattr(module, "FEW_ROWS", most)
    seen = set()
    step, begin = Training.step, Training.__init__

    def watched_step(self, *arguments):
        seen.add(("step", torch.get_num_threads()))
        return step(self, *arguments)

    def watched_begin(self, *arguments, **options):
        seen.add(("start", torch.get_num_threads()))
        begin(self, *arguments, **options)

    monkeypatch.setattr(Training, "step", watched_step)
    monkeypatch.setattr(Training, "__init__", watched_begin)
    random = np.random.default_rng(0)
    views = {view: random.normal(size=(30, 8)).astype(np.float32) for view in ("image", "text")}
    fit("contrastive", views, PAIRS, settings={"steps": 2})
    assert seen == {("start", threads), ("step", threads)}
    assert torch.get_num_threads() == 2
