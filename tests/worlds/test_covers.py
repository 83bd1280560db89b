from itertools import combinations, product

import pytest
from worlds.covers import cover

OPTIONS = "abcd", (0.1, 0.3, 2.0), (True, False), ("row", "symmetric")


@pytest.mark.parametrize(("strength", "at_most"), [(1, 4), (2, 12), (3, 26), (4, 48)])
def test_all_values_meet_in_few_cases(strength, at_most):
    cases = cover(*OPTIONS, strength=strength)
    assert len(cases) <= at_most
    for places in combinations(range(4), strength):
        met = {tuple(case[place] for place in places) for case in cases}
        assert met == set(product(*(OPTIONS[place] for place in places)))
    assert cases == cover(*OPTIONS, strength=strength)
