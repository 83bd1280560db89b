"""A regular expression that gives the key of a path, and can be stopped.

Patterns come with projects, and a short one may try the letters of one name for years. Python's own
engine holds the interpreter's lock meanwhile: no window moves, no Ctrl-C is seen. Its grammar is
what counts here, and the engine of the `regex` package follows it and knows a time limit.
"""

import re
from collections.abc import Sequence
from math import prod
from typing import Any

from workbench.errors import WorkbenchError

_PLAIN_NAME = 300  # letters
_QUICK_SECONDS = 0.01  # with the interpreter's lock, as letting go of it costs more than a match
_SECONDS = 1.0
_LONGEST = 1000  # letters
_MOST_REPEATED = 100_000  # parts, which the engine writes out before it begins
_NO_KEY = "no key: the pattern does not match"
_COUNT = re.compile(r"(\)\s*)?\{\s*([0-9]+)")


class EndlessPatternError(WorkbenchError):
    """A pattern takes too long for a name, and will for others."""


def complaint_about(pattern: str) -> str:
    """Say what is wrong with a pattern for keys, as the rest of a sentence; else nothing."""
    if len(pattern) > _LONGEST:
        return f"has more than {_LONGEST:,} letters"
    try:
        compiled = re.compile(pattern, re.DOTALL)
    except (re.error, OverflowError) as error:
        return f"is not a regular expression: {error}"
    except RecursionError:
        return "is not a regular expression: its parentheses are nested too deeply"
    if compiled.groups < 1:
        return "has no group"
    if _written_out(pattern, bool(compiled.flags & re.VERBOSE)) > _MOST_REPEATED:
        return "repeats its parts too often: make the numbers in braces smaller"
    return ""


def tried(pattern: str, names: Sequence[str], most: int = 3) -> str:
    """Say which keys a pattern gives the first of some paths: “a/dog_fr.ogg → dog”.

    Those that it does not match come first: they are what is to be mended.
    """
    if complaint_about(pattern):
        return ""
    matcher = KeyPattern(pattern)
    try:
        found = [(name, matcher.key_of(name, patiently=False)) for name in names]
    except EndlessPatternError as error:
        return str(error)
    shown = sorted(found, key=lambda each: bool(each[1]))[:most]
    return "\n".join(f"{name} → {key or _NO_KEY}" for name, key in shown)


class KeyPattern:
    """A pattern whose first group is the key.

    Parameters
    ----------
    pattern : str
        One that `complaint_about` says nothing of.
    """

    def __init__(self, pattern: str) -> None:
        import regex

        self._pattern = pattern
        # names may hold a newline
        self._plain = re.compile(pattern, re.DOTALL) if _is_plain(pattern) else None
        self._compiled = regex.compile(pattern, regex.DOTALL)

    def key_of(self, name: str, *, patiently: bool = True) -> str:
        """Return the key of a whole name; of one that does not match, or has none, nothing.

        Parameters
        ----------
        name : str
        patiently : bool
            Whether to try for longer than a window may wait.

        Raises
        ------
        EndlessPatternError
        """
        match: Any
        try:
            if self._plain and len(name) <= _PLAIN_NAME:
                match = self._plain.fullmatch(name)
            else:
                match = self._compiled.fullmatch(name, timeout=_QUICK_SECONDS)
        except TimeoutError:
            if not patiently:
                raise self._endless(name, _QUICK_SECONDS) from None
            match = self._patiently(name)
        return (match[1] or "") if match else ""

    def _patiently(self, name: str) -> Any:
        try:
            return self._compiled.fullmatch(name, timeout=_SECONDS, concurrent=True)
        except TimeoutError:
            raise self._endless(name, _SECONDS) from None

    def _endless(self, name: str, seconds: float) -> EndlessPatternError:
        return EndlessPatternError(
            f"The key pattern “{self._pattern}” has not found out within {seconds:g} s "
            f"whether “{name[:80]}” matches. Such a pattern repeats what is repeated already, "
            "as in “(a+)+”: write it more simply."
        )


def _is_plain(pattern: str) -> bool:
    """Whether at most two parts repeat, nothing around them does, and there are few choices.

    Python's engine then takes a million steps at most, and no time limit, which costs more than the
    match of a usual pattern.
    """
    repeats = sum(pattern.count(sign) for sign in "*+{")
    choices = sum(pattern.count(sign) for sign in "?|")
    return repeats <= 2 and choices <= 3 and not re.search(r"\)\s*[*+{]|\\[1-9]|\(\?P=", pattern)


def _written_out(pattern: str, is_spaced: bool) -> int:
    """Return about how many parts a pattern has when what it repeats is written out."""
    counts = [(bool(group), int(count)) for group, count in _COUNT.findall(pattern)]
    # with blanks and remarks in it, a pattern does not show what a count belongs to
    nested = prod(count for of_group, count in counts if of_group or is_spaced)
    return max(1, nested) * (len(pattern) + sum(count for of_group, count in counts))
