"""Pages of help and what cites them: a page, a heading or a file that is named must exist."""

import re
from pathlib import Path

import pytest

from workbench.alignment import methods

ROOT = Path(__file__).parents[1]
HELP = ROOT / "resources" / "help"
PAGES = sorted([*HELP.glob("*.md"), *ROOT.glob("*.md")])
SOURCES = sorted([*(ROOT / "workbench").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
# names of files in what is built by tests, or written for whoever gets heads
NOT_OURS = {"README.md"}

_NAMED = re.compile(r"\b([\w-]+\.md)\b")
_CITED = re.compile(r"\(([\w-]+\.md), ([^)]+)\)")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"`((?:workbench|resources|tests|packaging)/[\w./-]+)`")


def page_named(name: str) -> Path | None:
    return next((page for page in PAGES if page.name == name), None)


def headings(page: Path) -> set[str]:
    lines = page.read_text(encoding="utf-8").splitlines()
    return {line.lstrip("#").strip() for line in lines if line.startswith("#")}


def words(source: Path) -> str:
    """Return a file as one line: a citation may be broken over two."""
    return " ".join(source.read_text(encoding="utf-8").replace("#", " ").split())


def test_every_page_that_code_names_exists():
    named = {
        (source.relative_to(ROOT).as_posix(), name)
        for source in SOURCES
        if source != Path(__file__)
        for name in _NAMED.findall(words(source))
    }
    missing = sorted(each for each in named if each[1] not in NOT_OURS and not page_named(each[1]))
    assert missing == []


def test_every_heading_that_code_cites_exists():
    missing, cited = [], 0
    for source in SOURCES:
        for name, parts in _CITED.findall(words(source)):
            page = page_named(name)
            known = headings(page) if page else set()
            cited += 1
            missing += [(source.name, name, part) for part in parts.split(" and ")
                        if part not in known]  # fmt: skip
    assert missing == []
    assert cited > 10  # else the pattern finds nothing any more


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_paths_of_a_page_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    links = [(page.parent / link).resolve() for link in _LINK.findall(text)]
    paths = [ROOT / path for path in _PATH.findall(text)]
    assert [str(path) for path in links + paths if not path.exists()] == []


def defaults_told(title: str, page: str) -> dict[str, str]:
    """Return the settings and defaults of the first table after some words."""
    rows = page.split(title, 1)[1].split("|---|---|\n", 1)[1].split("\n\n", 1)[0].splitlines()
    cells = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]
    return dict(cells)


def in_words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def test_defaults_in_the_mathematics_are_those_of_the_settings():
    page = (HELP / "mathematics.md").read_text(encoding="utf-8")
    titles = ("Every method that trains has these", "Methods with InfoNCE", "GeRA has these")
    told: dict[str, str] = {}
    for title in titles:
        told |= defaults_told(title, page)
    (gera,) = (entry for entry in methods() if entry.name == "gera")
    assert told == {
        name: in_words(field.default) for name, field in gera.settings.model_fields.items()
    }
