import subprocess
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain
from workbench.maps import (
    by_umap,
    keep_umap_ready,
    let_go_of_umap,
    pca_map,
    plane_of_blocks,
    principal_plane,
    turn_onto,
    umap_map,
    umap_worker,
)


def points(count, width=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (2, 4), (3, 1), (3, 2), (5, 4), (600, 4)])
def test_pca_of_any_shape(shape):
    rows = points(*shape)
    positions = pca_map(rows)
    assert positions.shape == (shape[0], 2)
    assert positions.dtype == np.float32
    assert np.isfinite(positions).all()
    np.testing.assert_array_equal(positions, pca_map(rows.copy()))


def test_pca_finds_the_widest_directions():
    rows = points(200) * np.array([9, 4, 0.1, 0.1, 0.1, 0.1], dtype=np.float32)
    positions = pca_map(rows)
    centred = rows - rows.mean(axis=0)
    assert np.corrcoef(positions[:, 0], centred[:, 0])[0, 1] > 0.99  # the sign is fixed
    assert np.corrcoef(positions[:, 1], centred[:, 1])[0, 1] > 0.98


def test_pca_of_equal_rows_is_one_point():
    assert np.abs(pca_map(np.ones((20, 3), dtype=np.float32))).max() < 1e-5


@pytest.mark.parametrize("shape", [(1, 4), (2, 4), (5, 1), (600, 4)])
def test_the_plane_places_rows_that_come_later(shape):
    rows = points(*shape)
    plane = principal_plane(rows)
    np.testing.assert_array_equal(plane.place(rows), pca_map(rows))
    later = points(7, shape[1], seed=1)
    expected = (later - rows.mean(axis=0)) @ plane.directions
    np.testing.assert_allclose(plane.place(later), expected, atol=1e-5)
    assert plane.place(later[:0]).shape == (0, 2)


@pytest.mark.parametrize("size", [1.0, 1e-30, 1e30])
@pytest.mark.parametrize("shape", [(40, 6), (7, 1), (9, 2), (600, 4)])
def test_the_plane_of_blocks_is_that_of_all_rows(shape, size):
    rows = (points(*shape) * np.arange(1, shape[1] + 1) + 5).astype(np.float32)
    rows = (rows * np.float64(size)).astype(np.float32)
    whole = principal_plane(rows).place(rows)
    plane = plane_of_blocks(lambda: iter(np.array_split(rows, 5)))
    np.testing.assert_allclose(plane.place(rows), whole, atol=2e-4 * np.ptp(whole))
    one = plane_of_blocks(lambda: iter([rows]))
    np.testing.assert_array_equal(one.place(rows), whole)


def test_blocks_without_rows_or_spread_have_a_plane_too():
    same = np.full((6, 3), 2.5, np.float32)
    for blocks in ([], [same[:0]], [same], [same, same]):
        plane = plane_of_blocks(lambda blocks=blocks: iter(blocks))
        assert not plane.directions.any()


def test_turning_undoes_rotation_and_reflection():
    before = points(40, 2)
    angle = 2.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]], np.float32)
    after = before @ turn + np.array([9, -4], dtype=np.float32)
    back = after @ turn_onto(after, before)
    np.testing.assert_allclose(back - back.mean(axis=0), before - before.mean(axis=0), atol=1e-5)
    plane = principal_plane(points(40, 5))
    there = plane.turned(turn).place(points(6, 5))
    np.testing.assert_allclose(there, plane.place(points(6, 5)) @ turn, atol=1e-5)
    np.testing.assert_array_equal(turn_onto(before[:0], before[:0]), np.eye(2))


def test_too_few_points_for_umap_are_a_pca():
    rows = points(3)
    np.testing.assert_array_equal(drain(umap_map(rows, 15, 0.1, 0, Control())), pca_map(rows))


class Spy:
    """Remembers the worker processes."""

    def __init__(self, monkeypatch, *command):
        self.processes = []
        real = subprocess.Popen

        def start(given, **options):
            self.processes.append(real(command or given, **options))
            return self.processes[-1]

        monkeypatch.setattr(umap_worker.subprocess, "Popen", start)
        monkeypatch.setattr(by_umap, "_POLL_SECONDS", 0.01)


def gone(process):
    """Whether it has ended and been waited for."""
    return process.returncode is not None and not Path(f"/proc/{process.pid}/cmdline").exists()


def test_a_stop_kills_the_worker(monkeypatch):
    spy = Spy(monkeypatch)
    control = Control()
    assert drain(umap_map(points(60), 10, 0.1, 0, control), lambda _: control.stop()) is None
    assert gone(spy.processes[0])


def test_an_abandoned_job_kills_the_worker(monkeypatch):
    spy = Spy(monkeypatch)
    job = umap_map(points(60), 10, 0.1, 0, Control())
    while not spy.processes:
        next(job)
    job.close()
    assert gone(spy.processes[0])


def test_a_worker_that_fails_says_why(monkeypatch):
    Spy(monkeypatch, "sh", "-c", "echo 'ValueError: too odd' >&2; exit 3")
    with pytest.raises(WorkbenchError, match="UMAP failed: ValueError: too odd"):
        drain(umap_map(points(60), 10, 0.1, 0, Control()))
    Spy(monkeypatch, "sh", "-c", "kill -9 $$")
    with pytest.raises(WorkbenchError, match="UMAP failed"):
        drain(umap_map(points(60), 10, 0.1, 0, Control()))


@pytest.fixture
def let_go():
    yield
    let_go_of_umap()


def test_one_process_waits_for_the_next_map(monkeypatch, let_go):
    spy = Spy(monkeypatch, "sleep", "60")
    keep_umap_ready()
    keep_umap_ready()
    assert len(spy.processes) == 1
    control = Control()
    assert drain(umap_map(points(60), 10, 0.1, 0, control), lambda _: control.stop()) is None
    assert len(spy.processes) == 2  # the map took the first, and made room for another
    assert gone(spy.processes[0])
    assert not gone(spy.processes[1])
    spy.processes[1].kill()
    spy.processes[1].wait()
    control = Control()
    drain(umap_map(points(60), 10, 0.1, 0, control), lambda _: control.stop())
    assert len(spy.processes) == 4  # one that has ended is of no use
    let_go_of_umap()
    assert all(map(gone, spy.processes))
    control = Control()
    drain(umap_map(points(60), 10, 0.1, 0, control), lambda _: control.stop())
    assert len(spy.processes) == 5
    assert gone(spy.processes[4])


@pytest.mark.timeout(280)
def test_umap_in_its_worker_starts_from_where_the_items_were(monkeypatch, let_go):
    # compiling takes longer than few points do without it; the road's own test compiles
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    rows = np.concatenate([points(14) * 0.1 + 3, points(14, seed=1) * 0.1 - 3])
    told = []
    keep_umap_ready()
    positions = drain(umap_map(rows, 5, 0.1, 0, Control()), told.append)
    let_go_of_umap()
    assert positions.shape == (28, 2)
    assert positions.dtype == np.float32
    epochs = [event for event in told if event.total]
    assert epochs[-1].done == epochs[-1].total == 500
    # two clouds stay two
    centres = positions[:14].mean(axis=0), positions[14:].mean(axis=0)
    spread = np.linalg.norm(positions[:14] - centres[0], axis=1).max()
    assert np.linalg.norm(centres[0] - centres[1]) > spread

    start = positions.copy()
    start[:14] = positions[14:]  # each cloud begins where the other came to lie
    start[14:] = positions[:14]
    changed = drain(umap_map(rows, 5, 0.1, 0, Control(), start=start))
    assert np.isfinite(changed).all()
    way = centres[0] - centres[1]
    assert (changed[:14].mean(axis=0) - changed[14:].mean(axis=0)) @ way < -way @ way / 4
