"""What every test stands on: no display, no network, and nothing of the user's own settings."""

import os
import sys

# Before Qt, torch and the model libraries are imported: they read these once.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# What tests compute is so small that a second thread doubles what it costs; two workers fill two
# cores. What more threads could change is tested with more threads: equality to the bit.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Output is compared as text: no colours, also where a CI service asks for them.
os.environ["NO_COLOR"] = "1"
os.environ.pop("FORCE_COLOR", None)
os.environ.pop("PY_COLORS", None)
os.environ.pop("CLICOLOR_FORCE", None)
os.environ.pop("GITHUB_ACTIONS", None)
os.environ.pop("COLUMNS", None)  # workers have it, and whoever prints a table reads it once
# Where nobody keeps bytecode, each child process compiles the whole program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import gc
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

sys.dont_write_bytecode = False  # of this process either
gc.disable()  # until all tests are collected: what they import is no garbage

# The same examples in every run, and no time asserted of a machine that others use as well. To
# look for new ones: pytest --hypothesis-profile default
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")

# The files that take longest, longest first: begun last, one worker would be at one while the other
# is idle. CPU seconds of a file are told by `--durations=0` about as well as is needed.
DEAREST = (
    "road/test_window.py", "road/test_command_line.py", "gui/training/test_steering.py",
    "alignment/test_diagnoses.py", "reliability/test_faults.py", "test_help_runs.py",
    "alignment/test_methods.py", "gui/pages/test_train_page.py",
    "encoders/test_loading_from_hub.py", "stations/training/test_align.py",
    "reliability/test_traps.py", "alignment/test_trainer.py",
    "alignment/test_resume.py", "gui/comparing/test_compare_view.py", "gui/frame/test_window.py",
    "gui/training/runs/test_runs_card.py", "gui/exploring/test_hostile.py", "cli/test_cli.py",
    "reliability/test_align_killed.py", "reliability/test_poor_machines.py",
    "reliability/test_crashes.py", "reliability/test_at_once.py", "alignment/test_known_truth.py",
    "alignment/test_transport_term.py", "stations/encoding/test_prefetch.py",
    "gui/exploring/query/test_questions.py", "gui/exploring/test_of_each_project.py",
)  # fmt: skip

HOMES = ("HOME", "USERPROFILE")
FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA")


def pytest_collection_modifyitems(items):
    """Let the tests that take longest be first, file by file, for whoever shares them out."""
    tests = Path(__file__).parent
    place = {tests / name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish():
    """Search for garbage from here on, but never again in half a million objects of libraries."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _home(tmp_path_factory):
    """Let no test read or write the user's home."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in HOMES:
            patch.setenv(name, str(home))
        for name in FOLDERS:
            patch.setenv(name, str(home / name.lower()))
        yield home


@pytest.fixture(autouse=True)
def _an_empty_home(_home: Path):
    """Leave nothing at home for the next test."""
    yield
    for each in _home.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()


@pytest.fixture(scope="session")
def copied(tmp_path_factory):
    """Return how to have a copy of a world that is made only once."""
    from worlds.copies import copy_world

    made = {}

    def copy(make, into):
        """Call `make` with a folder if nobody has yet; return a copy of its project in `into`."""
        if make not in made:
            folder = tmp_path_factory.mktemp("made")
            make(folder)
            made[make] = folder
        return copy_world(made[make], into)

    return copy


@pytest.fixture
def shelf(monkeypatch):
    """Let encoders cost nothing and know the truth; return the shelf, which knows what it lent."""
    from worlds.fakes import FakeShelf

    return FakeShelf().put(monkeypatch)


@pytest.fixture
def shelf_of_kinds(monkeypatch):
    """Do so with encoders to which all things of a kind are nearly the same."""
    from worlds.kinds import ShelfOfKinds

    return ShelfOfKinds().put(monkeypatch)


@pytest.fixture(scope="module")
def of_kinds(tmp_path_factory):
    """Make a project of three kinds with a good and a poor run, once for a file of tests."""
    from worlds.kinds import ShelfOfKinds, project_of_kinds

    with pytest.MonkeyPatch.context() as monkeypatch:
        ShelfOfKinds().put(monkeypatch)
        return project_of_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture
def gera(monkeypatch, capfd):
    """Call the program in this process; return exit code, standard output and error."""
    from workbench.__main__ import main

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["gera-workbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        return end.value.code or 0, out, err

    return call
