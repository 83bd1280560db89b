import numpy as np
import pytest
from scipy.linalg import inv, sqrtm
from sklearn.cross_decomposition import CCA
from worlds.two_maps import two_maps
from worlds.views import three_views, two_views

from workbench.alignment.closed_form.canonical import CanonicalProblem
from workbench.alignment.closed_form.cca import EXPONENTS, PENALTIES, cca, cca_maps
from workbench.alignment.data import TrainingData, prepare
from workbench.alignment.model_selection import held_out_mrr
from workbench.alignment.settings.solved_settings import CcaSettings
from workbench.alignment.space import AlignedSpace
from workbench.errors import WorkbenchError

RELATION = ("image", "text")


def raw_world(count=300, paired=200, seed=0):
    """Two views as they are, not standardised, so that libraries can be compared with."""
    random = np.random.default_rng(seed)
    latent = random.normal(size=(count, 3))
    views = {
        name: latent @ random.normal(size=(3, width)) + random.normal(size=(count, width)) + 1
        for name, width in zip(RELATION, (7, 5), strict=True)
    }
    pairs = np.stack([np.arange(paired), np.arange(paired)], axis=1)
    return TrainingData(views, {RELATION: pairs})


def test_unregularised_directions_are_scikit_learns():
    data = raw_world()
    x, y = (data.views[view][:200] for view in RELATION)
    reference = CCA(5, scale=False, max_iter=10_000, tol=1e-14).fit(x, y)
    expected = [
        np.corrcoef(u, v)[0, 1]
        for u, v in zip(*(s.T for s in reference.transform(x, y)), strict=True)
    ]
    solved = CanonicalProblem.of(data, RELATION, "paired").solve(0)
    assert np.abs(solved.correlations - np.sort(expected)[::-1]).max() < 1e-6
    # the variates themselves: uncorrelated, of variance 1, correlated as told
    variates = [(x - x.mean(0)) @ solved.directions[0].T, (y - y.mean(0)) @ solved.directions[1].T]
    for side in variates:
        assert np.abs(side.T @ side / 200 - np.eye(5)).max() < 1e-9
    assert np.abs(variates[0].T @ variates[1] / 200 - np.diag(solved.correlations)).max() < 1e-9


@pytest.mark.parametrize("covariance", ["paired", "all"])
@pytest.mark.parametrize("penalty", [0.1, 3.0])
def test_regularised_similarities_are_those_of_the_formula(penalty, covariance):
    data = raw_world()
    x, y = (data.views[view][:200] for view in RELATION)
    x, y = x - x.mean(0), y - y.mean(0)
    roots = []
    for view, rows in zip(RELATION, (x, y), strict=True):
        pool = data.views[view] if covariance == "all" else rows
        sigma = np.cov(pool.T, bias=True)
        wide = len(sigma)
        roots.append(inv(sqrtm(sigma + penalty * np.trace(sigma) / wide * np.eye(wide)).real))
    left, strength, right = np.linalg.svd(roots[0] @ (x.T @ y / 200) @ roots[1])
    for of_several in (False, True):
        problem = CanonicalProblem.of(data, RELATION, covariance)
        solved = problem.solve(penalty, of_several=of_several)
        assert np.abs(solved.correlations - strength).max() < 1e-9
        for exponent in (0.0, 1.0, 2.5):
            a, b = solved.weighted(exponent)
            expected = roots[0] @ left[:, :5] @ np.diag(strength**exponent) @ right @ roots[1]
            assert np.abs(a.T @ b - expected).max() < 1e-9


def test_unpaired_items_count_in_the_covariance_only_where_they_should():
    data = raw_world()
    changed = {view: rows.copy() for view, rows in data.views.items()}
    changed["image"][200:] *= 3
    other = TrainingData(changed, data.pairs)
    for covariance, same in (("paired", True), ("all", False)):
        a, b = (
            CanonicalProblem.of(each, RELATION, covariance).solve(1.0).correlations
            for each in (data, other)
        )
        assert np.allclose(a, b) == same


def test_the_cosine_is_the_papers_score_up_to_a_factor_an_item():
    views, pairs, _ = two_views()
    data = prepare(views, pairs)
    space = cca(data, CcaSettings(penalty=0.5, exponent=1.0))
    problem = CanonicalProblem.of(data, RELATION, "paired")
    solved = problem.solve(0.5)
    variates, lengths = [], []
    for side, view in enumerate(RELATION):
        rows = data.views[view][-30:] - problem.means[side]
        each = rows @ solved.directions[side].T
        each /= np.linalg.norm(each, axis=1, keepdims=True)
        variates.append(each)
        lengths.append(np.linalg.norm(each * np.sqrt(solved.correlations), axis=1))
    # CSA: unit rows first, then Σ ρ_k x_k y_k
    paper = variates[0] * solved.correlations @ variates[1].T
    raw = {view: views[view][-30:] for view in RELATION}
    ours = space.similarity("image", raw["image"], "text", raw["text"])
    assert np.abs(ours - paper / np.outer(*lengths)).max() < 1e-5


def test_held_out_pairs_choose_penalty_exponent_and_width():
    world = two_maps(pairs=40, noise=1.0)
    data = prepare(world.views, world.pairs)
    scores = {
        (penalty, exponent): held_out_mrr(
            cca(data, CcaSettings(penalty=penalty, exponent=exponent)), world.validation
        )
        for penalty in PENALTIES
        for exponent in EXPONENTS
    }
    assert max(scores.values()) > 1.2 * min(scores.values())
    every = cca(data, CcaSettings(width=32), world.validation)
    assert held_out_mrr(every, world.validation) == max(scores.values())
    penalty, exponent = max(scores, key=scores.get)
    widths = {
        width: held_out_mrr(
            cca(data, CcaSettings(penalty=penalty, exponent=exponent, width=width)),
            world.validation,
        )
        for width in (8, 16, 32)
    }
    chosen = cca(data, CcaSettings(), world.validation)
    assert held_out_mrr(chosen, world.validation) == max(widths.values())


@pytest.mark.parametrize("covariance", ["paired", "all"])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("pairs", [2, 5, 60])
def test_few_pairs_give_few_directions_and_no_noise(pairs, penalty, covariance):
    views, told, held_out = two_views(pairs=pairs)
    space = cca(prepare(views, told), CcaSettings(penalty=penalty, covariance=covariance))
    for view, rows in held_out.views.items():
        embedded = space.embed(view, rows)
        assert embedded.shape[1] == min(pairs - 1, 12)
        assert embedded.dtype == np.float32
        assert np.abs(np.linalg.norm(embedded, axis=1) - 1).max() < 1e-5


@pytest.mark.parametrize("covariance", ["paired", "all"])
@pytest.mark.parametrize("pairs", [4, 60])
def test_maps_have_the_asked_width_and_full_rank(pairs, covariance):
    views, told, _ = two_views(pairs=pairs)
    data = prepare(views, told)
    for width in (3, 12, 16):
        maps = cca_maps(data, width, 1.0, 1.0, covariance)
        for view, weight in maps.items():
            assert weight.dtype == np.float32
            assert weight.shape == (width, data.views[view].shape[1])
            assert np.linalg.matrix_rank(weight) == min(weight.shape)
            # rows come out of length 1 in root mean square
            mapped = (np.asarray(data.views[view]) - np.mean(data.views[view], axis=0)) @ weight.T
            assert np.square(mapped).sum(axis=1).mean() == pytest.approx(1, abs=1e-4)


def test_maps_begin_with_the_canonical_directions():
    views, told, _ = two_views(pairs=8)
    data = prepare(views, told)
    weighted = CanonicalProblem.of(data, RELATION, "paired").solve(1.0).weighted(2.0)
    maps = cca_maps(data, 12, 1.0, 2.0, "paired")
    for side, view in enumerate(RELATION):
        ratio = maps[view][:7] / weighted[side]
        assert np.abs(ratio / ratio[0, 0] - 1).max() < 1e-3
        # what is filled is orthogonal to them
        assert np.abs(maps[view][7:] @ weighted[side].T).max() < 1e-4 * np.abs(weighted[side]).max()


def test_maps_are_the_same_to_the_bit():
    views, told, _ = three_views(pairs=6)
    first, second = (cca_maps(prepare(views, told), 12) for _ in range(2))
    assert all((first[view] == second[view]).all() for view in first)


def test_maps_of_three_views_meet_through_the_hub():
    views, told, held_out = three_views()
    data = prepare(views, told)
    maps = cca_maps(data, 12, 0.3)

    class Mapped(AlignedSpace):
        def embed(self, view, rows):
            mapped = (rows - data.centres[view]) @ maps[view].T
            return mapped / np.linalg.norm(mapped, axis=1, keepdims=True)

    pairs = {("image", "speech"): np.stack([np.arange(40)] * 2, axis=1)}
    held_out = type(held_out)(held_out.views, pairs)
    # image and speech share no pair; chance is about 0.1
    assert held_out_mrr(Mapped({}), held_out) > 0.8


def test_three_views_end_in_a_sentence():
    views, pairs, _ = three_views()
    with pytest.raises(WorkbenchError, match=r"CCA aligns exactly two views .* 3 views"):
        cca(prepare(views, pairs), CcaSettings())


def test_pairs_that_share_one_item_end_in_a_sentence():
    views, _, _ = two_views()
    pairs = np.stack([np.full(9, 4), np.arange(9)], axis=1)
    data = prepare(views, {RELATION: pairs})
    for solve in (lambda: cca(data, CcaSettings()), lambda: cca_maps(data, 12)):
        with pytest.raises(WorkbenchError, match="equal rows of “image”"):
            solve()
