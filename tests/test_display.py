"""Where no window can be shown the program says so, and does not end in a core dump."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import display
from workbench.errors import WorkbenchError

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is without")


@linux
@pytest.mark.parametrize("named", ["", ":98765", "nonsense", ":x", "localhost:60000"])
def test_no_display_is_a_sentence_and_exit_code_2(named):
    without = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    environment = {name: value for name, value in os.environ.items() if name not in without}
    if named:
        environment["DISPLAY"] = named
    with pytest.raises(WorkbenchError, match="no window can be shown") as caught:
        display.refuse_without_display(environment)
    assert named in str(caught.value)
    assert "gera-workbench tour" in str(caught.value)
    if named == "":
        done = subprocess.run(
            [sys.executable, "-m", "workbench"], env=environment, capture_output=True, text=True,
            timeout=120, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.startswith("gera-workbench: No display was found")


@linux
def test_a_display_that_answers_is_taken(tmp_path, monkeypatch):
    place = tmp_path / "X7"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(place))
        server.listen()
        monkeypatch.setattr(display, "_SOCKETS", str(tmp_path / "X{}"))
        monkeypatch.setattr(display, "_loads", lambda name: True)
        display.refuse_without_display({"DISPLAY": ":7.0"})
        monkeypatch.setattr(display, "_loads", lambda name: "cursor" not in name)
        with pytest.raises(WorkbenchError, match=r"misses system libraries: libxcb-cursor\.so\.0"):
            display.refuse_without_display({"DISPLAY": ":7"})


def test_where_a_platform_is_asked_for_nothing_is_looked_at():
    display.refuse_without_display({"QT_QPA_PLATFORM": "offscreen"})
    display.refuse_without_display({"WAYLAND_DISPLAY": "wayland-0"})
