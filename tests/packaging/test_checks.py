"""What is checked before a change lands stands in several places; they must say the same."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_commit_hooks_are_the_quick_checks():
    checks = re.findall(r'^check "([^"]+)" (\.venv/.+)$', text_of(".ci/run"), re.MULTILINE)
    hooks = re.findall(r"^ +name: (.+)\n +entry: (.+)$", text_of(".pre-commit-config.yaml"),
                       re.MULTILINE)  # fmt: skip
    # a hook is given the files of the commit in place of all
    assert hooks == [(name, command.removesuffix(" .")) for name, command in checks]
    assert len(hooks) == 4


def test_commit_hooks_fetch_nothing():
    config = text_of(".pre-commit-config.yaml")
    assert re.findall(r"repo: (.+)", config) == ["local"]
    languages = re.findall(r"language: (.+)", config)
    assert set(languages) == {"system"}
    assert len(languages) == len(re.findall(r"- id:", config))


def test_floors_told_are_those_of_the_contract():
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (floors,) = (each["layers"] for each in contracts if each["type"] == "layers")
    page = text_of("resources/help/architecture.md")
    section = page.split("## The floors", 1)[1]
    assert section.split("```\n")[1].splitlines() == floors


def test_the_source_archive_holds_what_the_readme_links_to():
    archive = tomllib.loads(text_of("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["sdist"]
    linked = {link.split("/")[0] for link in re.findall(r"\]\(([^)#:]+)\)", text_of("README.md"))}
    assert linked - set(archive["include"]) == set()
    assert "CONTRIBUTING.md" in linked
