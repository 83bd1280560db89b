"""Make the pictures of the Data, the Train, the Explore and the Label page, each at work.

    python packaging/page_pictures.py PROJECT FOLDER [--page train]

PROJECT must be encoded (such as that of ``gera-workbench tour``), with a run for the Explore page;
it is copied first and stays as it is. Each state is taken light and dark, at 1280 × 800 and at
2560 × 1440 with scale 2. Those that the README shows are copied from FOLDER to resources/pictures,
those of help to resources/help/pictures, by hand, after a look at them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SIZES = {"1280x800": (1280, 800, "1"), "2560x1440": (1280, 720, "2")}
_SECONDS_TO_WAIT = 300


class Stage:
    """The real window on a copy of a project, and a camera.

    Parameters
    ----------
    project, folder : Path
        What is copied, and where pictures go.
    size : str
        A key of `_SIZES`.
    own : Path
        A folder for settings and the copy.
    """

    def __init__(self, project: Path, folder: Path, size: str, own: Path) -> None:
        from PySide6.QtCore import QSettings

        from workbench.gui.frame.window import MainWindow
        from workbench.gui.starting.application import make_application

        width, height, _ = _SIZES[size]
        self._application = make_application()
        self._folder, self._size = folder, size
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(own))
        copy = own / project.name
        shutil.copytree(project, copy)
        self.window = MainWindow()
        self.window.resize(width, height)
        self.window.show()
        self.session = self.window.session
        self.session.open_project(copy)

    def go_to(self, name: str) -> Any:
        """Turn to a page, and return it."""
        self.window.go_to(name)
        return self.window.page(name)

    def wait(self, milliseconds: int) -> None:
        """Let the window live for a while."""
        from PySide6.QtTest import QTest

        QTest.qWait(milliseconds)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something."""
        for _ in range(50 * _SECONDS_TO_WAIT):
            self.wait(20)
            if condition():
                return
        raise SystemExit("What is waited for does not come to its end.")

    def picture(self, name: str) -> None:
        """Take the window, light and dark."""
        for theme in ("light", "dark"):
            self.window.theme_switch.choose(theme)
            self.wait(500)
            self.window.grab().save(str(self._folder / f"{name}-{theme}-{self._size}.png"))

    def close(self) -> None:
        """Close the window."""
        self.session.stop_jobs()
        self.window.close()
        self._application.processEvents()


def _data(stage: Stage) -> None:
    """Take what was found of the folders."""
    stage.go_to("data")
    stage.wait(3000)
    stage.until(lambda: not stage.session.jobs)
    stage.picture("data")


def _train(stage: Stage) -> None:
    """Take a training under way, and a ladder that is scrubbed."""
    page = stage.go_to("train")
    page.setup.form.set_values({"steps": 150})
    page.setup.train.click()
    stage.until(lambda: page._report is not None and page._report.step >= 50)
    page.alpha.move_all(100.0)
    stage.until(lambda: page._report.step >= 80)
    stage.picture("training")
    stage.until(lambda: not stage.session.jobs)
    page.setup.form.set_values({"steps": 100})
    page.setup.sweep.click()
    stage.until(lambda: not stage.session.jobs)
    page.alpha.move_all(0.2)
    stage.wait(2000)
    stage.picture("ladder")


def _explore(stage: Stage) -> None:
    """Take a question, the table of items by a condition, and a comparison."""
    import numpy as np

    page = stage.go_to("explore")

    def quiet() -> bool:
        return page.table is not None and not stage.session._jobs

    stage.until(quiet)
    page.colours.choose("label")
    page.query.line.setText("something to eat")
    page.explored.query.ask()
    stage.until(lambda: len(page.answers.strip.items.ids) > 0 and quiet())
    stage.session.select(page.answers.strip.items.ids[:1])
    stage.until(quiet)
    stage.picture("answers")
    page.explored.query.clear()
    page.colours.choose("distortion")
    figures = page.explored.looking.figures()
    stage.session.select(np.array([item for item, _ in figures.worst()]))
    page.selected.set_view("table")
    stage.until(quiet)
    stage.picture("table")
    page.selected.set_view("strip")
    page.maps_or_compare.show_comparison()
    before = page.compare.choices.before
    spaces = [before.itemData(number) for number in range(before.count())]
    runs = [number for number, space in enumerate(spaces) if space and not space.frozen]
    before.setCurrentIndex(runs[-1])
    before.activated.emit(before.currentIndex())
    page.compare.side.show_sheet("groups")
    page.colours.choose("modality")
    stage.session.select([])
    stage.until(quiet)
    stage.picture("compare")


def _label(stage: Stage) -> None:
    """Take an item that is asked about, as if every fourth pair were known."""
    catalogue = stage.session.project.catalogue
    (pairs,) = catalogue.pairs().values()
    catalogue.take_pairs(map(tuple, pairs[::4].tolist()))
    page = stage.go_to("label")
    stage.until(lambda: page.labelling.item is not None)
    page.next.buttons["skip"].click()
    stage.wait(1000)
    stage.picture("label")


_PAGES = {"data": _data, "train": _train, "explore": _explore, "label": _label}


def main() -> None:
    """Make all pictures, each size in a process of its own: Qt reads the scale once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--page", choices=_PAGES, help="Only this one.")
    parser.add_argument("--size", choices=_SIZES, help="Only this one.")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.page and given.size:
        with tempfile.TemporaryDirectory() as own:
            stage = Stage(given.project, given.folder, given.size, Path(own))
            _PAGES[given.page](stage)
            stage.close()
        return
    for page in [given.page] if given.page else _PAGES:
        for size in [given.size] if given.size else _SIZES:
            command = [sys.executable, __file__, str(given.project), str(given.folder)]
            own = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": _SIZES[size][2]}
            subprocess.run(
                [*command, "--page", page, "--size", size], env=os.environ | own, check=True
            )


if __name__ == "__main__":
    main()
