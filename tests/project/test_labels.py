"""Labels counted in all: validation pairs are part of the budget."""

import numpy as np
import pytest

from workbench.project import SplitSettings, split_pairs

COUNTS = {"image": 300, "text": 300}
PAIRS = {("image", "text"): np.stack([np.arange(300)] * 2, axis=1)}


def split(labels, validation=0.2, seed=0, pairs=PAIRS):
    settings = SplitSettings(seed=seed, validation=validation, test=0.2, labels=labels)
    found = split_pairs(COUNTS, pairs, settings)
    return {
        name: {tuple(row) for rows in getattr(found, name).values() for row in rows.tolist()}
        for name in ("training", "validation", "test")
    }


@pytest.mark.parametrize("labels", [10, 50, 240])
def test_training_and_validation_together_are_the_labels(labels):
    found = split(labels)
    assert len(found["training"]) + len(found["validation"]) == labels
    assert len(found["validation"]) == round(0.2 * labels)
    assert not found["training"] & found["validation"]
    assert found["test"] == split(300)["test"]  # whatever the labels


def test_none_for_validation_leaves_all_for_training():
    found = split(50, validation=0.0)
    assert len(found["training"]) == 50
    assert not found["validation"]


def test_fewer_labels_are_among_more():
    few, many = split(40), split(160)
    assert few["training"] < many["training"]
    assert few["validation"] < many["validation"]


def test_more_labels_than_there_are():
    found = split(100_000)
    assert len(found["training"]) + len(found["validation"]) == 240
    assert len(found["validation"]) == 48


def test_pairs_that_share_an_item_stay_on_one_side():
    # five captions a picture
    rows = np.stack([np.arange(300) // 5, np.arange(300)], axis=1)
    for labels in (33, 100):
        found = split(labels, pairs={("image", "text"): rows})
        pictures = [{image for image, _ in found[name]} for name in ("training", "validation")]
        assert not pictures[0] & pictures[1]
        assert len(found["training"]) + len(found["validation"]) == labels


def test_no_hidden_pair_is_left_among_the_unpaired():
    settings = SplitSettings(validation=0.1, test=0.2, labels=60)
    found = split_pairs(COUNTS, PAIRS, settings)
    assert not set(found.unpaired["image"].tolist()) & set(found.unpaired["text"].tolist())
    assert len(found.unpaired["image"]) + len(found.unpaired["text"]) == 240 - 60


def test_about_how_many_are_for_training():
    assert SplitSettings(validation=0.1, test=0.2).for_training(100) == 70
    assert SplitSettings(validation=0.1, test=0.2, labels=20).for_training(100) == 18
    assert SplitSettings(validation=0.0, test=0.2, labels=500).for_training(100) == 80
