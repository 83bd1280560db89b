"""What the tests of commands stand on: a finished project, made once a file, and copied."""

import shutil

import pytest
from worlds.fakes import FakeShelf, three_runs


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with three runs, once; files that need another one make their own."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        return three_runs(tmp_path_factory.mktemp("finished")).root


@pytest.fixture
def project(tmp_path, finished):
    """Copy the finished project, to do with as a test likes."""
    return shutil.copytree(finished, tmp_path / "p")
