"""The pages of `resources/help`, and what stands under which heading."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbench.assets import resource
from workbench.errors import WorkbenchError

_HEADING = re.compile(r"(#{1,4}) +(.+?) *#*")
_FENCE = "```"
_ROW = re.compile(r"\| \[([\w-]+)\.md\]\([\w-]+\.md\) \| (.+?) \|")
_MARKUP = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|^\|(?:-+\|)+$|^```.*$|^#+ |^ *- |<!--.*?-->|^\| | \|$|[*`]",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next one.

    Attributes
    ----------
    title : str
    anchor : str
        As a link names it: “One selection” is ``one-selection``. Empty for the page's own title.
    text : str
        Markdown without the heading.
    """

    title: str
    anchor: str
    text: str

    def words(self) -> str:
        """Return the text without marks of Markdown, on one line."""
        return " ".join(without_markup(self.text).split())


@dataclass(frozen=True)
class Page:
    """A page of help.

    Attributes
    ----------
    name : str
        Of its file, without ``.md``.
    answers : str
        What it answers, in a line; empty for the index.
    group : str
        Under which heading the index lists it.
    path : Path
    """

    name: str
    answers: str
    group: str
    path: Path

    @property
    def text(self) -> str:
        """The page, in Markdown."""
        return _read(self.path)

    @property
    def title(self) -> str:
        """Its heading."""
        return self.sections[0].title

    @property
    def sections(self) -> tuple[Section, ...]:
        """What it consists of, in its order; the first is under the page's title."""
        return _sections(self.text)


@cache
def pages() -> tuple[Page, ...]:
    """Return all pages in the order of the index, which is the first.

    Raises
    ------
    WorkbenchError
        They are no part of this installation.
    """
    try:
        index = resource("help", "index.md")
    except FileNotFoundError as error:
        raise WorkbenchError(f"{error} Install the program again.") from None
    found = [Page("index", "", "", index)]
    for section in found[0].sections:
        found += [
            Page(name, answers, section.title, index.with_name(f"{name}.md"))
            for name, answers in _ROW.findall(section.text)
        ]
    return tuple(found)


def page(name: str) -> Page:
    """Return a page by its name.

    Raises
    ------
    WorkbenchError
        There is no such page.
    """
    found = next((each for each in pages() if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in pages())
        raise WorkbenchError(f"There is no page of help called “{name}”. Pages: {names}.")
    return found


def anchor_of(title: str) -> str:
    """Return how a link names a heading, as the usual readers of Markdown do."""
    return re.sub(r"[^\w -]", "", without_markup(title)).strip().lower().replace(" ", "-")


def without_markup(text: str) -> str:
    """Return Markdown as it is read."""
    return _MARKUP.sub(lambda found: found.group(1) or "", text).replace(" | ", " · ")


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _sections(text: str) -> tuple[Section, ...]:
    found: list[tuple[str, list[str]]] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith(_FENCE)
        heading = None if in_code else _HEADING.fullmatch(line)
        if heading is not None:
            found.append((heading.group(2), []))
        elif found:
            found[-1][1].append(line)
    return tuple(
        Section(without_markup(title), anchor_of(title) if number else "", "\n".join(lines).strip())
        for number, (title, lines) in enumerate(found)
    )
