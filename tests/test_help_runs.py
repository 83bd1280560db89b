"""What README and help tell a reader to type is typed here: commands, snippets, files."""

import json
import shutil
import tomllib
from importlib import metadata

import pytest
from worlds import help_pages
from worlds.help_pages import (
    HELP,
    NOT_RUN,
    PAGES,
    README,
    blocks,
    call,
    commands,
    commands_of,
    why_not_run,
)

from workbench.alignment.methods import plugins as method_plugins
from workbench.encoders.lists import plugins as encoder_plugins
from workbench.project import Run, read_settings
from workbench.stations.studies.design import read_design

LANGUAGES = {"", "sh", "python", "toml", "json"}
OTHERWISE = (README, HELP / "plugins.md")  # all others begin with it; its snippets are two packages
RUN = [page for page in PAGES if page not in OTHERWISE and blocks(page, "sh", "python")]


def follow(page, home):
    """Type the commands and run the snippets of a page, in its order."""
    names = {"__name__": page.stem}
    for block in blocks(page, "sh", "python"):
        if block.language == "python":
            code = compile(block.text, f"{page.name}, line {block.line}", "exec")
            exec(code, names)  # noqa: S102 - it is our own page
            continue
        for command in commands_of(block):
            if why_not_run(command) is None:
                code, _, told = call(command, home)
                assert code == 0, f"{page.name}: {command}\n{told}"


@pytest.fixture(scope="module")
def toured(tmp_path_factory):
    """Return a home in which somebody has followed the README."""
    home = tmp_path_factory.mktemp("toured")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [])
        help_pages.small_world(patch)
        help_pages.furnish(home)
        patch.chdir(home)
        follow(README, home)
    return home


@pytest.fixture
def home(toured, tmp_path, monkeypatch):
    """Return a home of one's own where the README was followed, and go there."""
    monkeypatch.setattr("sys.argv", [])
    help_pages.small_world(monkeypatch)
    own = tmp_path / "home"
    shutil.copytree(toured, own)
    monkeypatch.chdir(own)
    return own


def test_the_readme_does_what_it_says(home):
    for made in ("emoji/runs/first", "emoji/runs/second", "emoji-heads/vectors", "mine/runs/gera"):
        assert (home / made).is_dir(), made


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_what_a_page_says_can_be_done(page, home):
    follow(page, home)


def test_what_is_not_run_is_still_there_and_few():
    every = [command for page in PAGES for command in commands(page)]
    for beginning in NOT_RUN:
        assert any(command.startswith(beginning) for command in every), beginning
    ours = [each for each in every if each.startswith("gera-workbench")]
    assert sum(why_not_run(each) is None for each in ours) > 0.85 * len(ours)


def test_blocks_are_of_languages_that_are_tried():
    for page in PAGES:
        for block in blocks(page):
            assert block.language in LANGUAGES, (page.name, block.line)
            if not block.language:  # figures and formulas; commands would hide there
                assert "gera-workbench " not in block.text, (page.name, block.line)


def test_files_that_are_shown_can_be_read(tmp_path):
    for page in PAGES:
        for block in blocks(page, "toml", "json"):
            for name in ("recipe.json", "project.toml", "study.toml"):
                (tmp_path / name).write_text(block.text)
            if block.language == "json":
                assert Run(tmp_path).recipe().method == json.loads(block.text)["method"]
            elif "entry-points" in block.text:
                (group,) = tomllib.loads(block.text)["project"]["entry-points"]
                assert group in (encoder_plugins.GROUP, method_plugins.GROUP)
            elif "[[grid]]" in block.text:
                assert read_design(tmp_path / "study.toml").title
            else:
                assert read_settings(tmp_path / "project.toml").sources


def test_the_plug_ins_of_the_page_work(home, monkeypatch):
    page = HELP / "plugins.md"
    for name, block in zip(("letters", "leastsquares"), blocks(page, "python"), strict=True):
        (home / f"{name}.py").write_text(block.text)
    offers = [
        tomllib.loads(block.text)["project"]["entry-points"] for block in blocks(page, "toml")
    ]
    points = {
        group: [metadata.EntryPoint(name, place, group) for name, place in offer.items()]
        for each in offers
        for group, offer in each.items()
    }
    monkeypatch.syspath_prepend(home)
    monkeypatch.setattr(metadata, "entry_points", lambda group: points[group])
    loaders = encoder_plugins._load, method_plugins._load
    for load in loaders:
        load.cache_clear()
    try:
        for command in (
            "gera-workbench encode ~/emoji text=letters/counts",
            "gera-workbench align ~/emoji --method least-squares --set penalty=0.5 --words off",
        ):
            code, _, told = call(command, home)
            assert code == 0, told
    finally:
        for load in loaders:
            load.cache_clear()
    assert (home / "emoji" / "runs" / "least-squares" / "heads.safetensors").exists()
