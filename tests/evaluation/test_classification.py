import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    precision_score,
    top_k_accuracy_score,
)
from worlds.unit_rows import unit

from workbench.errors import WorkbenchError
from workbench.evaluation import Bootstrap, class_prototypes, classify, interval


def test_prototypes_are_unit_means_of_unit_prompts():
    prompts = unit(0, 6, 4)
    class_of = np.array([0, 1, 2, 0, 1, 0])
    found = class_prototypes(prompts, class_of, 3)
    for number in range(3):
        mean = prompts[class_of == number].mean(axis=0)
        assert found[number] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    opposite = np.array([[1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    assert class_prototypes(opposite, np.array([0, 0, 1]), 2).tolist() == [[0, 0], [0, 1]]
    with pytest.raises(WorkbenchError, match="Class 2 has no prompt"):
        class_prototypes(prompts, np.array([0, 1, 1, 0, 1, 0]), 3)


def test_figures_are_those_of_scikit_learn():
    items, prototypes = unit(0, 300, 6), unit(1, 9, 6)
    labels = np.random.default_rng(2).integers(7, size=300)  # two classes without items
    found = classify(items, prototypes, labels)
    scores = items @ prototypes.T
    named = scores.argmax(axis=1)
    assert found.top(1) == pytest.approx(accuracy_score(labels, named))
    assert found.top(5) == pytest.approx(
        top_k_accuracy_score(labels, scores, k=5, labels=np.arange(9))
    )
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        assert found.balanced == pytest.approx(balanced_accuracy_score(labels, named))
    for number in range(7):
        own = labels == number
        assert found.per_class[number] == pytest.approx(np.mean(named[own] == number))
        assert found.counts[number] == own.sum()
    assert np.isnan(found.per_class[7:]).all()
    matrix = np.zeros((9, 9), dtype=int)
    own, taken, counts = found.confusions().T
    matrix[own, taken] = counts
    assert (matrix == confusion_matrix(labels, named, labels=np.arange(9))).all()
    assert (found.named_counts == matrix.sum(axis=0)).all()
    assert found.precision == pytest.approx(
        precision_score(labels, named, average=None, labels=np.arange(9))
    )
    assert found.largest(3) == pytest.approx(np.sort(np.bincount(labels))[-3:].sum() / 300)
    assert found.majority == pytest.approx(np.bincount(labels).max() / 300)
    assert (found.chance(1), found.chance(5)) == (1 / 9, 5 / 9)


def test_a_space_that_tells_nothing_apart_names_nothing():
    one = np.repeat(unit(0, 1, 16), 12, axis=0)
    found = classify(unit(1, 12, 16), one[:4], np.arange(12) % 4)
    assert (found.top(1), found.ranks.tolist()) == (0.0, [4] * 12)
    assert (found.named != found.labels).all()
    assert found.chance(5) == 1.0


def test_labels_that_are_no_class_are_told():
    with pytest.raises(WorkbenchError, match="points outside the 3 queries and 2 candidates"):
        classify(unit(0, 3), unit(1, 2), np.array([0, 1, 2]))
    with pytest.raises(WorkbenchError, match="no pairs"):
        classify(unit(0, 0), unit(1, 2), np.zeros(0, np.int64))


def test_a_bootstrap_of_figures_draws_linked_items_together():
    labels = np.random.default_rng(0).integers(3, size=40)
    found = classify(unit(0, 40, 4), unit(1, 3, 4), labels)
    group_of = np.arange(40) // 2
    bootstrap = Bootstrap(20, 30, seed=1)
    draws = found.drawn(group_of, bootstrap)
    for (some, counts), _ in zip(bootstrap.counts(), range(1), strict=False):
        for draw in range(some.stop):
            items = np.repeat(np.arange(40), counts[draw][group_of].astype(int))
            hits, own = found.ranks[items] <= 1, labels[items]
            assert draws["top1"][draw] == pytest.approx(hits.mean())
            classes = [hits[own == each].mean() for each in np.unique(own)]
            assert draws["balanced"][draw] == pytest.approx(np.mean(classes))
    assert draws["top5"].tolist() == [1.0] * 30


def test_intervals_cover_the_truth_as_often_as_they_promise():
    random, covered = np.random.default_rng(0), {"top1": 0, "balanced": 0}
    # class 0 is named rightly in 9 of 10, class 1 in half of its items
    right, share = np.array([0.9, 0.5]), np.array([0.7, 0.3])
    truth = {"top1": float(right @ share), "balanced": float(right.mean())}
    prototypes = np.eye(2, dtype=np.float32)
    for seed in range(200):
        labels = random.choice(2, size=120, p=share)
        named = np.where(random.random(120) < right[labels], labels, 1 - labels)
        found = classify(prototypes[named], prototypes, labels)
        draws = found.drawn(np.arange(120), Bootstrap(120, 300, seed))
        for name, value in truth.items():
            low, high = interval(draws[name])
            covered[name] += low <= value <= high
    assert all(0.90 <= count / 200 <= 0.99 for count in covered.values()), covered
