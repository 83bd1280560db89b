"""Search in the pages of help, section by section."""

import math
import re
from dataclasses import dataclass
from functools import cache

from workbench.help.pages import Page, Section, pages

_WORD = re.compile(r"\w+")
_SPELT = str.maketrans({"α": " alpha ", "τ": " tau ", "σ": " sigma "})
_IN_TITLE, _IN_PAGE_TITLE = 4.0, 2.0
_BEGUN = 0.5  # of what a whole word counts, where only its beginning was typed
_AROUND = 70  # letters of what is quoted, before and after
_MOST = 40


@dataclass(frozen=True)
class Hit:
    """A section that holds all words.

    Attributes
    ----------
    page : Page
    section : Section
    score : float
        More is better.
    quote : str
        What stands around the first of the words.
    """

    page: Page
    section: Section
    score: float
    quote: str


def search(words: str) -> list[Hit]:
    """Return the sections in which every word is, or begins a word, the best first.

    A word counts more in a heading, and the rarer it is; at most 40 are returned.

    Parameters
    ----------
    words : str
        Upper and lower case are alike.
    """
    wanted = _words(words)
    if not wanted:
        return []
    texts = _texts()
    share = [_rarity(word, texts) for word in wanted]
    hits = []
    for text in texts:
        scores = [text.score(word) for word in wanted]
        if all(scores):
            score = sum(each * rare for each, rare in zip(scores, share, strict=True))
            hits.append(Hit(text.page, text.section, score, _quote(text.section, wanted)))
    return sorted(hits, key=lambda hit: -hit.score)[:_MOST]


@dataclass(frozen=True)
class _Text:
    """The words of a section, and how often each is there."""

    page: Page
    section: Section
    title: tuple[str, ...]
    page_title: tuple[str, ...]
    counts: dict[str, int]

    def score(self, word: str) -> float:
        """Return how much a section is about a word: 0 where it is not there."""
        inside = self.counts.get(word, 0) + _BEGUN * sum(
            count for each, count in self.counts.items() if each != word and each.startswith(word)
        )
        found = math.log1p(inside)
        for title, weight in ((self.title, _IN_TITLE), (self.page_title, _IN_PAGE_TITLE)):
            if word in title:
                found += weight
            elif any(each.startswith(word) for each in title):
                found += weight * _BEGUN
        return found


@cache
def _texts() -> tuple[_Text, ...]:
    found = []
    for page in pages():
        page_title = tuple(_words(f"{page.name} {page.title} {page.answers}"))
        for section in page.sections:
            counts: dict[str, int] = {}
            for word in _words(section.words()):
                counts[word] = counts.get(word, 0) + 1
            title = tuple(_words(section.title))
            found.append(_Text(page, section, title, page_title, counts))
    return tuple(found)


def _words(text: str) -> list[str]:
    """Return the words of a text; Greek letters are also found by their names."""
    return _WORD.findall(text.casefold().translate(_SPELT))


def _rarity(word: str, texts: tuple[_Text, ...]) -> float:
    """Return how much a word tells sections apart: the logarithm of the share that has it."""
    having = sum(1 for text in texts if text.score(word))
    return math.log1p(len(texts) / (1 + having))


def _quote(section: Section, wanted: list[str]) -> str:
    words = section.words()
    folded = words.lower()  # of the same length, unlike casefold
    found = [re.search(rf"\b{re.escape(word)}", folded) for word in wanted]
    at = min((each.start() for each in found if each is not None), default=0)
    begin = words.rfind(" ", 0, max(at - _AROUND, 0)) + 1 if at > _AROUND else 0
    end = len(words) if len(words) - at < _AROUND else words.find(" ", at + _AROUND)
    end = len(words) if end < 0 else end
    return f"{'… ' if begin else ''}{words[begin:end]}{' …' if end < len(words) else ''}"
