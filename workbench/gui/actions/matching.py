"""Find what was meant by a few letters: “exp sel” finds “Export the selection as CSV”."""

import re
from dataclasses import dataclass

_WHOLE, _BEGINNING, _WITHIN, _SCATTERED = 8.0, 6.0, 3.0, 1.0
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Match:
    """How well words are what was meant.

    Attributes
    ----------
    score : float
        More is better.
    letters : tuple of int
        Which letters of the words were typed.
    """

    score: float
    letters: tuple[int, ...]


def match(typed: str, words: str, also: str = "") -> Match | None:
    """Tell whether every part of what was typed is found, and how well.

    A part is, from best to worst: a word, the beginning of one, letters in a row, or letters in
    their order, of which the first begins a word.

    Parameters
    ----------
    typed : str
        Parts with blanks between them, in any order.
    words : str
        What is shown.
    also : str
        Other words it is known by, of which each match counts half.
    """
    score, letters = 0.0, set[int]()
    for part in typed.casefold().split():
        found = _part(part, words)
        if found is not None:
            score += found.score
            letters |= set(found.letters)
            continue
        elsewhere = _part(part, also)
        if elsewhere is None:
            return None
        score += elsewhere.score / 2
    # of two that match alike, the one that says less beside it
    return Match(score - len(words) / 1000, tuple(sorted(letters)))


def _part(part: str, words: str) -> Match | None:
    # a letter that becomes two, such as ß, would move all places behind it
    folded = "".join(each.casefold() if len(each.casefold()) == 1 else each for each in words)
    beginnings = [each.start() for each in _WORD.finditer(folded)]
    ends = {each.end() for each in _WORD.finditer(folded)}
    for start in beginnings:
        if folded.startswith(part, start):
            value = _WHOLE if start + len(part) in ends else _BEGINNING
            # earlier words are more what it is about
            return Match(value - start / 200, tuple(range(start, start + len(part))))
    start = folded.find(part)
    if start >= 0:
        return Match(_WITHIN, tuple(range(start, start + len(part))))
    return next((found for at in beginnings if (found := _scattered(part, folded, at))), None)


def _scattered(part: str, folded: str, start: int) -> Match | None:
    """Find letters in their order, of which each begins a word or follows the one before."""
    if not folded.startswith(part[0], start):
        return None
    letters, at = [start], start
    for letter in part[1:]:
        if folded.startswith(letter, at + 1):
            at += 1
        else:
            at = _next_beginning(letter, folded, at + 1)
            if at < 0:
                return None
        letters.append(at)
    return Match(_SCATTERED, tuple(letters))


def _next_beginning(letter: str, folded: str, after: int) -> int:
    starts = (each.start() for each in _WORD.finditer(folded))
    return next((at for at in starts if at >= after and folded[at] == letter), -1)
