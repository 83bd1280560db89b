import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, top_k_accuracy_score
from worlds.unit_rows import unit

from workbench.errors import WorkbenchError
from workbench.evaluation import class_prototypes, classify


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
    assert found.majority == pytest.approx(np.bincount(labels).max() / 300)
    assert (found.chance(1), found.chance(5)) == (1 / 9, 5 / 9)


def test_a_space_that_tells_nothing_apart_names_nothing():
    one = np.repeat(unit(0, 1, 16), 12, axis=0)
    found = classify(unit(1, 12, 16), one[:4], np.arange(12) % 4)
    assert (found.top(1), found.ranks.tolist()) == (0.0, [4] * 12)
    assert found.chance(5) == 1.0


def test_labels_that_are_no_class_are_told():
    with pytest.raises(WorkbenchError, match="points outside the 3 queries and 2 candidates"):
        classify(unit(0, 3), unit(1, 2), np.array([0, 1, 2]))
    with pytest.raises(WorkbenchError, match="no pairs"):
        classify(unit(0, 0), unit(1, 2), np.zeros(0, np.int64))
