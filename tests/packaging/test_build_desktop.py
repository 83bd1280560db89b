"""packaging/build_desktop.py and its recipe: what they name must exist. Nothing is built here."""

import ast
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "packaging" / "build_desktop.py"
RECIPE = ROOT / "packaging" / "desktop" / "workbench.spec"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


@pytest.fixture
def build_desktop():
    spec = importlib.util.spec_from_file_location("build_desktop", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def recipe():
    """Return the constants of the recipe by name."""
    told = {}
    for line in ast.parse(RECIPE.read_text("utf-8")).body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            try:
                told[line.targets[0].id] = ast.literal_eval(line.value)
            except ValueError:
                continue
    return told


def modules_of(extra):
    return {each.partition(">")[0].removesuffix("-dist").replace("-", "_") for each in extra}


def test_the_sample_and_the_bundled_encoders_are_in_it(recipe):
    named = {each.removesuffix("_dist") for each in recipe["DATA"]}
    assert named == modules_of(EXTRAS["sample"])


def test_all_that_it_names_is_there(recipe):
    named = {*recipe["DATA"], *recipe["AS_THEY_ARE"], *recipe["WITH_SOURCE"]}
    assert [each for each in sorted(named) if importlib.util.find_spec(each) is None] == []
    optional = set().union(*(modules_of(EXTRAS[each]) for each in ("onnx", "av", "heif", "sound")))
    assert set(recipe["OPTIONAL"]) == optional


def test_nothing_that_is_needed_is_left_out(recipe):
    assert modules_of(PROJECT["dependencies"]) & set(recipe["NOT_WANTED"]) == set()
    assert recipe["NOT_WANTED"]


def test_icons_are_drawn_for_windows_and_macos(build_desktop, tmp_path):
    build_desktop.draw_icons(tmp_path)
    with Image.open(tmp_path / "workbench.ico") as icon:
        assert icon.info["sizes"] == {(size, size) for size in build_desktop.SIZES}
    with Image.open(tmp_path / "workbench.icns") as icon:
        assert max(icon.info["sizes"])[0] >= 256


def test_what_is_not_installed_is_named(build_desktop, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["build_desktop.py"])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert build_desktop.main() == 1
    assert "pip install pyinstaller" in capsys.readouterr().out


def test_a_build_that_fails_is_a_sentence(build_desktop, monkeypatch, capsys, tmp_path):
    def fail(command, **_):
        raise subprocess.CalledProcessError(3, command)

    monkeypatch.setattr(sys, "argv", ["build_desktop.py", "--to", str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(build_desktop.subprocess, "run", fail)
    assert build_desktop.main() == 1
    assert "PyInstaller ended with code 3" in capsys.readouterr().out


def test_links_are_not_counted_twice(build_desktop, tmp_path):
    (tmp_path / "library").write_bytes(b"x" * 100)
    (tmp_path / "again").symlink_to("library")
    assert build_desktop.folder_size(tmp_path) == 100
