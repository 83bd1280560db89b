import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.geometry import approximate, exact, find_neighbours, nearest_neighbours, neighbours
from workbench.jobs import Control, Progress, drain


def cloud(count: int, width: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), asked=st.integers(1, 50))
def test_agrees_with_sorting_all_distances(seed, count, asked):
    points = cloud(count, seed=seed)
    found = nearest_neighbours(points, asked)
    distances = ((points[:, None] - points[None]) ** 2).sum(-1)
    assert found.shape == (count, min(asked, count - 1) + 1)
    assert found.dtype == np.int64
    assert (found[:, 0] == np.arange(count)).all()
    ours = np.sort(np.take_along_axis(distances, found, axis=1), axis=1)
    best = np.sort(distances, axis=1)[:, : found.shape[1]]
    assert np.allclose(ours, best, atol=1e-5)


def test_some_points_can_be_asked_about_in_any_order():
    points = cloud(30, 4)
    some = np.array([29, 3, 17, 3])
    assert (nearest_neighbours(points, 6, some) == nearest_neighbours(points, 6)[some]).all()
    assert nearest_neighbours(points, 6, np.array([], dtype=np.int64)).shape == (0, 7)


def test_every_point_stands_in_its_own_neighbourhood_among_duplicates():
    points = np.zeros((30, 4), dtype=np.float32)
    found = nearest_neighbours(points, 5)
    assert (found[:, 0] == np.arange(30)).all()
    assert all(len(set(row)) == 6 for row in found.tolist())


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(exact, "BLOCK_ROWS", 16)
    monkeypatch.setattr(exact, "GROUP_QUERIES", 24)
    monkeypatch.setattr(exact, "_PAIRS_A_CALL", 64)


@pytest.mark.parametrize("asked", [3, 20, 99])
def test_blocks_merge_to_the_same_neighbours(small_blocks, monkeypatch, asked):
    points = cloud(100)
    merged = drain(find_neighbours(points, asked))
    monkeypatch.undo()
    assert (merged.rows == nearest_neighbours(points, asked)).all()
    assert (merged.index, merged.recall) == ("exact", 1.0)


def test_duplicates_across_blocks_keep_themselves_first(small_blocks):
    found = nearest_neighbours(np.repeat(cloud(2), 40, axis=0), 5)
    assert (found[:, 0] == np.arange(80)).all()
    assert all(len(set(row)) == 6 for row in found.tolist())
    assert (found // 40 == np.arange(80)[:, None] // 40).all()


class Rows:
    """Rows that can only be read as the contract says, and tells how many at once."""

    def __init__(self, rows):
        self._rows, self.shape, self.most = rows, rows.shape, 0

    def __getitem__(self, rows):
        if not isinstance(rows, slice):
            assert (np.diff(rows) > 0).all()
        found = self._rows[rows]
        self.most = max(self.most, len(found))
        return found


def test_rows_are_read_from_wherever_they_lie(small_blocks, tmp_path):
    points = cloud(100)
    some = np.array([70, 2, 31, 2])
    expected, expected_some = nearest_neighbours(points, 7), nearest_neighbours(points, 7, some)
    np.save(tmp_path / "rows.npy", points)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["rows"] = points
        sources = [np.load(tmp_path / "rows.npy", mmap_mode="r"), file["rows"], Rows(points)]
        for source in sources:
            assert (nearest_neighbours(source, 7) == expected).all()
            assert (nearest_neighbours(source, 7, some) == expected_some).all()


def test_blocks_are_all_that_is_read_at_once(small_blocks, monkeypatch):
    monkeypatch.setattr(neighbours, "blocks", lambda points: iter(()))  # its block is a constant
    rows = Rows(cloud(200))
    nearest_neighbours(rows, 7)
    assert rows.most == 24


def test_progress_counts_queries_up_to_all(small_blocks):
    events = []
    drain(find_neighbours(cloud(100), 5), events.append)
    assert all(isinstance(event, Progress) for event in events)
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert events[-1].done == events[-1].total == 100
    assert len(events) > 20


@pytest.mark.parametrize("after", [0, 40])
def test_a_stop_keeps_the_queries_that_are_finished(small_blocks, after):
    points, control, events = cloud(100), Control(), []
    expected = nearest_neighbours(points, 5)

    def listen(event):
        events.append(event)
        if event.done >= after:
            control.stop()

    found = drain(find_neighbours(points, 5, control=control), listen).rows
    assert len(found) == after // 24 * 24
    assert (found == expected[: len(found)]).all()


@pytest.mark.parametrize(
    ("points", "asked", "queries", "says"),
    [
        (cloud(4), 0, None, "Give at least 1"),
        (cloud(4), 2, np.array([4]), "rows go from 0 to 3"),
        (cloud(4), 2, np.array([-1]), "rows go from 0 to 3"),
        (np.zeros((0, 3), np.float32), 2, None, "at least one row"),
        (np.zeros(3, np.float32), 2, None, "shape \\(3,\\)"),
        (np.array([[1, 2], [np.nan, 0], [3, 4]], np.float32), 1, None, "Row 1 holds NaN"),
        (np.array([[1, 2], [0, 0], [np.inf, -np.inf]], np.float32), 1, None, "Row 2 holds NaN"),
    ],
)
def test_bad_questions_are_refused_in_words(points, asked, queries, says):
    with pytest.raises(WorkbenchError, match=says):
        nearest_neighbours(points, asked, queries)


def test_one_row_has_itself():
    assert nearest_neighbours(cloud(1), 5).tolist() == [[0]]


@pytest.fixture
def graph_from_few(monkeypatch):
    monkeypatch.setattr(neighbours, "APPROXIMATE_FROM", 1000)


def clusters(count: int) -> np.ndarray:
    random = np.random.default_rng(0)
    return (3 * cloud(20, 8)[random.integers(0, 20, count)] + cloud(count, 8, 1)).astype(np.float32)


def test_many_queries_are_answered_by_a_graph_of_measured_recall(graph_from_few):
    points = clusters(3000)
    found = drain(find_neighbours(points, 10))
    some = np.arange(999)
    exactly = nearest_neighbours(points, 10, some)
    true = np.mean([len({*exactly[row][1:]} & {*found.rows[row][1:]}) / 10 for row in some])
    assert "HNSW" in found.index
    assert 0.98 <= found.recall <= 1
    assert true >= 0.97
    assert (found.rows[:, 0] == np.arange(3000)).all()
    assert all(len(set(row)) == 11 for row in found.rows.tolist())
    assert (drain(find_neighbours(points, 10)).rows == found.rows).all()


def test_effort_grows_with_the_difficulty(graph_from_few, monkeypatch):
    points = cloud(3000, 16)
    monkeypatch.setattr(approximate, "_LINKS", 4)
    easy = drain(find_neighbours(clusters(3000), 10)).index
    monkeypatch.setattr(approximate, "_EFFORTS", (1, 512))
    assert "64 to search" in easy
    assert "512 to search" in drain(find_neighbours(points, 10)).index


def test_a_graph_that_finds_too_few_gives_way_to_the_exact_search(graph_from_few, monkeypatch):
    points = cloud(2000, 64)
    monkeypatch.setattr(approximate, "_EFFORTS", (1,))
    monkeypatch.setattr(approximate, "_LINKS", 2)
    monkeypatch.setattr(approximate, "_BUILD_EFFORT", 2)
    found = drain(find_neighbours(points, 10))
    assert found.index.startswith("exact, for the recall of an HNSW graph")
    assert found.recall == 1
    assert (
        found.rows == drain(find_neighbours(points, 10, np.arange(2000)[::-1])).rows[::-1]
    ).all()


def test_nearly_all_are_found_in_clusters_of_measured_recall(monkeypatch):
    monkeypatch.setattr(neighbours, "CLUSTERS_FROM", 1000)
    points = clusters(3000)
    found = drain(find_neighbours(points, 10, nearly=True))
    exactly = drain(find_neighbours(points, 10))
    true = np.mean(
        [len({*a[1:]} & {*b[1:]}) / 10 for a, b in zip(exactly.rows, found.rows, strict=True)]
    )
    assert (exactly.index, "index of 55 clusters" in found.index) == ("exact", True)
    assert 0.98 <= found.recall <= 1
    assert true >= 0.97
    assert (found.rows[:, 0] == np.arange(3000)).all()
    assert (drain(find_neighbours(points, 10, nearly=True)).rows == found.rows).all()
    shapeless = drain(find_neighbours(cloud(2000, 64), 10, nearly=True))
    assert shapeless.index.startswith("exact, for the recall of an index of 45 clusters")
    assert shapeless.recall == 1
    same = drain(find_neighbours(np.repeat(cloud(20), 60, axis=0), 8, nearly=True))
    assert (same.rows // 60 == np.arange(1200)[:, None] // 60).all()


def test_duplicates_do_not_upset_the_graph(graph_from_few):
    found = drain(find_neighbours(np.repeat(cloud(20), 60, axis=0), 8))
    assert (found.rows[:, 0] == np.arange(1200)).all()
    assert all(len(set(row)) == 9 for row in found.rows.tolist())
    assert (found.rows // 60 == np.arange(1200)[:, None] // 60).all()


@pytest.mark.parametrize("stopped", [False, True])
def test_what_the_graph_finds_too_few_for_is_found_exactly(graph_from_few, monkeypatch, stopped):
    for module in (approximate, neighbours):
        monkeypatch.setattr(module, "LEAST_RECALL", 0)
    control, heard = Control(), []

    def listen(event):
        heard.append(event)
        if stopped and sum("Finding approximate" in each.message for each in heard) == 3:
            control.stop()

    points = np.repeat(cloud(60), 100, axis=0)
    found = drain(find_neighbours(points, 150, control=control), listen)
    assert (len(found.rows) < 6000) == stopped
    assert (found.rows >= 0).all()


@pytest.mark.parametrize("moment", ["Building", "Recall", "Finding approximate", "Reading"])
def test_the_graph_hears_a_stop(graph_from_few, moment):
    control = Control()

    def listen(event):
        if moment in event.message:
            control.stop()

    found = drain(find_neighbours(clusters(4000), 5, control=control), listen)
    assert len(found.rows) < 4000
    assert found.rows.shape[1] == 6
