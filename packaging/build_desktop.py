"""Build a folder that holds the program and all it needs, Python too: nothing has to be installed.

    .venv/bin/python packaging/build_desktop.py [--to FOLDER]

Builds what is installed where it runs, with PyInstaller (`pip install pyinstaller`): for the same
system, and for CUDA or the CPU alone, as torch is. See packaging/README.md.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "packaging" / "desktop" / "workbench.spec"
SIZES = (16, 24, 32, 48, 64, 128, 256)


def draw_icons(folder: Path) -> None:
    """Draw the icon in the forms of Windows and macOS; Linux takes the drawing itself."""
    from io import BytesIO

    import resvg_py
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    drawing = (ROOT / "resources" / "icons" / "workbench.svg").read_text("utf-8")
    large = Image.open(BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=1024))))
    large.save(folder / "workbench.ico", sizes=[(size, size) for size in SIZES])
    large.save(folder / "workbench.icns")


def folder_size(folder: Path) -> int:
    """Return the bytes of all files in a folder, links not followed."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)


def build(to: Path) -> Path:
    """Build the program.

    Parameters
    ----------
    to : Path
        Folder for the built program and for what is needed on the way.

    Returns
    -------
    Path
        The folder of the program.
    """
    icons = to / "icons"
    draw_icons(icons)
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", str(to), "--workpath", str(to / "work"), str(SPEC),
        ],
        check=True, env={**os.environ, "GERA_ICONS": str(icons)},
    )  # fmt: skip
    return to / "gera-workbench"


def main() -> int:
    """Build, and say what came of it."""
    parser = argparse.ArgumentParser(
        description="Build a folder with the program and all it needs."
    )
    parser.add_argument("--to", type=Path, default=ROOT / "dist", metavar="FOLDER",
                        help="where it goes (default: %(default)s)")  # fmt: skip
    to = parser.parse_args().to.resolve()
    for package, install in (("PyInstaller", "pyinstaller"), ("workbench", "-e .[sample]")):
        if importlib.util.find_spec(package) is None:
            print(f"{package} is not installed here: {sys.executable} -m pip install {install}")
            return 1
    try:
        folder = build(to)
    except subprocess.CalledProcessError as error:
        print(f"PyInstaller ended with code {error.returncode}; what it said is above.")
        return 1
    print(f"{folder}: {folder_size(folder) / 1e6:,.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
