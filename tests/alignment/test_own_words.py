"""An encoder's own words: a space without a pair, and its share beside learned heads."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.alignment import HeldOut, fit
from workbench.alignment.own_words import OwnWords, joined, space_of_words, words_of_groups
from workbench.alignment.words_share import judge
from workbench.evaluation import retrieve

CLASSES, ITEMS = 40, 300


class World:
    """Pictures and texts of one hidden place each, and a classifier of pictures with names."""

    def __init__(self, seed=0, width=12):
        random = np.random.default_rng(seed)
        meaning = random.normal(size=(ITEMS, width)).astype(np.float32)
        classes = random.normal(size=(CLASSES, width)).astype(np.float32)
        see = random.normal(size=(width, 24)).astype(np.float32)
        noise = random.normal(size=(ITEMS, 24)).astype(np.float32)
        tell = np.linalg.qr(random.normal(size=(width, width)))[0].astype(np.float32)
        self.views = {
            "image": meaning @ see + 0.3 * noise + 5,
            "text": meaning @ tell + 0.3 * random.normal(size=meaning.shape).astype(np.float32),
        }
        # a classifier of unlike scales: its logits say that some classes are likely in general
        weight = classes @ np.linalg.pinv(see).T * random.uniform(0.2, 5, (CLASSES, 1))
        self.words = OwnWords("image", "text", weight.astype(np.float32), classes @ tell)
        self.pairs = np.repeat(np.arange(ITEMS)[:, None], 2, axis=1)

    def found(self, space, rows=slice(200, None)):
        mapped = [space.embed(view, self.views[view][rows]) for view in ("image", "text")]
        return retrieve(*mapped, self.pairs[: len(mapped[0])]).recall[10]


@pytest.fixture(scope="module")
def world():
    return World()


def test_words_find_partners_without_any_pair(world):
    space = space_of_words(world.words, world.views)
    assert world.found(space) > 0.4  # chance is 0.1
    assert space.width("image") == 24


def test_a_classs_scale_and_what_is_likely_in_general_do_not_matter(world):
    other = OwnWords("image", "text", 7 * world.words.weight, world.words.vectors)
    one, two = (space_of_words(words, world.views) for words in (world.words, other))
    pictures = world.views["image"]
    assert np.abs(one.embed("image", pictures) - two.embed("image", pictures)).max() < 1e-4
    assert (
        np.abs(one.heads["image"].said(pictures).mean(axis=0) - one.heads["image"].mean).max()
        < 1e-6
    )


def test_a_view_that_the_words_do_not_know_says_nothing(world):
    views = world.views | {"speech": np.random.default_rng(0).normal(size=(9, 5)).astype("f")}
    space = space_of_words(world.words, views)
    assert not space.embed("speech", views["speech"]).any()


def test_groups_with_names_serve_any_encoder(world):
    group_of = np.argmax(world.views["text"] @ world.words.vectors.T, axis=1)
    _, group_of = np.unique(group_of, return_inverse=True)
    group_of[:20] = -1  # in none
    names = np.stack(
        [world.views["text"][group_of == group].mean(axis=0) for group in range(group_of.max() + 1)]
    )
    words = words_of_groups("image", "text", world.views["image"], group_of, names)
    assert world.found(space_of_words(words, world.views)) > 0.25
    rows = world.views["image"] - world.views["image"].mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.abs(words.weight[3] - rows[group_of == 3].mean(axis=0)).max() < 1e-5


def learned(world, count):
    pairs = {("image", "text"): world.pairs[:count]}
    return fit("ridge", world.views, pairs), pairs


def test_words_help_where_pairs_are_few_and_count_less_where_they_are_many(world):
    known, shares = space_of_words(world.words, world.views), []
    for count in (12, 50, 200):
        space, pairs = learned(world, count)
        judged = judge(space, known, world.words, world.views, pairs)
        assert judged.pairs == count
        shares.append(judged.share)
        if count == 12:
            assert world.found(joined(space, known, judged.share)) > world.found(space) + 0.03
    assert 1 > shares[0] > shares[1] > shares[2] > 0


def test_words_that_say_the_wrong_thing_of_the_pairs_are_left_out(world):
    lying = OwnWords("image", "text", world.words.weight, -world.words.vectors)
    space, pairs = learned(world, 60)
    known = space_of_words(lying, world.views)
    judged = judge(space, known, lying, world.views, pairs)
    assert judged.share == 0
    assert joined(space, known, judged.share) is space


def test_words_of_other_things_count_little(world):
    others = np.random.default_rng(5).permutation(world.words.vectors)
    lying = OwnWords("image", "text", world.words.weight, others)
    space, pairs = learned(world, 60)
    true = judge(space, space_of_words(world.words, world.views), world.words, world.views, pairs)
    judged = judge(space, space_of_words(lying, world.views), lying, world.views, pairs)
    assert judged.share < true.share / 3


def test_few_pairs_say_little_of_the_words(world):
    lying = OwnWords("image", "text", world.words.weight, -world.words.vectors)
    space, pairs = learned(world, 60)
    few = {("image", "text"): world.pairs[:2]}
    for words in (world.words, lying):
        known = space_of_words(words, world.views)
        judged = [judge(space, known, words, world.views, each).nearer for each in (few, pairs)]
        assert abs(judged[0] - 1) < abs(judged[1] - 1)  # 1 is what is usual


def test_validation_pairs_change_the_share_only_where_they_are_clear(world):
    space, pairs = learned(world, 60)
    known = space_of_words(world.words, world.views)
    views = {view: rows[200:] for view, rows in world.views.items()}
    plain = judge(space, known, world.words, world.views, pairs)
    few = HeldOut(views, {("text", "image"): world.pairs[:3]})
    assert judge(space, known, world.words, world.views, pairs, few) == plain
    # heads that are far better than so few pairs would make them
    good, few = learned(world, ITEMS)[0], {("image", "text"): world.pairs[:8]}
    held_out = HeldOut(views, {("image", "text"): world.pairs[:100]})
    noise = np.random.default_rng(1).normal(size=world.words.vectors.shape).astype(np.float32)
    vague = replace(world.words, vectors=world.words.vectors + 2 * noise)
    known = space_of_words(vague, world.views)
    judged = judge(good, known, vague, world.views, few, held_out)
    assert judged.factor < 1
    assert judged.share < judge(good, known, vague, world.views, few).share


def test_a_relation_the_other_way_round_is_judged_alike(world):
    space, pairs = learned(world, 60)
    known = space_of_words(world.words, world.views)
    turned = {("text", "image"): pairs["image", "text"][:, ::-1]}
    assert judge(space, known, world.words, world.views, turned) == judge(
        space, known, world.words, world.views, pairs
    )
    assert judge(space, known, world.words, world.views, {}).share == 0


def test_the_spread_is_that_of_items_new_to_the_heads(world):
    """Heads that know their pairs by heart spread them otherwise than items to come."""
    few = {view: rows[:100] for view, rows in world.views.items()}
    pairs = {("image", "text"): world.pairs[:100]}
    space = fit("cca", few, pairs, settings={"penalty": 1e-3, "exponent": 0})
    known = space_of_words(world.words, world.views)
    unpaired = judge(space, known, world.words, world.views, pairs)
    held_out = HeldOut({v: rows[100:] for v, rows in world.views.items()}, {})
    # the same rows, once as unpaired and once as held-out ones
    assert judge(space, known, world.words, few, pairs, held_out).share == unpaired.share
    assert judge(space, known, world.words, few, pairs).share != unpaired.share


def test_all_items_in_pairs_can_be_judged_too(world):
    space, pairs = learned(world, ITEMS)
    judged = judge(space, space_of_words(world.words, world.views), world.words, world.views, pairs)
    assert 0 < judged.share < 0.5
