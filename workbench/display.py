"""Whether a window can be shown at all: Qt ends the program with a core dump where it cannot."""

import ctypes
import os
import socket
import sys
from collections.abc import Mapping

from workbench.errors import WorkbenchError

_WAY_OUT = (
    "Use the commands (gera-workbench --help), or walk the sample without a display: "
    "gera-workbench tour."
)
_NEEDED = ("libxcb-cursor.so.0", "libxkbcommon-x11.so.0", "libxcb-icccm.so.4")
_SOCKETS = "/tmp/.X11-unix/X{}"  # noqa: S108 - where X servers have theirs
_FIRST_PORT = 6000  # of X servers of other machines
_SECONDS = 3.0


def refuse_without_display(environment: Mapping[str, str] = os.environ) -> None:
    """Raise a sentence where Qt would find no display; only Linux is ever without one.

    Raises
    ------
    WorkbenchError
        There is no display, it does not answer, or a library that Qt needs for it is missing.
    """
    if not sys.platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return
    if environment.get("WAYLAND_DISPLAY"):
        return
    display = environment.get("DISPLAY", "")
    if not display:
        raise WorkbenchError(f"No display was found, so no window can be shown. {_WAY_OUT}")
    if not _answers(display):
        raise WorkbenchError(
            f"The display {display} does not answer, so no window can be shown. {_WAY_OUT}"
        )
    missing = [name for name in _NEEDED if not _loads(name)]
    if missing:
        raise WorkbenchError(
            f"Qt, which draws the window, misses system libraries: {', '.join(missing)}. On "
            "Debian and Ubuntu: apt-get install libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4. "
            f"{_WAY_OUT}"
        )


def _answers(display: str) -> bool:
    """Whether an X server listens where DISPLAY says, such as ``:0`` or ``host:10.0``."""
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdecimal():
        return False
    place = _SOCKETS.format(number)
    if host in ("", "unix"):
        addresses = (place, f"\0{place}")  # a file, or a name that only Linux knows
        return any(_connects(socket.AF_UNIX, address) for address in addresses)
    return _connects(socket.AF_INET, (host, _FIRST_PORT + int(number)))


def _connects(family: socket.AddressFamily, address: object) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.settimeout(_SECONDS)
        try:
            tried.connect(address)  # type: ignore[arg-type]
        except (OSError, OverflowError):  # or a number beyond all ports
            return False
    return True


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
