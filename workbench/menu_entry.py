"""An entry in the menu of the user's desktop, on Linux: for who installed with pip, pipx or uv.

Only files of the user's own are written, where freedesktop.org has agreed that they lie. Windows
and macOS have no such agreement.
"""

import os
import shutil
import sys
from pathlib import Path

from workbench.assets import resource
from workbench.children import is_built
from workbench.errors import WorkbenchError
from workbench.home import home
from workbench.whole_files import write_whole

_NAME = "gera-workbench"
_SPECIAL = str.maketrans({each: "\\" + each for each in '"`$\\'})


def add_menu_entry() -> list[Path]:
    """Write the entry, its icon and its description; what was there is replaced.

    Returns
    -------
    list of Path
        The files; the entry first.

    Raises
    ------
    WorkbenchError
        This is not Linux, or no home is known.
    OSError
        A file cannot be written.
    """
    entry, icon, about = _places()
    text = resource("desktop", entry.name).read_text("utf-8")
    program = " ".join(map(_quoted, _program()))
    contents = {
        entry: text.replace(f"Exec={_NAME}", f"Exec={program}").encode(),
        icon: resource("icons", "workbench.svg").read_bytes(),
        about: resource("desktop", about.name).read_bytes(),
    }
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    return list(contents)


def remove_menu_entry() -> list[Path]:
    """Take the entry away again.

    Returns
    -------
    list of Path
        What was there.

    Raises
    ------
    WorkbenchError
        This is not Linux, or no home is known.
    OSError
        A file cannot be removed.
    """
    there = [path for path in _places() if path.exists()]
    for path in there:
        path.unlink()
    return there


def _places() -> tuple[Path, Path, Path]:
    if not sys.platform.startswith("linux"):
        raise WorkbenchError("Menu entries are made on Linux only. Make a shortcut by hand.")
    named = os.environ.get("XDG_DATA_HOME", "")
    share = Path(named) if Path(named).is_absolute() else home() / ".local" / "share"
    return (
        share / "applications" / f"{_NAME}.desktop",
        share / "icons" / "hicolor" / "scalable" / "apps" / f"{_NAME}.svg",
        share / "metainfo" / f"{_NAME}.metainfo.xml",
    )


def _program() -> list[str]:
    """Return the command that starts this program from anywhere."""
    if is_built():
        return [sys.executable]
    beside = shutil.which(_NAME, path=str(Path(sys.executable).parent))
    return [beside] if beside else [sys.executable, "-P", "-m", "workbench"]


def _quoted(argument: str) -> str:
    """Return an argument as the key Exec takes it: quoted, and then escaped as all values are."""
    quoted = f'"{argument.translate(_SPECIAL)}"'
    return quoted.replace("\\", "\\\\").replace("%", "%%")
