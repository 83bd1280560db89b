import pwd
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.home import cache_folder, expanded, home, home_or_root, settings_folder


@pytest.fixture
def homeless(monkeypatch):
    """Let the system know neither a home nor the user."""

    def nobody(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_a_user_with_a_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert home() == home_or_root() == expanded("~") == tmp_path
    assert tmp_path in settings_folder().parents
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert tmp_path in cache_folder().parents


def test_a_user_without_a_home(homeless):
    with pytest.raises(WorkbenchError, match="set HOME"):
        home()
    assert home_or_root() == Path("/")
    assert expanded("~/x") == Path("~/x")
    assert settings_folder() is None
    assert cache_folder() is None


def test_a_home_that_is_no_absolute_path_is_none(homeless, monkeypatch):
    monkeypatch.setenv("HOME", "project")
    with pytest.raises(WorkbenchError):
        home()
    assert settings_folder() is None


def test_commands_without_a_home(homeless, gera, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    assert gera("new", tmp_path / "project", "--text", tmp_path / "texts")[0] == 0
    assert gera("encoders", "image")[0] == 0
    code, _, err = gera("tour")
    assert (code, "set HOME" in err) == (2, True)
