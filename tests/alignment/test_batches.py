import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.alignment.data import prepare
from workbench.alignment.training.batches import Mixing, PairBatches, PairLookup, draw
from workbench.alignment.training.trainable_heads import Features, PlainMap, TrainableHead


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 3000), size=st.integers(1, 60), seed=st.integers(0, 99))
def test_draws_are_distinct_and_within(count, size, seed):
    drawn = draw(count, size, generator(seed)).tolist()
    assert len(drawn) == len(set(drawn)) == min(size, count)
    assert all(0 <= each < count for each in drawn)
    assert drawn == draw(count, size, generator(seed)).tolist()


def test_draws_are_even_and_anew_each_time():
    source = generator()
    drawn = torch.cat([draw(1000, 20, source) for _ in range(1000)])
    counts = np.bincount(drawn.numpy(), minlength=1000)
    assert counts.min() > 3
    assert counts.max() < 45
    assert draw(1000, 20, source).tolist() != draw(1000, 20, source).tolist()


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=25, unique=True
    )
)
def test_who_belongs_together_is_what_the_set_of_pairs_says(pairs):
    rows = torch.tensor(pairs)
    first, second = rows.T
    found = PairLookup(rows).also_correct(first, second)
    expected = [
        [(a, b) in set(pairs) and row != column for column, b in enumerate(second.tolist())]
        for row, a in enumerate(first.tolist())
    ]
    if found is None:
        assert not any(map(any, expected))
    else:
        assert found.tolist() == expected


def unit(seed, *shape):
    rows = torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype(np.float32))
    return torch.nn.functional.normalize(rows, dim=-1)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(2, 40), mixing=st.floats(0, 1), seed=st.integers(0, 99))
def test_mixing_never_makes_a_false_negative(count, mixing, seed):
    # rows of an identity: what a mixed row is made of can be read off
    rows = torch.eye(count)
    drawn = Mixing.drawn(count, mixing, generator(seed), torch.device("cpu"))
    shares = drawn.of(rows)
    assert (shares.sum(dim=1) - 1).abs().max() < 1e-6
    own = shares.diagonal()
    assert (own >= 1 - mixing / 2 - 1e-5).all()
    # nobody is more of another pair than of its own: the partner stays the nearest
    others = shares - torch.diag(own)
    assert (others.amax(dim=1) <= own + 1e-5).all()
    assert ((others > 0).sum(dim=1) <= 1).all()


def test_mixing_keeps_unit_rows_and_nothing_is_mixed_at_zero():
    rows, cpu = unit(0, 30, 8), torch.device("cpu")
    found = Mixing.drawn(30, 1.0, generator(), cpu).of_unit_rows(rows)
    assert (found.norm(dim=1) - 1).abs().max() < 1e-5
    assert (found - rows).abs().max() > 0.1
    same = Mixing.drawn(30, 0.0, generator(), cpu).of_unit_rows(rows)
    assert (same - rows).abs().max() < 1e-6


def test_both_sides_of_a_batch_take_the_same_share_of_the_same_other_pair():
    rows = unit(0, 30, 8).numpy()
    pairs = {("image", "text"): np.stack([np.arange(30)] * 2, axis=1)}
    data = prepare({"image": rows, "text": rows}, pairs)
    cpu = torch.device("cpu")
    same = PlainMap.of_weight(np.eye(8, dtype=np.float32))
    heads = {
        view: TrainableHead(Features(data.preparation(view)), same, cpu) for view in data.views
    }
    (batch,) = PairBatches(data, heads, 30, 1.0, generator(), cpu).draw(heads)
    first, second = batch.rows()
    assert torch.equal(first, second)
    assert torch.equal(*batch.mapped)
    # features are mixed as the rows are, and mapped after that
    assert (batch.mapped[0] - first).abs().max() < 1e-5
    standing = torch.from_numpy(np.asarray(data.views["image"]))
    assert (first @ standing.T).amax(dim=1).min() < 0.999


def test_a_batch_tells_who_belongs_together_by_the_pairs_before_mixing():
    rows = {view: unit(k, 6, 4).numpy() for k, view in enumerate(("image", "text"))}
    told = np.array([[0, 0], [0, 1], [1, 2], [3, 3]])
    data = prepare(rows, {("image", "text"): told})
    cpu = torch.device("cpu")
    same = PlainMap.of_weight(np.eye(4, dtype="f4"))
    heads = {view: TrainableHead(Features(data.preparation(view)), same, cpu) for view in rows}
    source = PairBatches(data, heads, 4, 1.0, generator(), cpu)
    (batch,) = source.draw(heads)
    assert int(batch.also_correct.sum()) == 2  # (0, 0) and (0, 1), each with the other's text
    assert len(batch.mapped[0]) == len(batch.mapped[1]) == 4
