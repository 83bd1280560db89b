"""Make the pictures of the Train page: a training under way, and a ladder that is scrubbed.

    python packaging/train_pictures.py PROJECT FOLDER

PROJECT must be encoded (such as that of ``gera-workbench tour``); it is copied first and stays as
it is. Each state is taken light and dark, at 1280 × 800 and at 2560 × 1440 with scale 2. Those that
the README shows are copied from FOLDER to resources/pictures by hand, after a look at them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_SIZES = {"1280x800": (1280, 800, "1"), "2560x1440": (1280, 720, "2")}
_SECONDS_TO_WAIT = 300


def main() -> None:
    """Make all pictures, each size in a process of its own: Qt reads the scale once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=_SIZES, help="Only this one.")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.size:
        _take(given.project, given.folder, given.size)
        return
    for size, (_, _, scale) in _SIZES.items():
        command = [sys.executable, __file__, str(given.project), str(given.folder), "--size", size]
        own = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
        subprocess.run(command, env=os.environ | own, check=True)


def _take(project: Path, folder: Path, size: str) -> None:
    """Walk through the states of the page in the real window."""
    from PySide6.QtCore import QSettings
    from PySide6.QtTest import QTest

    from workbench.gui.application import make_application
    from workbench.gui.window import MainWindow

    width, height, _ = _SIZES[size]
    application = make_application()
    with tempfile.TemporaryDirectory() as own:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, own)
        copy = Path(own) / project.name
        shutil.copytree(project, copy)
        window = MainWindow()
        window.resize(width, height)
        window.show()
        session = window.session
        session.open_project(copy)
        window.go_to("train")
        page = window.page("train")

        def until(condition: Callable[[], bool]) -> None:
            for _ in range(50 * _SECONDS_TO_WAIT):
                QTest.qWait(20)
                if condition():
                    return
            raise SystemExit("A training did not come to its end.")

        def picture(name: str) -> None:
            for theme in ("light", "dark"):
                window.theme_switch.choose(theme)
                QTest.qWait(500)
                window.grab().save(str(folder / f"{name}-{theme}-{size}.png"))

        page.setup.form.set_values({"steps": 150})
        page.setup.train.click()
        until(lambda: page._report is not None and page._report.step >= 50)
        page.alpha.move_all(100.0)
        until(lambda: page._report.step >= 80)
        picture("training")
        until(lambda: not session.jobs)
        page.setup.form.set_values({"steps": 100})
        page.sweep.click()
        until(lambda: not session.jobs)
        page.alpha.move_all(0.2)
        QTest.qWait(2000)
        picture("ladder")
        window.close()
        application.processEvents()


if __name__ == "__main__":
    main()
