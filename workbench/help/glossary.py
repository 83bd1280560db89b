"""What words mean, as `resources/help/glossary.md` says it: the one place that does."""

import re
from functools import cache

from workbench.help.pages import page, without_markup

_ROW = re.compile(r"^\| (.+?) \| (.+?) \|$", re.MULTILINE)
_NOT_USED = "Words that are not used"
_PARTS = re.compile(r", | / ")


@cache
def meanings() -> dict[str, str]:
    """Return what each word means, in a sentence or two, by the word in small letters.

    A row for several words, such as “R@1, R@5, R@10”, is there under each.
    """
    found: dict[str, str] = {}
    for section in page("glossary").sections:
        if section.title == _NOT_USED:
            continue
        for words, meaning in _ROW.findall(section.text):
            if words == "word":
                continue
            for word in _words_of(without_markup(words)):
                found.setdefault(word.casefold(), without_markup(meaning))
    return found


def meaning(words: str) -> str:
    """Return what a word on a label means; nothing where the glossary has it not.

    Parameters
    ----------
    words : str
        As it stands there: “Held-out pairs”, “Distortion:”, “Runs”.
    """
    word = words.strip().rstrip(":…").casefold()
    known = meanings()
    for each in (word, word.removesuffix("s"), word.removesuffix("es")):
        if each in known:
            return known[each]
    return ""


def _words_of(row: str) -> list[str]:
    """Return the words of a row: “training, validation, test pairs” are three sorts of pairs."""
    parts = _PARTS.split(row)
    last = parts[-1].split(" ")
    if len(parts) > 1 and len(last) == 2:
        return [*(f"{part} {last[1]}" for part in parts[:-1]), parts[-1]]
    if len(parts) == 1 and len(last) == 2 and len(last[1]) == 1:
        return [row, last[0], last[1]]  # “temperature τ”
    return parts
