"""Pictures of items are read behind the page, and are those of the project that is shown."""

from threading import Event

import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from workbench.gui.exploring import previews as previews_module
from workbench.gui.exploring.previews import Missing, Previews
from workbench.project import Item


def picture(folder, colour):
    path = folder / f"{colour}.png"
    Image.new("RGB", (8, 8), colour).save(path)
    return Item("image", str(path), colour, colour, id=5)


@pytest.fixture
def previews(qapp):
    made = Previews()
    yield made
    made.finish()


def colour_of(content):
    assert isinstance(content, QImage)
    return content.pixelColor(3, 3)


def test_what_was_being_read_when_all_was_forgotten_is_not_shown(
    previews, qtbot, tmp_path, monkeypatch
):
    begun, go_on = Event(), Event()
    read = previews_module.read_preview

    def slowly(item):
        if item.key == "red":
            begun.set()
            assert go_on.wait(20)
        return read(item)

    monkeypatch.setattr(previews_module, "read_preview", slowly)
    red, blue = picture(tmp_path, "red"), picture(tmp_path, "blue")
    assert previews.of(red) is None
    assert begun.wait(20)
    previews.clear()  # another project: the same id is another picture
    with qtbot.waitSignal(previews.ready, timeout=20_000):
        assert previews.of(blue) is None
    go_on.set()
    previews._pool.waitForDone(20_000)
    qtbot.wait(10)  # what the thread has said is heard
    assert colour_of(previews.of(blue)) == QColor("blue")


def test_a_file_that_is_put_back_is_read_again(previews, qtbot, tmp_path):
    item = picture(tmp_path, "red")
    (tmp_path / "red.png").rename(tmp_path / "away.png")
    with qtbot.waitSignal(previews.ready, timeout=20_000):
        previews.of(item)
    assert isinstance(previews.of(item), Missing)
    (tmp_path / "away.png").rename(tmp_path / "red.png")
    previews.clear()
    with qtbot.waitSignal(previews.ready, timeout=20_000):
        assert previews.of(item) is None
    assert colour_of(previews.of(item)) == QColor("red")
