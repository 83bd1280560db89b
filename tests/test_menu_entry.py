"""The entry in the desktop's menu: written, replaced, and taken away, in the user's own folders."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench import menu_entry

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other desktops have no such entry")


@pytest.fixture
def share(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def command_in(entry):
    """Return the command of an entry as a desktop reads it."""
    (line,) = [each for each in entry.read_text().splitlines() if each.startswith("Exec=")]
    value = line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%")
    # quotes in an entry are those of a shell
    printed = subprocess.run(["/bin/sh", "-c", f"printf '%s\\n' {value}"], capture_output=True,
                             text=True, check=True)  # fmt: skip
    return printed.stdout.splitlines()


def test_it_is_written_and_taken_away(share, gera):
    code, out, _ = gera("menu-entry")
    written = [Path(line.removeprefix("Written: ")) for line in out.splitlines()]
    assert code == 0
    assert [path.relative_to(share).parts[0] for path in written] == [
        "applications", "icons", "metainfo",
    ]  # fmt: skip
    program, *arguments = command_in(written[0])
    assert Path(program).is_absolute()
    assert Path(program).exists()
    assert arguments[-1] == "window"
    assert "Icon=gera-workbench\n" in written[0].read_text()
    assert gera("menu-entry")[0] == 0  # once more
    code, out, _ = gera("menu-entry", "--remove")
    assert out.count("Removed: ") == 3
    assert not any(path.is_file() for path in share.rglob("*"))
    assert "no menu entry" in gera("menu-entry", "--remove")[1]


@pytest.mark.parametrize("folder", ["my programs", 'a "b" `c` $d', "100%", "back\\slash"])
def test_a_path_of_any_kind_is_read_as_it_is(share, folder, monkeypatch):
    program = f"/opt/{folder}/gera-workbench"
    monkeypatch.setattr(menu_entry, "_program", lambda: [program])
    entry = menu_entry.add_menu_entry()[0]
    assert command_in(entry) == [program, "window"]


def test_a_built_program_names_itself(share, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/gera/gera-workbench")
    assert command_in(menu_entry.add_menu_entry()[0]) == ["/opt/gera/gera-workbench", "window"]


def test_elsewhere_it_is_a_sentence(monkeypatch, gera):
    monkeypatch.setattr(sys, "platform", "darwin")
    code, _, err = gera("menu-entry")
    assert code == 2
    assert "Linux only" in err
