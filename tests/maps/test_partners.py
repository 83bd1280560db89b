"""Who is near whom, against plain loops."""

import numpy as np

from workbench.maps import nearest_rows, neighbours_kept, partners_found


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_partners_are_found_as_a_loop_finds_them():
    random = np.random.default_rng(0)
    mapped = {view: unit(random.normal(size=(30, 4))) for view in ("image", "text")}
    pairs = np.stack([np.arange(30), np.arange(30)[::-1]], axis=1)
    pairs = np.concatenate([pairs, [[3, 5]]])  # an image with two texts, and the other way round
    (found,) = partners_found(mapped, {("image", "text"): pairs}, nearest=4).values()

    def near(first, second, row, partners):
        order = np.argsort(-(mapped[first][row] @ mapped[second].T))[:4]
        return bool(set(order.tolist()) & set(partners))

    expected = [
        near("image", "text", image, pairs[pairs[:, 0] == image, 1].tolist())
        and near("text", "image", text, pairs[pairs[:, 1] == text, 0].tolist())
        for image, text in pairs.tolist()
    ]
    assert 0 < sum(expected) < 30
    assert found.tolist() == expected


def test_equal_rows_find_nobody():
    mapped = {view: unit(np.ones((30, 4))) for view in ("image", "text")}
    pairs = {("image", "text"): np.stack([np.arange(30)] * 2, axis=1)}
    assert not partners_found(mapped, pairs)["image", "text"].any()
    broken = mapped | {"text": np.full((30, 4), np.nan, np.float32)}
    assert not partners_found(broken, pairs)["image", "text"].any()


def test_nearest_rows_and_which_of_them_are_kept():
    rows = unit(np.random.default_rng(1).normal(size=(25, 5)))
    near = nearest_rows(rows, 6)
    for row in range(25):
        order = [each for each in np.argsort(-(rows @ rows[row])) if each != row][:6]
        assert near[row].tolist() == sorted(order)
    assert neighbours_kept(near, near).all()
    other = nearest_rows(unit(np.random.default_rng(2).normal(size=(25, 5))), 6)
    kept = neighbours_kept(near, other)
    assert [int(each.sum()) for each in kept] == [
        len(set(old) & set(new)) for old, new in zip(near.tolist(), other.tolist(), strict=True)
    ]


def test_few_rows_have_few_neighbours():
    assert nearest_rows(np.zeros((0, 3), np.float32)).shape == (0, 0)
    assert nearest_rows(np.ones((1, 3), np.float32)).shape == (1, 0)
    assert nearest_rows(np.ones((3, 3), np.float32)).shape == (3, 2)
