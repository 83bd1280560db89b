"""Heads of words and of blocks: their formulas, in a file, in the exported loader, and hostile."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from workbench.alignment import AlignedSpace, AnchorHead, LinearHead, load_space, save_space
from workbench.alignment.word_heads import BlocksHead, WordsHead
from workbench.errors import WorkbenchError


def numbers(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def some_words(wide=5, classes=9):
    return WordsHead(numbers(7), numbers(classes, 7), numbers(classes, wide), numbers(wide))


def some_blocks(shares=(0.7, 0.3)):
    image = BlocksHead((LinearHead(numbers(7), numbers(4, 7), numbers(4)), some_words()), shares)
    texts = (
        LinearHead(numbers(8), numbers(4, 8), numbers(4)),
        LinearHead(numbers(8), numbers(5, 8), numbers(5)),
    )
    return AlignedSpace({"image": image, "text": BlocksHead(texts, shares)})


def test_a_head_of_words_is_its_formula():
    head, raw = some_words(), numbers(6, 7)
    for row, found in zip(raw.astype(np.float64), head.embed(raw), strict=True):
        logits = head.weight @ (row - head.centre)
        likely = np.exp(logits) / np.exp(logits).sum()
        place = likely @ head.vectors - head.mean
        assert np.abs(found - place / np.linalg.norm(place)).max() < 1e-5


def test_a_classifier_that_is_surer_speaks_louder():
    """Rows are not scaled to unit length: length is how sure the classifier is."""
    head = WordsHead(
        np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32),
        np.zeros(2, np.float32),
    )  # fmt: skip
    unsure, sure = head.embed(np.array([[0.1, 0], [9, 0]], np.float32))
    assert sure[0] > 0.999 > unsure[0] > unsure[1]


def test_embeddings_beyond_all_measure_are_of_one_class_for_sure():
    head = some_words()
    rows = head.embed(np.array([[3e38] * 7, [-3e38, 3e38] * 3 + [1e-38], [0] * 7], np.float32))
    assert np.isfinite(rows).all()
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)


def test_the_dot_product_of_blocks_is_the_mean_of_their_cosines():
    space = some_blocks((0.8, 0.2))
    pictures, texts = numbers(20, 7), numbers(30, 8)
    parts = [
        image.embed(pictures) @ text.embed(texts).T
        for image, text in zip(space.heads["image"].blocks, space.heads["text"].blocks, strict=True)
    ]
    found = space.similarity("image", pictures, "text", texts)
    assert np.abs(found - (0.8 * parts[0] + 0.2 * parts[1])).max() < 1e-6
    assert space.width("image") == 7


def test_a_block_that_knows_nothing_leaves_the_word_to_the_other():
    silent = LinearHead(numbers(7), np.zeros((5, 7), np.float32), np.zeros(5, np.float32))
    head = BlocksHead((LinearHead(numbers(7), numbers(4, 7), numbers(4)), silent), (0.5, 0.5))
    rows = head.embed(numbers(3, 7))
    assert np.allclose(rows[:, :4], head.blocks[0].embed(numbers(3, 7)), atol=1e-6)
    assert not rows[:, 4:].any()


def test_file_and_exported_loader_have_the_same_heads(tmp_path, loader):
    anchors = AnchorHead(numbers(8), numbers(5, 8), 2, 3.0)
    space = some_blocks()
    space.heads["text"] = BlocksHead((space.heads["text"].blocks[0], anchors), (0.7, 0.3))
    space.heads["speech"] = some_words(wide=9)
    save_space(space, tmp_path / "heads.safetensors")
    back, exported = load_space(tmp_path / "heads.safetensors"), loader.load_heads(tmp_path)
    assert back.configuration() == space.configuration()
    for view in space.views:
        raw = numbers(3000, space.width(view))
        found = space.embed(view, raw)
        assert (back.embed(view, raw) == found).all()
        assert np.abs(exported.embed(view, raw) - found).max() < 1e-6


def test_many_classes_come_out_as_few_rows_do(monkeypatch, loader):
    head, raw = some_words(), numbers(50, 7)
    whole = head.embed(raw)
    monkeypatch.setattr("workbench.alignment.word_heads._LOGITS_AT_ONCE", 30)
    assert np.abs(head.embed(raw) - whole).max() < 1e-6


def damaged(tmp_path, change):
    space = some_blocks()
    said, arrays = space.configuration(), space.tensors()
    change(said["views"]["image"], arrays)
    save_file(arrays, tmp_path / "heads", {"configuration": json.dumps(said)})
    return tmp_path / "heads"


HOSTILE = {
    "one share": lambda head, _: head.update(shares=[1.0]),
    "no share": lambda head, _: head.pop("shares"),
    "words for shares": lambda head, _: head.update(shares=["a", "b"]),
    "true": lambda head, _: head.update(shares=[True, 0.5]),
    "below zero": lambda head, _: head.update(shares=[1.5, -0.5]),
    "not one": lambda head, _: head.update(shares=[0.5, 0.4]),
    "NaN": lambda head, _: head.update(shares=[float("nan"), 0.5]),
    "more": lambda head, _: head.update(more=1),
    "no blocks": lambda head, _: head.update(blocks=[], shares=[]),
    "a number of blocks": lambda head, _: head.update(blocks=2),
    "a thousand blocks": lambda head, _: head.update(
        blocks=head["blocks"] * 500, shares=[0.001] * 1000
    ),
    "blocks in blocks": lambda head, _: head["blocks"].__setitem__(
        0, {"kind": "blocks", "blocks": list(head["blocks"]), "shares": [0.5, 0.5]}
    ),
    "no kind": lambda head, _: head["blocks"].__setitem__(0, {}),
    "another kind": lambda head, _: head["blocks"].__setitem__(0, {"kind": "words"}),
    "an option of words": lambda head, _: head["blocks"][1].update(temperature=2),
    "an array of no block": lambda _, arrays: arrays.update({"image.7.weight": numbers(2)}),
    "an array less": lambda _, arrays: arrays.pop("image.1.mean"),
    "infinite": lambda _, arrays: arrays["image.1.vectors"].__setitem__(0, np.inf),
    "classes of which half have no name": lambda _, arrays: arrays.update(
        {"image.1.vectors": numbers(4, 5)}
    ),
    "two widths": lambda _, arrays: arrays.update(
        {"image.1.centre": numbers(6), "image.1.weight": numbers(9, 6)}
    ),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_hostile_blocks_are_refused_in_a_sentence(tmp_path, change):
    with pytest.raises(WorkbenchError, match=r"the head of “image”.*Align again\."):
        load_space(damaged(tmp_path, change))


def test_heads_of_different_widths_are_no_space(tmp_path):
    space = some_blocks()
    space.heads["text"] = space.heads["text"].blocks[0]
    save_space(space, tmp_path / "heads")
    with pytest.raises(WorkbenchError, match="different widths"):
        load_space(tmp_path / "heads")
