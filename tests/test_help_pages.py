"""Pages of help: what they name must exist, and what names them; what they repeat must be so."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from worlds.help_pages import HELP, ROOT, blocks, commands

from workbench.alignment import methods
from workbench.project import Recipe
from workbench.project.runs.reports import REPORT

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


@pytest.fixture(scope="module")
def command_page():
    """Return the script that writes the page of the commands."""
    place = ROOT / "packaging" / "command_page.py"
    spec = importlib.util.spec_from_file_location("command_page", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_the_commands_has_every_command_and_option(command_page):
    page = command_page.PAGE.read_text(encoding="utf-8")
    # if not: python packaging/command_page.py
    assert page == command_page.in_step(page, command_page.declared())


def test_a_command_without_a_section_gets_one_and_a_stale_section_is_refused(command_page):
    every = command_page.declared()
    page = command_page.in_step("# Commands\n", {"runs": every["runs"]})
    assert page.startswith("# Commands\n\n### runs\n\nList runs with their figures;")
    assert "| `--rename RUN NAME` | Give a run another name. |" in page
    with pytest.raises(ValueError, match="“runs”"):
        command_page.in_step(page, {"scan": every["scan"]})


def test_the_page_of_formats_names_what_a_recipe_and_a_report_may_say():
    page = (HELP / "formats.md").read_text(encoding="utf-8")
    keys = {*Recipe.model_fields, *REPORT.json_schema()["properties"]} - {"difference"}  # not kept
    assert [key for key in sorted(keys) if key not in page] == []


_INLINE = re.compile(r"`gera-workbench ([a-z][a-z-]*+)(?! [0-9])([^`]*)`")  # not “… heads 1”


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_that_a_page_names_exist(page: Path, command_page):
    every = command_page.declared()
    text = page.read_text(encoding="utf-8")
    typed = [(name, shlex.split(rest)) for name, rest in _INLINE.findall(text)]
    for line in commands(page):
        if line.startswith("gera-workbench "):
            _, name, *rest = shlex.split(line)
            typed.append((name, rest))
    for name, rest in typed:
        assert name in every, name
        known = {option for each in every[name].params for option in each.opts} | {"--help"}
        assert [each for each in rest if each.startswith("--") and each not in known] == [], name


def test_the_index_has_every_page():
    index = HELP / "index.md"
    listed = _LINK.findall(index.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(page.name for page in HELP.glob("*.md") if page != index)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_begins_with_what_it_answers_and_has_no_html(page: Path):
    text = page.read_text(encoding="utf-8")
    title, first, *_ = text.split("\n\n")
    assert title.startswith("# ")
    assert "\n" not in title
    assert first[0].isalpha()
    plain = re.sub(r"`[^`\n]*`", "", text.replace("<!--", "").replace("-->", ""))
    for block in blocks(page):
        plain = plain.replace(block.text, "")
    assert re.findall(r"</?[a-z]+[ />]", plain) == []


def sentences_of_the_program() -> str:
    """Return the code with the parts of its sentences joined, and “…” for what is put into them."""
    sources = [*(ROOT / "workbench").rglob("*.py"), ROOT / "packaging" / "bootstrap.py"]
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    return re.sub(r"\{[^{}\n]*\}", "…", re.sub(r'"\s+f?"', "", code))


def test_sentences_of_troubleshooting_are_those_of_the_program():
    page = (HELP / "troubleshooting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \|$", page, re.MULTILINE)
    told = [row for row in rows if row != "it says"]
    known = sentences_of_the_program()
    assert [each for each in told if each not in known] == []
    assert len(told) > 30
