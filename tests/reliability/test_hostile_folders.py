"""A folder of hostile files through the real stations: each an item or a reason, and no harm."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeEncoder, FakeShelf, write_item
from worlds.hostile import write_hostile

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.media import RECORD_SUFFIXES, SUFFIXES
from workbench.project import KeyPairs, Project, ProjectSettings, Source, load_embeddings
from workbench.stations import EncodeRequest, Preview, encode, list_problems, scan

MODALITIES = ("image", "text", "speech")
ENDINGS = {"image": ".png", "text": ".txt", "speech": ".wav"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "files"
    paths = write_hostile(folder)
    for number, modality in enumerate(MODALITIES):
        write_item(folder, modality, number, "good")
    return folder, paths


@pytest.fixture
def any_number(monkeypatch):
    """Let the fake encoders take whatever can be read."""
    FakeShelf().put(monkeypatch)
    monkeypatch.setattr(
        FakeEncoder, "encode", lambda self, batch: np.ones((len(batch), self.card.width))
    )


@pytest.mark.timeout(200)
def test_every_file_is_an_item_with_a_vector_or_has_a_reason(hostile, any_number, tmp_path):
    folder, paths = hostile
    sources = [Source(modality=modality, path=str(folder)) for modality in MODALITIES]
    rules = [KeyPairs(between=("text", "image")), KeyPairs(between=("text", "speech"))]
    project = Project.create(tmp_path / "project", ProjectSettings(sources=sources, pairings=rules))
    looked = drain(Preview(project.root).look(project.settings))
    report = drain(scan(project))
    assert looked.items == report.items
    assert looked.problems == report.problems
    assert all(reason.strip() for _, reason in report.problems)
    told = {path for path, _ in project.catalogue.left_out()}
    known: set[str] = set()
    for modality in MODALITIES:
        done = drain(encode(project, EncodeRequest(modality, f"fake/{modality}", batch_size=8)))
        assert done.complete
        ids, _ = load_embeddings(project, modality, f"fake/{modality}")
        failed = {each.item.id for each in list_problems(project, modality)}
        items = project.catalogue.items(modality)
        assert set(ids.tolist()) | failed == {item.id for item in items}
        assert not set(ids.tolist()) & failed
        known |= {item.path for item in items}
        fine = {item.path for item in items if item.id not in failed}
        assert str(folder / f"good{ENDINGS[modality]}") in fine
    accounted = known | told
    endings = set().union(*SUFFIXES.values())
    for path in paths:
        printable = str(path).encode("utf-8", "backslashreplace").decode()
        if path.suffix.lower() in endings and not path.is_dir() and path.name[0] != ".":
            assert printable in accounted, path


def test_every_table_as_a_source_is_items_or_a_sentence(hostile, tmp_path):
    _, paths = hostile
    refused = taken = 0
    for number, path in enumerate(paths):
        if path.suffix.lower() not in RECORD_SUFFIXES or not path.is_file():
            continue
        settings = ProjectSettings(sources=[Source(modality="text", path=str(path))])
        try:
            project = Project.create(tmp_path / str(number), settings)
            report = drain(scan(project))
        except WorkbenchError as error:
            assert str(error).endswith((".", "?"))  # noqa: PT017 - which of them is the question
            refused += 1
            continue
        assert report.items.get("text", 0) or report.problems
        taken += 1
    assert taken > 5
    assert refused > 5


@pytest.mark.skipif(sys.platform != "linux", reason="needs links and odd names")
def test_links_in_circles_locked_folders_and_odd_names_end_and_are_told(tmp_path):
    folder = tmp_path / "files"
    good = write_item(folder / "deep", "text", 1)
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt")).write_text("x")
    for name in ("new\nline", "x" * 251, "-rf", " "):
        write_item(folder, "text", 2, name)
    project = Project.create(
        tmp_path / "project", ProjectSettings(sources=[Source(modality="text", path=str(folder))])
    )
    report = drain(scan(project))
    assert report.items == {"text": 5}
    assert str(good) in {item.path for item in project.catalogue.items()}
    reasons = dict(project.catalogue.left_out())
    assert any("gone.txt" in path for path in reasons)
    assert any("bad\\udcff.txt" in path for path in reasons)
    again = drain(scan(project))
    assert (again.changes.unchanged, again.changes.new) == (5, 0)
