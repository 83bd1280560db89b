from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import ENCODERS, FakeShelf, encode_all, make_project, vector, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import SplitSettings, load_dataset, load_embeddings
from workbench.stations import EncodeRequest, encode, scan

THREE = ("image", "text", "speech")


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    encode_all(make_project(folder, 20, extra=4))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def number_of(item):
    return int(Path(item.path).stem.rpartition("-")[2])


def test_views_hold_what_the_encoders_gave(project):
    data = load_dataset(project)
    items = {item.id: item for item in project.catalogue.items()}
    assert set(data.views) == {"image", "text"}
    for modality, view in data.views.items():
        assert len(view.ids) == 24
        expected = [vector(modality, number_of(items[item])) for item in view.ids]
        np.testing.assert_array_equal(view.embeddings, expected)
        assert view.card["name"] == ENCODERS[modality]
    pairs = data.pairs["image", "text"]
    assert len(pairs) == 20
    for first, second in pairs:
        ids = data.views["image"].ids[first], data.views["text"].ids[second]
        assert number_of(items[ids[0]]) == number_of(items[ids[1]])


def test_training_and_held_out_renumber_correctly(tmp_path):
    project = encode_all(make_project(tmp_path, 25, THREE, extra=3))
    data = load_dataset(project)
    split = data.split(SplitSettings(seed=1, test=0.2, validation=0.2), 6)
    views, pairs = data.training(split)
    numbers = {
        view: {tuple(vector(view, n)): n for n in (*range(25), *range(1000, 3003))}
        for view in THREE
    }

    def meaning(held, relation, pair):
        return [
            numbers[view][tuple(held[view][row])] for view, row in zip(relation, pair, strict=True)
        ]

    seen = set()
    for relation, rows in pairs.items():
        assert len(rows) == len(split.training[relation]) == 6
        for pair in rows:
            first, second = meaning(views, relation, pair)
            assert first == second
            seen.add(first)
    in_training = {
        view: [numbers[view][tuple(row)] for row in rows] for view, rows in views.items()
    }
    for part in (split.validation, split.test):
        held = data.held_out(part)
        for relation, rows in held.pairs.items():
            assert len(rows) == 5
            for pair in rows:
                first, second = meaning(held.views, relation, pair)
                assert first == second
                assert first not in seen
                assert all(first not in names for names in in_training.values())
    # candidates are exactly the held-out items
    assert {view: len(rows) for view, rows in data.held_out(split.test).views.items()} == {
        "image": 5, "text": 5, "speech": 5,
    }  # fmt: skip


def test_relations_without_held_out_pairs_are_left_out(project):
    data = load_dataset(project)
    held = data.held_out(data.split(SplitSettings(test=0, validation=0)).test)
    assert held.pairs == {}
    assert all(len(rows) == 0 for rows in held.views.values())


def test_equal_texts_become_one_row(tmp_path):
    project = make_project(tmp_path, 6)
    for number in (3, 4):
        write_item(tmp_path / "text" / f"kind-{number % 3}", "text", 2, f"thing-{number:03}")
    drain(scan(project))
    data = load_dataset(encode_all(project))
    assert len(data.views["text"].ids) == 4
    assert len(data.views["image"].ids) == 6
    partners = data.pairs["image", "text"]
    assert len(partners) == 6
    assert sorted(np.bincount(partners[:, 1]).tolist()) == [1, 1, 1, 3]
    # the first of the equal texts stands for them
    texts = project.catalogue.items("text")
    assert min(item.id for item in texts if item.text == "thing 2") in data.views["text"].ids
    for part in (data.split(SplitSettings(seed=seed)).test for seed in range(5)):
        assert len(part["image", "text"]) in (1, 3)


def test_items_with_problems_are_left_out(tmp_path):
    project = make_project(tmp_path, 10)
    broken = project.catalogue.items("image")[4]
    Path(broken.path).write_bytes(b"no picture")
    drain(scan(project))
    data = load_dataset(encode_all(project))
    assert broken.id not in data.views["image"].ids
    assert len(data.views["image"].ids) == len(data.pairs["image", "text"]) == 9
    assert len(data.views["text"].ids) == 10


def test_a_vector_that_is_not_finite_is_a_problem_of_its_item(tmp_path, monkeypatch):
    FakeShelf(wrong={3, 5}).put(monkeypatch)
    data = load_dataset(encode_all(make_project(tmp_path, 10)))
    assert all(np.isfinite(view.embeddings).all() for view in data.views.values())
    assert len(data.pairs["image", "text"]) == 8


def test_what_is_missing_is_a_sentence(tmp_path):
    project = make_project(tmp_path, 5)
    with pytest.raises(WorkbenchError, match="no pairs of encoded modalities"):
        load_dataset(project)
    drain(encode(project, EncodeRequest("image", ENCODERS["image"])))
    with pytest.raises(WorkbenchError, match="no pairs of encoded modalities"):
        load_dataset(project)
    project.choose_encoder("text", ENCODERS["text"])
    with pytest.raises(WorkbenchError, match=r"no cache.*Encode first"):
        load_dataset(project)
    drain(encode(project, EncodeRequest("text")))
    assert len(load_dataset(project).pairs["image", "text"]) == 5
    write_item(tmp_path / "text", "text", 77)
    drain(scan(project))
    with pytest.raises(WorkbenchError, match="1 text items are not encoded yet by fake/text"):
        load_dataset(project)


def test_changed_content_is_not_encoded_any_more(tmp_path, project):
    write_item(tmp_path / "text" / "kind-1", "text", 500, "thing-001")
    drain(scan(project))
    with pytest.raises(WorkbenchError, match="1 text items are not encoded"):
        load_dataset(project)
    changed = next(i.id for i in project.catalogue.items("text") if i.text == "thing 500")
    ids, rows = load_embeddings(project, "text", ENCODERS["text"])
    assert changed not in ids
    assert len(ids) == len(rows) == 23


def test_embeddings_of_vanished_items_are_not_read(tmp_path, project):
    gone = project.catalogue.items("image")[0]
    Path(gone.path).unlink()
    drain(scan(project))
    ids, rows = load_embeddings(project, "image", ENCODERS["image"])
    assert gone.id not in ids
    assert ids.tolist() == sorted(ids.tolist())
    items = {item.id: item for item in project.catalogue.items("image")}
    expected = [vector("image", number_of(items[item])) for item in ids]
    np.testing.assert_array_equal(rows, expected)


def test_the_fingerprint_knows_items_pairs_and_embeddings(tmp_path, project, monkeypatch):
    fingerprints = [load_dataset(project).fingerprint]
    assert load_dataset(project).fingerprint == fingerprints[0]
    project.catalogue.take_pairs(project.catalogue.pairs()["image", "text"][1:].tolist())
    fingerprints.append(load_dataset(project).fingerprint)
    drain(scan(project))
    assert load_dataset(project).fingerprint == fingerprints[0]
    write_item(tmp_path / "image", "image", 600)
    drain(scan(project))
    encode_all(project)
    fingerprints.append(load_dataset(project).fingerprint)
    assert len(set(fingerprints)) == 3
