"""Pictures of items are read behind the page, and are those of the project that is shown."""

import weakref
from threading import Event

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from workbench.gui.items import previews as previews_module
from workbench.gui.items.previews import Missing, Previews
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


@pytest.mark.parametrize(
    "made", [lambda: QImage(1000, 1000, QImage.Format.Format_RGBA8888), lambda: np.zeros(500_000)]
)
def test_many_large_previews_stay_below_their_bytes(previews, made):
    alive = []
    for number in range(60):
        content = made()
        alive.append(weakref.ref(content))
        previews._take(0, number, content)
        del content
    kept = [number for number, each in enumerate(alive) if each() is not None]
    assert kept == list(range(60 - len(kept), 60))  # those that came last
    assert 80 * 2**20 < 4_000_000 * len(kept) <= 96 * 2**20


def test_a_preview_that_was_looked_at_stays_longer(previews, tmp_path):
    looked_at, large = picture(tmp_path, "red"), QImage(2000, 2000, QImage.Format.Format_RGBA8888)
    previews._take(0, looked_at.id, large)
    for number in range(100, 110):
        assert previews.of(looked_at) is large
        previews._take(0, number, large.copy())
    assert previews.of(looked_at) is large


def drawing(folder, name, body):
    path = folder / f"{name}.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{body}</svg>')
    return Item("image", str(path), name, name, id=len(name))


SQUARE = '<rect width="9" height="9" fill="blue"/>'


def test_a_drawing_that_crashes_its_renderer_is_told_and_others_are_shown(
    previews, qtbot, tmp_path
):
    circle = "".join(f".c{n} {{clip-path: url(#c{(n + 1) % 3})}} " for n in range(3))
    clips = "".join(f'<clipPath id="c{n}" class="c{n}">{SQUARE}</clipPath>' for n in range(3))
    wrong = drawing(tmp_path, "wrong", f"<style>{circle}</style>{clips}<g class='c0'>{SQUARE}</g>")
    right = drawing(tmp_path, "right one", SQUARE)
    for item in (wrong, right):
        with qtbot.waitSignal(previews.ready, timeout=20_000):
            previews.of(item)
    assert "crashes the renderer" in previews.of(wrong)
    assert colour_of(previews.of(right)) == QColor("blue")


def test_a_window_that_closes_does_not_wait_for_a_drawing(previews, qtbot, tmp_path):
    filters = '<feMorphology radius="3"/>' * 2000  # for hours
    body = f'<filter id="f">{filters}</filter><g filter="url(#f)">{SQUARE}</g>'
    long = drawing(tmp_path, "long", body)
    previews.of(long)
    qtbot.waitUntil(lambda: previews._pool.activeThreadCount() == 1)
    previews.finish()
    assert previews._pool.activeThreadCount() == 0  # else it was waited for in vain
