"""Rows of the table of items have thumbnails, as many as a budget of bytes holds."""

import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from workbench.gui.exploring.table.table_model import PLACES, THUMBNAIL, TableModel
from workbench.project import Item


class Columns:
    """As much of `ItemColumns` as a thumbnail needs."""

    def __init__(self, count):
        self.items = [Item("image", f"/{n}", "", str(n), id=n) for n in range(count)]

    def __len__(self):
        return len(self.items)

    def rows_of(self, ids):
        return ids


def painted(wide, high):
    image = QImage(wide, high, QImage.Format.Format_RGBA8888)
    image.fill(QColor("#e07020"))
    return image


@pytest.fixture
def shown(qapp):
    """Return how to show items whose preview is a picture of a size: how to ask for thumbnails."""

    def show(count, wide=192, high=192):
        previews = SimpleNamespace(of=lambda _: painted(wide, high))
        model = TableModel(previews)
        model.show(Columns(count), np.arange(count), np.zeros(0, np.int64))
        return lambda row: model.data(
            model.index(row, PLACES["name"]), Qt.ItemDataRole.DecorationRole
        )

    return show


def bytes_of(icon):
    return sum(4 * size.width() * size.height() for size in icon.availableSizes())


def test_thumbnails_of_many_rows_stay_below_their_bytes(shown):
    thumbnail = shown(600)
    alive = [weakref.ref(thumbnail(row)) for row in range(600)]
    kept = [each() for each in alive if each() is not None]
    assert 0 < sum(map(bytes_of, kept)) <= 8 * 2**20
    assert len(kept) >= 100  # more rows than a screen has
    assert thumbnail(599) is alive[599]()


@pytest.mark.parametrize("size", [(192, 192), (192, 20), (20, 192), (8, 8)])
def test_a_thumbnail_has_the_colours_of_the_picture(shown, size):
    picture = shown(1, *size)(0).pixmap(QSize(THUMBNAIL, THUMBNAIL)).toImage()
    assert 0 < picture.width() <= THUMBNAIL
    assert 0 < picture.height() <= THUMBNAIL
    assert picture.pixelColor(picture.rect().center()) == QColor("#e07020")
