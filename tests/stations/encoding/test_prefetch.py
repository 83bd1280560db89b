from multiprocessing import active_children
from pathlib import Path
from threading import Event, Timer

import numpy as np
import pytest
from worlds.fakes import crash_on_numbers, hang_on_numbers, make_project

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.media import content_of
from workbench.project import Project, ProjectSettings, Source
from workbench.stations import scan
from workbench.stations.encoding.prefetch import Reader, most_workers, read_ahead
from workbench.stations.encoding.reading_processes import Pace


def pace_of(workers):
    return Pace(workers, lambda: 0.0, begin_with=workers) if workers else None


def ids_of(project, modality="image"):
    return project.catalogue.fingerprints(modality)[0]


@pytest.mark.parametrize("workers", [0, 1])
def test_batches_come_in_order_with_problems_in_their_place(tmp_path, workers):
    project = make_project(tmp_path, 30)
    items = project.catalogue.items("image")
    Path(items[4].path).write_bytes(b"no picture")
    Path(items[5].path).unlink()
    ids = ids_of(project)
    batches = list(read_ahead(Reader(project.catalogue.path), ids, 8, pace_of(workers)))
    assert [len(batch) for batch in batches] == [8, 8, 8, 6]
    readings = [reading for batch in batches for reading in batch]
    assert [reading.item.id for reading in readings] == ids.tolist()
    assert [place for place, r in enumerate(readings) if r.problem] == [4, 5]
    assert "not a picture in a known format" in readings[4].problem
    assert "No such file" in readings[5].problem
    assert all(r.medium.size == (2, 2) and len(r.content) == 32 for r in readings if not r.problem)


def test_a_file_that_crashes_its_reader_is_found_and_the_rest_is_read(tmp_path):
    project = make_project(tmp_path, 10, ("image",))
    items = project.catalogue.items("image")
    reader = Reader(project.catalogue.path, crash_on_numbers)
    batches = list(read_ahead(reader, ids_of(project), 4, pace_of(2)))
    readings = [reading for batch in batches for reading in batch]
    assert [reading.item.id for reading in readings] == [item.id for item in items]
    for reading in readings:
        number = int(Path(reading.item.path).stem[6:])
        if number % 10 == 7:
            assert "crashed" in reading.problem
        else:
            np.testing.assert_array_equal(reading.medium, [number] * 3)


def number_of(reading):
    return int(Path(reading.item.path).stem[6:])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_file_that_takes_too_long_is_given_up_and_the_rest_is_read(tmp_path, workers):
    project = make_project(tmp_path, 6, ("image",))
    ids = ids_of(project)
    reader = Reader(project.catalogue.path, hang_on_numbers, seconds=5.0 if workers else 0.3)
    if workers:  # which start slowly, and again after each that ends
        items = project.catalogue.items("image")
        ids = np.array(sorted(ids, key=lambda n: "3.png" in items[ids.tolist().index(n)].path)[-2:])
    readings = [r for batch in read_ahead(reader, ids, 4, pace_of(workers)) for r in batch]
    assert [reading.item.id for reading in readings] == ids.tolist()
    assert sum(number_of(reading) == 3 for reading in readings) == 1
    for reading in readings:
        if number_of(reading) == 3:
            assert "too long" in reading.problem
        else:
            np.testing.assert_array_equal(reading.medium, [number_of(reading)] * 3)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_stop_is_heard_while_a_file_is_waited_for(tmp_path, workers):
    project = make_project(tmp_path, 6, ("image",))
    reader, stop = Reader(project.catalogue.path, hang_on_numbers), Event()
    before = active_children()
    Timer(4 if workers else 0.5, stop.set).start()
    readings = [
        r
        for batch in read_ahead(reader, ids_of(project), 1, pace_of(workers), stop.is_set)
        for r in batch
    ]
    assert 3 not in map(number_of, readings)  # else it would have waited for two minutes
    assert active_children() == before


def test_a_preparation_that_fails_is_the_items_problem(tmp_path):
    project = make_project(tmp_path, 3, ("image",))
    reader = Reader(project.catalogue.path, int)
    (readings,) = read_ahead(reader, ids_of(project), 8, None)
    assert all("cannot be prepared for the encoder (int() arg" in r.problem for r in readings)


def test_content_is_that_of_the_file_and_of_how_much_is_heard(tmp_path):
    make_project(tmp_path, 4, ("speech",))
    contents = []
    for name, seconds in (("a", 30.0), ("b", 30.0), ("c", 0.05)):
        source = Source(modality="speech", path=str(tmp_path / "speech"), max_seconds=seconds)
        project = Project.create(tmp_path / name, ProjectSettings(sources=[source]))
        told = []
        drain(scan(project), told.append)
        items = project.catalogue.items("speech")
        contents.append([content_of(item) for item in items])
        assert all(item.seconds == pytest.approx(1000 / 16000, rel=0.01) for item in items)
        assert {item.heard < item.seconds for item in items} == {seconds < 1}
        assert any("are longer than 0.05 s" in getattr(e, "text", "") for e in told) == (
            seconds < 1
        )
        (batch,) = read_ahead(Reader(project.catalogue.path), ids_of(project, "speech"), 9, None)
        assert {len(r.medium) for r in batch} <= ({800} if seconds < 1 else set(range(1000, 1004)))
    assert contents[0] == contents[1]
    assert not set(contents[0]) & set(contents[2])
    (item, *_) = project.catalogue.items("speech")
    Path(item.path).unlink()
    with pytest.raises(WorkbenchError, match="cannot be read"):
        content_of(item)


def test_items_need_not_be_read_at_all(tmp_path):
    project = make_project(tmp_path, 2, ("image",))
    ids = ids_of(project)
    for item in project.catalogue.items():
        Path(item.path).unlink()
    instead = {item: ("name", int(item)) for item in ids}
    (batch,) = read_ahead(Reader(project.catalogue.path, instead=instead), ids, 8, None)
    assert [(each.medium, each.content, each.problem) for each in batch] == [
        (("name", item), "", "") for item in ids.tolist()
    ]


def test_few_items_and_texts_are_read_here():
    assert most_workers("text", 1_000_000) == 0
    assert most_workers("image", 20) == 0
    assert most_workers("image", 1000) >= 1
