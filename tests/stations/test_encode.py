import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import ENCODERS, FakeEncoder, FakeShelf, make_project, vector, write_item

from workbench.cache import prepare_cache
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import Project, load_embeddings
from workbench.stations import cache_state, encode, scan


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    return FakeShelf().put(monkeypatch)


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, 20)


def run(project, modality="text", encoder=ENCODERS["text"], **options):
    told = []
    return drain(encode(project, modality, encoder, **options), told.append), told


def check_right(project, modality="text", missing=()):
    """Every embedding is that of its item's content."""
    ids, rows = load_embeddings(project, modality, ENCODERS[modality])
    items = {item.id: item for item in project.catalogue.items(modality)}
    numbers = [int(items[item].text.split()[1]) for item in ids]
    np.testing.assert_array_equal(rows, [vector(modality, number) for number in numbers])
    return numbers


def test_a_whole_encode(project, shelf):
    report, told = run(project, batch_size=6)
    assert (report.encoded, report.kept, report.failed, report.complete) == (20, 0, 0, True)
    assert (report.encoder, report.width) == ("fake/text", 8)
    assert sorted(check_right(project)) == list(range(20))
    progress = [event for event in told if isinstance(event, Progress)]
    assert [event.done for event in progress] == [0, 6, 12, 18, 20]
    assert all(event.total == 20 for event in progress)
    assert Project.open(project.root).encoder("text") == "fake/text"
    state = cache_state(project, "text")
    assert (state.encoded, state.total, state.complete, state.width) == (20, 20, True, 8)
    assert cache_state(project, "image") is None


def test_nothing_is_encoded_twice(project, shelf, tmp_path):
    run(project)
    report, _ = run(project, encoder=None)
    assert (report.encoded, report.kept) == (0, 20)
    assert shelf.loaded["text"].seen == []
    write_item(tmp_path / "text", "text", 90)
    write_item(tmp_path / "text" / "kind-1", "text", 91, "thing-001")
    (tmp_path / "text" / "kind-2" / "thing-002.txt").unlink()
    drain(scan(project))
    report, _ = run(project)
    assert (report.encoded, report.kept) == (2, 18)
    assert sorted(shelf.loaded["text"].seen) == [90, 91]
    check_right(project)


def test_a_stop_keeps_what_is_done_and_the_next_call_goes_on(project, shelf):
    control = Control()

    def stop(event):
        if isinstance(event, Progress) and event.done >= 8:
            control.stop()

    job = encode(project, "text", "fake/text", batch_size=4, control=control)
    report = drain(job, stop)
    assert (report.encoded, report.complete) == (8, False)
    assert len(check_right(project)) == 8
    report, _ = run(project)
    assert (report.encoded, report.kept, report.complete) == (12, 8, True)
    assert len(check_right(project)) == 20


def test_a_stop_after_the_last_batch_is_complete(project):
    control = Control()

    def stop(event):
        if isinstance(event, Progress) and event.done == 20:
            control.stop()

    assert drain(encode(project, "text", "fake/text", control=control), stop).complete


def test_unreadable_items_are_told_and_tried_again(project, tmp_path):
    item = project.catalogue.items("image")[3]
    good = Path(item.path).read_bytes()
    Path(item.path).write_bytes(b"no picture")
    drain(scan(project))
    report, told = run(project, "image", "fake/image", batch_size=4)
    assert (report.encoded, report.failed) == (19, 1)
    warnings = [e.text for e in told if isinstance(e, Notice) and e.level == "warning"]
    assert len(warnings) == 1
    assert item.path in warnings[0]
    assert project.catalogue.items("image")[3].problem
    Path(item.path).write_bytes(good)
    drain(scan(project))
    report, _ = run(project, "image", "fake/image")
    assert (report.encoded, report.kept, report.failed) == (1, 19, 0)
    assert not project.catalogue.items("image")[3].problem


def test_vectors_that_cannot_be_used_are_problems(project, monkeypatch):
    FakeShelf(wrong={4, 7}).put(monkeypatch)
    report, _ = run(project, batch_size=5)
    assert (report.encoded, report.failed) == (18, 2)
    problems = {item.text: item.problem for item in project.catalogue.items("text") if item.problem}
    assert problems == dict.fromkeys(
        ("thing 4", "thing 7"), "The encoder gave no usable vector for it."
    )
    assert len(check_right(project)) == 18
    FakeShelf().put(monkeypatch)
    assert run(project)[0].encoded == 2


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory.\nTried"), MemoryError()])
def test_an_encoder_that_fails_is_a_sentence_and_keeps_what_is_done(project, monkeypatch, error):
    real = FakeEncoder.encode

    def fail(self, batch):
        if len(self.seen) >= 8:
            raise error
        return real(self, batch)

    monkeypatch.setattr(FakeEncoder, "encode", fail)
    with pytest.raises(WorkbenchError, match="out of memory") as told:
        run(project, batch_size=4)
    assert "\n" not in str(told.value)
    assert len(check_right(project)) == 8


@pytest.mark.parametrize("cut", [np.s_[:1], np.s_[:, :3]])
def test_an_encoder_that_gives_another_shape_is_refused(project, monkeypatch, cut):
    real = FakeEncoder.encode
    monkeypatch.setattr(FakeEncoder, "encode", lambda self, batch: real(self, batch)[cut])
    with pytest.raises(WorkbenchError, match="gave"):
        run(project)
    assert cache_state(project, "text").encoded == 0


def test_another_revision_is_refused(project, monkeypatch):
    run(project)
    FakeShelf(revision="2").put(monkeypatch)
    with pytest.raises(WorkbenchError, match="revision was 1, is 2"):
        run(project)
    assert len(check_right(project)) == 20


def test_another_process_that_changes_the_cache_in_between_is_noticed(project, monkeypatch):
    run(project)
    module = sys.modules["workbench.stations.encode"]

    def meddle(path, card, items):
        prepare_cache(path, card, items)
        prepare_cache(path, card, items[1:])

    monkeypatch.setattr(module, "prepare_cache", meddle)
    with pytest.raises(WorkbenchError, match="Another process has just changed"):
        run(project)


def test_bad_requests(project, tmp_path):
    with pytest.raises(WorkbenchError, match="no speech items"):
        run(project, "speech", "fake/speech")
    with pytest.raises(WorkbenchError, match="No encoder is chosen for text"):
        run(project, encoder=None)
    with pytest.raises(WorkbenchError, match="at least 1"):
        run(project, batch_size=0)
    assert not (project.root / "embeddings").exists()


def test_the_real_shelf_knows_no_such_encoder(project, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(WorkbenchError, match="no text encoder named"):
        run(project)
    assert "text" not in project.settings.encoders


def test_the_cache_is_readable_while_encoding(project):
    job = encode(project, "text", "fake/text", batch_size=5)
    for _ in range(3):
        next(job)
    assert cache_state(project, "text").encoded == 10
    job.close()
    assert len(check_right(project)) == 10


def test_the_state_is_that_of_the_items_that_are_there_now(project, tmp_path):
    run(project)
    path = Path(project.catalogue.items("text")[0].path)
    path.write_text("thing 77", encoding="utf-8")
    Path(project.catalogue.items("text")[1].path).unlink()
    drain(scan(project))
    state = cache_state(project, "text")
    assert (state.encoded, state.total, state.complete) == (18, 19, False)
    run(project)
    state = cache_state(project, "text")
    assert (state.encoded, state.unreadable, state.total, state.complete) == (19, 0, 19, True)
    item = project.catalogue.items("text")[0]
    project.catalogue.set_problems([(item.id, "It cannot be read.")])
    assert cache_state(project, "text").unreadable == 0  # its embedding is there all the same
