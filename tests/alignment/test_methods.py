import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from worlds.views import three_views, two_views

from workbench.alignment import (
    check_settings,
    fit,
    load_space,
    methods,
    save_space,
    standardise,
    train,
)
from workbench.errors import WorkbenchError
from workbench.evaluation import retrieval
from workbench.jobs import drain

QUICK = {
    "gera": {"steps": 40, "neighbours": 10},
    "contrastive": {"steps": 40},
    "structure": {"steps": 40},
    "sotalign": {"steps": 40, "others": 40},
}


def held_out_recall(space, held_out, first="image", second="text") -> float:
    scores = space.similarity(first, held_out.views[first], second, held_out.views[second])
    return retrieval(scores, np.stack([np.arange(40)] * 2, axis=1)).recall[10]


@pytest.mark.parametrize("entry", methods(), ids=lambda entry: entry.name)
def test_every_method_finds_held_out_partners_far_above_chance(entry):
    views, pairs, held_out = two_views()
    space = fit(entry.name, views, pairs, settings=QUICK.get(entry.name), validation=held_out)
    # chance is 10 of 40; every method must find at least three quarters
    assert held_out_recall(space, held_out) > 0.75


@pytest.mark.parametrize("entry", methods(), ids=lambda entry: entry.name)
def test_spaces_survive_saving_to_the_bit(entry, tmp_path):
    views, pairs, held_out = two_views()
    few = {**QUICK[entry.name], "steps": 3} if entry.name in QUICK else None
    space = fit(entry.name, views, pairs, settings=few)
    save_space(space, tmp_path / "heads.safetensors")
    back = load_space(tmp_path / "heads.safetensors")
    for view, rows in held_out.views.items():
        embedded = space.embed(view, rows)
        assert embedded.dtype == np.float32
        assert np.allclose(np.linalg.norm(embedded, axis=1), 1, atol=1e-5)
        assert (back.embed(view, rows) == embedded).all()


@pytest.mark.parametrize(
    ("method", "start"),
    [("gera", "procrustes"), ("gera", "random"), ("contrastive", "procrustes"),
     ("structure", "random"), ("sotalign", "cca")],
)  # fmt: skip
def test_three_views_are_aligned_through_the_hub(method, start):
    views, pairs, held_out = three_views()
    # what begins at random has all to learn
    steps = 100 if start == "random" else 30
    settings = {"start": start, "steps": steps, "learning_rate": 1e-2, "checkpoint": "last"}
    if method == "gera":
        settings |= {"neighbours": 10, "alpha": 3.0}
    if method == "sotalign":
        settings |= {"others": 40}
    space = fit(method, views, pairs, settings=settings)
    assert set(space.views) == {"image", "text", "speech"}
    # chance is a quarter, and both relations are learned
    assert held_out_recall(space, held_out, "image", "text") > 0.75
    assert held_out_recall(space, held_out, "text", "speech") > 0.75
    # image and speech share no pair: the texts bring them together
    assert held_out_recall(space, held_out, "image", "speech") > 0.75


def test_each_relation_is_told_by_its_own_pairs():
    # wrong pairs of one relation spoil that one alone
    views, pairs, held_out = three_views()
    rows = pairs["text", "speech"]
    pairs["text", "speech"] = np.stack([rows[:, 0], np.roll(rows[:, 1], 7)], axis=1)
    settings = {"start": "random", "head": "linear", "steps": 50, "learning_rate": 2e-2}
    for method in ("contrastive", "structure", "sotalign"):  # GeRA has the loss of contrastive
        few = {"others": 40} if method == "sotalign" else {}
        space = fit(method, views, pairs, settings={**settings, **few})
        assert held_out_recall(space, held_out, "image", "text") > 0.75
        assert held_out_recall(space, held_out, "text", "speech") < 0.5


def test_validation_is_the_mean_of_all_relations():
    views, pairs, held_out = three_views()
    held_out.pairs["text", "speech"] = held_out.pairs["image", "text"]
    told = []
    job = train("contrastive", views, pairs, settings={"steps": 1}, validation=held_out)
    space = drain(job, told.append)
    found = [
        held_out_recall(space, held_out, *views)
        for views in (("image", "text"), ("text", "image"), ("text", "speech"), ("speech", "text"))
    ]
    assert told[0].validation["recall@10"] == pytest.approx(np.mean(found), abs=0.03)
    assert {name for name in told[0].validation if "/" in name} == {
        "preservation/image", "preservation/text", "preservation/speech",
    }  # fmt: skip


def test_procrustes_turns_three_views_onto_each_other():
    views, pairs, held_out = three_views()
    space = fit("procrustes", views, pairs)
    for relation in (("image", "text"), ("text", "speech"), ("image", "speech")):
        assert held_out_recall(space, held_out, *relation) > 0.75


@pytest.mark.parametrize("method", ["asif", "ridge", "cca"])
def test_a_method_of_two_views_says_so(method):
    views, pairs, _ = three_views()
    with pytest.raises(WorkbenchError, match=r"aligns exactly two views .* 3 views"):
        fit(method, views, pairs)


def test_procrustes_is_scipys_rotation_when_widths_agree():
    random = np.random.default_rng(0)
    x, y = (random.normal(size=(80, 7)).astype(np.float32) for _ in range(2))
    pairs = np.stack([np.arange(50)] * 2, axis=1)
    space = fit("procrustes", {"a": x, "b": y}, {("a", "b"): pairs})
    x_standard, y_standard = standardise(x, x.mean(0)), standardise(y, y.mean(0))
    rotation, _ = orthogonal_procrustes(x_standard[:50], y_standard[:50])
    expected = x_standard @ rotation @ y_standard.T
    assert np.abs(space.similarity("a", x, "b", y) - expected).max() < 1e-5


def test_asif_is_the_loop_of_its_paper():
    views, pairs, _ = two_views(pairs=30)
    space = fit("asif", views, pairs, settings={"kept": 8, "power": 3.0})
    for view, side in (("image", 0), ("text", 1)):
        standard = standardise(views[view], views[view].mean(0)).astype(np.float64)
        anchors = standard[pairs["image", "text"][:, side]]
        for row in range(0, 120, 17):
            cosines = np.array([standard[row] @ anchor for anchor in anchors])
            kept = np.argsort(-cosines)[:8]
            expected = np.zeros(30)
            expected[kept] = np.maximum(cosines[kept], 0) ** 3
            expected /= np.linalg.norm(expected)
            assert np.abs(space.embed(view, views[view][row : row + 1])[0] - expected).max() < 1e-5


def test_asif_gives_unit_rows_at_high_powers():
    views, pairs, _ = two_views()
    space = fit("asif", views, pairs, settings={"power": 64.0})
    norms = np.linalg.norm(space.embed("image", views["image"]), axis=1)
    assert np.abs(norms - 1).max() < 1e-5


@pytest.mark.parametrize("method", ["gera", "contrastive"])
def test_a_trained_method_finds_partners_from_a_random_start(method):
    # no closed-form start to lean on: the losses must do it
    views, pairs, held_out = two_views(pairs=100)
    settings = {"start": "random", "head": "linear", "steps": 150, "checkpoint": "last"}
    settings |= {"learning_rate": 1e-2}
    if method == "gera":
        settings |= {"alpha": 3.0, "neighbours": 10}
    before = fit(method, views, pairs, settings={**settings, "steps": 1})
    after = fit(method, views, pairs, settings=settings)
    assert held_out_recall(before, held_out) < 0.6
    assert held_out_recall(after, held_out) > 0.9


@pytest.mark.parametrize(
    ("method", "settings", "words"),
    [
        ("nothing", {}, "no method “nothing”. Methods: gera"),
        ("gera", {"alhpa": 1}, "no setting “alhpa”. It has: .*alpha"),
        ("gera", {"alpha": -1}, "“alpha” of gera is not valid: it must lie between 0 and 1000"),
        ("gera", {"alpha": float("nan")}, "alpha"),
        ("gera", {"neighbours": 1}, "“neighbours”"),
        ("gera", {"kernel": "cubic"}, "“kernel”"),
        ("contrastive", {"temperature": 0}, "“temperature”"),
        ("contrastive", {"alpha": 3}, "no setting “alpha”"),
        ("asif", {"power": 0}, "“power”"),
    ],
)
def test_bad_settings_end_in_a_sentence(method, settings, words):
    with pytest.raises(WorkbenchError, match=words):
        check_settings(method, settings)


def test_embedding_with_the_wrong_width_or_view_ends_in_a_sentence():
    views, pairs, _ = two_views()
    space = fit("procrustes", views, pairs)
    with pytest.raises(WorkbenchError, match="expects embeddings of width 20, not 5"):
        space.embed("image", np.ones((2, 5), dtype=np.float32))
    with pytest.raises(WorkbenchError, match="no head for “speech”"):
        space.embed("speech", np.ones((2, 5), dtype=np.float32))


def test_a_damaged_file_of_heads_ends_in_a_sentence(tmp_path):
    path = tmp_path / "heads.safetensors"
    path.write_bytes(b"not a safetensors file")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        load_space(path)
