import numpy as np
import pytest
from sklearn.linear_model import Ridge
from worlds.two_maps import two_maps
from worlds.views import three_views, two_views

from workbench.alignment import AlignedSpace, LinearHead
from workbench.alignment.closed_form.ridge import PENALTIES, Regression, ridge
from workbench.alignment.data import HeldOut, TrainingData, prepare
from workbench.alignment.model_selection import held_out_mrr
from workbench.alignment.settings.solved_settings import RidgeSettings
from workbench.errors import WorkbenchError


@pytest.fixture
def world():
    views, pairs, held_out = two_views(pairs=50)
    return prepare(views, pairs), held_out


def paired(data):
    pairs = data.pairs["image", "text"]
    return data.views["image"][pairs[:, 0]], data.views["text"][pairs[:, 1]]


def absolute(inputs, penalty):
    centred = inputs - inputs.mean(axis=0)
    return penalty * np.square(centred).sum() / min(centred.shape)


@pytest.mark.parametrize("penalty", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize(("predicted", "side"), [("second", 0), ("first", 1)])
def test_predictions_are_scikit_learns(world, penalty, predicted, side):
    data, held_out = world
    inputs, outputs = paired(data)[:: 1 - 2 * side]
    reference = Ridge(absolute(inputs.astype(float), penalty)).fit(inputs, outputs)
    space = ridge(data, RidgeSettings(penalty=penalty, predicted=predicted))
    view = ("image", "text")[side]
    head = space.heads[view]
    rows = data.views[view][:40]
    # the shared space is centred on the predicted view's paired rows
    expected = reference.predict(rows) - outputs.mean(axis=0)
    assert np.abs(rows @ head.weight.T + head.bias - expected).max() < 1e-5
    embedded = space.embed(view, held_out.views[view])
    assert embedded.dtype == np.float32
    assert np.abs(np.linalg.norm(embedded, axis=1) - 1).max() < 1e-5


@pytest.mark.parametrize("penalty", [1e-2, 1.0])
def test_the_left_out_error_is_that_of_fitting_without_each_item(penalty):
    random = np.random.default_rng(0)
    items = np.array([0, 1, 2, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10])
    inputs = random.normal(size=(11, 6))[items]
    outputs = inputs @ random.normal(size=(6, 3)) + 0.3 * random.normal(size=(14, 3))
    errors = []
    for item in range(11):
        left_out = items == item
        # λ stays that of all rows
        fitted = Ridge(absolute(inputs, penalty)).fit(inputs[~left_out], outputs[~left_out])
        errors += list(np.square(outputs[left_out] - fitted.predict(inputs[left_out])).sum(axis=1))
    centred = Regression.of(inputs - inputs.mean(0), outputs - outputs.mean(0), items)
    assert centred.left_out_error(penalty) == pytest.approx(np.mean(errors), rel=1e-9)


def test_without_held_out_pairs_noise_asks_for_more_penalty():
    chosen = []
    for noise in (0.05, 2.0):
        random = np.random.default_rng(1)
        inputs = random.normal(size=(60, 20))
        outputs = inputs @ random.normal(size=(20, 5)) / 5 + noise * random.normal(size=(60, 5))
        solved = Regression.of(inputs - inputs.mean(0), outputs - outputs.mean(0), np.arange(60))
        chosen.append(min(PENALTIES, key=solved.left_out_error))
    assert chosen[0] < 0.1 < 1 < chosen[1]


@pytest.mark.parametrize("predicted", ["both", "first", "second"])
def test_held_out_pairs_choose_the_penalty(predicted):
    world = two_maps(pairs=40, noise=1.0)
    data = prepare(world.views, world.pairs)
    scores = {
        penalty: held_out_mrr(
            ridge(data, RidgeSettings(penalty=penalty, predicted=predicted)), world.validation
        )
        for penalty in PENALTIES
    }
    # otherwise the test would show nothing
    assert max(scores.values()) > 1.2 * min(scores.values())
    chosen = ridge(data, RidgeSettings(predicted=predicted), world.validation)
    assert held_out_mrr(chosen, world.validation) == max(scores.values())


def test_both_directions_weigh_alike_and_the_order_of_views_does_not_matter(world):
    data, held_out = world
    space = ridge(data, RidgeSettings(penalty=5.0))
    views = held_out.views
    both = space.similarity("image", views["image"], "text", views["text"])
    singles = []
    for predicted in ("first", "second"):
        one = ridge(data, RidgeSettings(penalty=5.0, predicted=predicted))
        singles.append(one.similarity("image", views["image"], "text", views["text"]))
    assert np.corrcoef(both.ravel(), np.mean(singles, axis=0).ravel())[0, 1] > 0.99
    turned = TrainingData(data.views, {("text", "image"): data.pairs["image", "text"][:, ::-1]})
    again = ridge(turned, RidgeSettings(penalty=5.0))
    other = again.similarity("text", views["text"], "image", views["image"])
    assert np.abs(both - other.T).max() < 1e-5


@pytest.mark.parametrize("penalty", [1e-9, 1e6])
@pytest.mark.parametrize("pairs", [2, 5])
def test_extreme_penalties_and_few_pairs_stay_finite(penalty, pairs):
    views, told, held_out = two_views(pairs=pairs)
    space = ridge(prepare(views, told), RidgeSettings(penalty=penalty))
    for view, rows in held_out.views.items():
        assert np.isfinite(space.embed(view, rows)).all()
    assert np.isfinite(held_out_mrr(space, held_out))


def test_same_heads_to_the_bit(world):
    data, held_out = world
    first, second = (ridge(data, RidgeSettings(), held_out).tensors() for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_three_views_end_in_a_sentence():
    views, pairs, _ = three_views()
    with pytest.raises(WorkbenchError, match=r"Ridge aligns exactly two views .* 3 views"):
        ridge(prepare(views, pairs), RidgeSettings())


def test_pairs_that_share_one_item_end_in_a_sentence():
    views, _, _ = two_views()
    pairs = np.stack([np.arange(9), np.full(9, 4)], axis=1)
    with pytest.raises(WorkbenchError, match="All 9 pairs image–text have equal rows of “text”"):
        ridge(prepare(views, {("image", "text"): pairs}), RidgeSettings())


def test_the_judge_sees_both_directions():
    # the first row finds its partner; the second is nearer to the first's partner
    identity = LinearHead(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.zeros(2))
    space = AlignedSpace({"a": identity, "b": identity})
    a = np.array([[1, 0], [1, 0.2]], dtype=np.float32)
    b = np.array([[1, 0.1], [0, 1]], dtype=np.float32)
    held_out = HeldOut({"a": a, "b": b}, {("a", "b"): np.array([[0, 0], [1, 1]])})
    # from a: ranks 1 and 2; from b: row 0 ties to the bit or not, so it is computed
    scores = space.similarity("a", a, "b", b)
    ranks = [1 + (scores[0, 1] >= scores[0, 0]), 1 + (scores[1, 0] >= scores[1, 1])]
    ranks += [1 + (scores[1, 0] >= scores[0, 0]), 1 + (scores[0, 1] >= scores[1, 1])]
    assert held_out_mrr(space, held_out) == pytest.approx(np.mean([1 / rank for rank in ranks]))
