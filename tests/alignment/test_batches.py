import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.alignment.batches import PairLookup, draw


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
