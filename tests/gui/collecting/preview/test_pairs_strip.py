import pytest
from PySide6.QtCore import QRectF

from workbench.gui.collecting.preview.pairs_strip import parts_of
from workbench.media import MODALITIES


@pytest.mark.parametrize("first", MODALITIES)
@pytest.mark.parametrize("width", [150, 420])  # in a window of 1024 pixels, and of 1600
def test_the_key_has_room_beside_or_below_the_first_of_a_pair(first, width):
    tile = QRectF(30, 40, width, 84)
    left, right, below = parts_of(tile, first)
    assert all(tile.contains(part) for part in (left, right, below))
    assert not any(below.intersects(part.adjusted(0, 0, 0, -3)) for part in (left, right))
    assert left.right() == right.left()
    assert right.width() >= width / 2 - 10
    assert below.width() >= (width - 84 if first == "image" else width) - 20
