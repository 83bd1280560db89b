"""A Data page with real folders."""

import csv

import numpy as np
import pytest
import soundfile
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from workbench.gui.pages.data import DataPage

NAMES = ("cat", "dog", "emu", "fox")


def write_pictures(folder, names=NAMES):
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        pixels = np.full((40, 60, 3), 40 * number, dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def write_voices(folder, names=NAMES[:2], seconds=0.2):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        wave = np.sin(np.arange(int(16_000 * seconds)) / 20).astype(np.float32)
        soundfile.write(folder / f"{name}.wav", wave, 16_000)
    return folder


def write_table(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def drop(page, *paths):
    """Drop files and folders on a page, if it takes them; return whether it does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, data, button, none)
    page.dragEnterEvent(enter)
    if enter.isAccepted():
        page.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, none))
    return enter.isAccepted()


@pytest.fixture
def pictures(tmp_path):
    return write_pictures(tmp_path / "pictures")


@pytest.fixture
def captions(tmp_path):
    rows = [("image", "caption"), ("cat.png", "A cat"), ("cat.png", "A small cat"),
            ("dog.png", "A dog"), ("gnu.png", "A gnu")]  # fmt: skip
    return write_table(tmp_path / "captions.csv", rows)


@pytest.fixture
def page(session, shown, tmp_path):
    session.create_project(tmp_path / "project")
    return shown(DataPage, 1100, 800)


@pytest.fixture
def looked(page, qtbot):
    """Return what waits until the live preview answers to the settings as they are."""

    def wait():
        ready = lambda: page.outlook is not None and not page.live.busy  # noqa: E731
        qtbot.waitUntil(ready, timeout=20_000)
        return page.outlook

    return wait


@pytest.fixture
def scanned(page, qtbot):
    """Return what scans and waits until the page shows what was found."""

    def scan():
        before = page.overview
        page.scan_button.click()
        assert page.state() == "running"
        qtbot.waitUntil(lambda: page.state() != "running", timeout=20_000)
        qtbot.waitUntil(lambda: page.overview is not before, timeout=20_000)
        return page.overview

    return scan
