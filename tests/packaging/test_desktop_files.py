"""What desktops read of the program is well-formed, and says what pyproject.toml says."""

import configparser
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
ENTRY = ROOT / "resources" / "desktop" / "gera-workbench.desktop"
ABOUT = ROOT / "resources" / "desktop" / "gera-workbench.metainfo.xml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SPECIFIED = {"Type", "Name", "Exec", "Icon", "Terminal", "Categories", "StartupWMClass"}


@pytest.fixture
def entry():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(ENTRY, encoding="utf-8")
    return parser["Desktop Entry"]


@pytest.fixture
def about():
    return ElementTree.parse(ABOUT).getroot()  # noqa: S314 - our own file


def test_the_entry_starts_the_command_of_the_package(entry):
    assert entry.keys() >= SPECIFIED
    assert entry["Type"] == "Application"
    command, argument = entry["Exec"].split()
    assert [command] == list(PROJECT["scripts"]) == [PROJECT["name"]]
    assert argument == "window"
    assert entry["Categories"].endswith(";")
    assert set(PROJECT["keywords"]) & set(entry["Keywords"].split(";"))


def test_the_window_belongs_to_the_entry(entry):
    said = (ROOT / "workbench" / "gui" / "starting" / "application.py").read_text("utf-8")
    assert f'setDesktopFileName("{ENTRY.stem}")' in said
    assert entry["StartupWMClass"] == ENTRY.stem == entry["Icon"]


def test_the_description_agrees_with_the_package(about, entry):
    assert about.tag == "component"
    assert about.findtext("name") == entry["Name"]
    assert about.findtext("project_license") == PROJECT["license"]
    assert about.findtext("developer/name") == PROJECT["authors"][0]["name"]
    assert about.findtext("launchable") == ENTRY.name
    assert [each.text for each in about.iterfind("provides/binary")] == list(PROJECT["scripts"])
    newest = next(about.iterfind("releases/release"))
    assert newest.get("version") == PROJECT["version"]


@pytest.mark.parametrize(
    "command",
    [["desktop-file-validate", ENTRY], ["appstreamcli", "validate", "--no-net", ABOUT]],
    ids=lambda command: command[0],
)
def test_the_desktops_own_tools_find_no_fault(command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
