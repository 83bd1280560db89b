"""A training that starts from heads of an earlier one: it begins exactly there, or says why not."""

import numpy as np
import pytest
from worlds.views import three_views, two_views

from workbench.alignment import (
    AlignedSpace,
    BlocksHead,
    HeadsKept,
    LinearHead,
    StepReport,
    TrainingState,
    fit,
    train,
    train_sweep,
)
from workbench.alignment.heads import ResidualHead, likeness, standardise
from workbench.alignment.training.trainable_heads import Features
from workbench.errors import WorkbenchError
from workbench.jobs import drain

QUICK = {"steps": 6, "neighbours": 6, "anchors": 8, "hidden": 30, "validate_every": 3}
KINDS = ["linear", "residual", "mlp"]


def run(start=None, method="gera", make=two_views, settings=None, **options):
    views, pairs, _ = make()
    told = []
    job = train(method, views, pairs, settings=QUICK | (settings or {}), start=start, **options)
    return drain(job, told.append), told


def other_views():
    """Return more items of another cloud, of the same widths."""
    return two_views(count=220, pairs=90, seed=5)


@pytest.fixture(scope="module", params=KINDS)
def earlier(request):
    return run(settings={"head": request.param})[0]


def kind_of(space):
    return {"head": space.heads["image"].kind}


def rows_of(space, make):
    views, _, held_out = make()
    mapped = [space.embed(view, rows) for view, rows in held_out.views.items()]
    return np.concatenate([*mapped, *(space.embed(view, rows) for view, rows in views.items())])


@pytest.mark.parametrize("make", [two_views, other_views])
def test_it_begins_at_the_heads_given_also_on_other_data(earlier, make):
    begun, _ = run(earlier, make=make, settings=kind_of(earlier), stop_after=0)
    assert np.abs(rows_of(begun, make) - rows_of(earlier, make)).max() < 1e-5
    for view, head in earlier.heads.items():
        kept, given = begun.heads[view].tensors(), head.tensors()
        assert kept.keys() == given.keys()
        for name in given.keys() & {"centre", "landmarks", "whitening", "whitening_mean"}:
            np.testing.assert_array_equal(kept[name], given[name])


def test_it_trains_on_and_goes_on_after_a_stop_to_the_bit(earlier):
    whole, told = run(earlier, make=other_views, settings=kind_of(earlier))
    assert [event.step for event in told if isinstance(event, StepReport)] == [1, 2, 3, 4, 5, 6]
    assert np.abs(rows_of(whole, other_views) - rows_of(earlier, other_views)).max() > 0.01
    _, told = run(earlier, make=other_views, settings=kind_of(earlier), stop_after=2)
    (state,) = (event for event in told if isinstance(event, TrainingState))
    resumed, _ = run(earlier, make=other_views, settings=kind_of(earlier), state=state)
    assert resumed.fingerprint() == whole.fingerprint() != earlier.fingerprint()


def test_it_cannot_go_on_from_other_heads_than_it_began_with():
    earlier, _ = run()
    _, told = run(earlier, stop_after=2)
    (state,) = (event for event in told if isinstance(event, TrainingState))
    other, _ = run(seed=1)
    for start in (other, None):
        with pytest.raises(WorkbenchError, match="started with other heads as its start"):
            run(start, state=state)


def test_the_start_can_be_kept_where_nothing_found_better(earlier):
    views, pairs, held_out = two_views()
    told = []
    settings = QUICK | kind_of(earlier) | {"learning_rate": 1.0, "checkpoint": "best"}
    job = train("gera", views, pairs, settings=settings, validation=held_out, start=earlier)
    space = drain(job, told.append)
    assert next(event.step for event in told if isinstance(event, HeadsKept)) == 0
    assert np.abs(rows_of(space, two_views) - rows_of(earlier, two_views)).max() < 1e-5


def test_maps_that_look_where_no_row_lies_are_kept_whole():
    random = np.random.default_rng(3)

    def numbers(*shape):
        return random.normal(size=shape).astype(np.float32)

    centre = np.zeros(40, np.float32)
    marks = standardise(numbers(500, 40), centre)
    head = ResidualHead(centre, numbers(30, 40), numbers(30), marks, numbers(30, 500))
    features = Features({"centre": centre, "whitening": None}, marks)
    narrow = features.narrowed(marks[:450])
    wide = features.narrowed(marks[:450], features.map_of(head).weight)
    assert narrow.width == 384
    assert 384 < wide.width <= 384 + 30
    rows = numbers(60, 40)
    assert np.abs(wide.head(wide.map_of(head)).embed(rows) - head.embed(rows)).max() < 1e-5
    assert np.abs(narrow.head(narrow.map_of(head)).embed(rows) - head.embed(rows)).max() > 1e-3
    assert likeness(marks, marks).shape == (500, 500)


@pytest.mark.parametrize("method", ["cca", "procrustes", "ridge"])
def test_heads_that_were_solved_at_once_are_linear_and_a_start(method):
    views, pairs, _ = two_views()
    solved = fit(method, views, pairs)
    begun, _ = run(solved, settings={"head": "linear", "whitening": None}, stop_after=0)
    assert np.abs(rows_of(begun, two_views) - rows_of(solved, two_views)).max() < 1e-5


@pytest.mark.parametrize("method", ["contrastive", "structure", "sotalign"])
def test_other_methods_that_train_start_so_too(method):
    earlier, _ = run()
    views, pairs, _ = two_views()
    job = train(method, views, pairs, settings={"steps": 2}, start=earlier, stop_after=0)
    assert np.abs(rows_of(drain(job), two_views) - rows_of(earlier, two_views)).max() < 1e-5


def test_learned_heads_are_trained_on_without_the_words_beside_them():
    learned, _ = run()
    silent = {
        view: LinearHead(
            head.centre, np.zeros((3, len(head.centre)), "f4"), np.zeros(3, "f4")
        )
        for view, head in learned.heads.items()
    }  # fmt: skip
    both = AlignedSpace(
        {view: BlocksHead((head, silent[view]), (0.7, 0.3)) for view, head in learned.heads.items()}
    )
    (begun, _), (known, _) = run(both, stop_after=1), run(learned, stop_after=1)
    assert begun.fingerprint() == known.fingerprint()


def test_without_unpaired_items_centre_and_whitening_are_still_those_of_the_heads():
    earlier, _ = run()
    begun, _ = run(earlier, make=other_views, settings={"unpaired": "none"}, stop_after=1)
    for view, head in earlier.heads.items():
        np.testing.assert_array_equal(begun.heads[view].centre, head.centre)


def test_all_rungs_of_a_sweep_start_there(earlier):
    views, pairs, _ = two_views()
    settings = QUICK | kind_of(earlier)
    job = train_sweep(views, pairs, (0.0, 3.0), settings=settings, start=earlier, stop_after=0)
    for rung in drain(job).rungs:
        assert np.abs(rows_of(rung.space, two_views) - rows_of(earlier, two_views)).max() < 1e-5


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"head": "linear"}, "is residual, and “head” is set to linear. Set “head” to residual"),
        ({"head": "mlp"}, "is residual, and “head” is set to mlp"),
        ({"whitening": None}, "image whitens rows, and “whitening” is set to none. Set"),
        ({"width": 5}, r"is \d+ wide, and “width” is set to 5. Leave"),
    ],
)
def test_settings_that_do_not_fit_end_in_a_sentence(settings, words):
    earlier, _ = run()
    with pytest.raises(WorkbenchError, match=f"cannot start from these heads: .*{words}"):
        run(earlier, settings=settings)


def test_heads_that_do_not_fit_end_in_a_sentence():
    views, pairs, _ = two_views()
    earlier, _ = run()
    with pytest.raises(WorkbenchError, match=r"none for “speech”, but for image, text. Train"):
        run(earlier, make=three_views)
    turned = AlignedSpace({"image": earlier.heads["text"], "text": earlier.heads["image"]})
    with pytest.raises(WorkbenchError, match=r"image is for embeddings of width 12, not 20. Use"):
        run(turned)
    asif = fit("asif", views, pairs)
    with pytest.raises(WorkbenchError, match=r"of the kind anchors, which is not trained. Start"):
        run(asif)
    plain, _ = run(settings={"whitening": None})
    with pytest.raises(WorkbenchError, match=r"image does not whiten rows, and .* set to 0.5"):
        run(plain)
    with pytest.raises(WorkbenchError, match="solved at once starts from no other heads"):
        next(train("procrustes", views, pairs, start=earlier))
