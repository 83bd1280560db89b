import os
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import ENCODERS, FakeEncoder, FakeShelf, make_project, vector, write_item

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import Project, ProjectSettings, Source, load_embeddings
from workbench.stations import (
    EncodeRequest,
    cache_state,
    delete_cache,
    encode,
    list_caches,
    list_problems,
    scan,
)

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, 20)


def run(project, modality="text", encoder="fake", control=None, **options):
    told = []
    name = f"fake/{modality}" if encoder == "fake" else encoder
    request = EncodeRequest(modality, name, **options)
    return drain(encode(project, request, control), told.append), told


def warnings_in(told):
    return [e.text for e in told if isinstance(e, Notice) and e.level == "warning"]


def problems_of(project, modality="text"):
    """Return the reasons by the item's text, or the stem of its file."""
    found = list_problems(project, modality)
    return {each.item.text or Path(each.item.path).stem: each.reason for each in found}


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
    assert [event.done for event in progress] == [0, 0, 6, 12, 18, 20]
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

    request = EncodeRequest("text", "fake/text", batch_size=4)
    report = drain(encode(project, request, control), stop)
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

    assert drain(encode(project, EncodeRequest("text", "fake/text"), control), stop).complete


def test_unreadable_items_are_told_and_tried_again_when_they_change(project, tmp_path):
    item = project.catalogue.items("image")[3]
    good = Path(item.path).read_bytes()
    Path(item.path).write_bytes(b"no picture")
    drain(scan(project))
    report, told = run(project, "image", batch_size=4)
    assert (report.encoded, report.failed) == (19, 1)
    assert len(warnings_in(told)) == 1
    assert item.path in warnings_in(told)[0]
    assert list(problems_of(project, "image")) == ["thing-009"]
    report, _ = run(project, "image")
    assert (report.kept, report.passed_over, report.failed, report.complete) == (19, 1, 0, True)
    state = cache_state(project, "image")
    assert (state.encoded, state.unreadable, state.complete) == (19, 1, True)
    report, _ = run(project, "image", retry=True)
    assert (report.kept, report.failed) == (19, 1)
    Path(item.path).write_bytes(good)
    drain(scan(project))
    report, _ = run(project, "image")
    assert (report.encoded, report.kept, report.failed) == (1, 19, 0)
    assert problems_of(project, "image") == {}


def test_vectors_that_cannot_be_used_are_problems(project, monkeypatch):
    FakeShelf(wrong={4, 7}).put(monkeypatch)
    report, _ = run(project, batch_size=5)
    assert (report.encoded, report.failed) == (18, 2)
    assert problems_of(project) == dict.fromkeys(
        ("thing 4", "thing 7"), "The encoder returned no usable vector for it."
    )
    assert len(check_right(project)) == 18
    FakeShelf().put(monkeypatch)
    assert run(project)[0].encoded == 0
    assert run(project, retry=True)[0].encoded == 2
    assert problems_of(project) == {}


def test_problems_belong_to_the_encoder_that_had_them(project, monkeypatch):
    FakeShelf(wrong={4}).put(monkeypatch)
    run(project)
    FakeShelf().put(monkeypatch)
    assert run(project, encoder="fake/another")[0].encoded == 20
    assert [each.encoder for each in list_problems(project)] == ["fake/text"]
    assert list_problems(project, encoder="fake/another") == []
    assert list_problems(project, "image") == []


def failing(monkeypatch, fails):
    """Let the fake encoder raise what `fails` returns for the numbers in a batch."""
    real = FakeEncoder.encode

    def encode(self, batch):
        error = fails([int(medium.split()[1]) for medium in batch])
        if error is not None:
            raise error
        return real(self, batch)

    monkeypatch.setattr(FakeEncoder, "encode", encode)


def test_items_the_encoder_fails_at_are_found_one_by_one(project, monkeypatch, shelf):
    bad = {3, 4, 11}
    failing(
        monkeypatch,
        lambda numbers: ValueError("too odd.\nreally") if bad & set(numbers) else None,
    )
    report, _ = run(project, batch_size=8)
    assert (report.encoded, report.failed, report.complete) == (17, 3, True)
    reason = "The encoder failed on it (too odd)."
    assert problems_of(project) == dict.fromkeys(("thing 3", "thing 4", "thing 11"), reason)
    assert len(check_right(project)) == 17


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA out of memory.\nTried"), MemoryError(),
              RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)  # fmt: skip
def test_too_little_memory_halves_the_batch_and_the_job_goes_on(project, monkeypatch, error):
    sizes = []

    def fails(numbers):
        sizes.append(len(numbers))
        return error if len(numbers) > 3 else None

    failing(monkeypatch, fails)
    report, told = run(project, batch_size=16)
    assert (report.encoded, report.failed) == (20, 0)
    assert warnings_in(told) == [
        f"There is not enough memory for {tried} items at once: continuing with {tried // 2}."
        for tried in (16, 8, 4)
    ]
    assert sizes == [16, 8, 4] + [2] * 10
    assert len(check_right(project)) == 20


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory.\nTried"), MemoryError()])
def test_an_encoder_that_always_fails_is_a_sentence_and_no_items_problem(
    project, monkeypatch, error
):
    done = []

    def fails(numbers):
        if len(done) >= 8:
            return error
        done.extend(numbers)
        return None

    failing(monkeypatch, fails)
    with pytest.raises(WorkbenchError, match="not enough memory even for it alone") as told:
        run(project, batch_size=4)
    assert "\n" not in str(told.value)
    assert len(check_right(project)) == 8
    assert problems_of(project) == {}


def test_equal_contents_are_encoded_once(project, tmp_path, shelf):
    for number in range(5):
        write_item(tmp_path / "text" / "more", "text", number, f"copy-{number}")
    write_item(tmp_path / "text" / "more", "text", 0, "copy-again")
    picture = write_item(tmp_path / "image" / "more", "image", 300, "one")
    for name in ("two", "three"):
        (picture.parent / f"{name}.png").write_bytes(picture.read_bytes())
    drain(scan(project))
    report, _ = run(project, batch_size=7)
    assert (report.encoded, report.copied, report.complete) == (20, 6, True)
    assert sorted(shelf.loaded["text"].seen) == list(range(20))
    assert len(check_right(project)) == 26
    report, _ = run(project, "image")
    assert (report.encoded, report.copied) == (21, 2)
    # moved and touched files have the content they had
    (tmp_path / "image" / "more").rename(tmp_path / "image" / "moved")
    for path in (tmp_path / "image" / "kind-0").iterdir():
        os.utime(path, ns=(1, 1))
    drain(scan(project))
    report, _ = run(project, "image")
    assert (report.encoded, report.copied, report.kept) == (0, 3, 20)
    ids, rows = load_embeddings(project, "image", "fake/image")
    assert len(ids) == 23
    for item, row in zip(project.catalogue.items_of(ids.tolist()), rows, strict=True):
        number = 300 if "moved" in item.path else int(Path(item.path).stem[6:])
        np.testing.assert_array_equal(row, vector("image", number))


def test_equal_contents_of_which_the_first_fails_fail_together(project, tmp_path, monkeypatch):
    write_item(tmp_path / "text" / "more", "text", 4, "copy")
    drain(scan(project))
    FakeShelf(wrong={4}).put(monkeypatch)
    report, _ = run(project)
    assert (report.encoded, report.failed) == (19, 2)
    assert len(list_problems(project)) == 2


def test_float16_is_kept_until_told_otherwise(project):
    run(project, dtype="float16")
    assert cache_state(project, "text").dtype == "float16"
    run(project)
    assert cache_state(project, "text").dtype == "float16"
    report, _ = run(project, dtype="float32")
    assert (report.encoded, report.kept) == (0, 20)
    assert cache_state(project, "text").dtype == "float32"


def test_numbers_too_large_for_float16_are_a_problem_not_an_infinity(project, monkeypatch):
    real = FakeEncoder.encode
    monkeypatch.setattr(
        FakeEncoder,
        "encode",
        lambda self, batch: real(self, batch) * (1e6 if len(batch) == 2 else 1),
    )
    report, _ = run(project, dtype="float16", batch_size=9)  # 9, 9 and 2 items
    assert (report.encoded, report.failed) == (18, 2)
    reasons = set(problems_of(project).values())
    assert reasons == {
        "Its vector has values too large for float16: store the embeddings as float32."
    }
    report, _ = run(project, dtype="float32", retry=True)
    assert (report.encoded, report.kept) == (2, 18)


def test_another_precision_is_told_not_refused(project, monkeypatch):
    run(project)
    FakeShelf(dtype="float16 autocast").put(monkeypatch)
    _, told = run(project)
    notices = [event.text for event in told if isinstance(event, Notice)]
    assert "were computed in float32, these are in float16 autocast" in notices[0]


def test_reading_ahead_gives_the_same(tmp_path):
    project = make_project(tmp_path, 120, ("image",))
    bad = project.catalogue.items("image")[50]
    Path(bad.path).write_bytes(b"no picture")
    drain(scan(project))
    calm = Project.open(project.root)
    ahead, _ = run(project, "image", batch_size=16, workers=2)
    assert (ahead.encoded, ahead.failed, ahead.complete) == (119, 1, True)
    path = project.cache_path("image", "fake/image")
    content = path.read_bytes()
    path.unlink()
    here, _ = run(calm, "image", batch_size=16, workers=0, retry=True)
    assert here.encoded == 119
    assert path.read_bytes() == content


class ShortSighted(FakeEncoder):
    longest = 7

    def count_longer(self, batch):
        return sum(len(text) > self.longest for text in batch)


def test_texts_that_are_longer_than_is_read_are_counted_and_told(project, monkeypatch):
    monkeypatch.setattr("worlds.fakes.FakeEncoder", ShortSighted)
    report, told = run(project, batch_size=6)
    assert report.cut == 10  # thing 10 to thing 19
    assert warnings_in(told) == [
        "10 texts are longer than fake/text reads (7 tokens): only their beginning counts."
    ]
    report, told = run(project, "image")
    assert report.cut == 0
    assert not warnings_in(told)


def test_caches_are_listed_and_deleted(project):
    run(project)
    run(project, encoder="fake/other", dtype="float16")
    run(project, "image")
    (project.root / "embeddings" / "notes.h5").write_text("not ours")
    states, odd = list_caches(project)
    assert [(each.modality, each.encoder, each.dtype) for each in states] == [
        ("image", "fake/image", "float32"),
        ("text", "fake/other", "float16"),
        ("text", "fake/text", "float32"),
    ]
    assert [path.name for path, _ in odd] == ["notes.h5"]
    with EmbeddingCache(states[1].path, "r+"), pytest.raises(WorkbenchError, match="in use"):
        delete_cache(project, "text", "fake/other")
    assert delete_cache(project, "text", "fake/other") == states[1].bytes
    assert [each.encoder for each in list_caches(project)[0]] == ["fake/image", "fake/text"]
    with pytest.raises(WorkbenchError, match="no cache"):
        delete_cache(project, "text", "fake/other")


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
    module = sys.modules["workbench.stations.encoding.encode"]

    def meddle(path, card, ids, marks, dtype):
        prepare_cache(path, card, ids, marks, dtype)
        prepare_cache(path, card, ids[1:], marks[1:], dtype)

    monkeypatch.setattr(module, "prepare_cache", meddle)
    with pytest.raises(WorkbenchError, match="Another process has just changed"):
        run(project)


def test_bad_requests(project, tmp_path):
    with pytest.raises(WorkbenchError, match="no speech items"):
        run(project, "speech")
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
    job = encode(project, EncodeRequest("text", "fake/text", batch_size=5))
    for _ in range(4):
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
    project.catalogue.set_problems("fake/text", [(item.id, "It cannot be read.")])
    assert cache_state(project, "text").unreadable == 0  # its embedding is there all the same


def test_vectors_are_found_by_names_below_the_folder_that_an_item_came_from(tmp_path, monkeypatch):
    monkeypatch.undo()  # the real shelf
    for number, folder in ((1, "img"), (2, "img2")):
        write_item(tmp_path / folder / "cats", "image", number, "a")
        write_item(tmp_path / folder / "cats", "image", number + 10, f"b{number}")
    project = Project.create(
        tmp_path / "project",
        ProjectSettings(
            name="p",
            sources=[
                Source(modality="image", path=str(tmp_path / name)) for name in ("img", "img2")
            ],
        ),
    )
    drain(scan(project))
    file = tmp_path / "mine.npz"
    rows = np.stack([vector("image", number) for number in (1, 11, 12)])
    np.savez(file, embeddings=rows, ids=np.array(["cats/a.png", "cats/b1.png", "cats/b2.png"]))
    report, told = run(project, "image", f"precomputed/{file}")
    ids, found = load_embeddings(project, "image", f"precomputed/{file}")
    names = {item.id: Path(item.path).name for item in project.catalogue.items("image")}
    given = {names[item]: row for item, row in zip(ids.tolist(), found, strict=True)}
    # before, names below the second folder were taken for names below the first, and missed
    np.testing.assert_array_equal(given["b2.png"], vector("image", 12))
    np.testing.assert_array_equal(given["b1.png"], vector("image", 11))
    assert "a.png" not in given  # two items are called so below their folders
    assert (report.encoded, report.failed) == (2, 2)
    assert "found by “ids”: 2 of 4 image items have one" in warnings_in(told)[0]
    assert len(warnings_in(told)) == 3
