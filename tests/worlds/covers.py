"""Few cases out of a product of options, in which all options still meet each other."""

from itertools import combinations, product


def cover(*options, strength=2):
    """Choose cases in which every `strength` values of different options occur together.

    Greedy: each case is the first of those in the product that bring most of what is missing.

    Parameters
    ----------
    *options : iterable
        The values of each option. Their product is walked once a case: for some hundreds of it.
    strength : int
        2: every two values meet, 3: every three.

    Returns
    -------
    list of tuple
        One value of each option; always the same for the same options.
    """
    options = [list(values) for values in options]
    cases = list(product(*(range(len(values)) for values in options)))
    places = list(combinations(range(len(options)), min(strength, len(options))))
    meetings = {case: {(at, tuple(case[k] for k in at)) for at in places} for case in cases}
    missing = set().union(*meetings.values())
    chosen = []
    while missing:
        case = max(cases, key=lambda each: len(meetings[each] & missing))
        missing -= meetings[case]
        chosen.append(tuple(values[k] for values, k in zip(options, case, strict=True)))
    return chosen
